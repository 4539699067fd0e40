"""Rows of a list whose matters have a debtor of a name that many have.

Of such a name MAX_VORGAENGE Vorgänge are not the newest ones, and hundreds of them are looked at
for one page. Where a name is frequent, it is met soon when one walks along the list itself: then
the page is complete, and a few dozens of rows are looked at.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from persistence.stores.list_pages import Sorting, belongs_to
from persistence.stores.vorgang_terms import has_many_vorgaenge, name_bounds
from persistence.vorgang_tables import vorgang_entry, vorgang_schuldner
from server.domain.vorgang import VorgangDirection

# A walk is given up where a page would take more rows than that.
MAX_WALKED = 1_000
# Each step of a walk looks at so many times as many rows as the one before.
_GROWTH = 4

_ReadRows = Callable[[Sorting, int], list[Row[Any]]]
_FindNamed = Callable[[Sequence[int]], Collection[int]]


# Which of some messages have a debtor whose name begins so; built once.
_FIND_NAMED = (
    select(vorgang_entry.c.message_key)
    .join(vorgang_schuldner, vorgang_schuldner.c.vorgang_key == vorgang_entry.c.vorgang_key)
    .where(
        vorgang_entry.c.message_key.in_(bindparam("message_keys", expanding=True)),
        vorgang_entry.c.direction == bindparam("direction"),
        belongs_to(vorgang_schuldner.c.mandant_key, bindparam("mandant_key"), is_found_by_key=True),
        vorgang_schuldner.c.name_folded >= bindparam("name"),
        vorgang_schuldner.c.name_folded < bindparam("behind_name"),
    )
)


@dataclass(frozen=True)
class NameSearch:
    """What is looked for among the messages of a Mandant that went one way (InboxCriteria)."""

    connection: Connection
    mandant_key: int
    direction: VorgangDirection
    term: str
    schuldner: str

    def read(
        self, read_named: _ReadRows, read_all: _ReadRows, sorting: Sorting, maximum: int
    ) -> tuple[list[Row[Any]], bool]:
        """The first rows; True where so many Vorgänge are meant that not all were looked at.

        `read_named` reads those of the Vorgänge that are meant, `read_all` whatever their debtors.
        """
        searched = self.mandant_key, self.term, self.schuldner
        has_many = has_many_vorgaenge(self.connection, *searched)
        if has_many and not self.term:
            rows = _walk(read_all, self._find_named, sorting, maximum)
            if rows is not None:
                return rows, False
        return read_named(sorting, maximum), has_many

    def _find_named(self, keys: Sequence[int]) -> set[int]:
        values = {
            "message_keys": keys,
            "mandant_key": self.mandant_key,
            "direction": self.direction.value,
            **name_bounds(self.schuldner),
        }
        return set(self.connection.scalars(_FIND_NAMED, values))


def _walk(
    read: _ReadRows, find_named: _FindNamed, sorting: Sorting, maximum: int
) -> list[Row[Any]] | None:
    """The first rows that have the name; None where it is too rare to be met soon.

    `read` reads rows of the list whatever their debtors; `find_named` tells by their keys which of
    them have the name.
    """
    found: list[Row[Any]] = []
    walked, size = 0, maximum
    while True:
        rows = read(sorting, size)
        named = find_named([row.key for row in rows])
        found += [row for row in rows if row.key in named]
        walked += len(rows)
        if len(found) >= maximum or len(rows) < size:
            return found[:maximum]
        if len(found) * MAX_WALKED < maximum * walked:
            return None
        sorting, size = sorting.behind(rows[-1]), size * _GROWTH
