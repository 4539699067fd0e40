"""PgBouncer between server and PostgreSQL, as docs/database.md describes it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current, upgrade_schema
from server.services.clock import read_clock
from tests.support.pgbouncer import find_pgbouncer, pooling
from tests.support.postgres import (
    PASSWORD,
    ROLE,
    Cluster,
    ClusterOptions,
    find_reason_to_skip,
    running_cluster,
)
from tests.unit.conftest import FixedClock, add_caller

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "database.md"
_REASON = find_reason_to_skip() or ("" if find_pgbouncer() else "PgBouncer is not installed")
pytestmark = pytest.mark.skipif(bool(_REASON), reason=_REASON)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster whose role has the settings of the documentation."""
    with running_cluster(ClusterOptions(is_durable=False)) as made:
        made.create_database("xta")
        for name, value in list_documented_settings().items():
            made.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(
                    sql.Identifier(ROLE), sql.Identifier(name), sql.Literal(value)
                )
            )
        yield made


def list_documented_settings() -> dict[str, str]:
    found = re.findall(
        r"^ALTER ROLE damtshilfe SET (\w+) = '?(\w+)'?;$", DOCUMENTATION.read_text(), re.MULTILINE
    )
    return dict(found)


def open_database(port: int) -> Database:
    return Database(make_engine(f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1:{port}/xta", 2))


def test_session_pooling_migrates_reads_and_writes_with_the_settings_of_the_role(
    cluster: Cluster,
) -> None:
    direct = make_engine(cluster.url_for("xta"))
    with pooling(cluster, "session", 4) as port:
        database = open_database(port)
        upgrade_schema(database.engine, DatabaseKind.XTA)
        assert is_schema_current(database.engine, DatabaseKind.XTA)
        clock = FixedClock()
        caller = add_caller(database, "potsdam", clock)
        # More often than after which the driver prepares a statement.
        for _ in range(12):
            with database.writing() as writing, database.reading() as reading:
                assert reading.mandanten.find(caller.mandant.identifier)
                assert writing.orders.count_by_state() == {}
                assert writing.forwarded.claim_due(read_clock(), clock.now - clock.now, 1) == ()
        names = list_documented_settings()
        with database.engine.connect() as pooled, direct.connect() as plain:
            for name in names:
                show = text(f"SHOW {name}")
                assert pooled.scalar(show) == plain.scalar(show)
        database.engine.dispose()
    assert len(names) == 7
    direct.dispose()


def test_transaction_pooling_breaks_at_prepared_statements(cluster: Cluster) -> None:
    with pooling(cluster, "transaction", 1) as port:
        engines = [open_database(port).engine for _ in range(2)]
        with pytest.raises(DBAPIError, match="prepared statement"):
            for _ in range(12):
                for engine in engines:
                    with engine.begin() as connection:
                        connection.execute(text("SELECT 1 + :x"), {"x": 1})
        for engine in engines:
            engine.dispose()
