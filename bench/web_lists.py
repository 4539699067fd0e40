"""The pages of the Web-Client with 1,000,000 messages beside those of an empty database.

Whole pages as a browser gets them: gunicorn with TLS in a process of its own, over a connection
that stays open, asked in turn in one run: inbox, outbox, matters, drafts, the operator's pages,
each first and later pages, filtered, sorted, searched. Goals at the median of the time that
passes: at most 1.5 times as long as the same page of an empty database, and 150 ms; what there is
not in an empty one is held against a small one (1,000 messages), which is told beside in any case.
The CPU time of the server and of PostgreSQL stands beside, for machines that do other work;
BENCH_CLOCK=cpu lets the goals go by it. Exit code 1 where a goal is missed. BENCH_MESSAGES is
another number of messages, BENCH_DATABASES=sqlite or postgresql leaves the other one out,
BENCH_PLANS=1 prints the plan of the slowest statement of each page that missed, BENCH_PAGES=outbox
measures pages of such names alone. BENCH_FOLDER is a folder that keeps the filled databases for the
next run (its path is short, and the user that PostgreSQL runs as can reach it).
"""

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path

from psycopg import sql

from bench.slow_statements import Statements
from bench.web_filling import FIRST_KEY, LARGE_VORGANG, PARTNER, fill, find_filled
from bench.web_serving import Connection, PageTime, serving_web
from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.domain.inbox import ListPlace
from server.domain.mandant import Mandant
from server.domain.rights import Role
from server.services.clock import read_clock
from server.web.cookies import SESSION
from server.web.places import write_place
from tests.support.postgres import Cluster, find_reason_to_skip, kept_cluster, running_cluster
from tests.support.web import Browser, make_site

EMPTY, FEW, MANY = 0, 1_000, int(os.environ.get("BENCH_MESSAGES", "1000000"))
ROUNDS, _WARMING = 31, 2
_CLOCK, _KEPT = os.environ.get("BENCH_CLOCK", "passed"), os.environ.get("BENCH_FOLDER", "")
_HOST_NAME = "localhost"
GOAL, GOAL_SECONDS = 1.5, 0.150
_NEXT = re.compile(r'href="([^"]*\b(?:ab|vor)=[^"]*)"')
# A page that begins with the link of another one: the page behind it.
_BEHIND = "behind "
_LAST = write_place(ListPlace("ags:0", read_clock() - timedelta(days=394), FIRST_KEY + 9, True))
_CLERK = {
    "overview": "/",
    "inbox": "/eingang",
    "inbox, second page": f"{_BEHIND}/eingang",
    "inbox, all, oldest first": "/eingang?stand=alle&sortierung=aelteste",
    "inbox, last page backwards": f"/eingang?stand=alle&ab={_LAST}",
    "inbox, unread": "/eingang?stand=ungelesen",
    "inbox, confirmed": "/eingang?stand=bestaetigt",
    "inbox, older than 90 days": "/eingang?alter=aelter-90",
    "inbox, unread, older than 90 days": "/eingang?stand=ungelesen&alter=aelter-90",
    "inbox, by author": "/eingang?stand=alle&sortierung=absender",
    "inbox, by author, second page": f"{_BEHIND}/eingang?stand=alle&sortierung=absender",
    "inbox, of one author": f"/eingang?behoerde={PARTNER}",
    "inbox, confirmed, of one author": f"/eingang?stand=bestaetigt&behoerde={PARTNER}",
    "inbox, unread, of one author": f"/eingang?stand=ungelesen&behoerde={PARTNER}",
    "inbox, Aktenzeichen": "/eingang?suche=VS-1000500",
    "inbox, no Aktenzeichen": "/eingang?suche=GIBT-ES-NICHT",
    "inbox, many Aktenzeichen": "/eingang?suche=VS-1",
    "inbox, debtor": "/eingang?schuldner=Muster77,",
    "inbox, many debtors": "/eingang?schuldner=Muster",
    "outbox": "/ausgang",
    "outbox, second page": f"{_BEHIND}/ausgang",
    "outbox, last page backwards": f"/ausgang?ab={_LAST}",
    "outbox, underway": "/ausgang?stand=unterwegs",
    "outbox, delivered": "/ausgang?stand=zugestellt",
    "outbox, as a letter": "/ausgang?stand=als-brief",
    "outbox, parked": "/ausgang?stand=angehalten",
    "outbox, returned": "/ausgang?stand=zurueckgekommen",
    "outbox, parked, older than 90 days": "/ausgang?stand=angehalten&alter=aelter-90",
    "outbox, by letter": "/ausgang?weg=brief",
    "outbox, parked, by letter": "/ausgang?stand=angehalten&weg=brief",
    "outbox, returned, electronic": "/ausgang?stand=zurueckgekommen&weg=elektronisch",
    "outbox, older than 90 days": "/ausgang?alter=aelter-90",
    "outbox, by reader": "/ausgang?sortierung=empfaenger",
    "outbox, of one reader": f"/ausgang?behoerde={PARTNER}",
    "outbox, parked, of one reader": f"/ausgang?stand=angehalten&behoerde={PARTNER}",
    "outbox, of one reader, by letter": f"/ausgang?behoerde={PARTNER}&weg=brief",
    "outbox, by letter, by reader": "/ausgang?weg=brief&sortierung=empfaenger",
    "outbox, parked, by reader": "/ausgang?stand=angehalten&sortierung=empfaenger",
    "outbox, Aktenzeichen": "/ausgang?suche=E-77",
    "outbox, many debtors": "/ausgang?schuldner=Muster",
    "matters": "/vorgaenge",
    "matters, second page": f"{_BEHIND}/vorgaenge",
    "matters, all": "/vorgaenge?stand=alle",
    "matters, last page backwards": f"/vorgaenge?stand=alle&ab={_LAST}",
    "matters, closed, by partner": "/vorgaenge?stand=abgeschlossen&sortierung=behoerde",
    "matters, running, by partner": "/vorgaenge?sortierung=behoerde",
    "matters, of one partner": f"/vorgaenge?behoerde={PARTNER}",
    "matters, of a role": "/vorgaenge?rolle=ersuchender",
    "matters, by letter": "/vorgaenge?weg=brief",
    "matters, closed, electronic": "/vorgaenge?stand=abgeschlossen&weg=elektronisch",
    "matters, of a role, by letter": "/vorgaenge?rolle=ersuchender&weg=brief",
    "matters, of one partner, by letter": f"/vorgaenge?behoerde={PARTNER}&weg=brief",
    "matters, by letter, by partner": "/vorgaenge?weg=brief&sortierung=behoerde",
    "matters, overdue": "/vorgaenge?frist=alle",
    "matters, our answers overdue": "/vorgaenge?frist=eigene",
    "matters, older than 90 days": "/vorgaenge?alter=aelter-90",
    "matters, Aktenzeichen": "/vorgaenge?suche=VS-1000500",
    "matters, many Aktenzeichen": "/vorgaenge?suche=E-",
    "matters, debtor": "/vorgaenge?schuldner=Muster77,",
    "matters, many debtors": "/vorgaenge?stand=alle&schuldner=Muster",
    "matter": "/vorgaenge/bench-77",
    "matter of 500 messages": f"/vorgaenge/{LARGE_VORGANG}",
    "message, not opened": f"/nachrichten/{FIRST_KEY + 20}",
    "drafts": "/entwuerfe",
    "drafts, second page": f"{_BEHIND}/entwuerfe",
    "drafts, ready": "/entwuerfe?stand=bereit",
    "drafts, waiting for a release": "/entwuerfe?stand=freigabe",
    "drafts, to be released, by Aktenzeichen": (
        "/entwuerfe?stand=freigabe&sortierung=aktenzeichen"
    ),
    "drafts, for one Behoerde": f"/entwuerfe?behoerde={PARTNER}",
    "drafts, for one Behoerde, by letter": f"/entwuerfe?behoerde={PARTNER}&weg=brief",
    "drafts, without a channel": "/entwuerfe?weg=offen",
    "templates": "/vorlagen",
}
_OPERATOR = {
    "delivery, parked": "/betrieb/zustellung",
    "delivery, parked, second page": f"{_BEHIND}/betrieb/zustellung",
    "delivery, due": "/betrieb/zustellung?stand=offen",
    "delivery, held": "/betrieb/zustellung?stand=wartend",
    "delivery, letters": "/betrieb/zustellung?art=brief",
    "delivery, of one Mandant": "/betrieb/zustellung?mandant=xoev:ags:leser",
    "delivery, of a Mandant without any": "/betrieb/zustellung?mandant=xoev:ags:autor",
    "what waits for the operator": "/betrieb/lage",
    "destinations": "/betrieb/ziele",
    "audit": "/protokoll",
}
# What there is not in an empty database.
_IN_ALL = ("matter", "matter of 500 messages", "message, not opened")


@dataclass(frozen=True)
class _Site:
    """An installation: its server, both users in this process and at the server, its statements."""

    clerk: Browser
    operator: Browser
    connections: tuple[Connection, Connection]
    statements: Statements

    def browser(self, is_of_operator: bool) -> Browser:
        """In this process, to find addresses and statements."""
        return self.operator if is_of_operator else self.clerk

    def time(self, address: str, is_of_operator: bool) -> PageTime:
        """What a page takes at the server."""
        return self.connections[is_of_operator].time(address)


def main() -> int:
    """Runs the benchmark and prints its tables."""
    chosen = os.environ.get("BENCH_DATABASES", "sqlite postgresql").split()
    is_met = True
    with _working_folder() as folder:
        if "sqlite" in chosen:
            urls = [f"sqlite:///{folder}/{number}.sqlite" for number in (EMPTY, FEW, MANY)]
            is_met = _measure("SQLite", urls, folder)
        if "postgresql" not in chosen:
            return 0 if is_met else 1
        if reason := find_reason_to_skip():
            print(f"PostgreSQL: left out, {reason}")
            return 0 if is_met else 1
        with kept_cluster(folder / "pg") if _KEPT else running_cluster() as cluster:
            names = [f"with{number}" for number in (EMPTY, FEW, MANY)]
            urls = [_find_database(cluster, name) for name in names]
            is_met = _measure("PostgreSQL", urls, folder, cluster.process) and is_met
    return 0 if is_met else 1


@contextmanager
def _working_folder() -> Iterator[Path]:
    if _KEPT:
        Path(_KEPT).mkdir(parents=True, exist_ok=True)
        yield Path(_KEPT)
        return
    with tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as folder:
        yield Path(folder)


def _find_database(cluster: Cluster, name: str) -> str:
    """The URL of the database, which is made where it is not there."""
    is_there = sql.SQL("SELECT 1 FROM pg_database WHERE datname = {}").format(sql.Literal(name))
    return cluster.url_for(name) if cluster.execute(is_there) else cluster.create_database(name)


def _measure(name: str, urls: Sequence[str], folder: Path, postgresql: int | None = None) -> bool:
    with ExitStack() as stack:
        sites = [
            stack.enter_context(_filled(url, number, folder / f"{name}-{number}", postgresql))
            for url, number in zip(urls, (EMPTY, FEW, MANY), strict=True)
        ]
        numbers = f"{EMPTY}, {FEW} and {MANY} messages"
        print(f"{name}: page | ms with {numbers} | ms of CPU | ratios by {_CLOCK}", flush=True)
        pages = [(page, _CLERK[page], False) for page in _CLERK]
        pages += [(page, _OPERATOR[page], True) for page in _OPERATOR]
        pages = [page for page in pages if os.environ.get("BENCH_PAGES", "") in page[0]]
        verdicts = [_compare(*page, sites) for page in pages]
    print(f"{name}: {verdicts.count(True)} of {len(verdicts)} pages meet their goals", flush=True)
    return all(verdicts)


@contextmanager
def _filled(url: str, number: int, folder: Path, postgresql: int | None) -> Iterator[_Site]:
    """A clerk and the operator before so many messages."""
    database = Database(make_engine(url, 4))
    upgrade_schema(database.engine, DatabaseKind.XTA)
    own = _fill_once(database, number, folder / "filled")
    site = make_site(database, read_clock)
    # Users of an earlier run may be there.
    run = str(time.time_ns())
    clerk = site.sign_in(Role.SACHBEARBEITER, own.key, f"clerk-{run}")
    operator = site.sign_in(Role.OPERATOR, None, f"operator-{run}")
    with serving_web(folder, url, postgresql) as server:
        connections = server.connect(_read_session(clerk)), server.connect(_read_session(operator))
        yield _Site(clerk, operator, connections, Statements(database.engine))
    database.engine.dispose()


def _fill_once(database: Database, number: int, done: Path) -> Mandant:
    """The Mandant with so many messages; `done` is a file that is there once they are, too."""
    if done.exists():
        return find_filled(database)
    start = time.perf_counter()
    own = fill(database, number)
    print(f"{number} messages filled in within {time.perf_counter() - start:.0f} s", flush=True)
    done.parent.mkdir(parents=True, exist_ok=True)
    done.touch()
    return own


def _read_session(browser: Browser) -> str:
    cookie = browser.client.get_cookie(SESSION, _HOST_NAME)
    if cookie is None:
        raise RuntimeError("nobody is signed in")
    return cookie.value


def _compare(name: str, page: str, is_of_operator: bool, sites: Sequence[_Site]) -> bool:
    """All in turn; the first rounds warm up and are not counted."""
    asked = sites[1:] if name in _IN_ALL else sites
    addresses = [_find_address(page, site.browser(is_of_operator)) for site in asked]
    samples: list[list[PageTime]] = [[] for _ in asked]
    for _ in range(ROUNDS + _WARMING):
        for times, site, address in zip(samples, asked, addresses, strict=True):
            times.append(site.time(address, is_of_operator))
    passed, cpu = (
        [statistics.median(getattr(item, kind) for item in times[_WARMING:]) for times in samples]
        for kind in ("passed", "cpu")
    )
    medians = cpu if _CLOCK == "cpu" else passed
    is_met = bool(medians[-1] / medians[0] <= GOAL and medians[-1] <= GOAL_SECONDS)
    to_first = f"{medians[-1] / medians[0]:.2f} to {'few' if name in _IN_ALL else 'empty'}"
    to_few = f"{medians[-1] / medians[-2]:.2f} to few"
    verdict = "ok" if is_met else "MISSED"
    print(
        f"{name} | {_write(passed)} | {_write(cpu)} | {to_first}, {to_few} | {verdict}", flush=True
    )
    if not is_met and os.environ.get("BENCH_PLANS"):
        with asked[-1].statements.recorded():
            asked[-1].browser(is_of_operator).get(addresses[-1])
        print(asked[-1].statements.explain_slowest(), flush=True)
    return is_met


def _write(seconds: Sequence[float]) -> str:
    return " / ".join(f"{item * 1000:.1f}" for item in seconds)


def _find_address(page: str, browser: Browser) -> str:
    """The page itself, or its next one; an empty list has none."""
    if not page.startswith(_BEHIND):
        return page
    first = page.removeprefix(_BEHIND)
    links = _NEXT.findall(browser.get(first).text)
    return unescape(links[-1]) if links else first


if __name__ == "__main__":
    sys.exit(main())
