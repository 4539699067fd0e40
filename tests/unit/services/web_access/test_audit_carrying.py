"""No change of the directory is without its audit entry, wherever the process dies."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy.exc import DatabaseError

from persistence.authority_database import AuthorityDatabase, DirectoryStore
from persistence.database import Database
from persistence.failures import DatabaseUnavailable
from persistence.stores.pending_audit import PendingAuditStore
from persistence.stores.web_audit import AuditStore
from server.domain.behoerde import PartyIdentifier
from server.domain.eintrag import Eintrag
from server.domain.rights import Role
from server.domain.web_user import Actor, AuditEntry
from server.services.directory_care import DirectoryCare
from server.services.doubt_desk import DoubtDesk
from server.services.web_access.audit import Audit
from server.services.web_access.audit_carrying import AuditCarrier
from server.services.web_access.users import Users
from tests.support.broken_tables import refusing
from tests.support.directory import fill_directory, make_behoerde, open_directory
from tests.unit.conftest import FixedClock
from tests.unit.services.web_access.test_users import PASSWORDS, add_actor

pytestmark = pytest.mark.both_databases

JENA = PartyIdentifier("ags:1", "xoev")


class Killed(BaseException):
    """The process ends here."""


class Room:
    """An operator at a directory with a doubtful entry."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        self.database = database
        self.directory = open_directory(folder / "verzeichnis.sqlite")
        fill_directory(self.directory, eintraege=[Eintrag(make_behoerde(JENA.value))])
        self.care = DirectoryCare(self.directory, clock)
        self.care.report_doubt(JENA, "verzogen", "xoev:ags:9")
        self.desk = DoubtDesk(database, self.find, clock)
        self.audit = Audit(database, AuditCarrier(database, self.find))
        self.operator: Actor = add_actor(Users(database, PASSWORDS, clock), None, Role.OPERATOR)

    def find(self) -> AuthorityDatabase:
        return self.directory

    def settle(self) -> None:
        (entry,) = self.desk.list_page().entries
        self.desk.settle(self.operator, entry.key, entry.mark, "angerufen")

    @property
    def is_doubtful(self) -> bool:
        found = self.care.find(JENA)
        assert found is not None
        return found.is_doubtful

    def list_told(self) -> list[AuditEntry]:
        """What whoever opens the audit sees of it."""
        entries = self.audit.list_page(self.operator).entries
        return [entry for entry in entries if entry.action == "zweifel-erledigt"]

    def list_waiting(self) -> list[AuditEntry]:
        with self.directory.reading() as stores:
            return [entry for _, entry in stores.pending_audit.list_oldest()]


@pytest.fixture
def room(database: Database, tmp_path: Path, clock: FixedClock) -> Iterator[Room]:
    made = Room(database, tmp_path, clock)
    yield made
    made.directory.engine.dispose()


def test_carry_takes_the_entry_over_at_once(room: Room) -> None:
    room.settle()
    assert room.list_waiting() == []
    with room.database.reading() as stores:
        newest = stores.audit.list_newest(None, 1)[0][1]
    assert (newest.actor, newest.action) == (str(room.operator), "zweifel-erledigt")


def test_carry_process_that_dies_after_the_change_leaves_the_entry(room: Room) -> None:
    with patch.object(AuditCarrier, "carry", side_effect=Killed), pytest.raises(Killed):
        room.settle()
    assert not room.is_doubtful
    assert [entry.subject for entry in room.list_waiting()] == [str(JENA)]
    assert [entry.subject for entry in room.list_told()] == [str(JENA)]
    assert room.list_waiting() == []


def test_carry_process_that_dies_after_the_copy_leaves_the_entry_once(room: Room) -> None:
    with patch.object(PendingAuditStore, "remove", side_effect=Killed), pytest.raises(Killed):
        room.settle()
    assert len(room.list_waiting()) == 1
    assert [len(room.list_told()) for _ in range(2)] == [1, 1]
    assert room.list_waiting() == []


def test_carry_audit_that_is_away_does_not_undo_the_change(room: Room) -> None:
    away = DatabaseUnavailable()
    with patch.object(AuditStore, "take_over", side_effect=away):
        room.settle()
    assert not room.is_doubtful
    assert len(room.list_waiting()) == 1
    assert len(room.list_told()) == 1


def test_carry_entry_that_cannot_be_written_undoes_the_change(room: Room) -> None:
    with refusing(room.directory, "pending_audit", "INSERT"), pytest.raises(DatabaseError):
        room.settle()
    assert room.is_doubtful
    assert room.list_told() == []


def test_carry_more_than_are_read_at_once_takes_all_over(room: Room, clock: FixedClock) -> None:
    with room.directory.writing() as stores:
        for number in range(250):
            add_probe(stores, clock, number)
    room.list_told()
    assert room.list_waiting() == []
    with room.database.reading() as found:
        entries = [entry for _, entry in found.audit.list_newest(None, 300)]
    assert len([entry for entry in entries if entry.action == "probe"]) == 250


def add_probe(stores: DirectoryStore, clock: FixedClock, number: int) -> None:
    stores.pending_audit.add(AuditEntry(clock(), "jo", None, "probe", str(number)))
