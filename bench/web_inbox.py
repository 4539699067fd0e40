"""The inbox of the Web-Client with 1,000,000 messages beside one with 1,000, measured in one run.

Whole pages through the application, asked in turn: the first, a later one, filtered, sorted,
searched. Goals: at the median at most 1.5 times as long with the many as with the few, and
150 ms. On SQLite, and on PostgreSQL where one can be started. Exit code 1 where a goal is missed.
BENCH_MESSAGES is another number of messages.
"""

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, String, Table, cast, insert, literal, select, true

from bench.mailbox_filling import Filling, fill
from persistence.database import Database
from persistence.engine import begin_writing, make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.tables import message, vorgang, vorgang_entry
from server.domain.behoerde import PartyIdentifier
from server.domain.content import BlobRef
from server.domain.mandant import Mandant
from server.domain.message import MessageEvent
from server.domain.rights import Role
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.services.clock import read_clock
from server.services.message_events import record_event
from tests.support.postgres import Cluster, find_reason_to_skip, running_cluster
from tests.support.web import Browser, make_site

FEW, MANY = 1_000, int(os.environ.get("BENCH_MESSAGES", "1000000"))
ROUNDS = 30
GOAL, GOAL_SECONDS = 1.5, 0.150
_SAMPLE = "urn:de:xta:messageid:bench:sample"
_NEXT = re.compile(r'href="([^"]*\bab=[^"]*)"')
PAGES = {
    "overview": "/",
    "first page": "/eingang",
    "second page": "/eingang?sortierung=neueste",
    "all, oldest first": "/eingang?stand=alle&sortierung=aelteste",
    "unread": "/eingang?stand=ungelesen",
    "confirmed": "/eingang?stand=bestaetigt",
    "older than 90 days": "/eingang?alter=aelter-90",
    "by author": "/eingang?stand=alle&sortierung=absender",
    "of one author": "/eingang?behoerde=ags:autor",
    "Aktenzeichen": "/eingang?suche=VS-1000500",
    "no Aktenzeichen": "/eingang?suche=GIBT-ES-NICHT",
    "many Aktenzeichen": "/eingang?suche=VS-1",
}


def main() -> int:
    """Runs the benchmark and prints its tables."""
    with tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as folder:
        urls = [f"sqlite:///{Path(folder)}/{name}.sqlite" for name in ("few", "many")]
        is_met = _measure("SQLite", urls)
    reason = find_reason_to_skip()
    if reason:
        print(f"PostgreSQL: left out, {reason}")
        return 0 if is_met else 1
    with running_cluster() as cluster:
        is_met = _measure("PostgreSQL", _make_databases(cluster)) and is_met
    return 0 if is_met else 1


def _make_databases(cluster: Cluster) -> list[str]:
    return [cluster.create_database(name) for name in ("few", "many")]


def _measure(name: str, urls: Sequence[str]) -> bool:
    with _filled(urls[0], FEW) as few, _filled(urls[1], MANY) as many:
        verdicts = [_compare(name, page, few, many) for page in PAGES]
    return all(verdicts)


@contextmanager
def _filled(url: str, number: int) -> Iterator[Browser]:
    """A clerk before an inbox with so many messages that wait."""
    database = Database(make_engine(url, 4))
    upgrade_schema(database.engine, DatabaseKind.XTA)
    start = time.perf_counter()
    reader = _fill(database, number)
    print(f"{number} messages filled in within {time.perf_counter() - start:.0f} s")
    yield make_site(database, read_clock).sign_in(Role.SACHBEARBEITER, reader.key)
    database.engine.dispose()


def _fill(database: Database, number: int) -> Mandant:
    author, reader = (_add_mandant(database, name) for name in ("autor", "leser"))
    head = MessageHead(_SAMPLE, author.identifier, reader.identifier, "s", "b", "m", "p", b"<m/>")
    part = ContentPart(PartKind.MESSAGE, BlobRef("1" * 32, 5, "a" * 64))
    facts = VorgangFacts(VorgangEvent.ERSUCHEN, aktenzeichen="VS-0")
    new = replace(NewMessage(head, author.key, reader.key, (part,), "d" * 64), facts=facts)
    with database.writing() as stores:
        key = stores.messages.add(new, read_clock())
        stored = stores.messages.find_for_change(key)
        if stored:
            record_event(stores, stored, MessageEvent.SENT_TO_MAILBOX, read_clock())
    fill(database, Filling(_SAMPLE, reader.key, author.key, number))
    _add_vorgaenge(database, reader.key)
    return reader


def _add_mandant(database: Database, name: str) -> Mandant:
    with database.writing() as stores:
        key = stores.mandanten.add(PartyIdentifier(f"ags:{name}", "xoev"), name, True)
        return stores.mandanten.find_by_key(key)


def _add_vorgaenge(database: Database, reader: int) -> None:
    """A Vorgang for each copy; half of them owe an answer since long."""
    of_reader = (message.c.reader_mandant == reader, message.c.message_id != _SAMPLE)
    name = literal("VS-") + cast(message.c.key, String)
    with begin_writing(database.engine) as connection:
        sample = select(vorgang).where(vorgang.c.mandant_key == reader).subquery()
        values = {
            **{column.name: sample.c[column.name] for column in vorgang.columns},
            "key": message.c.key,
            "vorgang_id": name,
            "partner_aktenzeichen": name,
        }
        _copy(connection, vorgang, _select(values, sample, of_reader), list(values))
        entry = select(vorgang_entry).where(vorgang_entry.c.vorgang_key.in_(select(sample.c.key)))
        first = entry.order_by(vorgang_entry.c.key).limit(1).subquery()
        values = {
            **{column.name: first.c[column.name] for column in vorgang_entry.columns},
            "vorgang_key": message.c.key,
            "message_key": message.c.key,
        }
        del values["key"]
        _copy(connection, vorgang_entry, _select(values, first, of_reader), list(values))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _select(values: dict[str, Any], sample: Any, conditions: Sequence[Any]) -> Select[Any]:
    """One row of the sample for each message."""
    return select(*values.values()).select_from(message.join(sample, true())).where(*conditions)


def _copy(connection: Connection, table: Table, query: Select[Any], names: list[str]) -> None:
    connection.execute(insert(table).from_select(names, query))


def _compare(name: str, page: str, few: Browser, many: Browser) -> bool:
    """Both in turn; the first rounds warm up and are not counted."""
    samples: tuple[list[float], list[float]] = ([], [])
    addresses = [_find_address(page, browser) for browser in (few, many)]
    for _ in range(ROUNDS + 3):
        for seconds, browser, address in zip(samples, (few, many), addresses, strict=True):
            seconds.append(_time(browser, address))
    first, second = (statistics.median(seconds[3:]) for seconds in samples)
    ratio = second / first
    is_met = ratio <= GOAL and second <= GOAL_SECONDS
    print(
        f"{name}, {page}: {first * 1000:.1f} ms with {FEW}, {second * 1000:.1f} ms with {MANY}"
        f" = {ratio:.2f} times (goal {GOAL}, {GOAL_SECONDS * 1000:.0f} ms)"
        f" {'ok' if is_met else 'MISSED'}"
    )
    return is_met


def _find_address(page: str, browser: Browser) -> str:
    if page != "second page":
        return PAGES[page]
    links = _NEXT.findall(browser.get(PAGES[page]).text)
    return unescape(links[-1])


def _time(browser: Browser, address: str) -> float:
    start = time.perf_counter()
    answer = browser.get(address)
    seconds = time.perf_counter() - start
    if answer.status_code != 200:  # noqa: PLR2004
        raise RuntimeError(f"{address}: {answer.status}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
