"""Change and audit entry are one transaction: both are there, or neither."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.services.delivery_control import DeliveryControl
from tests.support.audit import list_actions
from tests.support.broken_tables import read_all, refusing
from tests.support.lettering import list_batches
from tests.unit.conftest import FixedClock
from tests.unit.services.batching.test_desk import Office
from tests.unit.services.batching.test_submitting import be_away, refuse
from tests.unit.services.test_delivery_control import Desk

pytestmark = pytest.mark.both_databases


@dataclass
class Bench:
    """An operator with deliveries and letters."""

    deliveries: Desk
    office: Office

    @property
    def control(self) -> DeliveryControl:
        return self.deliveries.control

    def park(self) -> str:
        return self.deliveries.park("urn:x:1")

    def close(self) -> str:
        """A batch that waits for its hand-over."""
        self.office.add(1)
        self.office.desk.close()
        return list_batches(self.office.database)[0].batch_id

    def hand_over(self) -> str:
        """A batch that was handed over, with news to ask for."""
        self.office.add(1)
        self.office.room.work_off()
        return list_batches(self.office.database)[0].batch_id

    def wait(self) -> str:
        """A batch whose output is away, to be tried again later."""
        self.office.output.before = be_away
        return self.hand_over()

    def be_refused(self) -> str:
        """A batch that the output refused."""
        self.office.output.before = refuse
        return self.hand_over()

    def make_letter(self) -> str:
        return self.office.add(1)[0]


@dataclass(frozen=True)
class Case:
    """An action: what it needs, what it does, what the audit says, which table it writes."""

    action: str
    prepare: Callable[[Bench], str]
    act: Callable[[Bench, str], object]
    written: tuple[str, str] = ("delivery_attempt", "INSERT")


CASES = {
    "retry": Case("zustellung-fortgesetzt", Bench.park, lambda b, name: b.control.retry(name)),
    "retry-all": Case(
        "zustellung-fortgesetzt", Bench.park, lambda b, _: list(b.control.retry_all())
    ),
    "redirect": Case("zustellung-umgeleitet", Bench.park, lambda b, name: b.control.redirect(name)),
    "cancel": Case(
        "zustellung-abgebrochen", Bench.park, lambda b, name: b.control.cancel(name, "doppelt")
    ),
    "close": Case(
        "stapel-geschlossen",
        Bench.make_letter,
        lambda b, _: b.office.desk.close(),
        ("print_batch", "INSERT"),
    ),
    "hand-over": Case(
        "stapel-sofort-uebergeben",
        Bench.wait,
        lambda b, name: b.office.desk.retry(name),
        ("print_batch", "UPDATE"),
    ),
    "set-anew": Case(
        "stapel-neu-gesetzt",
        Bench.be_refused,
        lambda b, name: b.office.desk.retry(name),
        # Nothing else is written: the messages are delivered anew one by one.
        ("web_audit", "INSERT"),
    ),
    "give-up": Case(
        "stapel-aufgegeben",
        Bench.close,
        lambda b, name: b.office.desk.give_up(name),
        ("print_batch", "UPDATE"),
    ),
    "ask": Case(
        "druckausgabe-gefragt",
        Bench.hand_over,
        lambda b, name: b.office.desk.ask_at_once(name),
        ("print_batch", "UPDATE"),
    ),
    "recall": Case(
        "brief-zurueckgezogen",
        Bench.make_letter,
        lambda b, name: b.office.desk.recall(name),
        ("letter", "UPDATE"),
    ),
}


@pytest.fixture
def bench(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> Bench:
    desk = Desk(database, tmp_path / "zustellung", clock, author)
    return Bench(desk, Office(database, tmp_path / "druck", author, clock))


@pytest.mark.parametrize("name", CASES)
def test_change_has_its_entry(bench: Bench, database: Database, name: str) -> None:
    case = CASES[name]
    target = case.prepare(bench)
    before = list_actions(database)
    case.act(bench, target)
    actions = list_actions(database)
    assert actions[: len(actions) - len(before)] == [case.action]


@pytest.mark.parametrize("name", CASES)
def test_audit_that_cannot_be_written_leaves_no_change(
    bench: Bench, database: Database, name: str
) -> None:
    case = CASES[name]
    target = case.prepare(bench)
    before = read_all(database)
    with refusing(database, "web_audit", "INSERT"), pytest.raises(Exception, match="broken"):
        case.act(bench, target)
    assert read_all(database) == before
    case.act(bench, target)
    assert case.action in list_actions(database)


@pytest.mark.parametrize("name", CASES)
def test_change_that_cannot_be_written_leaves_no_entry(
    bench: Bench, database: Database, name: str
) -> None:
    case = CASES[name]
    target = case.prepare(bench)
    before = read_all(database)
    with refusing(database, *case.written), pytest.raises(Exception, match="broken"):
        case.act(bench, target)
    assert read_all(database) == before
