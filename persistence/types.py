"""Column types and naming rules that all tables share."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CursorResult, DateTime, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: timezone-aware in Python, UTC in the database (SQLite knows no zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; a naive datetime is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        return value.astimezone(UTC)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None]:
        """Back to a timezone-aware datetime in UTC, in one step: lists read hundreds of moments."""
        return _read_text if dialect.name == "sqlite" else _turn_to_utc


def _read_text(value: str | None) -> datetime | None:
    """A moment as SQLite keeps it."""
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _turn_to_utc(value: datetime | None) -> datetime | None:
    """A moment as PostgreSQL gives it; the sessions are in UTC."""
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


def only_where(condition: str) -> dict[str, Any]:
    """Arguments of Index for one that holds only the rows that fulfil a condition (SQL)."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def read_new_key(result: CursorResult[Any]) -> int:
    """The key that the database gave to an inserted row."""
    keys = result.inserted_primary_key
    if keys is None:
        raise ValueError("the statement inserted no row")
    return int(keys[0])
