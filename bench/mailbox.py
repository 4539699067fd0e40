"""A mailbox with 1,000,000 messages beside one with 1,000, as ratios measured in one run.

Two installations with real servers, asked in turn over HTTPS: pages of lists, messages,
confirmations, with and without a selection. Goal: each takes at most 1.3 times as long with the
many as with the few. On SQLite, and on PostgreSQL where one can be started. Exit code 1 where a
goal is missed. BENCH_MESSAGES is another number of messages.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from bench.mailbox_filling import Filling, fill
from bench.mailbox_reader import TimedReader
from persistence.database import Database
from persistence.engine import make_engine
from persistence.tables import mandant
from server.settings_file import load_settings
from tests.support.calls import AUTHOR, READER
from tests.support.installation import Installation, make_installation, serving
from tests.support.on_postgres import move_to_postgres
from tests.support.postgres import Cluster, find_reason_to_skip, running_cluster

FEW, MANY = 1_000, int(os.environ.get("BENCH_MESSAGES", "1000000"))
ROUNDS = 40
GOAL = 1.3
_SAMPLE = "urn:de:xta:messageid:bench:sample"
_ONE_PROCESS = {"DAMTSHILFE_SERVER__WORKERS": "1"}

Action = Callable[[TimedReader], float]
ACTIONS: dict[str, Action] = {
    "getStatusList": TimedReader.list_first,
    "getNextStatusList": TimedReader.list_second,
    "getStatusList, only new": TimedReader.list_new,
    "getStatusList, the newer half": TimedReader.list_half,
    "getStatusList, one hour": TimedReader.list_one_hour,
    "getMessage, the oldest": TimedReader.fetch_oldest,
    "getMessage, by MessageID": TimedReader.fetch_named,
    "getMessage, only new": TimedReader.fetch_new,
    "getNextMessage": TimedReader.fetch_second,
    "close": TimedReader.close,
}


def main() -> int:
    """Runs the benchmark and prints its tables."""
    is_met = _measure("SQLite", None)
    reason = find_reason_to_skip()
    if reason:
        print(f"PostgreSQL: left out, {reason}")
        return 0 if is_met else 1
    with running_cluster() as cluster:
        is_met = _measure("PostgreSQL", cluster) and is_met
    return 0 if is_met else 1


def _measure(name: str, cluster: Cluster | None) -> bool:
    with (
        tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as folder,
        _filled(Path(folder) / "few", FEW, cluster) as few,
        _filled(Path(folder) / "many", MANY, cluster) as many,
    ):
        verdicts = [_compare(name, action, few, many) for action in ACTIONS]
        return all(verdicts)


@contextmanager
def _filled(folder: Path, waiting: int, cluster: Cluster | None) -> Iterator[TimedReader]:
    installation = make_installation(folder)
    if cluster:
        move_to_postgres(installation, cluster.create_database(folder.name))
    with serving(installation, _ONE_PROCESS):
        installation.xta("potsdam").send(installation.outgoing(_SAMPLE, "jena"))
        start = time.perf_counter()
        _fill(installation, waiting)
        print(f"{waiting} messages filled in within {time.perf_counter() - start:.0f} s")
        yield TimedReader(installation, waiting)


def _fill(installation: Installation, waiting: int) -> None:
    database = Database(make_engine(load_settings(installation.config, {}).database.url))
    with database.engine.connect() as connection:
        rows = connection.execute(select(mandant.c.identifier_value, mandant.c.key)).all()
    keys = {row.identifier_value: row.key for row in rows}
    fill(database, Filling(_SAMPLE, keys[READER], keys[AUTHOR], waiting))
    database.engine.dispose()


def _compare(name: str, action: str, few: TimedReader, many: TimedReader) -> bool:
    """Both in turn; the first rounds warm up and are not counted."""
    samples: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 5):
        for seconds, reader in zip(samples, (few, many), strict=True):
            seconds.append(ACTIONS[action](reader))
    first, second = (statistics.median(seconds[5:]) for seconds in samples)
    ratio = second / first
    verdict = "ok" if ratio <= GOAL else "MISSED"
    print(
        f"{name}, {action}: {first * 1000:.1f} ms with {FEW}, {second * 1000:.1f} ms with {MANY}"
        f" = {ratio:.2f} times (goal {GOAL}) {verdict}"
    )
    return ratio <= GOAL


if __name__ == "__main__":
    sys.exit(main())
