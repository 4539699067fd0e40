"""Routes between data centres: who has moved, who has not yet, and what is forwarded to here."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from persistence.database import Database
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.data_centre import DataCentre
from server.domain.destination import OPEN, Destination, DestinationKind
from server.domain.mandant import Caller, CentreCaller
from server.domain.mandant_access import AccessState, MandantAccess
from server.domain.message import MessageEvent
from server.errors import AmtshilfeError
from server.services.directory import DirectoryUnavailable
from server.services.routes import Route, Routes
from server.services.serving_centres import ServingCentres
from tests.unit.conftest import FixedClock
from tests.unit.services.test_sending import COCHEM, INSPECTOR, StandInDirectory, command

OST = DataCentre("ost", "Rechenzentrum Ost", "https://o", "https://o", "https://o")
TO_OST = Destination(DestinationKind.DATA_CENTRE, "ost")


class CentresDirectory(StandInDirectory):
    """Knows one authority, which takes part electronically, and who serves everybody."""

    def __init__(self) -> None:
        super().__init__()
        self.kanal = Kanal.ELEKTRONISCH
        self.serving: DataCentre | None = OST

    def find_data_centre(
        self, _mandant: PartyIdentifier, *, is_asked_anew: bool = False
    ) -> DataCentre | None:
        if self.is_down:
            raise DirectoryUnavailable
        return self.serving


@pytest.fixture
def directory() -> CentresDirectory:
    return CentresDirectory()


@pytest.fixture
def routes(database: Database, directory: CentresDirectory, clock: FixedClock) -> Routes:
    known: Any = directory
    centres = ServingCentres(known, "mitte")
    return Routes(database, known, INSPECTOR, clock, centres=centres)


def end_access(database: Database, caller: Caller) -> None:
    with database.writing() as stores:
        over = MandantAccess(AccessState.CANCELLED, last_day=date(2026, 11, 22))
        stores.mandanten.set_access(caller.mandant.key, over)


def refuse(routes: Routes, sent: Any) -> str:
    with pytest.raises(AmtshilfeError) as refused:
        routes.find(sent)
    return refused.value.fault.code


def is_to_ost(route: Route, clock: FixedClock) -> bool:
    expected = (MessageEvent.SENT_FOR_DELIVERY, None, OST.title, clock.now, TO_OST)
    return expected == (
        route.event,
        route.reader_mandant,
        route.detail,
        route.due,
        route.destination,
    )


def test_find_reader_elsewhere_is_forwarded(
    routes: Routes, author: Caller, clock: FixedClock
) -> None:
    assert is_to_ost(routes.find(command(author, COCHEM)), clock)


def test_find_reader_elsewhere_with_not_before_waits_here(
    routes: Routes, author: Caller, clock: FixedClock
) -> None:
    later = clock.now + timedelta(hours=2)
    assert routes.find(command(author, COCHEM, not_before=later)).due == later


@pytest.mark.parametrize("serving", [None, replace(OST, name="mitte")])
def test_find_electronic_reader_whom_no_other_serves_is_refused(
    routes: Routes, author: Caller, directory: CentresDirectory, serving: DataCentre | None
) -> None:
    directory.serving = serving
    assert refuse(routes, command(author, COCHEM)) == "9022"


def test_find_mandant_that_has_moved_is_forwarded_whether_its_access_here_is_over_or_not(
    routes: Routes, author: Caller, reader: Caller, database: Database, clock: FixedClock
) -> None:
    sent = command(author, reader.mandant.identifier)
    assert is_to_ost(routes.find(sent), clock)
    end_access(database, reader)
    assert is_to_ost(routes.find(sent), clock)


def test_find_mandant_of_this_server_needs_no_directory(
    routes: Routes, author: Caller, reader: Caller, directory: CentresDirectory
) -> None:
    directory.is_down = True
    route = routes.find(command(author, reader.mandant.identifier))
    assert route.event == MessageEvent.SENT_TO_MAILBOX


def test_find_mandant_that_left_is_held_while_nobody_can_tell_where_to(
    routes: Routes, author: Caller, reader: Caller, database: Database, directory: CentresDirectory
) -> None:
    end_access(database, reader)
    sent = command(author, reader.mandant.identifier)
    directory.is_down = True
    assert routes.find(sent).destination == OPEN
    directory.is_down, directory.serving = False, None
    assert refuse(routes, sent) == "9022"


@pytest.mark.parametrize("centre", ["ost", "west"])
def test_find_what_is_forwarded_to_here_goes_into_the_mailbox_or_back(
    routes: Routes,
    author: Caller,
    reader: Caller,
    directory: CentresDirectory,
    database: Database,
    centre: str,
) -> None:
    def forwarded(to: PartyIdentifier) -> Any:
        return replace(command(author, to), caller=CentreCaller(centre))

    directory.serving = replace(OST, name="mitte")
    route = routes.find(forwarded(reader.mandant.identifier))
    assert (route.event, route.reader_mandant) == (
        MessageEvent.SENT_TO_MAILBOX,
        reader.mandant.key,
    )
    # Whoever is elsewhere is not forwarded to from here.
    assert refuse(routes, forwarded(COCHEM)) == "9022"
    directory.serving = OST
    assert refuse(routes, forwarded(reader.mandant.identifier)) == "9031"
    directory.is_down = True
    assert refuse(routes, forwarded(reader.mandant.identifier)) == "9031"
    directory.is_down, directory.serving = False, None
    end_access(database, reader)
    assert refuse(routes, forwarded(reader.mandant.identifier)) == "9022"
