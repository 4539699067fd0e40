"""Engines for SQLite and PostgreSQL, with the durability the house promises.

SQLite runs in WAL mode with synchronous FULL: a commit is on the disk before it returns.
A writing transaction takes the write lock at its start, so that it cannot fail half-way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

BUSY_TIMEOUT_MILLISECONDS = 30_000


def make_engine(url: str) -> Engine:
    """An engine for the URL; the folder of an SQLite file is made where it is missing."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _make_sqlite_engine(parsed)
    return create_engine(parsed, pool_pre_ping=True)


def _make_sqlite_engine(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    # The driver would begin transactions by itself and too late; SQLAlchemy begins them here.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite_transaction(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


@contextmanager
def begin_reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one consistent picture."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def begin_writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed when the block ends, rolled back when it raises."""
    with engine.connect().execution_options(is_writing=True) as connection, connection.begin():
        yield connection
