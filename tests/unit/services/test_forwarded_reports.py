"""Following: what the other data centre tells is entered once, and silence is no end."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from clients.xta import (
    MessageHead,
    MessageTimes,
    ReportEntry,
    ReportStatus,
    ReportView,
    Severity,
    WireParty,
    XtaError,
    XtaFault,
    XtaUnreachable,
)
from clients.xta.messages import ProcessRef
from persistence.database import Database
from persistence.stores.orders import Lease, OrderState
from server.domain.data_centre import DataCentre
from server.domain.destination import Destination, DestinationKind, OrderQueue
from server.domain.forwarding import FollowPlan
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState
from server.domain.transport_report import CODELIST_URI
from server.services.forwarded_reports import ForwardedReports
from server.services.message_events import record_event
from server.services.recalls import Recalls
from server.services.serving_centres import ServingCentres
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import new_message

OST = DataCentre("ost", "Rechenzentrum Ost", "https://o/m", "https://o/s", "https://o/b")
PLAN = FollowPlan(
    timedelta(seconds=10), timedelta(minutes=15), timedelta(hours=4), timedelta(minutes=5)
)
PARTY = WireParty("ags:1", "xoev")


class StandInCentre:
    """Gives the report that a test has put in, or fails."""

    def __init__(self) -> None:
        self.answer: ReportView | XtaError = XtaUnreachable("weg", may_have_arrived=False)
        self.asked: list[tuple[DataCentre, str, str]] = []
        self._centre = OST

    def connect(self, centre: DataCentre) -> "StandInCentre":
        self._centre = centre
        return self

    def find_report(self, message_id: str, author: WireParty) -> ReportView:
        self.asked.append((self._centre, message_id, author.value))
        if isinstance(self.answer, XtaError):
            raise self.answer
        return self.answer


class StandInDirectory:
    """Everybody is served by this data centre."""

    serving: DataCentre | None = OST

    def find_data_centre(self, _mandant: object, *, is_asked_anew: bool = False) -> Any:
        return self.serving


def entry(
    at: datetime, code: str, uri: str = CODELIST_URI, severity: Severity = Severity.INFO
) -> ReportEntry:
    return ReportEntry(at, severity, code, f"Text zu {code}", (uri, "1"))


def view(status: ReportStatus, *entries: ReportEntry, **times: datetime) -> ReportView:
    head = MessageHead(
        "urn:x:1", PARTY, PARTY, None, "", "", ("", ""), "", "", (), ProcessRef(),
        MessageTimes(**times), False,
    )  # fmt: skip
    return ReportView(status, datetime.min, "https://o", head, entries, ())


class Scene:
    """Messages that were forwarded to Ost, and the follower."""

    def __init__(
        self, database: Database, clock: FixedClock, callers: tuple[Caller, Caller]
    ) -> None:
        self.database, self.clock = database, clock
        self._callers = callers
        self.centre, self.directory = StandInCentre(), StandInDirectory()
        links: Any = self.centre
        directory: Any = self.directory
        centres = ServingCentres(directory, "mitte")
        nothing: Any = None
        recalls = Recalls(database, nothing, clock)
        self.reports = ForwardedReports(database, centres, links, clock, plan=PLAN, recalls=recalls)
        self.key = self.forward("urn:x:1")

    def forward(self, message_id: str) -> int:
        new = new_message(*self._callers, message_id)
        with self.database.writing() as stores:
            key = stores.messages.add(new, self.clock.now)
            stored = new.stored_as(key, self.clock.now)
            record_event(stores, stored, MessageEvent.SENT_FOR_DELIVERY, self.clock.now)
            there = Destination(DestinationKind.DATA_CENTRE, "ost")
            stores.orders.add(key, there, self.clock.now, self.clock.now)
            (order,) = stores.orders.lock_due(self.clock.now, 1, OrderQueue.FORWARDING)
            lease = Lease("x", self.clock.now)
            stores.orders.take([order.key], lease)
            current = stores.messages.find_for_change(key)
            assert current
            record_event(stores, current, MessageEvent.FORWARDED, self.clock.now, detail=OST.title)
            stores.forwarded.add(key, OST, self.clock.now)
            stores.orders.complete(replace(order, lease=lease))
        return key

    def follow(self, answer: ReportView | XtaError, seconds: float = 0) -> bool:
        self.clock.advance(seconds=seconds)
        self.centre.answer = answer
        return self.reports.follow_due()

    def find_state(self) -> MessageState:
        with self.database.reading() as stores:
            found = stores.messages.find_by_key(self.key)
        assert found
        return found.state

    def list_reasons(self) -> list[str]:
        with self.database.reading() as stores:
            return [item.reason for item in stores.messages.list_entries(self.key)[2:]]


@pytest.fixture
def scene(database: Database, clock: FixedClock, author: Caller, reader: Caller) -> Scene:
    return Scene(database, clock, (author, reader))


def test_follow_due_enters_what_is_told_once_and_moves_the_message(scene: Scene) -> None:
    start = scene.clock.now
    accepted = entry(start, "angenommen")
    fetched = entry(start + timedelta(minutes=1), "abgeholt")
    closed = entry(start + timedelta(minutes=2), "empfang-bestaetigt")
    assert scene.follow(view(ReportStatus.OPEN, accepted, delivery=start))
    assert scene.find_state() == MessageState.DELIVERED_ELSEWHERE
    for seconds in (10, 20, 40):
        assert scene.follow(view(ReportStatus.OPEN, accepted, fetched, delivery=start), seconds)
    assert scene.follow(
        view(ReportStatus.GREEN, accepted, fetched, closed, delivery=start, reception=start), 900
    )
    assert scene.find_state() == MessageState.CLOSED
    assert scene.list_reasons() == [
        "Rechenzentrum Ost: Text zu angenommen",
        "Rechenzentrum Ost: Text zu abgeholt",
        "Rechenzentrum Ost: Text zu empfang-bestaetigt",
    ]
    with scene.database.reading() as stores:
        found = stores.messages.find_by_key(scene.key)
        entries = stores.messages.list_entries(scene.key)
    assert found
    assert (found.times.delivery, found.times.reception) == (start, start)
    assert [item.timestamp for item in entries[2:]] == [
        start, start + timedelta(minutes=1), start + timedelta(minutes=2)
    ]  # fmt: skip
    assert not scene.follow(view(ReportStatus.GREEN), 90_000)


def test_follow_due_asks_less_often_while_nothing_new_is_told(scene: Scene) -> None:
    same = view(ReportStatus.OPEN, entry(scene.clock.now, "angenommen"))
    assert scene.follow(same)
    for wait in (10, 20, 40):
        assert not scene.follow(same, wait - 1)
        assert scene.follow(same, 1)


def test_follow_due_foreign_code_is_kept_as_text_with_its_weight(scene: Scene) -> None:
    foreign = entry(scene.clock.now, "abgeholt", "urn:anders", Severity.WARNING)
    unknown = entry(scene.clock.now, "ganz-neu")
    scene.follow(view(ReportStatus.YELLOW, foreign, unknown))
    with scene.database.reading() as stores:
        told = stores.messages.list_entries(scene.key)[2:]
    assert [(item.code.value, item.reason, item.severity.name) for item in told] == [
        ("anderes-rechenzentrum", "Rechenzentrum Ost: Text zu abgeholt (abgeholt)", "WARNING"),
        ("anderes-rechenzentrum", "Rechenzentrum Ost: Text zu ganz-neu (ganz-neu)", "INFO"),
    ]
    assert scene.find_state() == MessageState.ENDED_ELSEWHERE


def test_follow_due_silence_is_told_once_and_asked_about_for_ever(scene: Scene) -> None:
    away = XtaUnreachable("weg", may_have_arrived=False)
    assert scene.follow(away)
    assert scene.list_reasons() == []
    for _ in range(3):
        assert scene.follow(away, 5 * 3600)
    assert [reason.partition(";")[0] for reason in scene.list_reasons()] == [
        "Zurzeit keine Auskunft über den Verbleib der Nachricht von Rechenzentrum Ost"
    ]
    assert scene.find_state() == MessageState.FORWARDED
    closed = entry(scene.clock.now, "empfang-bestaetigt")
    scene.follow(view(ReportStatus.GREEN, closed), 5 * 3600)
    assert scene.find_state() == MessageState.CLOSED


def test_follow_due_does_not_ask_who_is_silent_for_every_message(scene: Scene) -> None:
    for number in range(2, 5):
        scene.forward(f"urn:x:{number}")
    assert scene.follow(XtaUnreachable("weg", may_have_arrived=False))
    assert len(scene.centre.asked) == 1
    assert not scene.follow(XtaUnreachable("weg", may_have_arrived=False))


def test_follow_due_refusal_of_the_data_centre_is_no_end(scene: Scene) -> None:
    scene.follow(XtaFault("9012", "n", "PermissionDeniedException", "unbekannt"))
    assert scene.find_state() == MessageState.FORWARDED


def test_follow_due_message_unknown_there_is_parked(scene: Scene) -> None:
    scene.follow(XtaFault("9070", "n", "InvalidMessageIDException", "unbekannt"))
    assert scene.find_state() == MessageState.PARKED
    with scene.database.reading() as stores:
        (parked,) = stores.orders.list_parked()
        assert stores.orders.count_by_state() == {OrderState.PARKED: 1}
    assert "kennt die Nachricht nicht mehr" in parked.cause
    assert not scene.follow(XtaFault("9070", "n", "", ""), 90_000)


def test_follow_due_reader_that_moved_on_is_asked_for_where_the_message_is(scene: Scene) -> None:
    scene.directory.serving = DataCentre("west", "West", "https://w", "https://w", "https://w")
    scene.follow(view(ReportStatus.OPEN))
    (asked,) = scene.centre.asked
    assert asked == (DataCentre("ost", OST.title, OST.management, "", ""), "urn:x:1", "ags:potsdam")


def test_follow_due_endpoint_that_changed_is_asked_at_its_new_place(scene: Scene) -> None:
    moved = DataCentre("ost", OST.title, "https://neu/m", "https://neu/s", "https://neu/b")
    scene.directory.serving = moved
    scene.follow(view(ReportStatus.OPEN))
    assert scene.centre.asked[0][0] == moved
