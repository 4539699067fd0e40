"""The inbox of a Mandant as the Web-Client lists it.

Every order has an index that begins with the Mandant; a page is read from its place in that index.
The indexes are partial: a query names the condition of the one that it is to use, and no other.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, select, text

from persistence.counting import count_rows
from persistence.stores.facts import read_listed_facts
from persistence.stores.json_text import as_text
from persistence.stores.list_pages import Sorting, belongs_to, read_found, restrict_days
from persistence.stores.list_walk import ListSearch
from persistence.stores.party_values import find_party, list_parties
from persistence.stores.vorgang_terms import select_meant
from persistence.tables import IS_NEW, WAITS, message
from persistence.web_tables import SEEN
from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import InboxCriteria, InboxEntry, InboxOrder, InboxState, ListPlace
from server.domain.message import MessageState
from server.domain.vorgang import VorgangDirection

_IS_CONFIRMED = f"state = '{MessageState.CLOSED.value}'"
_CONDITIONS: Mapping[InboxState, tuple[str, ...]] = {
    InboxState.OPEN: (WAITS,),
    InboxState.UNREAD: (IS_NEW,),
    InboxState.CONFIRMED: (SEEN, _IS_CONFIRMED),
    InboxState.ALL: (SEEN,),
}
_COLUMNS = (
    message.c.key,
    message.c.message_id,
    message.c.state,
    message.c.delivery,
    message.c.author_value,
    message.c.author_type,
    message.c.author_name,
    message.c.author_category,
    message.c.message_type,
    message.c.size,
    message.c.is_test,
    as_text(message.c.facts),
)


class InboxStore:
    """Lists what was delivered to a Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_entries(
        self,
        mandant_key: int,
        criteria: InboxCriteria,
        place: ListPlace | None,
        maximum: int,
    ) -> tuple[tuple[InboxEntry, ...], bool]:
        """At most so many entries behind the place, or before it, in the order of the list.

        True beside them where so many Vorgänge are meant that not all were looked at.
        """
        is_backward = place is not None and place.is_backward
        sorting = _sort(criteria.order, place, is_backward=is_backward)
        search = ListSearch(self._connection, mandant_key, criteria, VorgangDirection.INCOMING)
        read_rows = partial(self._read_rows, mandant_key)
        rows, is_cut = search.read(read_rows, sorting, maximum)
        return tuple(map(_to_entry, reversed(rows) if is_backward else rows)), is_cut

    def _read_rows(
        self, mandant_key: int, criteria: InboxCriteria, sorting: Sorting, maximum: int
    ) -> list[Row[Any]]:
        is_found = bool(criteria.term or criteria.schuldner)
        is_own = belongs_to(message.c.reader_mandant, mandant_key, is_found_by_key=is_found)
        query = self._restrict(select(*_COLUMNS).where(is_own), mandant_key, criteria)
        if is_found:
            return read_found(self._connection, query, sorting, maximum)
        return list(self._connection.execute(sorting.apply(query).limit(maximum)).all())

    def count_unread(self, mandant_key: int, maximum: int) -> int:
        """How many messages nobody has fetched; `maximum` where there are as many or more."""
        unread = select(message.c.key).where(message.c.reader_mandant == mandant_key, text(IS_NEW))
        return count_rows(self._connection, unread, maximum)

    def list_authors(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """Who has written to the Mandant, each once, in the order of their names."""
        reader = message.c.reader_mandant
        return list_parties(self._connection, reader, mandant_key, "author", text(SEEN))

    def find_author(self, mandant_key: int, value: str) -> PartyIdentifier | None:
        """Who has written to the Mandant under this identifier."""
        reader = message.c.reader_mandant
        return find_party(self._connection, reader, mandant_key, "author", value, text(SEEN))

    def _restrict(
        self, query: Select[Any], mandant_key: int, criteria: InboxCriteria
    ) -> Select[Any]:
        query = query.where(*map(text, _CONDITIONS[criteria.state]))
        is_by_author = criteria.author or criteria.order is InboxOrder.AUTHOR
        if is_by_author and criteria.state is InboxState.UNREAD:
            query = query.where(text(WAITS))
        if criteria.author:
            query = query.where(message.c.author_value == criteria.author)
        way = VorgangDirection.INCOMING
        meant = select_meant(self._connection, mandant_key, way, criteria.term, criteria.schuldner)
        query = query.where(*(message.c.key.in_(keys) for keys in meant))
        return restrict_days(query, message.c.delivery, criteria.first_day, criteria.last_day)


def _sort(order: InboxOrder, place: ListPlace | None, *, is_backward: bool) -> Sorting:
    columns = [message.c.delivery, message.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is InboxOrder.AUTHOR:
        columns.insert(0, message.c.author_value)
        values = [place.author, *values] if place else []
    return Sorting(columns, values, (order is InboxOrder.NEWEST) is not is_backward)


def _to_entry(row: Sequence[Any]) -> InboxEntry:
    """By their places, in the order of _COLUMNS: looking for names costs more than the rest."""
    key, message_id, state, delivery, *author, message_type, size, is_test, text_of_facts = row
    facts = read_listed_facts(text_of_facts)
    return InboxEntry(
        key,
        message_id,
        MessageState(state),
        delivery,
        PartyIdentifier(*author),
        message_type,
        size,
        facts.event,
        facts.aktenzeichen,
        facts.aktenzeichen_reader,
        is_test,
        facts.schuldner,
    )
