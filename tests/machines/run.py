"""`make machines`: three servers and two workers on machines of their own share the load.

MACHINES_ORDERS=100000 MACHINES_SENT=1000 MACHINES_SOLO_SECONDS=60. Needs root. Exit code 1 where
an order was delivered twice or not at all, or a worker or server had no share.
"""

import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine

from persistence.engine import make_engine
from tests.crash.findings import list_letters
from tests.machines.books import Books, count_done, read_books
from tests.machines.filling import fill, tidy
from tests.machines.network import (
    FRONT,
    Machine,
    enter_network,
    find_reason_to_skip,
    running_machines,
)
from tests.machines.parts import RunningPart, running_front, running_parts
from tests.machines.plan import MachinesPlan
from tests.machines.sending import AKTENZEICHEN, LETTER_EVERY, Senders, Shipment, list_mailbox
from tests.support import postgres
from tests.support.installation import Installation, make_installation
from tests.support.postgres import ClusterOptions, running_cluster

_SERVERS, _WORKERS = 3, 2
# So much of the mailbox is listed over the wire; the database is compared as a whole.
_LISTED = 5_000
_WRONG = re.compile(r" (ERROR|CRITICAL|WARNING) |Traceback")


@dataclass(frozen=True)
class Site:
    """The installation and its parts on the machines."""

    plan: MachinesPlan
    installation: Installation
    engine: Engine
    servers: tuple[RunningPart, ...]
    workers: tuple[RunningPart, ...]

    @property
    def parts(self) -> tuple[RunningPart, ...]:
        """All of them."""
        return (*self.servers, *self.workers)


@dataclass
class Figures:
    """What was measured; rates are orders per second."""

    sending_rate: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    solo_rate: float = 0.0
    shared_rate: float = 0.0
    seconds: float = 0.0


def main() -> int:
    """A run in a temporary folder, which stays where something was wrong."""
    reason = find_reason_to_skip() or postgres.find_reason_to_skip()
    if reason:
        print(f"Cannot run: {reason}.")
        return 1
    plan = MachinesPlan.read()
    enter_network()
    folder = Path(tempfile.mkdtemp(prefix="damtshilfe-machines-"))
    print(f"{plan.orders} orders, {plan.sent} of them sent over the wire; {folder}", flush=True)
    with _running_site(plan, folder / "server") as site:
        figures = Figures()
        _send(site, figures)
        _fill(site)
        _deliver(site, figures)
        books = read_books(site.engine)
        faults = [*books.faults, *_find_faults(site, figures, books)]
    _tell(figures, books, faults)
    if not faults:
        shutil.rmtree(folder)
    return 1 if faults else 0


@contextmanager
def _running_site(plan: MachinesPlan, folder: Path) -> Iterator[Site]:
    with (
        running_machines(_SERVERS) as machines,
        running_cluster(ClusterOptions(listen=f"127.0.0.1,{FRONT}")) as cluster,
    ):
        for name in ("damtshilfe", "verzeichnis"):
            cluster.create_database(name)
        url = cluster.url_for("damtshilfe", FRONT)
        installation = make_installation(
            folder,
            *("--host-name", FRONT),
            *("--database-url", url),
            *("--authority-database-url", cluster.url_for("verzeichnis", FRONT)),
        )
        site = _make_site(plan, installation, machines, make_engine(url))
        with running_front(installation, machines), running_parts(site.parts):
            yield site
        site.engine.dispose()


def _make_site(
    plan: MachinesPlan, installation: Installation, machines: tuple[Machine, ...], engine: Engine
) -> Site:
    servers = tuple(RunningPart(installation, item, "xta") for item in machines)
    workers = tuple(RunningPart(installation, item, "worker") for item in machines[:_WORKERS])
    return Site(plan, installation, engine, servers, workers)


def _send(site: Site, figures: Figures) -> None:
    """All that comes in over the wire; it waits until workers are started."""
    start = time.monotonic()
    sent = Senders(site.installation).send(map(Shipment, range(site.plan.sent)))
    figures.sending_rate = sent / (time.monotonic() - start)
    for server in site.servers:
        calls = re.findall(r"operation=sendMessage .*outcome=ok", server.read_log())
        figures.calls[server.machine.name] = len(calls)
    print(f"{sent} acknowledged, {figures.sending_rate:.1f}/s; {dict(figures.calls)}", flush=True)


def _fill(site: Site) -> None:
    """The rest, as copies of two messages that were sent."""
    rest = site.plan.orders - site.plan.sent
    letters = min(rest, site.plan.orders // LETTER_EVERY - site.plan.sent // LETTER_EVERY)
    start = time.monotonic()
    for shipment, numbers in (
        (Shipment(0), range(rest - letters)),
        (Shipment(LETTER_EVERY - 1), range(rest - letters, rest)),
    ):
        if numbers:
            fill(site.engine, shipment.message_id, AKTENZEICHEN, numbers)
    tidy(site.engine)
    print(f"{rest} orders written in {time.monotonic() - start:.0f} s", flush=True)


def _deliver(site: Site, figures: Figures) -> None:
    """One worker alone for a while, then both; one is killed half-way and started again."""
    plan, (first, second) = site.plan, site.workers
    start = time.monotonic()
    first.start()
    if plan.solo_seconds:
        figures.solo_rate = _measure(site, plan.solo_seconds)
    second.start()
    if plan.solo_seconds:
        figures.shared_rate = _measure(site, plan.solo_seconds)
    half = (count_done(site.engine) + plan.orders) // 2
    _await_done(site, half)
    second.kill()
    print(f"killed {second.machine.name}/worker", flush=True)
    time.sleep(1)
    second.start()
    _await_done(site, plan.orders)
    figures.seconds = time.monotonic() - start


def _measure(site: Site, seconds: int) -> float:
    """The rate of the workers that run, once they do."""
    begun = count_done(site.engine)
    while count_done(site.engine) == begun:
        time.sleep(0.1)
    start, before = time.monotonic(), count_done(site.engine)
    time.sleep(seconds)
    rate = (count_done(site.engine) - before) / (time.monotonic() - start)
    print(f"{rate:.1f} orders/s", flush=True)
    return rate


def _await_done(site: Site, number: int) -> None:
    deadline = time.monotonic() + site.plan.minutes * 60
    told = time.monotonic()
    while (done := count_done(site.engine)) < number and time.monotonic() < deadline:
        if time.monotonic() - told > 30:
            told = time.monotonic()
            print(f"  {done} done", flush=True)
        # Counting takes the database some time.
        time.sleep(0.5)


def _find_faults(site: Site, figures: Figures, books: Books) -> Iterator[str]:
    """What the machines, mailbox, print output and logs tell beside the database."""
    if books.orders.total() != site.plan.orders:
        yield f"there are {books.orders.total()} orders"
    if figures.calls.total() != site.plan.sent:
        yield f"the servers have logged {figures.calls.total()} calls"
    yield from _find_idle(site.servers, figures.calls)
    yield from _find_idle(site.workers, books.shares)
    yield from _find_wrong_numbers(site, books)
    for part in site.parts:
        wrong = [line for line in part.read_log().splitlines() if _WRONG.search(line)]
        yield from (f"{part.log.name}: {line}" for line in wrong)


def _find_idle(parts: tuple[RunningPart, ...], shares: Counter[str]) -> Iterator[str]:
    for part in parts:
        if not shares[part.machine.name]:
            yield f"{part.machine.name}/{part.part} had no share"


def _find_wrong_numbers(site: Site, books: Books) -> Iterator[str]:
    """As a reader and a print shop see it."""
    listed = list_mailbox(site.installation, "jena", _LISTED)
    expected = min(_LISTED, books.orders["postfach"])
    if len(set(listed)) != len(listed) or len(listed) != expected:
        yield f"the mailbox lists {len(listed)} messages, {len(set(listed))} different ones"
    letters = [item.message_id for item in list_letters(site.installation.folder / "druck")]
    if len(set(letters)) != len(letters) or len(letters) != books.orders["brief"]:
        yield f"{len(letters)} letters are printed, for {len(set(letters))} messages"


def _tell(figures: Figures, books: Books, faults: list[str]) -> None:
    print(f"orders: {dict(books.orders)}")
    print(f"sendMessage, {figures.sending_rate:.1f}/s by machine: {dict(figures.calls)}")
    print(f"delivered by machine: {dict(books.shares)}; claimed again: {books.claimed_again}")
    print(f"one worker: {figures.solo_rate:.1f}/s, two: {figures.shared_rate:.1f}/s")
    print(f"all delivered after {figures.seconds:.0f} s")
    print(f"faults: {len(faults)}")
    for fault in faults[:50]:
        print(f"  {fault}")


if __name__ == "__main__":
    sys.exit(main())
