"""A page of a list, read from its place in an index: nothing is counted or skipped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, select, tuple_, union_all


@dataclass(frozen=True)
class Sorting:
    """The order of a list, and the place behind which the page begins (empty: the first page).

    All columns go up, or all go down; each is among the selected ones.
    """

    columns: Sequence[Any]
    place: Sequence[Any]
    is_descending: bool

    def apply(self, query: Select[Any]) -> Select[Any]:
        """The query from the place on, in this order."""
        if self.place:
            at, there = tuple_(*self.columns), tuple_(*self.place)
            query = query.where(at < there if self.is_descending else at > there)
        return query.order_by(*self.directed(self.columns))

    def directed(self, columns: Iterable[Any]) -> list[Any]:
        """Columns with the direction of this order."""
        return [item.desc() if self.is_descending else item.asc() for item in columns]


def read_rows(
    connection: Connection,
    query: Select[Any],
    sorting: Sorting,
    maximum: int,
    *,
    state: ColumnElement[str],
    states: Sequence[str],
) -> list[Row[Any]]:
    """The first rows that are in one of the states (in any where none is named).

    Each state is read on its own, at most `maximum` rows from its index; so a rare one is found as
    fast as a frequent one.
    """
    query = sorting.apply(query)
    if len(states) == 1:
        query = query.where(state == states[0])
    if len(states) < 2:  # noqa: PLR2004 -- one, or all of them
        return list(connection.execute(query.limit(maximum)))
    parts = [query.where(state == item).limit(maximum).subquery() for item in states]
    united = union_all(*(select(part) for part in parts)).subquery()
    order = sorting.directed(united.c[column.name] for column in sorting.columns)
    return list(connection.execute(select(united).order_by(*order).limit(maximum)))


def belongs_to(
    column: ColumnElement[int | None], mandant_key: int, *, is_found_by_key: bool
) -> ColumnElement[bool]:
    """That rows belong to a Mandant.

    Where few keys are named beside it, no index that begins with the Mandant may be chosen: SQLite
    would walk through everything that the Mandant has to find them in their order.
    """
    return (column + 0 if is_found_by_key else column) == mandant_key


def restrict_days(
    query: Select[Any], column: ColumnElement[Any], first: date | None, last: date | None
) -> Select[Any]:
    """The query, limited to moments from the first to the last day (UTC, both included)."""
    if first:
        query = query.where(column >= start_of(first))
    if last:
        query = query.where(column < start_of(last) + timedelta(days=1))
    return query


def start_of(day: date) -> datetime:
    """Midnight, UTC."""
    return datetime.combine(day, time(), UTC)
