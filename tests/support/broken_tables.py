"""A table that refuses every write: what stands in the same transaction is not to be there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.engine import begin_writing, is_postgresql
from persistence.tables import metadata

# A fetch opens an iterator first, in a transaction of its own: it changes nothing.
_BESIDES = frozenset({"mailbox_request"})


@contextmanager
def refusing(database: Database | AuthorityDatabase, table: str, change: str) -> Iterator[None]:
    """While the block lasts, `change` (INSERT, UPDATE) of a row of the table fails."""
    _run(database, _break(database, table, change))
    try:
        yield
    finally:
        _run(database, _mend(database, table))


def read_all(database: Database) -> dict[str, list[Any]]:
    """Every row of every table."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
            if table.name not in _BESIDES
        }


def _break(database: Database | AuthorityDatabase, table: str, change: str) -> list[str]:
    if is_postgresql(database.engine):
        return [
            "CREATE OR REPLACE FUNCTION refuse_in_test() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'broken by a test' USING ERRCODE = '23514'; END $$",
            f"CREATE TRIGGER broken_by_test AFTER {change} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_in_test()",
        ]
    return [
        f"CREATE TRIGGER broken_by_test AFTER {change} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'broken by a test'); END"
    ]


def _mend(database: Database | AuthorityDatabase, table: str) -> list[str]:
    if is_postgresql(database.engine):
        return [f"DROP TRIGGER broken_by_test ON {table}", "DROP FUNCTION refuse_in_test"]
    return ["DROP TRIGGER broken_by_test"]


def _run(database: Database | AuthorityDatabase, statements: list[str]) -> None:
    with begin_writing(database.engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
