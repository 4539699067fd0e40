"""Recalls: what nobody fetched at another data centre becomes one letter, or stays there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clients.xta import (
    ReportStatus,
    ReportView,
    WireParty,
    XtaError,
    XtaFault,
    XtaUnreachable,
)
from persistence.database import Database
from persistence.stores.orders import Lease
from server.domain.destination import OrderQueue
from server.domain.message import MessageEvent, MessageState
from server.domain.transport_report import ReportCode
from server.services.forwarded_reports import ForwardedReports
from server.services.message_events import record_event
from server.services.recalls import Recalls
from server.services.serving_centres import ServingCentres
from tests.unit.conftest import FixedClock
from tests.unit.services.test_fallback import Desk
from tests.unit.services.test_forwarded_reports import (
    OST,
    PLAN,
    StandInCentre,
    StandInDirectory,
    entry,
    view,
)

pytestmark = pytest.mark.both_databases

AWAY = XtaUnreachable("weg", may_have_arrived=True)
DENIED = XtaFault("9101", "n", "CancelDeniedException", "9101: ohne NotBefore gesendet")


class StandInMailbox(StandInCentre):
    """Another data centre with one message; `refusal` is what it says to a recall."""

    def __init__(self) -> None:
        super().__init__()
        self.refusal: XtaError | None = None
        self.recalls: list[tuple[str, str]] = []
        self.while_it_works: Callable[[], None] = lambda: None

    def cancel(self, message_id: str, author: WireParty) -> None:
        self.recalls.append((message_id, author.value))
        self.while_it_works()
        if self.refusal:
            raise self.refusal


class Scene(Desk):
    """A message that lies at Ost since a moment, and a rule for what stays unread for a day."""

    def __init__(self, database: Database, folder: Path, clock: FixedClock) -> None:
        super().__init__(database, folder, clock)
        self.rule(unread_days=1)
        self.centre = StandInMailbox()
        self.reports = self.make_reports()
        self.forward()
        self.delivered = clock.now
        self.centre.answer = self.report()
        self.reports.follow_due()

    def make_reports(self) -> ForwardedReports:
        links: Any = self.centre
        directory: Any = StandInDirectory()
        return ForwardedReports(
            self.database,
            ServingCentres(directory, "mitte"),
            links,
            self.clock,
            plan=PLAN,
            recalls=Recalls(self.database, self.fallbacks.order_letter, self.clock),
        )

    def forward(self) -> None:
        """It is sent, and leaves for Ost when its time has come."""
        self.send(not_before=self.clock.now + timedelta(minutes=1))
        self.clock.advance(minutes=1)
        now = self.clock.now
        with self.database.writing() as stores:
            (order,) = stores.orders.lock_due(now, 1, OrderQueue.HERE)
            lease = Lease("x", now)
            stores.orders.take([order.key], lease)
            record_event(stores, self.find(), MessageEvent.FORWARDED, now, detail=OST.title)
            stores.forwarded.add(order.message_key, OST, now)
            stores.orders.complete(replace(order, lease=lease))

    def report(self, status: ReportStatus = ReportStatus.OPEN, *codes: str) -> ReportView:
        """What Ost tells: it has delivered, and these entries."""
        entries = [entry(self.delivered, code) for code in codes]
        fetched = {"initial_fetch": self.delivered} if "abgeholt" in codes else {}
        return view(status, *entries, delivery=self.delivered, **fetched)

    def ask_back(self) -> None:
        """The day has passed."""
        self.clock.advance(days=1)
        assert self.unread.order_letters()
        assert not self.unread.order_letters()

    def follow(self, refusal: XtaError | None = None, answer: Any = None) -> None:
        self.centre.refusal = refusal
        self.centre.answer = answer or self.report()
        self.reports.follow_due()

    def count(self, code: ReportCode) -> int:
        return self.codes().count(code)


@pytest.fixture
def scene(database: Database, tmp_path: Path, clock: FixedClock) -> Scene:
    return Scene(database, tmp_path, clock)


def require_one_letter(scene: Scene) -> None:
    scene.deliver_all()
    assert scene.find().state is MessageState.LETTER_HANDED_OVER
    assert scene.count_letters() == 1
    assert scene.count(ReportCode.FALLBACK_LETTER) == 1
    scene.clock.advance(days=30)
    assert not scene.unread.order_letters()
    assert not scene.reports.follow_due()


def test_recall_unread_elsewhere_is_given_back_and_becomes_one_letter(scene: Scene) -> None:
    scene.ask_back()
    assert scene.find().state is MessageState.DELIVERED_ELSEWHERE
    scene.follow()
    assert scene.centre.recalls == [("urn:x:1", scene.author.mandant.identifier.value)]
    assert scene.find().state is MessageState.WAITING_FOR_DELIVERY
    assert "seit einem Tag nicht abgeholt" in scene.last_reason()
    assert "Rechenzentrum Ost hat sie zurückgegeben." in scene.last_reason()
    require_one_letter(scene)


def test_recall_is_not_asked_for_too_early_or_without_a_rule(scene: Scene) -> None:
    scene.clock.advance(days=1, seconds=-1)
    assert not scene.unread.order_letters()
    scene.rule()
    scene.clock.advance(days=30)
    assert not scene.unread.order_letters()
    scene.follow()
    assert scene.centre.recalls == []


def test_recall_is_not_asked_for_where_no_letter_can_be_written(scene: Scene) -> None:
    scene.directory.unknown = "ags:jena"
    scene.ask_back()
    scene.follow()
    assert scene.centre.recalls == []
    assert scene.count(ReportCode.FALLBACK_IMPOSSIBLE) == 1
    assert "keine Anschrift" in scene.last_reason()


def test_recall_answer_lost_is_asked_again_until_it_is_known(scene: Scene) -> None:
    scene.ask_back()
    for _ in range(3):
        scene.follow(AWAY)
        assert scene.find().state is MessageState.DELIVERED_ELSEWHERE
        scene.clock.advance(minutes=15)
    scene.follow()
    assert len(scene.centre.recalls) == 4
    require_one_letter(scene)


def test_recall_crash_before_the_commit_is_repeated_and_makes_one_letter(scene: Scene) -> None:
    scene.ask_back()

    def crash() -> None:
        raise KeyboardInterrupt

    scene.centre.while_it_works = crash
    with pytest.raises(KeyboardInterrupt):
        scene.follow()
    scene.centre.while_it_works = lambda: None
    scene.clock.advance(seconds=PLAN.lease.total_seconds() + 1)
    scene.follow(None, scene.report(ReportStatus.GREEN, "zurueckgeholt"))
    require_one_letter(scene)


@pytest.mark.parametrize("code", ["zurueckgeholt", "ganz-anders"])
def test_recall_refused_the_second_time_but_gone_there_becomes_one_letter(
    scene: Scene, code: str
) -> None:
    # A product that does not know a repetition: what counts is that the message has left.
    scene.ask_back()
    scene.follow(DENIED, scene.report(ReportStatus.GREEN, code))
    require_one_letter(scene)


def test_recall_of_two_workers_makes_one_letter(scene: Scene) -> None:
    scene.ask_back()
    other = scene.make_reports()

    def meanwhile() -> None:
        scene.centre.while_it_works = lambda: None
        scene.clock.advance(seconds=PLAN.lease.total_seconds() + 1)
        assert other.follow_due()

    scene.centre.while_it_works = meanwhile
    scene.follow()
    require_one_letter(scene)


@pytest.mark.parametrize("refusal", [DENIED, XtaFault("9030", "n", "", "intern")])
def test_recall_fetched_meanwhile_stays_and_is_noted_once(scene: Scene, refusal: XtaError) -> None:
    scene.ask_back()
    fetched = scene.report(ReportStatus.OPEN, "abgeholt")
    for _ in range(3):
        scene.follow(refusal, fetched)
        scene.clock.advance(minutes=15)
        scene.unread.order_letters()
    assert scene.find().state is MessageState.DELIVERED_ELSEWHERE
    assert len(scene.centre.recalls) == 1
    assert scene.count(ReportCode.FALLBACK_NEEDLESS) == 1
    assert scene.count(ReportCode.FALLBACK_IMPOSSIBLE) == 0
    scene.follow(None, scene.report(ReportStatus.GREEN, "abgeholt", "empfang-bestaetigt"))
    assert scene.find().state is MessageState.CLOSED


@pytest.mark.parametrize("code", ["9100", "9101", "9022", "9000", ""])
def test_recall_not_allowed_there_is_noted_once_and_the_message_stays(
    scene: Scene, code: str
) -> None:
    scene.ask_back()
    for _ in range(3):
        scene.follow(XtaFault(code, "n", "", f"{code}: abgelehnt"))
        scene.clock.advance(minutes=15)
        scene.unread.order_letters()
    assert scene.find().state is MessageState.DELIVERED_ELSEWHERE
    assert len(scene.centre.recalls) == 1
    assert scene.count(ReportCode.FALLBACK_IMPOSSIBLE) == 1
    assert f"Rechenzentrum Ost gibt sie nicht zurück: {code}" in scene.last_reason()
    scene.follow(None, scene.report(ReportStatus.GREEN, "abgeholt", "empfang-bestaetigt"))
    assert scene.find().state is MessageState.CLOSED


def test_recall_refused_for_now_is_asked_again_while_the_report_is_followed(scene: Scene) -> None:
    scene.ask_back()
    scene.follow(XtaFault("9030", "n", "", "intern"), scene.report(ReportStatus.OPEN, "angenommen"))
    assert "Text zu angenommen" in scene.last_reason()
    scene.clock.advance(minutes=15)
    scene.follow()
    require_one_letter(scene)


def test_recall_ended_otherwise_there_ends_so_here(scene: Scene) -> None:
    scene.ask_back()
    scene.follow(DENIED, scene.report(ReportStatus.YELLOW, "verfallen"))
    assert scene.find().state is MessageState.OBSOLETE
    assert not scene.reports.follow_due()
