"""The outbox of a Mandant as the Web-Client lists it (list_pages says how a page is read)."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from persistence.counting import count_rows
from persistence.stores.facts import read_listed_facts
from persistence.stores.json_text import as_text
from persistence.stores.list_pages import (
    Sorting,
    States,
    belongs_to,
    hide_from_indexes,
    read_beside_states,
    read_by_states,
    read_found,
    restrict_days,
    start_of,
)
from persistence.stores.list_walk import ListSearch
from persistence.stores.party_values import find_party, list_parties
from persistence.stores.vorgang_terms import select_meant
from persistence.tables import message
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.message import MessageState
from server.domain.outbox import (
    OUTBOX_STATES,
    OutboxCriteria,
    OutboxEntry,
    OutboxOrder,
    OutboxState,
)
from server.domain.vorgang import VorgangDirection

_COLUMNS = (
    message.c.key,
    message.c.message_id,
    message.c.state,
    message.c.initial_send,
    message.c.reader_value,
    message.c.reader_type,
    message.c.reader_name,
    message.c.reader_category,
    message.c.kanal,
    message.c.not_before,
    message.c.is_test,
    as_text(message.c.facts),
)


class OutboxStore:
    """Lists what a Mandant has sent."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_entries(
        self,
        mandant_key: int,
        criteria: OutboxCriteria,
        place: ListPlace | None,
        maximum: int,
    ) -> tuple[tuple[OutboxEntry, ...], bool]:
        """At most so many entries behind the place, or before it, in the order of the list.

        True beside them where so many Vorgänge are meant that not all were looked at.
        """
        is_backward = place is not None and place.is_backward
        sorting = _sort(criteria.order, place, is_backward=is_backward)
        search = ListSearch(self._connection, mandant_key, criteria, VorgangDirection.OUTGOING)
        read_rows = partial(self._read_rows, mandant_key)
        rows, is_cut = search.read(read_rows, sorting, maximum)
        return tuple(map(_to_entry, reversed(rows) if is_backward else rows)), is_cut

    def _read_rows(
        self, mandant_key: int, criteria: OutboxCriteria, sorting: Sorting, maximum: int
    ) -> list[Row[Any]]:
        """By the index that suits the question: of what is found, readers, or channel and state."""

        def make(is_found: bool) -> Select[Any]:
            return self._select(mandant_key, criteria, is_found=is_found)

        names = [state.value for state in OUTBOX_STATES[criteria.state]]
        if criteria.term or criteria.schuldner:
            query = make(True).where(message.c.state.in_(names)) if names else make(True)
            return read_found(self._connection, query, sorting, maximum)
        if criteria.kanal and not _goes_by_readers(criteria):
            # The index of a channel is one by states, too.
            names = names or [state.value for state in MessageState]
        states = States(message, message.c.author_mandant, mandant_key, names)
        if _goes_by_readers(criteria):
            return read_beside_states(self._connection, make, sorting, maximum, states)
        return read_by_states(self._connection, make(False), sorting, maximum, states)

    def list_readers(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """To whom the Mandant has written, each once, in the order of their names."""
        return list_parties(self._connection, message.c.author_mandant, mandant_key, "reader")

    def find_reader(self, mandant_key: int, value: str) -> PartyIdentifier | None:
        """To whom the Mandant has written under this identifier."""
        author = message.c.author_mandant
        return find_party(self._connection, author, mandant_key, "reader", value)

    def count(
        self, mandant_key: int, state: OutboxState, maximum: int, since: date | None = None
    ) -> int:
        """How many messages are in these states; `maximum` where there are as many or more.

        `since` (a day) leaves out what was sent before.
        """
        found = 0
        for item in OUTBOX_STATES[state]:
            query = select(message.c.key).where(
                message.c.author_mandant == mandant_key, message.c.state == item.value
            )
            if since:
                query = query.where(message.c.initial_send >= start_of(since))
            found += count_rows(self._connection, query, maximum)
        return min(found, maximum)

    def _select(self, mandant_key: int, criteria: OutboxCriteria, *, is_found: bool) -> Select[Any]:
        query: Select[Any] = select(*_COLUMNS).where(
            belongs_to(message.c.author_mandant, mandant_key, is_found_by_key=is_found),
            message.c.initial_send.is_not(None),
        )
        if criteria.reader:
            query = query.where(message.c.reader_value == criteria.reader)
        if criteria.kanal:
            # Hidden where the index of readers is to be walked.
            is_hidden = is_found or _goes_by_readers(criteria)
            fits = message.c.kanal == criteria.kanal.value
            query = query.where(hide_from_indexes(fits) if is_hidden else fits)
        way = VorgangDirection.OUTGOING
        meant = select_meant(self._connection, mandant_key, way, criteria.term, criteria.schuldner)
        query = query.where(*(message.c.key.in_(keys) for keys in meant))
        days = criteria.first_day, criteria.last_day
        return restrict_days(query, message.c.initial_send, *days)


def _goes_by_readers(criteria: OutboxCriteria) -> bool:
    return bool(criteria.reader) or criteria.order is OutboxOrder.READER


def _sort(order: OutboxOrder, place: ListPlace | None, *, is_backward: bool) -> Sorting:
    columns = [message.c.initial_send, message.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is OutboxOrder.READER:
        columns.insert(0, message.c.reader_value)
        values = [place.author, *values] if place else []
    return Sorting(columns, values, (order is OutboxOrder.NEWEST) is not is_backward)


def _to_entry(row: Sequence[Any]) -> OutboxEntry:
    """By their places, in the order of _COLUMNS: looking for names costs more than the rest."""
    key, message_id, state, sent, *reader, kanal, not_before, is_test, text_of_facts = row
    facts = read_listed_facts(text_of_facts)
    return OutboxEntry(
        key,
        message_id,
        MessageState(state),
        sent,
        PartyIdentifier(*reader),
        Kanal(kanal) if kanal else None,
        facts.event,
        facts.aktenzeichen,
        not_before,
        is_test,
        facts.schuldner,
    )
