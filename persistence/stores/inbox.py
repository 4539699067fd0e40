"""The inbox of a Mandant as the Web-Client lists it.

Every order has an index that begins with the Mandant; a page is read from its place in that index.
The indexes are partial: a query names the condition of the one that it is to use, and no other.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    select,
    text,
    tuple_,
    union,
)

from persistence.stores.facts import from_facts_json
from persistence.stores.message_rows import fold_message_id
from persistence.tables import IS_NEW, WAITS, message, vorgang, vorgang_entry
from persistence.web_tables import SEEN
from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import (
    MAX_VORGAENGE,
    InboxCriteria,
    InboxEntry,
    InboxOrder,
    InboxState,
    ListPlace,
)
from server.domain.message import MessageState
from server.domain.vorgang import VorgangRolle, Waiting

# Behind every character that can follow a prefix.
_LAST_CHARACTER = "\U0010ffff"
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
    message.c.facts,
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
    ) -> tuple[InboxEntry, ...]:
        """At most so many entries behind the place, or before it, in the order of the list."""
        reader = message.c.reader_mandant
        # What a term finds is looked up by its keys; `+ 0` keeps the walk through the inbox away.
        is_own = (reader + 0 if criteria.term else reader) == mandant_key
        query: Select[Any] = select(*_COLUMNS).where(is_own)
        query = self._restrict(query, mandant_key, criteria)
        is_backward = place is not None and place.is_backward
        query = _sort(query, criteria.order, place, is_backward).limit(maximum)
        rows = list(self._connection.execute(query))
        return tuple(map(_to_entry, reversed(rows) if is_backward else rows))

    def count_unread(self, mandant_key: int, maximum: int) -> int:
        """How many messages nobody has fetched; `maximum` where there are as many or more."""
        unread = (
            select(message.c.key)
            .where(message.c.reader_mandant == mandant_key, text(IS_NEW))
            .limit(maximum)
        )
        query = select(func.count()).select_from(unread.subquery())
        return int(self._connection.scalar(query) or 0)

    def list_authors(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """Who has written to the Mandant, each once, in the order of their names.

        Read by leaps from one author to the next in the index, not from message to message.
        """
        is_own = and_(message.c.reader_mandant == mandant_key, text(SEEN))
        value = message.c.author_value
        authors = select(func.min(value).label("value")).where(is_own).cte(recursive=True)
        following = select(func.min(value)).where(is_own, value > authors.c.value).scalar_subquery()
        authors = authors.union_all(select(following).where(authors.c.value.is_not(None)))
        values = self._connection.scalars(
            select(authors.c.value).where(authors.c.value.is_not(None))
        )
        found = [self._find_author(mandant_key, item) for item in values.all()]
        return tuple(sorted(found, key=lambda party: (party.name, party.value)))

    def list_waiting(
        self, mandant_key: int, message_keys: Sequence[int]
    ) -> dict[int, tuple[Waiting, str]]:
        """Of messages whose Vorgang owes an own answer: what is owed, and the own Aktenzeichen."""
        rows = self._connection.execute(
            select(
                vorgang_entry.c.message_key,
                vorgang.c.answer_owed_by,
                vorgang.c.answer_day,
                vorgang.c.answer_is_stated,
                vorgang.c.mandant_key,
                vorgang.c.own_aktenzeichen,
            )
            .join(vorgang, vorgang.c.key == vorgang_entry.c.vorgang_key)
            .where(
                vorgang_entry.c.message_key.in_(message_keys),
                vorgang.c.answer_owed_by == vorgang.c.rolle,
            )
        )
        return {
            row.message_key: (
                Waiting(VorgangRolle(row.answer_owed_by), row.answer_day, row.answer_is_stated),
                row.own_aktenzeichen,
            )
            for row in rows
            # Asked of the database, SQLite would walk through everything that the Mandant has.
            if row.mandant_key == mandant_key
        }

    def has_many_vorgaenge(self, mandant_key: int, term: str) -> bool:
        """True where more Vorgänge begin with the term than are looked at."""
        keys = self._select_vorgaenge(mandant_key, term, MAX_VORGAENGE + 1)
        query = select(func.count()).select_from(keys.subquery())
        return int(self._connection.scalar(query) or 0) > MAX_VORGAENGE

    def _find_author(self, mandant_key: int, value: str) -> PartyIdentifier:
        row = self._connection.execute(
            select(message.c.author_type, message.c.author_name)
            .where(
                message.c.reader_mandant == mandant_key,
                message.c.author_value == value,
                text(SEEN),
            )
            .limit(1)
        ).one()
        return PartyIdentifier(value, row.author_type, row.author_name)

    def _restrict(
        self, query: Select[Any], mandant_key: int, criteria: InboxCriteria
    ) -> Select[Any]:
        query = query.where(*map(text, _CONDITIONS[criteria.state]))
        is_by_author = criteria.author or criteria.order is InboxOrder.AUTHOR
        if is_by_author and criteria.state is InboxState.UNREAD:
            query = query.where(text(WAITS))
        if criteria.author:
            query = query.where(message.c.author_value == criteria.author)
        if criteria.first_day:
            query = query.where(message.c.delivery >= _start_of(criteria.first_day))
        if criteria.last_day:
            end = _start_of(criteria.last_day) + timedelta(days=1)
            query = query.where(message.c.delivery < end)
        if criteria.term:
            query = query.where(message.c.key.in_(self._select_found(mandant_key, criteria.term)))
        return query

    def _select_found(self, mandant_key: int, term: str) -> Any:
        """The keys of messages that a term means."""
        vorgaenge = self._select_vorgaenge(mandant_key, term, MAX_VORGAENGE).subquery()
        named = select(message.c.key).where(message.c.message_id_folded == fold_message_id(term))
        followed = (
            select(vorgang_entry.c.message_key)
            .join(vorgaenge, vorgaenge.c.key == vorgang_entry.c.vorgang_key)
            .where(vorgang_entry.c.message_key.is_not(None))
        )
        return union(named, followed)

    def _select_vorgaenge(self, mandant_key: int, term: str, maximum: int) -> Select[Any]:
        """The keys of the Vorgänge of which an Aktenzeichen begins with the term."""
        columns = (vorgang.c.own_aktenzeichen, vorgang.c.partner_aktenzeichen)
        found = union(
            *(
                select(
                    select(vorgang.c.key)
                    .where(vorgang.c.mandant_key == mandant_key, self._begins(column, term))
                    .limit(maximum)
                    .subquery()
                )
                for column in columns
            )
        ).subquery()
        return select(found.c.key).limit(maximum)

    def _begins(self, column: ColumnElement[str], term: str) -> ColumnElement[bool]:
        if self._connection.dialect.name == "sqlite":
            # LIKE would not use the index here; texts are compared by their code points.
            return and_(column >= term, column < term + _LAST_CHARACTER)
        return column.startswith(term, autoescape=True)


def _sort(
    query: Select[Any], order: InboxOrder, place: ListPlace | None, is_backward: bool
) -> Select[Any]:
    """In the order, or against it, from the place on."""
    columns = [message.c.delivery, message.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is InboxOrder.AUTHOR:
        columns.insert(0, message.c.author_value)
        values = [place.author, *values] if place else []
    is_descending = (order is InboxOrder.NEWEST) is not is_backward
    if place:
        at, there = tuple_(*columns), tuple_(*values)
        query = query.where(at < there if is_descending else at > there)
    return query.order_by(*(item.desc() if is_descending else item.asc() for item in columns))


def _start_of(day: Any) -> datetime:
    return datetime.combine(day, time(), UTC)


def _to_entry(row: Row[Any]) -> InboxEntry:
    facts = from_facts_json(row.facts)
    return InboxEntry(
        key=row.key,
        message_id=row.message_id,
        state=MessageState(row.state),
        delivery=row.delivery,
        author=PartyIdentifier(
            row.author_value, row.author_type, row.author_name, row.author_category
        ),
        message_type=row.message_type,
        size=row.size,
        event=facts.event if facts else None,
        aktenzeichen=facts.aktenzeichen if facts else "",
        own_aktenzeichen=facts.aktenzeichen_reader if facts else "",
    )
