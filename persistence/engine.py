"""Engines for SQLite and PostgreSQL, with the durability the house promises.

SQLite runs in WAL mode with synchronous FULL: a commit is on the disk before it returns.
A writing transaction takes the write lock at its start, so that it cannot fail half-way.

On PostgreSQL a reading transaction is REPEATABLE READ and READ ONLY: one consistent picture, that
never has to be repeated. A writing one is READ COMMITTED and locks the rows that it is going to
change: after a wait it sees what the other one has written (docs/adr/0007-isolation.md).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from persistence.failures import translated_errors

# Of SQLite, for each connection: a list looks at hundreds of rows, each on a page of 4 KiB.
CACHE_KIBIBYTES = 8_192
BUSY_TIMEOUT_MILLISECONDS = 30_000
DEFAULT_CONNECTIONS = 5
POSTGRESQL_DRIVER = "postgresql+psycopg"

_CONNECT_SECONDS = 5
_POOL_WAIT_SECONDS = 10
# Beside those of the pool: for the moment in which one thread holds two.
_SPARE_CONNECTIONS = 2
# Below the timeout of gunicorn, which ends the whole process.
_STATEMENT_MILLISECONDS = 60_000
# A process that hangs does not hold its locks for ever; an import may think that long.
_IDLE_MILLISECONDS = 600_000
_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}

# Settings of each session. With the keepalives a server notices within half a minute that the
# machine of a client is gone, and sets its locks free.
_SESSION = {
    "timezone": "UTC",
    "statement_timeout": _STATEMENT_MILLISECONDS,
    "lock_timeout": BUSY_TIMEOUT_MILLISECONDS,
    "idle_in_transaction_session_timeout": _IDLE_MILLISECONDS,
    "tcp_keepalives_idle": 10,
    "tcp_keepalives_interval": 5,
    "tcp_keepalives_count": 3,
}
# The same for the other end, as parameters of libpq.
_CONNECTION = {
    "application_name": "damtshilfe",
    "connect_timeout": _CONNECT_SECONDS,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}


class BadDatabaseUrl(Exception):
    """No URL of a database that the house knows; the text is German and names no password."""


def make_engine(url: str, connections: int = DEFAULT_CONNECTIONS) -> Engine:
    """An engine for the URL; the folder of an SQLite file is made where it is missing.

    `connections` is how many threads of this process use it at once. Raises BadDatabaseUrl.
    """
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _make_sqlite_engine(parsed)
    return _make_postgresql_engine(parsed, connections)


def read_url(url: str) -> URL:
    """The parts of the URL of a database; raises BadDatabaseUrl."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise BadDatabaseUrl("Das ist keine URL einer Datenbank.") from None
    if parsed.drivername == "postgresql":
        return parsed.set(drivername=POSTGRESQL_DRIVER)
    if parsed.drivername not in ("sqlite", POSTGRESQL_DRIVER):
        raise BadDatabaseUrl(
            f"„{parsed.drivername}“ gibt es hier nicht; möglich sind sqlite:///… und "
            f"{POSTGRESQL_DRIVER}://…"
        )
    return parsed


def _make_postgresql_engine(url: URL, connections: int) -> Engine:
    # What the URL itself says goes first.
    given = {key: str(value) for key, value in _CONNECTION.items() if key not in url.query}
    session = " ".join(f"-c {key}={value}" for key, value in _SESSION.items())
    given["options"] = f"{session} {url.query.get('options', '')}".strip()
    return create_engine(
        url.update_query_dict(given),
        pool_size=connections,
        max_overflow=_SPARE_CONNECTIONS,
        pool_timeout=_POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        # Errors and their log are not to show what stands in messages.
        hide_parameters=True,
    )


def _make_sqlite_engine(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True)
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
        f"cache_size={-CACHE_KIBIBYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite_transaction(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get("is_writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def is_postgresql(engine_or_connection: Engine | Connection) -> bool:
    """True where several transactions may write at once."""
    return engine_or_connection.dialect.name == "postgresql"


@contextmanager
def begin_reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: one consistent picture. Raises DatabaseUnavailable."""
    options: dict[str, Any] = _READING if is_postgresql(engine) else {}
    with (
        translated_errors(),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def begin_writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed when the block ends, rolled back when it raises.

    Raises DatabaseUnavailable and its kinds, NotStorable.
    """
    with (
        translated_errors(),
        engine.connect().execution_options(is_writing=True) as connection,
        connection.begin(),
    ):
        yield connection
