"""How many rows a query has, looked at up to a limit: nothing is counted through a large table."""

from typing import Any

from sqlalchemy import Connection, Select, func, select


def count_rows(connection: Connection, query: Select[Any], maximum: int | None = None) -> int:
    """How many rows there are; `maximum` where there are as many or more.

    Without a maximum the query brings its own limit.
    """
    counted = (query if maximum is None else query.limit(maximum)).subquery()
    return int(connection.scalar(select(func.count()).select_from(counted)) or 0)
