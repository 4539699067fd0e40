"""The outbox of a Mandant as the Web-Client lists it (list_pages says how a page is read)."""

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from persistence.stores.facts import from_facts_json
from persistence.stores.list_pages import (
    Sorting,
    belongs_to,
    read_rows,
    restrict_days,
    start_of,
)
from persistence.stores.party_values import list_parties
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
    message.c.facts,
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
    ) -> tuple[OutboxEntry, ...]:
        """At most so many entries behind the place, or before it, in the order of the list."""
        is_found = bool(criteria.term or criteria.schuldner)
        query: Select[Any] = select(*_COLUMNS).where(
            belongs_to(message.c.author_mandant, mandant_key, is_found_by_key=is_found),
            message.c.initial_send.is_not(None),
        )
        query = self._restrict(query, mandant_key, criteria)
        is_backward = place is not None and place.is_backward
        states = [state.value for state in OUTBOX_STATES[criteria.state]]
        rows = read_rows(
            self._connection,
            query,
            _sort(criteria.order, place, is_backward=is_backward),
            maximum,
            state=message.c.state,
            states=states,
        )
        return tuple(map(_to_entry, reversed(rows) if is_backward else rows))

    def list_readers(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """To whom the Mandant has written, each once, in the order of their names."""
        return list_parties(self._connection, message.c.author_mandant, mandant_key, "reader")

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
            some = query.limit(maximum).subquery()
            found += int(self._connection.scalar(select(func.count()).select_from(some)) or 0)
        return min(found, maximum)

    def _restrict(
        self, query: Select[Any], mandant_key: int, criteria: OutboxCriteria
    ) -> Select[Any]:
        if criteria.reader:
            query = query.where(message.c.reader_value == criteria.reader)
        if criteria.kanal:
            query = query.where(message.c.kanal == criteria.kanal.value)
        meant = select_meant(self._connection, mandant_key, criteria.term, criteria.schuldner)
        query = query.where(*(message.c.key.in_(keys) for keys in meant))
        days = criteria.first_day, criteria.last_day
        return restrict_days(query, message.c.initial_send, *days)


def _sort(order: OutboxOrder, place: ListPlace | None, *, is_backward: bool) -> Sorting:
    columns = [message.c.initial_send, message.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is OutboxOrder.READER:
        columns.insert(0, message.c.reader_value)
        values = [place.author, *values] if place else []
    return Sorting(columns, values, (order is OutboxOrder.NEWEST) is not is_backward)


def _to_entry(row: Row[Any]) -> OutboxEntry:
    facts = from_facts_json(row.facts)
    return OutboxEntry(
        key=row.key,
        message_id=row.message_id,
        state=MessageState(row.state),
        sent=row.initial_send,
        reader=PartyIdentifier(
            row.reader_value, row.reader_type, row.reader_name, row.reader_category
        ),
        kanal=Kanal(row.kanal) if row.kanal else None,
        event=facts.event if facts else None,
        aktenzeichen=facts.aktenzeichen if facts else "",
        not_before=row.not_before,
        is_test=row.is_test,
        schuldner="; ".join(facts.schuldner_list) if facts else "",
    )
