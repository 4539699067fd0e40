"""What print shops report, through the real output `folder`, to letters, messages and reports."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.letter_news import BatchNews
from persistence.stores.orders import OrderState
from server.domain.batch import BatchState, StoredBatch
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.printing.output import (
    BatchReceipt,
    LetterNews,
    LetterProgress,
    News,
    OutputSetup,
    PrintBatch,
)
from server.printing.outputs.folder import FolderOutput
from server.printing.outputs.return_files import NAMESPACE
from server.services.batching.news import NewsBook
from server.services.batching.polling import Polling, PollPlan
from server.services.directory_doubts import DirectoryDoubts
from tests.support.delivering import OUTPUT
from tests.support.print_shop import PrintShop
from tests.support.printed_letters import LetterRows
from tests.unit.conftest import Backend, FixedClock
from tests.unit.services.test_concurrency import run_at_once
from tests.unit.services.test_sending import StandInDirectory

pytestmark = pytest.mark.both_databases

PLAN = PollPlan(timedelta(minutes=15), timedelta(minutes=5), timedelta(days=60))
POSTED = "2026-11-23T17:00:00+01:00"


class CountedOutput:
    """The output `folder`, with a count of polls, and news that a test puts in."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._output = FolderOutput(OutputSetup(name, {"folder": str(folder)}))
        self.polls = 0
        self.before: Callable[[], None] = lambda: None
        self.more: list[News] = []

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        return self._output.submit(batch)

    def poll(self, receipt: BatchReceipt) -> Iterable[News]:
        self.polls += 1
        self.before()
        return [*self._output.poll(receipt), *self.more]

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        return self._output.cancel(receipt, letter_ids)


class Scene:
    """Letters, a print shop that watches a folder, and a worker that asks for news."""

    def __init__(
        self, database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, base: Path
    ) -> None:
        self.database, self.clock, self.base = database, clock, base
        self.rows = LetterRows(database, blobs, clock, author, base / OUTPUT)
        self.output = self.make_output(OUTPUT)
        self.shop = PrintShop(base / OUTPUT)
        self.room = self.rows.make_room(self.output)
        self.polling = self.make_polling([self.output])

    def make_output(self, name: str) -> CountedOutput:
        return CountedOutput(name, self.base / name)

    def make_polling(self, outputs: list[CountedOutput], plan: PollPlan = PLAN) -> Polling:
        book = NewsBook(self.database, self.clock, "worker")
        asked = self.rows.make_room(*outputs).outputs
        return Polling(self.database, asked, book, self.clock, plan=plan)

    def hand_over(self, *names: str, output: str = OUTPUT) -> tuple[StoredBatch, list[str]]:
        """A batch of new letters that the output has, and their MessageIDs."""
        message_ids = [self.rows.add_ready(name, output) for name in names]
        self.room.work_off()
        return self.rows.find_batch(names[0]), message_ids

    def find(self, key: int) -> StoredBatch:
        with self.database.reading() as stores:
            return stores.batches.get(key)

    def news_of(self, batch: StoredBatch) -> BatchNews:
        with self.database.reading() as stores:
            return stores.letter_news.find_batch_news(batch.key)

    def report(self, batch: StoredBatch, *lines: str, number: int = 1) -> None:
        """A return file; each line is letter;state;time;reason;pages;sheets, as far as needed."""
        head = "brief;stand;zeitpunkt;grund;seiten;blaetter"
        text = "\r\n".join([head, *lines, ""])
        self.shop.report(f"{batch.batch_id}.{number}.csv", text)

    def report_sums(self, batch: StoredBatch, sums: str) -> None:
        names = f'xmlns="{NAMESPACE}" version="1.0" auftrag="{batch.batch_id}"'
        self.shop.report(f"{batch.batch_id}.summen.xml", f"<rueckmeldung {names} {sums}/>")

    def poll(self) -> None:
        """What is due after the interval, until nothing more is."""
        self.clock.advance(minutes=15)
        while self.polling.poll_next():
            pass

    def state_of(self, message_id: str) -> MessageState:
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
        assert message is not None
        return message.state

    def reasons_of(self, message_id: str) -> list[str]:
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
            assert message is not None
            return [entry.reason for entry in stores.messages.list_entries(message.key)]


@pytest.fixture
def scene(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, tmp_path: Path
) -> Scene:
    return Scene(database, blobs, clock, author, tmp_path)


def test_poll_printed_and_posted_letter_is_told_with_time_batch_and_number(scene: Scene) -> None:
    batch, (first, second) = scene.hand_over("b1", "b2")
    scene.report(batch, "b1;gedruckt;2026-11-23T16:00:00+01:00", f"b1;versandt;{POSTED};;2;1")
    scene.poll()
    assert scene.state_of(first) is MessageState.LETTER_POSTED
    assert scene.rows.find("b1").state is LetterState.POSTED
    assert scene.reasons_of(first)[-1] == (
        f"Zustellweg Brief: Der Brief ist bei der Post (Druckausgabe „folder“, Stapel "
        f"{batch.batch_id}, Brief 1 von 2, gemeldet zum 23.11.2026, 17:00 Uhr)."
    )
    assert list(scene.rows.list_codes(first))[-3:] == [
        "brief-ausgegeben",
        "brief-gedruckt",
        "brief-versandt",
    ]
    assert scene.state_of(second) is MessageState.LETTER_HANDED_OVER
    assert scene.find(batch.key).state is BatchState.SUBMITTED


def test_poll_as_often_as_wanted_enters_each_news_once(scene: Scene) -> None:
    batch, (message_id, _) = scene.hand_over("b1", "b2")
    scene.report(batch, "b1;gedruckt;2026-11-23T16:00:00+01:00")
    for _ in range(3):
        scene.poll()
    scene.report(batch, "b1;gedruckt;2026-11-23T15:00:00Z", number=2)
    scene.poll()
    assert scene.output.polls == 4
    assert scene.rows.list_codes(message_id).count("brief-gedruckt") == 1
    with scene.database.reading() as stores:
        (news,) = stores.letter_news.list_of_letter(scene.rows.find("b1").key)
    assert news.moment == datetime(2026, 11, 23, 15, tzinfo=UTC)


def test_poll_posted_before_printed_is_no_step_back_and_both_are_kept(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.report(batch, f"b1;versandt;{POSTED}")
    scene.poll()
    scene.clock.advance(hours=6)
    scene.report(batch, "b1;gedruckt;2026-11-23T16:00:00+01:00", number=2)
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_POSTED
    with scene.database.reading() as stores:
        kept = stores.letter_news.list_of_letter(scene.rows.find("b1").key)
    assert [news.progress for news in kept] == [LetterProgress.PRINTED, LetterProgress.POSTED]


def test_poll_all_letters_ended_batch_is_settled(scene: Scene) -> None:
    batch, _ = scene.hand_over("b1", "b2")
    scene.report(batch, f"b1;versandt;{POSTED}", f"b2;fehler;{POSTED};Stau")
    scene.poll()
    assert scene.find(batch.key).state is BatchState.SETTLED
    assert scene.news_of(batch).differences == ()


def test_poll_failed_letter_is_parked_and_can_be_delivered_anew(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.report(batch, f"b1;fehler;{POSTED};Seite 3 nicht lesbar")
    scene.poll()
    assert scene.state_of(message_id) is MessageState.PARKED
    assert scene.rows.find("b1").state is LetterState.FAILED
    assert "Brief 1 von 1" in scene.reasons_of(message_id)[-1]
    assert scene.reasons_of(message_id)[-1].endswith("Seite 3 nicht lesbar")
    with scene.database.reading() as stores:
        (order,) = stores.order_desk.list_of_message(message_id)
        *_, attempt = stores.order_desk.list_attempts([order.key])
    assert order.state is OrderState.PARKED
    assert order.cause == attempt.detail
    assert "Seite 3 nicht lesbar" in order.cause


def test_poll_returned_letter_marks_the_directory_entry_once(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.report(batch, f"b1;versandt;{POSTED}")
    scene.poll()
    directory: Any = StandInDirectory()
    doubts = DirectoryDoubts(scene.database, directory, scene.clock)
    scene.clock.advance(days=10)
    scene.report(batch, "b1;zurueckgekommen;2026-12-02T09:00:00+01:00;unbekannt verzogen", number=2)
    for _ in range(2):
        scene.poll()
        scene.clock.advance(hours=6)
        while doubts.tell_next():
            pass
    assert scene.state_of(message_id) is MessageState.LETTER_RETURNED
    assert directory.doubts == [
        (
            "ags:leser",
            "Ein Brief kam als unzustellbar zurück, gemeldet zum 02.12.2026, 09:00 Uhr: "
            "unbekannt verzogen.",
        )
    ]
    assert list(scene.rows.list_codes(message_id)).count("brief-zurueckgekommen") == 1


def test_tell_directory_is_away_doubt_is_kept(scene: Scene) -> None:
    batch, _ = scene.hand_over("b1")
    scene.report(batch, f"b1;zurueckgekommen;{POSTED}")
    scene.poll()
    directory: Any = StandInDirectory()
    directory.is_down = True
    doubts = DirectoryDoubts(scene.database, directory, scene.clock)
    assert not doubts.tell_next()
    directory.is_down = False
    assert not doubts.tell_next()
    scene.clock.advance(minutes=5)
    assert doubts.tell_next()
    assert not doubts.tell_next()
    assert len(directory.doubts) == 1


def test_poll_withdrawn_letter_comes_to_its_end(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    receipt = BatchReceipt(OUTPUT, batch.batch_id, batch.reference)
    assert scene.output.cancel(receipt, ["b1"]) == {"b1"}
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_WITHDRAWN
    assert scene.find(batch.key).state is BatchState.SETTLED


def test_poll_news_are_over_letters_stay_unconfirmed(scene: Scene) -> None:
    batch, (silent, posted) = scene.hand_over("b1", "b2")
    scene.report(batch, f"b2;versandt;{POSTED}", "b1;gedruckt;2026-11-23T16:00:00+01:00")
    scene.poll()
    scene.clock.advance(days=14)
    scene.poll()
    assert scene.state_of(silent) is MessageState.LETTER_UNCONFIRMED
    assert scene.state_of(posted) is MessageState.LETTER_POSTED
    assert scene.find(batch.key).state is BatchState.SETTLED
    (line,) = scene.news_of(batch).differences
    assert line == "Brief 1 (b1): nicht gemeldet, ob er versandt ist."


def test_poll_late_news_of_a_settled_batch_still_count(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.clock.advance(days=14)
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_UNCONFIRMED
    scene.report(batch, f"b1;versandt;{POSTED}")
    scene.clock.advance(hours=6)
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_POSTED
    assert scene.news_of(batch).differences == ()


def test_poll_ends_when_no_letter_is_expected_back(scene: Scene) -> None:
    batch, _ = scene.hand_over("b1")
    scene.report(batch, f"b1;versandt;{POSTED}")
    scene.poll()
    assert scene.find(batch.key).next_poll == scene.clock() + timedelta(hours=6)
    scene.clock.advance(days=60)
    scene.poll()
    assert scene.find(batch.key).next_poll is None


def test_poll_output_is_away_delays_only_itself(scene: Scene) -> None:
    batches = [scene.hand_over(name)[0] for name in ("b1", "b2", "b3")]
    other = scene.make_output("zweite")
    scene.room = scene.rows.make_room(scene.output, other)
    healthy, (message_id,) = scene.hand_over("z1", output="zweite")
    scene.polling = scene.make_polling([scene.output, other])
    PrintShop(scene.base / "zweite").report(
        f"{healthy.batch_id}.csv", f"brief;stand;zeitpunkt\nz1;versandt;{POSTED}\n"
    )
    (scene.base / OUTPUT).rename(scene.base / "weg")
    (scene.base / OUTPUT).touch()
    scene.poll()
    assert scene.output.polls == 1
    assert scene.state_of(message_id) is MessageState.LETTER_POSTED
    with scene.database.reading() as stores:
        ((output, cause),) = stores.letter_news.list_silent()
    assert output == OUTPUT
    assert "kann" in cause
    (scene.base / OUTPUT).unlink()
    (scene.base / "weg").rename(scene.base / OUTPUT)
    for batch in batches:
        scene.report(batch)
    scene.poll()
    assert scene.output.polls == 4
    with scene.database.reading() as stores:
        assert stores.letter_news.list_silent() == ()


def test_poll_plugin_fails_in_its_own_way_is_told(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    batch, (message_id,) = scene.hand_over("b1")

    def fail() -> None:
        raise KeyError("brief")

    scene.output.before = fail
    scene.poll()
    assert scene.news_of(batch).cause == "KeyError: 'brief'"
    assert "no news of batch" in caplog.text
    scene.output.before = lambda: None
    scene.report(batch, f"b1;versandt;{POSTED}")
    scene.poll()
    assert scene.news_of(batch).cause == ""
    assert scene.state_of(message_id) is MessageState.LETTER_POSTED


def test_poll_two_workers_ask_once(scene: Scene) -> None:
    scene.hand_over("b1")
    other = scene.make_polling([scene.output])
    asked: list[bool] = []
    scene.output.before = lambda: asked.append(other.poll_next())
    scene.poll()
    assert asked == [False]


def test_poll_worker_that_lost_its_batch_changes_no_schedule(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    other = scene.make_polling([scene.output])
    scene.report(batch, f"b1;versandt;{POSTED}")

    def be_slow() -> None:
        scene.output.before = lambda: None
        scene.clock.advance(minutes=6)
        assert other.poll_next()

    scene.output.before = be_slow
    scene.poll()
    assert scene.rows.list_codes(message_id).count("brief-versandt") == 1
    assert scene.find(batch.key).state is BatchState.SETTLED


@pytest.mark.parametrize(
    ("lines", "sums", "expected"),
    [
        (("b1;versandt;T;;2;1", "b2;versandt;T;;2;1"), 'briefe="2" seiten="4" blaetter="2"', ()),
        (
            ("b1;versandt;T;;3;1", "b2;versandt;T;;2;2"),
            'briefe="3" seiten="5" blaetter="3"',
            (
                "Briefe im Stapel: übergeben 2, gezählt 3.",
                "Seiten im Stapel: übergeben 4, gezählt 5.",
                "Blätter im Stapel: übergeben 2, gezählt 3.",
                "Brief 1 (b1): Seiten übergeben 2, gezählt 3.",
                "Brief 2 (b2): Blätter übergeben 1, gezählt 2.",
            ),
        ),
        (("b1;versandt;T", "b2;fehler;T"), 'briefe="1" seiten="2"', ()),
    ],
)
def test_reconcile_counts_of_the_shop(
    scene: Scene,
    lines: tuple[str, ...],
    sums: str,
    expected: tuple[str, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    batch, _ = scene.hand_over("b1", "b2")
    scene.report(batch, *(line.replace("T", POSTED) for line in lines))
    scene.report_sums(batch, sums)
    scene.poll()
    scene.clock.advance(hours=6)
    scene.poll()
    news = scene.news_of(batch)
    assert (news.differences, news.difference_count) == (expected, len(expected))
    assert all(caplog.text.count(line) == 1 for line in expected)
    with scene.database.reading() as stores:
        differing = stores.letter_news.list_differing()
    assert differing == (((batch.batch_id, len(expected)),) if expected else ())


def test_reconcile_letter_that_went_out_after_all_and_one_that_is_not_ours(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.report(batch, f"b1;fehler;{POSTED}")
    scene.poll()
    scene.clock.advance(hours=6)
    moment = datetime(2026, 11, 24, 9, tzinfo=UTC)
    scene.output.more = [
        LetterNews("b1", LetterProgress.POSTED, moment),
        LetterNews("fremd", LetterProgress.POSTED, moment),
    ]
    scene.poll()
    assert scene.state_of(message_id) is MessageState.PARKED
    assert scene.news_of(batch).differences == (
        "Brief 1 (b1): widersprüchlich gemeldet, auch „versandt“.",
        "Gemeldet wurde auch ein Brief fremd, den es nicht gibt.",
    )


def test_reconcile_what_cannot_be_read_is_a_difference_until_it_is_put_right(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.report(batch, f"b1;versendet;{POSTED}", f"fremd;versandt;{POSTED}")
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_HANDED_OVER
    assert scene.news_of(batch).differences == (
        f"Rückmeldedatei {batch.batch_id}.1.csv, Eintrag 2: unverständlich (brief „b1“, "
        f"stand „versendet“, zeitpunkt „{POSTED}“).",
        "Gemeldet wurde auch ein Brief fremd, den es nicht gibt.",
    )
    scene.report(batch, f"b1;versandt;{POSTED}")
    scene.clock.advance(hours=6)
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_POSTED
    assert scene.news_of(batch).differences == ()


def test_poll_failed_and_posted_at_once_it_went_out(scene: Scene) -> None:
    batch, (message_id,) = scene.hand_over("b1")
    scene.report(batch, "b1;fehler;2026-11-23T15:00:00+01:00;Stau", f"b1;versandt;{POSTED}")
    scene.poll()
    assert scene.state_of(message_id) is MessageState.LETTER_POSTED
    assert scene.news_of(batch).difference_count == 1


def test_poll_many_letters_in_several_transactions(scene: Scene) -> None:
    names = [f"b{number:03d}" for number in range(250)]
    batch, _ = scene.hand_over(*names)
    scene.report(batch, *(f"{name};versandt;{POSTED}" for name in names))
    scene.poll()
    with scene.database.reading() as stores:
        assert stores.letters.count_of_batch(batch.key) == {LetterState.POSTED: 250}
    assert scene.find(batch.key).state is BatchState.SETTLED


@pytest.mark.parametrize("backend", [Backend.POSTGRESQL], indirect=True, ids=str)
def test_enter_by_several_workers_at_once_keeps_each_news_once(scene: Scene) -> None:
    names = [f"b{number:02d}" for number in range(30)]
    batch, message_ids = scene.hand_over(*names)
    moment = datetime(2026, 11, 23, 16, tzinfo=UTC)
    kinds = (LetterProgress.PRINTED, LetterProgress.POSTED, LetterProgress.RETURNED)
    told = [LetterNews(name, kind, moment) for name in names for kind in kinds]
    books = [NewsBook(scene.database, scene.clock, f"worker {number}") for number in range(4)]

    def enter(book: NewsBook, start: int) -> None:
        for item in told[start::3]:
            book.enter(batch, [item])
        book.enter(batch, told)

    run_at_once([partial(enter, book, number) for number, book in enumerate(books)])
    for name, message_id in zip(names, message_ids, strict=True):
        letter = scene.rows.find(name)
        assert letter.state is LetterState.RETURNED
        with scene.database.reading() as stores:
            assert len(stores.letter_news.list_of_letter(letter.key)) == len(kinds)
        assert scene.rows.list_codes(message_id).count("brief-zurueckgekommen") == 1
    with scene.database.reading() as stores:
        assert stores.directory_doubts.count() == len(names)
