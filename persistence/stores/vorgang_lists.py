"""Vorgänge of a Mandant as the Web-Client lists them (list_pages says how a page is read)."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    bindparam,
    select,
    union_all,
)

from persistence.counting import count_rows
from persistence.stores.facts import join_schuldner
from persistence.stores.json_text import as_text
from persistence.stores.list_pages import (
    Sorting,
    States,
    belongs_to,
    find_rare,
    hide_from_indexes,
    read_beside_states,
    read_by_states,
    read_found,
    read_united,
    restrict_days,
)
from persistence.stores.list_walk import ListSearch
from persistence.stores.message_rows import fold_message_id
from persistence.stores.party_values import find_party, list_parties
from persistence.stores.vorgaenge import Overdue
from persistence.stores.vorgang_rows import from_vorgang_row, read_waiting
from persistence.stores.vorgang_search import select_keys_of_messages
from persistence.stores.vorgang_terms import (
    select_by_aktenzeichen,
    select_by_schuldner,
)
from persistence.tables import message
from persistence.vorgang_tables import vorgang, vorgang_entry
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.message import MessageState
from server.domain.vorgang import Vorgang, VorgangRolle, VorgangState
from server.domain.vorgang_list import (
    MAX_OVERDUE,
    OverdueSide,
    VorgangListCriteria,
    VorgangListEntry,
    VorgangMark,
    VorgangOrder,
)


def _select_of_messages(*columns: Any) -> Select[Any]:
    """Those of the Mandant `mandant_key` to which the messages `message_keys` belong."""
    return (
        select(*columns)
        .join_from(vorgang_entry, vorgang, vorgang.c.key == vorgang_entry.c.vorgang_key)
        .where(
            vorgang_entry.c.message_key.in_(bindparam("message_keys", expanding=True)),
            belongs_to(vorgang.c.mandant_key, bindparam("mandant_key"), is_found_by_key=True),
        )
    )


def _select_unread() -> Select[Any]:
    """The keys of those among `vorgang_keys` with a message that the Mandant has not fetched."""
    return (
        select(vorgang_entry.c.vorgang_key)
        .distinct()
        .join(message, message.c.key == vorgang_entry.c.message_key)
        .where(
            vorgang_entry.c.vorgang_key.in_(bindparam("vorgang_keys", expanding=True)),
            belongs_to(message.c.reader_mandant, bindparam("mandant_key"), is_found_by_key=True),
            message.c.state == MessageState.DELIVERED.value,
        )
    )


# What is counted beside the states.
_CHANNEL = "kanal"
# Built once: they run for each page.
_LIST_UNREAD = _select_unread()
_FIND_OF_MESSAGES = _select_of_messages(vorgang)
_LIST_MARKS = _select_of_messages(
    vorgang_entry.c.message_key,
    vorgang.c.vorgang_id,
    vorgang.c.rolle,
    vorgang.c.answer_owed_by,
    vorgang.c.answer_day,
    vorgang.c.answer_is_stated,
    as_text(vorgang.c.schuldner),
)
_COLUMNS = (
    vorgang.c.key,
    vorgang.c.vorgang_id,
    vorgang.c.rolle,
    vorgang.c.partner_value,
    vorgang.c.partner_type,
    vorgang.c.partner_name,
    vorgang.c.partner_category,
    vorgang.c.own_aktenzeichen,
    vorgang.c.partner_aktenzeichen,
    vorgang.c.state,
    vorgang.c.is_test,
    vorgang.c.changed,
    as_text(vorgang.c.schuldner),
    vorgang.c.kanal,
    vorgang.c.answer_owed_by,
    vorgang.c.answer_day,
    vorgang.c.answer_is_stated,
)


class VorgangListStore:
    """Lists the Vorgänge of a Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_entries(
        self,
        mandant_key: int,
        criteria: VorgangListCriteria,
        overdue: Overdue,
        place: ListPlace | None,
        maximum: int,
    ) -> tuple[tuple[VorgangListEntry, ...], bool]:
        """At most so many Vorgänge behind the place, or before it, in the order of the list.

        True beside them where so many are meant that not all were looked at.
        """
        is_backward = place is not None and place.is_backward
        sorting = _sort(criteria.order, place, is_backward=is_backward)
        search = ListSearch(self._connection, mandant_key, criteria)
        read_rows = partial(self._read_rows, mandant_key, overdue)
        rows, is_cut = search.read(read_rows, sorting, maximum)
        return tuple(map(_to_entry, reversed(rows) if is_backward else rows)), is_cut

    def _read_rows(
        self,
        mandant_key: int,
        overdue: Overdue,
        criteria: VorgangListCriteria,
        sorting: Sorting,
        maximum: int,
    ) -> list[Row[Any]]:
        """By the index that suits: of what is found, of partners, of a channel, or of states."""

        def make(is_found: bool) -> Select[Any]:
            return self._restrict(mandant_key, criteria, overdue, is_found=is_found)

        names = sorted(state.value for state in criteria.states)
        if criteria.term or criteria.schuldner or criteria.overdue:
            query = make(True).where(vorgang.c.state.in_(names)) if names else make(True)
            return read_found(self._connection, query, sorting, maximum)
        if criteria.partner or criteria.order is VorgangOrder.PARTNER:
            states = States(vorgang, vorgang.c.mandant_key, mandant_key, names)
            return self._read_by_partners(criteria, make, sorting, maximum, states)
        if criteria.kanal:
            parts = [sorting.apply(make(False).where(*part)) for part in _list_by_kanal(criteria)]
            return read_united(self._connection, parts, sorting, maximum)
        if criteria.rolle:
            # The index of a role is one by states, too.
            names = names or [state.value for state in VorgangState]
        states = States(vorgang, vorgang.c.mandant_key, mandant_key, names)
        return read_by_states(self._connection, make(False), sorting, maximum, states)

    def _read_by_partners(
        self,
        criteria: VorgangListCriteria,
        make: Callable[[bool], Select[Any]],
        sorting: Sorting,
        maximum: int,
        states: States,
    ) -> list[Row[Any]]:
        """By the index of partners; a rare channel or state by its own."""
        if not criteria.kanal:
            return read_beside_states(self._connection, make, sorting, maximum, states)
        keys = select(vorgang.c.key).where(
            states.owner == states.mandant_key, vorgang.c.kanal == criteria.kanal.value
        )
        rare = find_rare(self._connection, {_CHANNEL: keys, **states.select_all()})
        if _CHANNEL not in rare:
            return read_beside_states(
                self._connection, make, sorting, maximum, states, known_rare=rare
            )
        query = make(True).where(vorgang.c.key.in_(keys))
        if states.names:
            query = query.where(vorgang.c.state.in_(states.names))
        return read_found(self._connection, query, sorting, maximum)

    def list_partners(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """With whom the Mandant has Vorgänge, each once, in the order of their names."""
        return list_parties(self._connection, vorgang.c.mandant_key, mandant_key, "partner")

    def find_partner(self, mandant_key: int, value: str) -> PartyIdentifier | None:
        """With whom the Mandant has Vorgänge under this identifier."""
        owner = vorgang.c.mandant_key
        return find_party(self._connection, owner, mandant_key, "partner", value)

    def find(self, mandant_key: int, vorgang_id: str) -> Vorgang | None:
        """The Mandant's own Vorgang with this name."""
        row = self._connection.execute(
            select(vorgang).where(
                vorgang.c.vorgang_id == vorgang_id, vorgang.c.mandant_key == mandant_key
            )
        ).one_or_none()
        return from_vorgang_row(row) if row else None

    def find_of_message(self, mandant_key: int, message_key: int) -> Vorgang | None:
        """The Mandant's own Vorgang of a message."""
        values = {"mandant_key": mandant_key, "message_keys": [message_key]}
        row = self._connection.execute(_FIND_OF_MESSAGES, values).first()
        return from_vorgang_row(row) if row else None

    def list_marks(self, mandant_key: int, message_keys: Sequence[int]) -> dict[int, VorgangMark]:
        """What there is to tell of messages from the Mandant's own Vorgänge, by their keys."""
        values = {"mandant_key": mandant_key, "message_keys": message_keys}
        rows = self._connection.execute(_LIST_MARKS, values).all()
        return {row[0]: _to_mark(row) for row in rows}

    def list_unread(self, mandant_key: int, vorgang_keys: Sequence[int]) -> frozenset[int]:
        """Those of the Vorgänge in which a message waits that the Mandant has not fetched."""
        values = {"mandant_key": mandant_key, "vorgang_keys": vorgang_keys}
        return frozenset(self._connection.execute(_LIST_UNREAD, values).scalars())

    def count_overdue(
        self, mandant_key: int, side: OverdueSide, overdue: Overdue, maximum: int
    ) -> int:
        """How many answers are missing; `maximum` where there are as many or more."""
        found = _unite_overdue(mandant_key, side, overdue, maximum)
        return count_rows(self._connection, select(found.c.key), maximum)

    def _restrict(
        self, mandant_key: int, criteria: VorgangListCriteria, overdue: Overdue, *, is_found: bool
    ) -> Select[Any]:
        query: Select[Any] = select(*_COLUMNS).where(
            belongs_to(vorgang.c.mandant_key, mandant_key, is_found_by_key=is_found)
        )
        if criteria.rolle:
            query = query.where(vorgang.c.rolle == criteria.rolle.value)
        if criteria.kanal:
            # Hidden: where its index is to be used, the condition is named once more.
            query = query.where(hide_from_indexes(vorgang.c.kanal == criteria.kanal.value))
        if criteria.partner:
            query = query.where(vorgang.c.partner_value == criteria.partner)
        if criteria.term:
            query = query.where(vorgang.c.key.in_(self._select_named(mandant_key, criteria.term)))
        if criteria.schuldner:
            found = select_by_schuldner(mandant_key, criteria.schuldner)
            query = query.where(vorgang.c.key.in_(found))
        if criteria.overdue:
            missing = _select_overdue(mandant_key, criteria.overdue, overdue, MAX_OVERDUE)
            query = query.where(vorgang.c.key.in_(missing))
        return restrict_days(query, vorgang.c.changed, criteria.first_day, criteria.last_day)

    def _select_named(self, mandant_key: int, term: str) -> Any:
        by_message = select_keys_of_messages().params(
            related_ids=[fold_message_id(term)], mandant_key=mandant_key
        )
        by_name = select_by_aktenzeichen(self._connection, mandant_key, term)
        # SQLite takes no limit within a union, but within what it is made of.
        return union_all(*(select(part.subquery().c[0]) for part in (by_message, by_name)))


def _list_by_kanal(criteria: VorgangListCriteria) -> Iterator[tuple[ColumnElement[bool], ...]]:
    """Conditions of the index by channel, one for each role and state."""
    for rolle in (criteria.rolle,) if criteria.rolle else VorgangRolle:
        for state in criteria.states or VorgangState:
            yield (
                vorgang.c.kanal == (criteria.kanal or ""),
                vorgang.c.rolle == rolle.value,
                vorgang.c.state == state.value,
            )


def _to_mark(row: Sequence[Any]) -> VorgangMark:
    """By their places, as below."""
    _, vorgang_id, rolle, *answer, schuldner = row
    waiting = read_waiting(*answer)
    return VorgangMark(vorgang_id, VorgangRolle(rolle), waiting, join_schuldner(schuldner))


def _to_entry(row: Sequence[Any]) -> VorgangListEntry:
    """By their places, in the order of _COLUMNS: looking for names costs more than the rest."""
    key, vorgang_id, rolle, value, kind, name, category, own, foreign, state, *rest = row
    is_test, changed, schuldner, kanal, *answer = rest
    return VorgangListEntry(
        key,
        vorgang_id,
        VorgangRolle(rolle),
        PartyIdentifier(value, kind, name, category),
        own,
        foreign,
        VorgangState(state),
        is_test,
        changed,
        join_schuldner(schuldner),
        read_waiting(*answer),
        kanal=Kanal(kanal) if kanal else None,
    )


def _select_overdue(
    mandant_key: int, side: OverdueSide, overdue: Overdue, maximum: int
) -> Select[Any]:
    """The keys of the Vorgänge whose answer is missing longest."""
    found = _unite_overdue(mandant_key, side, overdue, maximum)
    return select(found.c.key).order_by(found.c.answer_day).limit(maximum)


def _unite_overdue(mandant_key: int, side: OverdueSide, overdue: Overdue, maximum: int) -> Subquery:
    """Keys and days of those that are missing longest, of each kind; their index alone is read."""
    sides = [
        (rolle, owed_by)
        for rolle in VorgangRolle
        for owed_by in VorgangRolle
        if side is OverdueSide.ANY or (rolle is owed_by) is (side is OverdueSide.OWN)
    ]
    parts = [
        select(vorgang.c.key, vorgang.c.answer_day)
        .where(
            vorgang.c.mandant_key == mandant_key,
            vorgang.c.rolle == rolle.value,
            vorgang.c.answer_owed_by == owed_by.value,
            kind,
        )
        .order_by(vorgang.c.answer_day)
        .limit(maximum)
        .subquery()
        for rolle, owed_by in sides
        for kind in overdue.kinds
    ]
    return union_all(*(select(part) for part in parts)).subquery()


def _sort(order: VorgangOrder, place: ListPlace | None, *, is_backward: bool) -> Sorting:
    columns = [vorgang.c.changed, vorgang.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is VorgangOrder.PARTNER:
        columns.insert(0, vorgang.c.partner_value)
        values = [place.author, *values] if place else []
    return Sorting(columns, values, (order is VorgangOrder.NEWEST) is not is_backward)
