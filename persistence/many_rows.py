"""One statement for several rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Update


def execute_rows(
    connection: Connection, statement: Insert | Update, rows: Sequence[dict[str, Any]]
) -> None:
    """Executes the statement for each row, all of which have the same columns; for none nothing."""
    if rows:
        # For one row drivers need less.
        connection.execute(statement, rows if len(rows) > 1 else rows[0])
