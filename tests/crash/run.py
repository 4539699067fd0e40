"""`make crash`: two servers, clients that repeat, and kills at random; then the books are compared.

CRASH_MESSAGES=20000 CRASH_KILLS=200 CRASH_DATABASE=sqlite|postgresql CRASH_SEED=... Exit code 1
where anything was lost, doubled, damaged, or did not come to its end.
"""

import itertools
import multiprocessing
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.crash.audit import AuditResult, Fault, Found, audit
from tests.crash.clients import Site, Task, run_reader, run_sender
from tests.crash.findings import count_open, list_letters, list_open_reports, list_rows
from tests.crash.journal import Happening, Journal, Line, read_journal
from tests.crash.killing import Killer
from tests.crash.plan import CrashPlan, Way
from tests.crash.servers import Servers, running_servers

SENDERS, THREADS = 2, 6
# Once nothing is killed any more: so long the last messages may stand still.
SETTLE_SECONDS = 180
REPORTS_ASKED = 100
MAILBOXES = {Way.OWN: "potsdam", Way.OTHER: "jena", Way.FORWARDED: "jena"}
_spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Run:
    """How long the parts of a run took, and what the audit says."""

    sending_seconds: float
    settling_seconds: float
    restarts: str
    result: AuditResult

    @property
    def is_good(self) -> bool:
        """True where nothing was violated."""
        return not self.result.violations


def run_crash(plan: CrashPlan, folder: Path) -> Run:
    """One run in a folder; its journal and the logs of the servers stay there."""
    with running_servers(folder, plan) as servers:
        task = _make_task(plan, servers, folder / "journal")
        start = time.monotonic()
        with _reading(task):
            _send_and_kill(task, servers)
            sent = time.monotonic()
            _settle(task, servers)
        settled = time.monotonic()
        restarts = servers.tell_restarts()
        result = _audit(task, servers)
    return Run(sent - start, settled - sent, restarts, result)


def _make_task(plan: CrashPlan, servers: Servers, journal: Path) -> Task:
    centres = servers.centres
    return Task(
        plan,
        Site(centres.mitte.installation),
        Site(centres.ost.installation),
        journal,
        _spawn.Value("i", 0),
        _spawn.Value("i", 0),
        _spawn.Event(),
    )


@contextmanager
def _reading(task: Task) -> Iterator[None]:
    """A reader for each mailbox, until the end of the block."""
    readers = [
        _spawn.Process(target=run_reader, args=(task, site, name))
        for site, name in ((task.mitte, "potsdam"), (task.ost, "jena"))
    ]
    _start(readers)
    try:
        yield
    finally:
        task.is_over.set()
        for reader in readers:
            reader.join()


def _send_and_kill(task: Task, servers: Servers) -> None:
    """Returns when all has been sent, and as much killed as was planned."""
    senders = [
        _spawn.Process(target=run_sender, args=(task, share, SENDERS, THREADS))
        for share in range(SENDERS)
    ]
    killer = Killer(task.plan, servers, Journal(task.journal / "killer.jsonl"))
    deadline = time.monotonic() + task.plan.minutes * 60

    def is_over() -> bool:
        return time.monotonic() > deadline or not any(item.is_alive() for item in senders)

    _start(senders)
    thread = threading.Thread(target=killer.run, args=(lambda: task.acknowledged.value, is_over))
    thread.start()
    while not is_over():
        time.sleep(5)
        print(f"  {task.acknowledged.value} acknowledged, {task.confirmed.value} read", flush=True)
    thread.join()
    if time.monotonic() > deadline:
        task.is_over.set()
    for sender in senders:
        sender.join()


def _start(processes: list[Any]) -> None:
    for process in processes:
        process.start()


def _settle(task: Task, servers: Servers) -> None:
    """Waits until every message has come to its end, or until nothing moves any more."""
    centres = (servers.centres.mitte, servers.centres.ost)
    fewest, deadline = sys.maxsize, time.monotonic()
    while (number := count_open(centres)) and (number < fewest or time.monotonic() < deadline):
        if number < fewest:
            fewest, deadline = number, time.monotonic() + SETTLE_SECONDS
        print(f"  {number} messages are still on their way", flush=True)
        time.sleep(5)


def _audit(task: Task, servers: Servers) -> AuditResult:
    lines = list(read_journal(task.journal))
    centres = servers.centres
    rows = [row for centre in (centres.mitte, centres.ost) for row in list_rows(centre)]
    folder = centres.mitte.installation.folder / "druck"
    return audit(
        lines, Found(rows, list(list_letters(folder)), _ask_reports(task, lines)), MAILBOXES
    )


def _ask_reports(task: Task, lines: list[Line]) -> list[str]:
    """Over the wire: the reports of some acknowledged messages that are not closed."""
    acknowledged = {line.message_id for line in lines if line.happening == Happening.ACKNOWLEDGED}
    known = [item for item in task.plan.list_messages() if item.message_id in acknowledged]
    step = max(1, len(known) // REPORTS_ASKED)
    return list(list_open_reports(task, itertools.islice(known, 0, None, step)))


def tell(plan: CrashPlan, run: Run) -> None:
    """Prints the figures."""
    result = run.result
    rate = result.acknowledged / run.sending_seconds
    print(f"database: {plan.storage}, seed: {plan.seed}")
    print(f"acknowledged: {result.acknowledged} of {result.sent} that were sent")
    for way, number in sorted(result.ways.items()):
        print(f"  {number} {way}")
    print(f"not acknowledged, but there: {result.unacknowledged_there}")
    print(f"kills: {result.kills.total()}")
    for kind, number in sorted(result.kills.items()):
        print(f"  {number} {kind}")
    print(f"started again: {run.restarts}")
    print(f"sending: {run.sending_seconds:.0f} s ({rate:.1f}/s), then {run.settling_seconds:.0f} s")
    for fault in Fault:
        print(f"{fault}: {result.count(fault)}")
    for violation in result.violations[:50]:
        print(f"  {violation.fault}: {violation.message_id} ({violation.detail})")


def main() -> int:
    """A run in a temporary folder, which stays where something was violated."""
    plan = CrashPlan.read()
    print(f"{plan.messages} messages, {plan.kills} kills, {plan.storage}, seed {plan.seed}")
    folder = Path(tempfile.mkdtemp(prefix="damtshilfe-crash-"))
    run = run_crash(plan, folder)
    tell(plan, run)
    is_enough = run.result.acknowledged >= plan.messages
    is_enough = is_enough and run.result.kills.total() >= plan.kills
    if not is_enough:
        print("The run did not come to its end.")
    print(f"Journal and logs: {folder}")
    return 0 if run.is_good and is_enough else 1


if __name__ == "__main__":
    sys.exit(main())
