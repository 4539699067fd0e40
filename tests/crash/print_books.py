"""What the database says of letters after a print run, held against what the print shops have."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Row, func, select

from persistence.database import Database
from persistence.letter_tables import letter, print_batch
from persistence.tables import message, report_entry
from server.domain.content import BlobRef
from server.domain.message import MessageState
from server.domain.transport_report import ReportCode
from server.printing.plugin_contract import ReceivedLetter
from server.running.blob_store import make_blobs
from server.settings_file import load_settings
from tests.support.installation import Installation

# What the author is told once of each letter.
_ONCE = (ReportCode.LETTER_SET, ReportCode.LETTER_HANDED_OVER, ReportCode.LETTER_POSTED)


def count_open(database: Database) -> int:
    """Messages whose letters are not posted."""
    query = select(func.count()).where(message.c.state != MessageState.LETTER_POSTED.value)
    with database.engine.connect() as connection:
        return int(connection.scalar(query) or 0)


def describe_progress(database: Database) -> tuple[int, ...]:
    """Figures that change whenever something is done about letters."""
    counted = (report_entry, letter, print_batch)
    queries = [select(func.count()).select_from(table) for table in counted]
    queries.append(select(func.count()).where(print_batch.c.submitted.is_not(None)))
    with database.engine.connect() as connection:
        return tuple(int(connection.scalar(query) or 0) for query in queries)


def find_violations(
    database: Database,
    installation: Installation,
    expected: int,
    received: Sequence[ReceivedLetter],
) -> list[str]:
    """Whatever is not as it must be; empty where all letters went out once, as they are stored."""
    with database.engine.connect() as connection:
        query = select(letter, print_batch.c.batch_id, print_batch.c.state.label("batch_state"))
        rows = connection.execute(
            query.outerjoin(print_batch, print_batch.c.key == letter.c.batch_key)
        ).all()
        told = connection.execute(select(report_entry.c.message_key, report_entry.c.code)).all()
        states = connection.execute(select(message.c.key, message.c.state)).all()
    return [
        *_check_messages(expected, {row.key: row.state for row in states}, rows),
        *_check_numbers(rows),
        *_check_received(rows, received),
        *_check_contents(database, installation, rows),
        *_check_reports(rows, Counter((row.message_key, row.code) for row in told)),
    ]


def _check_messages(
    expected: int, states: dict[int, str], rows: Sequence[Row[tuple[object, ...]]]
) -> Iterator[str]:
    if len(states) != expected:
        yield f"{len(states)} messages, expected {expected}"
    letters = Counter(row.message_key for row in rows)
    for key, state in states.items():
        if state != MessageState.LETTER_POSTED.value:
            yield f"message {key} has ended in {state}"
        if letters[key] != 1:
            yield f"message {key} has {letters[key]} letters"


def _check_numbers(rows: Sequence[Row[tuple[object, ...]]]) -> Iterator[str]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row.batch_id].append(row.number)
    for batch_id, found in numbers.items():
        if batch_id is None or sorted(found) != list(range(1, len(found) + 1)):
            yield f"batch {batch_id} has the numbers {sorted(found)}"


def _check_received(
    rows: Sequence[Row[tuple[object, ...]]], received: Sequence[ReceivedLetter]
) -> Iterator[str]:
    stored = Counter(ReceivedLetter(row.batch_id, row.letter_id, row.sha256) for row in rows)
    there = Counter(received)
    yield from (f"not at the print shop as it is stored: {item}" for item in stored - there)
    yield from (f"at the print shop, and not stored so: {item}" for item in there - stored)


def _check_contents(
    database: Database, installation: Installation, rows: Sequence[Row[tuple[object, ...]]]
) -> Iterator[str]:
    blobs = make_blobs(load_settings(installation.config, {}), database)
    for row in rows:
        content = blobs.find(BlobRef(row.blob, row.size, row.sha256)).read()
        if hashlib.sha256(content).hexdigest() != row.sha256:
            yield f"letter {row.letter_id} has other bytes than its row says"


def _check_reports(
    rows: Sequence[Row[tuple[object, ...]]], told: Counter[tuple[int, str]]
) -> Iterator[str]:
    for row in rows:
        for code in _ONCE:
            times = told[row.message_key, code.value]
            if times != 1:
                yield f"message {row.message_key} was told {code} {times} times"
