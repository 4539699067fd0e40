"""Letters from their orders to the finished batch, beside typst and the PDF merge alone.

1,000 letters of two pages with an attachment of two: orders in the database, contents encrypted, as
`damtshilfe init` makes them; a real worker sets, proves and gathers them and hands one batch over
to a folder. Goal: 0.7 of the rate at which typst and pikepdf alone set and merge the same letters
on two processes. A machine that others use changes its pace from one half minute to the next; so
both take turns while the letters are set: the worker stands still, with all its processes, for each
second or so of the other. Memory: the processes of the worker together need at most 1.2 times as
much for 5,000 letters as for 500. Exit code 1 where a goal is missed.
BENCH_LETTERS, BENCH_ROUNDS, BENCH_FEW, BENCH_MANY are other numbers (docs/testing.md).
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.letter_orders import LetterOrders
from bench.letters_alone import Alone, Manner, Measured, measure_alone, measure_one_compilation
from bench.processes import list_children, read_cpu, read_peak
from persistence.database import Database
from persistence.engine import make_engine
from server.demo.data import read_behoerden
from server.domain.mandant import Mandant
from server.running.blob_store import make_blobs
from server.services.batching.closing import Closing
from server.services.clock import read_clock
from server.settings_file import load_settings
from tests.support.installation import Installation, make_installation, serving

LETTERS = int(os.environ.get("BENCH_LETTERS", "1000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
FEW = int(os.environ.get("BENCH_FEW", "500"))
MANY = int(os.environ.get("BENCH_MANY", "5000"))
RATE_GOAL, MEMORY_GOAL = 0.7, 1.2
_AUTHOR = read_behoerden()["potsdam"].identifier
_WARM_UP, _IN_ONE_COMPILATION = 80, 100
_POLL_SECONDS = 0.1
# Between two turns of the reference, and letters that each of its processes sets in one.
_OURS_SECONDS, _TURN_LETTERS = 1.0, 20
# The letters of the reference, which begins anew where they are at their end.
_REFERENCE = range(1, LETTERS // 2 + 1)
# For orientation: what a program gains that does not call typst the plain way.
_OTHER_MANNERS = {
    "typst and merge, texts by a file": Manner(by_file=True),
    "the same with a compiler that is kept": Manner(is_kept=True, by_file=True),
}
# Batches close by hand here.
_ENVIRONMENT = {
    "DAMTSHILFE_PRINTING__CUT_OFFS": "23:59",
    "DAMTSHILFE_PRINTING__BATCH_LETTERS": "10000",
    "DAMTSHILFE_LOG__LEVEL": "WARNING",
}


def main() -> int:
    """Runs the benchmark and prints its lines."""
    with tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as folder:
        installation = make_installation(Path(folder) / "demo")
        with serving(installation, part="authority"):
            printing = _Printing(installation)
            is_fast = _compare_rates(printing)
            is_flat = _compare_memory(printing) if MANY else True
    return 0 if is_fast and is_flat else 1


class _Printing:
    """An installation whose worker turns orders into batches."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        settings = load_settings(installation.config, {})
        self._database = Database(make_engine(settings.database.url))
        with self._database.reading() as stores:
            author = stores.mandanten.find(_AUTHOR)
        assert isinstance(author, Mandant)
        self._orders = LetterOrders(self._database, make_blobs(settings, self._database), author)
        self._closing = Closing(self._database, read_clock, 10_000)
        self._added = 0
        self._worker: subprocess.Popen[bytes] | None = None

    @contextmanager
    def working(self) -> Iterator[int]:
        """A worker that has set its first letters; yields its process."""
        with serving(self._installation, _ENVIRONMENT, "worker") as self._worker:
            self.print(_WARM_UP)
            yield self._worker.pid

    def print(self, count: int, turns: "_Turns | None" = None) -> float:
        """Letters a second, from their orders to the batch that is handed over and told.

        Turns of the reference are taken while letters are set, and are not counted.
        """
        numbers = range(self._added + 1, self._added + count + 1)
        self._added += count
        self._orders.add(numbers)
        start = time.perf_counter()
        self._orders.release()
        self._await(lambda: self._count_ready() == count, turns)
        (batch,) = self._closing.close_now()
        assert (batch.sums.letters, batch.sums.pages) == (count, 4 * count)
        self._await(lambda: self._is_told(batch.key))
        return count / (time.perf_counter() - start - (turns.seconds if turns else 0.0))

    def _await(self, is_done: Callable[[], bool], turns: "_Turns | None" = None) -> None:
        while not is_done():
            assert self._worker and self._worker.poll() is None, "the worker has ended"
            time.sleep(_POLL_SECONDS)
            if turns:
                turns.take_when_due()

    def _count_ready(self) -> int:
        with self._database.reading() as stores:
            return stores.letters.count_ready()

    def _is_told(self, batch_key: int) -> bool:
        with self._database.reading() as stores:
            batch = stores.batches.lock(batch_key)
        return batch is not None and batch.is_told


class _Turns:
    """Turns of the reference, while the worker stands still; `seconds` is how long that was."""

    def __init__(self, alone: Alone, worker: int) -> None:
        self.seconds = 0.0
        self._alone = alone
        self._worker = worker
        self._last = float("-inf")

    def take_when_due(self) -> None:
        """Takes one where ours has worked for a while; the first at once, so that there is one."""
        start = time.perf_counter()
        if start < self._last + _OURS_SECONDS:
            return
        with _standing_still(self._worker):
            self._alone.take_turn(_TURN_LETTERS)
        self._last = time.perf_counter()
        self.seconds += self._last - start


@contextmanager
def _standing_still(worker: int) -> Iterator[None]:
    processes = (worker, *list_children(worker))
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def _compare_rates(printing: _Printing) -> bool:
    one = measure_one_compilation(range(1, _IN_ONE_COMPILATION + 1), _AUTHOR)
    print(f"typst, {_IN_ONE_COMPILATION} letters as one document, one process: {one:.0f} a second")
    for what, manner in _OTHER_MANNERS.items():
        _tell(what, measure_alone(_REFERENCE, _AUTHOR, manner))
    ratios = [_run_round(printing) for _ in range(ROUNDS)]
    ratio = statistics.median(ratios)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"ours / alone: {ratio:.2f} ({spread}; goal {RATE_GOAL})")
    return ratio >= RATE_GOAL


def _run_round(printing: _Printing) -> float:
    with printing.working() as worker, Alone(_REFERENCE, _AUTHOR) as alone:
        whole, own = _read_cpu(worker), read_cpu(worker)
        rate = printing.print(LETTERS, _Turns(alone, worker))
        ours = Measured(rate, (_read_cpu(worker) - whole) / LETTERS)
        own = (read_cpu(worker) - own) / LETTERS
        reference = alone.tell()
    _tell("typst and merge alone, in turns", reference)
    _tell("from order to batch", ours)
    print(f"of it {own * 1000:.1f} ms in the worker itself, the rest in its processes")
    ratio, cpu_ratio = ours.rate / reference.rate, reference.cpu / ours.cpu
    print(f"{LETTERS} letters: {ratio:.2f} of the rate ({cpu_ratio:.2f} by processor time)")
    return ratio


def _tell(what: str, measured: Measured) -> None:
    print(
        f"{what:<40}{measured.rate:7.1f} letters a second,{measured.cpu * 1000:6.1f} ms of "
        "processor time each",
        flush=True,
    )


def _read_cpu(worker: int) -> float:
    return sum(read_cpu(process) for process in (worker, *list_children(worker)))


def _compare_memory(printing: _Printing) -> bool:
    few, many = (_measure_memory(printing, count) for count in (FEW, MANY))
    ratio = many / few
    print(f"memory: {many / few:.2f} times (goal {MEMORY_GOAL})")
    return ratio <= MEMORY_GOAL


def _measure_memory(printing: _Printing, count: int) -> int:
    """The peaks of all processes of a worker together, in bytes."""
    with printing.working() as worker:
        rate = printing.print(count)
        peaks = [read_peak(process) for process in (worker, *list_children(worker))]
    megabytes = " + ".join(f"{peak / 1e6:.0f}" for peak in peaks)
    print(f"{count} letters: peaks of {megabytes} MB, {rate:.1f} a second", flush=True)
    return sum(peaks)


if __name__ == "__main__":
    sys.exit(main())
