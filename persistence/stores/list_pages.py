"""A page of a list, read from its place in an index: nothing is counted or skipped."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)

from server.domain.local_time import LOCAL_ZONE

# So many rows of one state are sorted anew rather than looked for in another order.
RARE = 1_000


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

    def behind(self, row: Row[Any]) -> "Sorting":
        """This order from a row on."""
        return replace(self, place=[row._mapping[column.name] for column in self.columns])

    def directed(self, columns: Iterable[Any]) -> list[Any]:
        """Columns with the direction of this order."""
        return [item.desc() if self.is_descending else item.asc() for item in columns]


@dataclass(frozen=True)
class States:
    """The states that are meant (all where none is named), and whose rows they are of.

    `owner` and `state` begin an index.
    """

    table: Any
    owner: ColumnElement[Any]
    mandant_key: int
    names: Sequence[str]

    def select_keys(self, name: str) -> Select[Any]:
        """The keys of at most RARE rows in a state, and of one more."""
        query = select(self.table.c.key).where(
            self.owner == self.mandant_key, self.table.c.state == name
        )
        return query.limit(RARE + 1)

    def select_all(self) -> dict[str, Select[Any]]:
        """The keys of each state, by its name."""
        return {name: self.select_keys(name) for name in self.names}


def find_rare(connection: Connection, selected: Mapping[str, Select[Any]]) -> set[str]:
    """The names of queries with so few rows that all of them may be looked at; in one statement."""
    counts = [
        select(literal(name), func.count()).select_from(query.limit(RARE + 1).subquery())
        for name, query in selected.items()
    ]
    rows = connection.execute(union_all(*counts)) if counts else ()
    return {name for name, count in rows if count <= RARE}


def read_by_states(
    connection: Connection, query: Select[Any], sorting: Sorting, maximum: int, states: States
) -> list[Row[Any]]:
    """The first rows that are in one of the states, where an index by state has this order.

    Each state is read on its own, at most `maximum` rows from its index; so a rare one is found as
    fast as a frequent one.
    """
    query, state = sorting.apply(query), states.table.c.state
    if len(states.names) == 1:
        query = query.where(state == states.names[0])
    if len(states.names) < 2:  # noqa: PLR2004 -- one, or all of them
        return list(connection.execute(query.limit(maximum)).all())
    parts = [query.where(state == name) for name in states.names]
    return read_united(connection, parts, sorting, maximum)


def read_beside_states(
    connection: Connection,
    make_query: Callable[[bool], Select[Any]],
    sorting: Sorting,
    maximum: int,
    states: States,
    *,
    known_rare: Collection[str] | None = None,
) -> list[Row[Any]]:
    """The same where another index has this order, as that of the other sides has.

    All rows of rare states are looked at; those of frequent ones are met soon where one walks
    through the other index. `make_query` tells whether rows are found by their keys (belongs_to).
    `known_rare` are the rare states, where somebody has counted them before.
    """
    if not states.names:
        return list(connection.execute(sorting.apply(make_query(False)).limit(maximum)).all())
    known = find_rare(connection, states.select_all()) if known_rare is None else known_rare
    rare = [name for name in states.names if name in known]
    frequent = [name for name in states.names if name not in rare]
    parts: list[Select[Any]] = []
    if rare:
        keys = union_all(*(select(states.select_keys(name).subquery()) for name in rare))
        found = make_query(True).where(states.table.c.key.in_(keys))
        parts.append(sorting.apply(found))
    if frequent:
        is_meant = hide_from_indexes(states.table.c.state.in_(frequent))
        parts.append(sorting.apply(make_query(False).where(is_meant)))
    return read_united(connection, parts, sorting, maximum)


def read_found(
    connection: Connection, query: Select[Any], sorting: Sorting, maximum: int
) -> list[Row[Any]]:
    """The same where rows are found by their keys, in no order."""
    return read_united(connection, [sorting.apply(query)], sorting, maximum)


def read_united(
    connection: Connection, parts: Sequence[Select[Any]], sorting: Sorting, maximum: int
) -> list[Row[Any]]:
    """The first rows of several queries that are sorted alike, the last column is their key.

    Many may be looked at: what sorts them is, and only the rows of the page are read whole.
    """
    sorted_by = [part.with_only_columns(*sorting.columns) for part in parts]
    limited = [part.limit(maximum).subquery() for part in sorted_by]
    united = union_all(*(select(part) for part in limited)).subquery()
    key = sorting.columns[-1]
    order = sorting.directed(united.c[column.name] for column in sorting.columns)
    keys = select(united.c[key.name]).order_by(*order).limit(maximum)
    page = select(*parts[0].selected_columns).where(key.in_(select(keys.subquery())))
    return list(connection.execute(page.order_by(*sorting.directed(sorting.columns))).all())


def belongs_to(
    column: ColumnElement[int | None],
    mandant_key: int | BindParameter[int],
    *,
    is_found_by_key: bool,
) -> ColumnElement[bool]:
    """That rows belong to a Mandant.

    Where few keys are named beside it, no index that begins with the Mandant may be chosen: SQLite
    would walk through everything that the Mandant has to find them in their order.
    """
    return (column + 0 if is_found_by_key else column) == mandant_key


def hide_from_indexes(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition, for which no index is chosen; how many rows fit is estimated as before."""
    return condition.is_(true())


def restrict_days(
    query: Select[Any], column: ColumnElement[Any], first: date | None, last: date | None
) -> Select[Any]:
    """The query, limited to moments from the first to the last German day, both included."""
    if first:
        query = query.where(column >= start_of(first))
    if last:
        query = query.where(column < start_of(last + timedelta(days=1)))
    return query


def start_of(day: date) -> datetime:
    """Midnight in Germany, as pages write days."""
    return datetime.combine(day, time(), LOCAL_ZONE).astimezone(UTC)
