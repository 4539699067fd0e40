"""Rows of lists where many Vorgänge are meant by the name of a debtor.

Of so many Vorgänge, MAX_VORGAENGE are not the newest ones, and all of these are looked at for one
page. What is frequent is met soon when one walks along the list itself: then the page is complete,
and a few dozens of rows are looked at. Where the name stands beside an Aktenzeichen and one of both
means few Vorgänge, these are looked at, each for the other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from persistence.stores.list_pages import Sorting, belongs_to
from persistence.stores.message_rows import fold_message_id
from persistence.stores.vorgang_search import select_keys_of_messages
from persistence.stores.vorgang_terms import has_many_vorgaenge, name_bounds
from persistence.vorgang_tables import vorgang, vorgang_entry, vorgang_schuldner
from server.domain.inbox import InboxCriteria
from server.domain.outbox import OutboxCriteria
from server.domain.vorgang import VorgangDirection
from server.domain.vorgang_list import VorgangListCriteria

# A walk is given up where a page would take more rows than that.
MAX_WALKED = 1_000
# So many are looked at before that is judged anew.
_MAX_STEP = 400

Searched = TypeVar("Searched", InboxCriteria, OutboxCriteria, VorgangListCriteria)
_ReadRows = Callable[[Sorting, int], list[Row[Any]]]
_FindMeant = Callable[[Sequence[Row[Any]]], set[int]]

_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
# Built once.
_HAS_NAME = (
    belongs_to(vorgang_schuldner.c.mandant_key, bindparam("mandant_key"), is_found_by_key=True),
    vorgang_schuldner.c.name_folded >= bindparam("name"),
    vorgang_schuldner.c.name_folded < bindparam("behind_name"),
)
_VORGAENGE_WITH_NAME = select(vorgang_schuldner.c.vorgang_key).where(
    vorgang_schuldner.c.vorgang_key.in_(_KEYS), *_HAS_NAME
)
_MESSAGES_WITH_NAME = (
    select(vorgang_entry.c.message_key)
    .join(vorgang_schuldner, vorgang_schuldner.c.vorgang_key == vorgang_entry.c.vorgang_key)
    .where(
        vorgang_entry.c.message_key.in_(_KEYS),
        vorgang_entry.c.direction == bindparam("direction"),
        *_HAS_NAME,
    )
)
_AKTENZEICHEN_OF_MESSAGES = (
    select(vorgang_entry.c.message_key, vorgang.c.own_aktenzeichen, vorgang.c.partner_aktenzeichen)
    .join(vorgang, vorgang.c.key == vorgang_entry.c.vorgang_key)
    .where(
        vorgang_entry.c.message_key.in_(_KEYS),
        vorgang_entry.c.direction == bindparam("direction"),
        belongs_to(vorgang.c.mandant_key, bindparam("mandant_key"), is_found_by_key=True),
    )
)
_WITH_MESSAGE = select_keys_of_messages()


@dataclass(frozen=True)
class ListSearch(Generic[Searched]):
    """What is looked for in a list of a Mandant.

    `direction` is the way of the messages that are listed, None where Vorgänge are.
    """

    connection: Connection
    mandant_key: int
    criteria: Searched
    direction: VorgangDirection | None = None

    def read(
        self,
        read_rows: Callable[[Searched, Sorting, int], list[Row[Any]]],
        sorting: Sorting,
        maximum: int,
    ) -> tuple[list[Row[Any]], bool]:
        """The first rows; True where so many Vorgänge are meant that not all were looked at."""
        criteria, read_meant = self.criteria, partial(read_rows, self.criteria)
        has_many = partial(has_many_vorgaenge, self.connection, self.mandant_key)
        are_many_by_term = has_many(criteria.term, "")
        are_many_by_name = has_many("", criteria.schuldner)
        if not are_many_by_term and not are_many_by_name:
            return read_meant(sorting, maximum), False
        term = "" if are_many_by_term else criteria.term
        schuldner = "" if are_many_by_name else criteria.schuldner
        read_rest = partial(read_rows, replace(criteria, term=term, schuldner=schuldner))
        if term or schuldner:
            return _gather(read_rest, self._find_meant, sorting, maximum), False
        # Aktenzeichen that begin alike are of one time: a walk would meet all of them, or none.
        if criteria.schuldner:
            rows = _walk(read_rest, self._find_meant, sorting, maximum)
            if rows is not None:
                return rows, False
        return read_meant(sorting, maximum), True

    def _find_meant(self, rows: Sequence[Row[Any]]) -> set[int]:
        """The keys of those that are meant."""
        meant = {row.key for row in rows}
        if self.criteria.schuldner:
            meant &= self._find_named(list(meant))
        if self.criteria.term and meant:
            meant &= self._find_by_term(rows)
        return meant

    def _find_named(self, keys: Sequence[int]) -> set[int]:
        name = name_bounds(self.criteria.schuldner)
        values = {"keys": keys, "mandant_key": self.mandant_key, **name}
        if self.direction is None:
            return set(self.connection.scalars(_VORGAENGE_WITH_NAME, values))
        values["direction"] = self.direction.value
        return set(self.connection.scalars(_MESSAGES_WITH_NAME, values))

    def _find_by_term(self, rows: Sequence[Row[Any]]) -> set[int]:
        """By an Aktenzeichen that begins so, or by this MessageID."""
        folded = fold_message_id(self.criteria.term)
        if self.direction is None:
            values: dict[str, Any] = {"mandant_key": self.mandant_key, "related_ids": [folded]}
            with_message = self.connection.scalars(_WITH_MESSAGE, values)
            named = (row.key for row in rows if self._is_named(row))
            return set(named).union(with_message)
        values = {
            "keys": [row.key for row in rows],
            "mandant_key": self.mandant_key,
            "direction": self.direction.value,
        }
        found = self.connection.execute(_AKTENZEICHEN_OF_MESSAGES, values)
        of_vorgaenge = (row.message_key for row in found if self._is_named(row))
        named = (row.key for row in rows if fold_message_id(row.message_id) == folded)
        return set(of_vorgaenge).union(named)

    def _is_named(self, row: Any) -> bool:
        names = row.own_aktenzeichen, row.partner_aktenzeichen
        return any(name.startswith(self.criteria.term) for name in names)


def _gather(
    read: _ReadRows, find_meant: _FindMeant, sorting: Sorting, maximum: int
) -> list[Row[Any]]:
    """The first rows that are meant, of few."""
    found: list[Row[Any]] = []
    while True:
        rows = read(sorting, _MAX_STEP)
        meant = find_meant(rows)
        found += [row for row in rows if row.key in meant]
        if len(found) >= maximum or len(rows) < _MAX_STEP:
            return found[:maximum]
        sorting = sorting.behind(rows[-1])


def _walk(
    read: _ReadRows, find_meant: _FindMeant, sorting: Sorting, maximum: int
) -> list[Row[Any]] | None:
    """The first rows that are meant; None where these are too rare to be met soon.

    `read` reads rows of the list, whether they are meant or not; `find_meant` tells the keys
    of those that are.
    """
    found: list[Row[Any]] = []
    # Some more than are needed: a few that do not fit take no second step.
    walked, size = 0, maximum + maximum // 4
    while True:
        rows = read(sorting, size)
        meant = find_meant(rows)
        found += [row for row in rows if row.key in meant]
        walked += len(rows)
        if len(found) >= maximum or len(rows) < size:
            return found[:maximum]
        if len(found) * MAX_WALKED < maximum * walked:
            return None
        # Twice as many as it takes when they go on as frequent as they were.
        size = min(2 * (maximum - len(found)) * walked // len(found) + 1, _MAX_STEP)
        sorting = sorting.behind(rows[-1])
