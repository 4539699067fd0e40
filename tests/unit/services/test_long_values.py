"""Values that are longer than their columns: refused at the door, or kept without harm.

PostgreSQL enforces the length of a column and SQLite does not: both must answer the same.
"""

from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller
from server.domain.vorgang import VorgangCriteria
from server.domain.vorgang_facts import ProcessRef
from server.errors import AmtshilfeError
from tests.unit.conftest import FixedClock
from tests.unit.services.test_following import Scene, scene
from tests.unit.services.test_sending import StandInDirectory, command, make_sending

__all__ = ["scene"]

pytestmark = pytest.mark.both_databases

LONG = "x" * 5000


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"message_id": "urn:" + "x" * 252}, "9021"),
        # As long as allowed, until it is folded: the small letter has two characters.
        ({"message_id": "urn:" + "İ" * 200}, "9021"),
        ({"reader": PartyIdentifier("x" * 256, "xoev")}, "9022"),
        ({"reader": PartyIdentifier("ags:1", "x" * 65)}, "9022"),
    ],
)
def test_send_value_too_long_gets_its_fault_even_when_the_directory_is_down(
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    author: Caller,
    changes: dict[str, Any],
    code: str,
) -> None:
    directory = StandInDirectory()
    directory.is_down = True
    values = {"reader": PartyIdentifier("ags:1", "xoev"), **changes}
    target = values.pop("reader")
    with pytest.raises(AmtshilfeError) as caught:
        make_sending(database, blobs, directory, clock).send(command(author, target, **values))
    assert caught.value.fault.code == code
    with database.reading() as stores:
        assert stores.messages.count_by_state() == {}


def test_send_long_descriptions_and_references_are_kept_without_harm(scene: Scene) -> None:
    jena = scene.jena.mandant.identifier
    scene.send(
        scene.potsdam,
        "ersuchen",
        "urn:" + "x" * 251,
        (b"VS-2026-0815", "€".encode() * 255),
        reader=PartyIdentifier(jena.value, jena.type, LONG, LONG),
        service=LONG,
        business_scenario=LONG,
        message_type=LONG,
        in_reply_to=(f"urn:{LONG}",),
        process=ProcessRef(LONG, LONG),
    )
    for caller in (scene.potsdam, scene.jena):
        assert len(scene.find(caller)) == 1
    assert len(scene.mailbox.list_waiting(scene.jena, MailboxSelector()).messages) == 1  # type: ignore[union-attr]


def test_find_by_long_values_finds_nothing_and_breaks_nothing(scene: Scene) -> None:
    assert scene.find(scene.potsdam, VorgangCriteria(aktenzeichen=LONG)) == ()
    assert scene.find(scene.potsdam, VorgangCriteria(message_id=LONG)) == ()
    selector = MailboxSelector(relates_to_list=(LONG,))
    assert not hasattr(scene.mailbox.list_waiting(scene.potsdam, selector), "messages")
    with pytest.raises(AmtshilfeError, match="9070"):
        scene.mailbox.close(scene.potsdam, LONG, ())
