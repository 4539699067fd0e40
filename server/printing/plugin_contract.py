"""The contract of output plugins as tests: subclass `OutputPluginContract` and bring a rig.

For pytest; the server itself does not use it. docs/print-plugins.md shows a whole test module.
"""

import hashlib
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Protocol
from uuid import uuid4

import pytest

from server.domain.content import Content, InlineContent
from server.printing.job_ticket import (
    JobTicket,
    TicketLetter,
    render_ticket_csv,
    render_ticket_xml,
)
from server.printing.output import (
    BatchCount,
    BatchLetter,
    BatchReceipt,
    BatchRefused,
    CheckedOutput,
    Handling,
    LetterProgress,
    OutputPlugin,
    OutputUnavailable,
    PrintBatch,
    is_all_or_nothing,
    list_letter_news,
)

MANY_LETTERS = 200
LARGE_BYTES = 20 * 1024 * 1024
# What a hand-over may hold in memory, however large the batch is.
MEMORY_BYTES = 4 * 1024 * 1024
_MAX_STEPS = 200
_PATTERN = b"%PDF-1.7 "
_PLAIN = Handling(duplex=True, colour=False, stock="", envelope="", product="")
_DONE = (LetterProgress.PRINTED, LetterProgress.POSTED)


class PluginCrash(BaseException):
    """The process ends here; no plugin catches it."""


@dataclass(frozen=True)
class ReceivedLetter:
    """A letter that the other side has as complete, and may print."""

    batch_id: str
    letter_id: str
    sha256: str


class OutputRig(Protocol):
    """A plugin with a real other side."""

    def make(self) -> OutputPlugin:
        """The plugin anew, as after a restart, towards the same other side."""
        ...

    def list_received(self) -> Sequence[ReceivedLetter]:
        """All letters that the other side would print, in their order; twice what came twice."""
        ...

    def crashing(self, step: int) -> AbstractContextManager[None]:
        """Within it, the plugin's outward step with this number (from 1) raises PluginCrash.

        Where there are fewer steps, nothing happens. `crashing_in` does it for methods.
        """
        ...

    def unreachable(self) -> AbstractContextManager[None]:
        """Within it, the other side is away for every plugin made there."""
        ...

    def print_all(self, receipt: BatchReceipt) -> None:
        """The other side prints the batch and tells so; withdrawn letters stay out.

        What it tells of pages and sheets, if it does, is right.
        """
        ...


@contextmanager
def crashing_in(owner: type, methods: Iterable[str], step: int) -> Iterator[None]:
    """Each call of these methods is two steps, before it and after it; one of all crashes."""
    passed = 0

    def pass_point() -> None:
        nonlocal passed
        passed += 1
        if passed == step:
            raise PluginCrash

    def surround(method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def crash(*args: Any, **kwargs: Any) -> Any:
            pass_point()
            result = method(*args, **kwargs)
            pass_point()
            return result

        return crash

    with pytest.MonkeyPatch.context() as patch:
        for name in methods:
            patch.setattr(owner, name, surround(getattr(owner, name)))
        yield


class RepeatedContent:
    """Content as large as wanted that takes no memory."""

    def __init__(self, size: int, fails_after: int | None = None) -> None:
        self.size = size
        self._fails_after = fails_after
        digest = hashlib.sha256()
        for chunk in self._repeat(1024 * 1024):
            digest.update(chunk)
        self.sha256 = digest.hexdigest()

    def read(self) -> bytes:
        """All of it: what a plugin should not do."""
        return b"".join(self._repeat(1024 * 1024))

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """Pieces; raises RuntimeError after so many bytes where it is to fail."""
        sent = 0
        for chunk in self._repeat(size):
            if self._fails_after is not None and sent >= self._fails_after:
                raise RuntimeError("content is lost")
            sent += len(chunk)
            yield chunk

    def _repeat(self, size: int) -> Iterator[bytes]:
        block = _PATTERN * (size // len(_PATTERN) + 2)
        for start in range(0, self.size, size):
            offset = start % len(_PATTERN)
            yield block[offset : offset + min(size, self.size - start)]


def make_batch(*contents: Content, handling: Handling = _PLAIN, batch_id: str = "") -> PrintBatch:
    """A batch that no other test has; two small letters where no contents are given."""
    name = batch_id or f"stapel-{uuid4().hex}"
    chosen = contents or (InlineContent(b"%PDF eins"), InlineContent(b"%PDF zwei"))
    letters = [
        BatchLetter(f"brief-{uuid4().hex}", number, 2, 1, content)
        for number, content in enumerate(chosen, 1)
    ]
    ticket = _make_ticket(name, handling, letters)
    return PrintBatch(name, handling, letters, render_ticket_xml(ticket), render_ticket_csv(ticket))


def _make_ticket(name: str, handling: Handling, letters: Sequence[BatchLetter]) -> JobTicket:
    moment = datetime(2026, 11, 2, 16, tzinfo=UTC)
    return JobTicket(name, "probe", handling, moment, moment, [*map(_describe, letters)])


def _describe(letter: BatchLetter) -> TicketLetter:
    return TicketLetter(
        letter_id=letter.letter_id,
        number=letter.number,
        filename=letter.filename,
        pages=letter.pages,
        sheets=letter.sheets,
        sha256=letter.content.sha256,
        postal_code="24937",
        aktenzeichen="VS-2026-0815",
        sender="Stadt Potsdam, Vollstreckungsstelle",
        sender_lines=("14469 Potsdam",),
        recipient_lines=("Stadt Flensburg", "24937 Flensburg"),
        cost_centre="",
        message_id=f"urn:de:xta:messageid:probe:{letter.letter_id}",
    )


class OutputPluginContract:
    """What holds for every plugin; a subclass brings the fixture `rig`.

    An output that cannot withdraw letters says so by `can_cancel`.
    """

    can_cancel = True

    @pytest.fixture
    def rig(self) -> OutputRig:
        """To be overridden."""
        raise NotImplementedError("the subclass brings a fixture `rig`")

    def test_submit_batch_arrives_whole_and_in_order(self, rig: OutputRig) -> None:
        output, batch = rig.make(), make_batch()
        receipt = output.submit(batch)
        assert (receipt.output, receipt.batch_id) == (output.name, batch.batch_id)
        assert _list_of(rig, batch) == _expect(batch)

    def test_submit_same_batch_again_is_handed_over_once(self, rig: OutputRig) -> None:
        batch = make_batch()
        receipts = {rig.make().submit(batch) for _ in range(3)}
        assert len(receipts) == 1
        assert _list_of(rig, batch) == _expect(batch)

    def test_submit_printed_batch_again_is_not_printed_again(self, rig: OutputRig) -> None:
        batch = make_batch()
        rig.print_all(rig.make().submit(batch))
        before = _list_of(rig, batch)
        rig.make().submit(batch)
        assert _list_of(rig, batch) == before

    def test_submit_two_batches_stay_apart(self, rig: OutputRig) -> None:
        first, second = make_batch(), make_batch()
        for batch in (first, second, first):
            rig.make().submit(batch)
        assert (_list_of(rig, first), _list_of(rig, second)) == (_expect(first), _expect(second))

    def test_submit_crash_at_each_step_is_handed_over_once(self, rig: OutputRig) -> None:
        for step in range(1, _MAX_STEPS):
            batch = make_batch()
            if not _crash(rig, batch, step):
                break
            # All of it or nothing: the other side sees no half of a batch.
            assert _list_of(rig, batch) in ([], _expect(batch)), f"step {step}"
            rig.make().submit(batch)
            assert _list_of(rig, batch) == _expect(batch), f"step {step}"
        assert 1 < step < _MAX_STEPS - 1

    def test_submit_content_is_lost_on_the_way_nothing_arrives(self, rig: OutputRig) -> None:
        lost = RepeatedContent(300_000, fails_after=100_000)
        batch = make_batch(InlineContent(b"%PDF eins"), lost)
        with pytest.raises(Exception, match="content is lost"):
            rig.make().submit(batch)
        assert _list_of(rig, batch) == []
        whole = make_batch(batch_id=batch.batch_id)
        rig.make().submit(whole)
        arrived = _list_of(rig, whole)
        assert [item for item in _expect(whole) if item not in arrived] == []

    def test_submit_repeat_of_all_or_nothing_reads_no_letter_again(self, rig: OutputRig) -> None:
        if not is_all_or_nothing(rig.make()):
            pytest.skip("the plugin does not promise it")
        batch = make_batch(InlineContent(b"%PDF eins"))
        receipt = rig.make().submit(batch)
        size = batch.letters[0].content.size
        lost = [replace(item, content=RepeatedContent(size, 0)) for item in batch.letters]
        assert rig.make().submit(replace(batch, letters=lost)) == receipt
        assert _list_of(rig, batch) == _expect(batch)

    def test_submit_large_batch_takes_little_memory(self, rig: OutputRig) -> None:
        contents = [RepeatedContent(3000 + number) for number in range(MANY_LETTERS - 1)]
        batch = make_batch(*contents, RepeatedContent(LARGE_BYTES))
        output = rig.make()
        tracemalloc.start()
        try:
            output.submit(batch)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert _list_of(rig, batch) == _expect(batch)
        assert peak < MEMORY_BYTES, f"{peak} bytes"

    @pytest.mark.parametrize("letter_id", ["a" * 100, "0", "A_b-C", "brief-", "1-2-3"])
    def test_submit_unusual_names_arrive_as_they_are(self, rig: OutputRig, letter_id: str) -> None:
        name = f"Z_{uuid4().hex}-".ljust(100, "x")
        letter = BatchLetter(letter_id, 1, 1, 1, InlineContent(b"%PDF"))
        batch = PrintBatch(name, _PLAIN, [letter], b"<t/>", b"")
        receipt = rig.make().submit(batch)
        assert _list_of(rig, batch) == _expect(batch)
        told = list_letter_news(rig.make().poll(receipt))
        assert {news.letter_id for news in told} <= {letter_id}

    @pytest.mark.parametrize(
        "word", ["weiß 80 g/m²", 'C5 "Fenster"; <links>', "a\nb", "x" * 255, "🖨"]
    )
    def test_submit_unusual_words_are_taken_or_refused(self, rig: OutputRig, word: str) -> None:
        batch = make_batch(handling=Handling(False, True, word, word, word))
        try:
            rig.make().submit(batch)
        except BatchRefused:
            assert _list_of(rig, batch) == []
        else:
            assert _list_of(rig, batch) == _expect(batch)

    def test_unreachable_output_says_so_and_has_nothing(self, rig: OutputRig) -> None:
        batch, known = make_batch(), make_batch()
        receipt = rig.make().submit(known)
        with rig.unreachable():
            output = rig.make()
            with pytest.raises(OutputUnavailable):
                output.submit(batch)
            with pytest.raises(OutputUnavailable):
                list(output.poll(receipt))
            if self.can_cancel:
                with pytest.raises(OutputUnavailable):
                    output.cancel(receipt, [known.letters[0].letter_id])
            if isinstance(output, CheckedOutput):
                with pytest.raises(OutputUnavailable):
                    output.check()
        assert _list_of(rig, batch) == []
        rig.make().submit(batch)
        assert _list_of(rig, batch) == _expect(batch)
        assert _list_of(rig, known) == _expect(known)

    def test_check_reachable_output_says_nothing(self, rig: OutputRig) -> None:
        output = rig.make()
        if isinstance(output, CheckedOutput):
            output.check()
        assert rig.make().name == output.name

    def test_poll_tells_what_was_printed_as_often_as_asked(self, rig: OutputRig) -> None:
        batch, other = make_batch(), make_batch()
        receipt = rig.make().submit(batch)
        rig.make().submit(other)
        assert _list_done(rig, receipt) == set()
        rig.print_all(receipt)
        first, second = set(rig.make().poll(receipt)), set(rig.make().poll(receipt))
        assert first == second
        assert _list_done(rig, receipt) == {letter.letter_id for letter in batch.letters}
        letter_news = list_letter_news(first)
        assert {news.letter_id for news in letter_news} == _list_done(rig, receipt)
        assert all(news.moment.utcoffset() is not None for news in letter_news)

    def test_poll_counts_where_told_are_those_of_the_batch(self, rig: OutputRig) -> None:
        batch = make_batch()
        receipt = rig.make().submit(batch)
        rig.print_all(receipt)
        told = list(rig.make().poll(receipt))
        counts = {(letter.letter_id, letter.pages, letter.sheets) for letter in batch.letters}
        assert {
            (news.letter_id, news.pages, news.sheets)
            for news in list_letter_news(told)
            if news.pages and news.sheets
        } <= counts
        (_, pages, sheets) = zip(*counts, strict=True)
        expected = BatchCount(len(counts), sum(pages), sum(sheets))
        assert all(item == expected for item in told if isinstance(item, BatchCount))

    def test_cancel_waiting_letter_is_never_printed(self, rig: OutputRig) -> None:
        batch = make_batch()
        gone, kept = (letter.letter_id for letter in batch.letters)
        receipt = rig.make().submit(batch)
        withdrawn = {gone} if self.can_cancel else set()
        for _ in range(2):
            assert rig.make().cancel(receipt, [gone, "gibt-es-nicht"]) == withdrawn
        rig.print_all(receipt)
        assert _list_done(rig, receipt) == {gone, kept} - withdrawn
        assert rig.make().cancel(receipt, [gone, kept]) == withdrawn

    def test_cancel_printed_letter_comes_too_late(self, rig: OutputRig) -> None:
        batch = make_batch()
        receipt = rig.make().submit(batch)
        rig.print_all(receipt)
        letter_ids = [letter.letter_id for letter in batch.letters]
        assert rig.make().cancel(receipt, letter_ids) == frozenset()
        assert _list_done(rig, receipt) == set(letter_ids)


def _crash(rig: OutputRig, batch: PrintBatch, step: int) -> bool:
    with rig.crashing(step):
        try:
            rig.make().submit(batch)
        except PluginCrash:
            return True
    return False


def _list_of(rig: OutputRig, batch: PrintBatch) -> list[ReceivedLetter]:
    return [item for item in rig.list_received() if item.batch_id == batch.batch_id]


def _expect(batch: PrintBatch) -> list[ReceivedLetter]:
    return [
        ReceivedLetter(batch.batch_id, letter.letter_id, letter.content.sha256)
        for letter in batch.letters
    ]


def _list_done(rig: OutputRig, receipt: BatchReceipt) -> set[str]:
    news = list_letter_news(rig.make().poll(receipt))
    return {item.letter_id for item in news if item.progress in _DONE}
