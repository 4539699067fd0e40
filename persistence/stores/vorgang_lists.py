"""Vorgänge of a Mandant as the Web-Client lists them (list_pages says how a page is read)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select, true, union_all

from persistence.stores.list_pages import Sorting, belongs_to, read_rows, restrict_days
from persistence.stores.message_rows import fold_message_id
from persistence.stores.party_values import list_parties
from persistence.stores.vorgaenge import Overdue, from_vorgang_row
from persistence.stores.vorgang_search import select_keys_of_messages
from persistence.stores.vorgang_terms import (
    has_many_vorgaenge,
    select_by_aktenzeichen,
    select_by_schuldner,
)
from persistence.vorgang_tables import vorgang, vorgang_entry
from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.vorgang import Vorgang
from server.domain.vorgang_list import OverdueSide, VorgangListCriteria, VorgangOrder


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
    ) -> tuple[Vorgang, ...]:
        """At most so many Vorgänge behind the place, or before it, in the order of the list."""
        query = self._restrict(mandant_key, criteria, overdue)
        is_backward = place is not None and place.is_backward
        rows = read_rows(
            self._connection,
            query,
            _sort(criteria.order, place, is_backward=is_backward),
            maximum,
            state=vorgang.c.state,
            states=sorted(state.value for state in criteria.states),
        )
        return tuple(map(from_vorgang_row, reversed(rows) if is_backward else rows))

    def list_partners(self, mandant_key: int) -> tuple[PartyIdentifier, ...]:
        """With whom the Mandant has Vorgänge, each once, in the order of their names."""
        return list_parties(self._connection, vorgang.c.mandant_key, mandant_key, "partner")

    def find(self, mandant_key: int, vorgang_id: str) -> Vorgang | None:
        """The Mandant's own Vorgang with this name."""
        row = self._connection.execute(
            select(vorgang).where(
                vorgang.c.vorgang_id == vorgang_id, vorgang.c.mandant_key == mandant_key
            )
        ).one_or_none()
        return from_vorgang_row(row) if row else None

    def find_of_messages(self, mandant_key: int, message_keys: Sequence[int]) -> dict[int, Vorgang]:
        """The Mandant's own Vorgänge of messages, by the keys of these."""
        rows = self._connection.execute(
            select(vorgang_entry.c.message_key.label("message_key"), vorgang)
            .join(vorgang, vorgang.c.key == vorgang_entry.c.vorgang_key)
            .where(
                vorgang_entry.c.message_key.in_(message_keys),
                belongs_to(vorgang.c.mandant_key, mandant_key, is_found_by_key=True),
            )
        )
        return {row.message_key: from_vorgang_row(row) for row in rows}

    def has_many(self, mandant_key: int, term: str, schuldner: str) -> bool:
        """True where more Vorgänge fit the term, or the debtor, than are looked at."""
        return has_many_vorgaenge(self._connection, mandant_key, term, schuldner)

    def count_overdue(
        self, mandant_key: int, side: OverdueSide, overdue: Overdue, maximum: int
    ) -> int:
        """How many answers are missing; `maximum` where there are as many or more."""
        some = self._select_overdue(mandant_key, side, overdue).limit(maximum).subquery()
        return int(self._connection.scalar(select(func.count()).select_from(some)) or 0)

    def _restrict(
        self, mandant_key: int, criteria: VorgangListCriteria, overdue: Overdue
    ) -> Select[Any]:
        is_found = bool(criteria.term or criteria.schuldner or criteria.overdue)
        query: Select[Any] = select(vorgang).where(
            belongs_to(vorgang.c.mandant_key, mandant_key, is_found_by_key=is_found)
        )
        if criteria.rolle:
            query = query.where(vorgang.c.rolle == criteria.rolle.value)
        if criteria.partner:
            query = query.where(vorgang.c.partner_value == criteria.partner)
        if criteria.term:
            query = query.where(vorgang.c.key.in_(self._select_named(mandant_key, criteria.term)))
        if criteria.schuldner:
            found = select_by_schuldner(mandant_key, criteria.schuldner)
            query = query.where(vorgang.c.key.in_(found))
        if criteria.overdue:
            missing = self._select_overdue(mandant_key, criteria.overdue, overdue)
            query = query.where(vorgang.c.key.in_(missing))
        return restrict_days(query, vorgang.c.changed, criteria.first_day, criteria.last_day)

    def _select_named(self, mandant_key: int, term: str) -> Any:
        by_message = select_keys_of_messages().params(
            related_ids=[fold_message_id(term)], mandant_key=mandant_key
        )
        by_name = select_by_aktenzeichen(self._connection, mandant_key, term)
        # SQLite takes no limit within a union, but within what it is made of.
        return union_all(*(select(part.subquery().c[0]) for part in (by_message, by_name)))

    def _select_overdue(self, mandant_key: int, side: OverdueSide, overdue: Overdue) -> Select[Any]:
        """The keys of Vorgänge whose answer is missing; two queries, so that each has its index."""
        is_own = vorgang.c.answer_owed_by == vorgang.c.rolle
        sides: dict[OverdueSide, ColumnElement[bool]] = {
            OverdueSide.ANY: true(),
            OverdueSide.OWN: is_own,
            OverdueSide.PARTNER: ~is_own,
        }
        kinds = (
            select(vorgang.c.key).where(vorgang.c.mandant_key == mandant_key, kind, sides[side])
            for kind in overdue.kinds
        )
        return select(union_all(*kinds).subquery().c.key)


def _sort(order: VorgangOrder, place: ListPlace | None, *, is_backward: bool) -> Sorting:
    columns = [vorgang.c.changed, vorgang.c.key]
    values: list[Any] = [place.delivery, place.key] if place else []
    if order is VorgangOrder.PARTNER:
        columns.insert(0, vorgang.c.partner_value)
        values = [place.author, *values] if place else []
    return Sorting(columns, values, (order is VorgangOrder.NEWEST) is not is_backward)
