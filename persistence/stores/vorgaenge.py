"""Vorgänge and their history."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union_all,
    update,
)

from persistence.stores.message_rows import fold_message_id
from persistence.stores.vorgang_locks import lock_numbers, number_links
from persistence.stores.vorgang_search import (
    list_links,
    make_query,
    own,
    select_keys_of_messages,
    select_own_keys,
    to_values,
)
from persistence.stores.vorgang_terms import fold_name
from persistence.tables import message
from persistence.types import read_new_key
from persistence.vorgang_tables import NAME_LENGTH, vorgang, vorgang_entry, vorgang_schuldner
from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang import (
    CoursePart,
    CoursePlace,
    Vorgang,
    VorgangCriteria,
    VorgangDirection,
    VorgangEntry,
    VorgangRolle,
    VorgangSearch,
    VorgangState,
    Waiting,
)
from server.domain.vorgang_facts import ProcessRef, VorgangEvent

# What runs for each step of each message is built once.
_RECORD = update(vorgang).where(vorgang.c.key == bindparam("of_key"))
_ADD_ENTRIES = insert(vorgang_entry)
_SELECT_ENTRIES = select(vorgang_entry, message.c.message_id).outerjoin(
    message, message.c.key == vorgang_entry.c.message_key
)
_HAS_MESSAGE = and_(
    vorgang_entry.c.message_key == bindparam("of_message"),
    vorgang_entry.c.direction != VorgangDirection.SYSTEM.value,
)
_ENTRY_OF_MESSAGE = _SELECT_ENTRIES.where(
    vorgang_entry.c.vorgang_key == bindparam("of_vorgang"), _HAS_MESSAGE
).order_by(vorgang_entry.c.key)
_OF_MESSAGE = (
    select(vorgang)
    .join(vorgang_entry, vorgang_entry.c.vorgang_key == vorgang.c.key)
    .where(vorgang.c.mandant_key == bindparam("of_mandant"), _HAS_MESSAGE)
    .limit(1)
    .with_for_update(of=vorgang, key_share=True)
)


class VorgangStore:
    """Opens, finds and changes Vorgänge; each belongs to one Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Vorgang, entries: Sequence[VorgangEntry]) -> None:
        """Stores a new Vorgang with the lines of its history."""
        values = {
            "vorgang_id": new.vorgang_id,
            "mandant_key": new.mandant_key,
            "is_test": new.is_test,
            "opened": new.opened,
            "is_reminded": False,
            **_to_changing_columns(new),
        }
        key = read_new_key(self._connection.execute(insert(vorgang).values(**values)))
        self._add_schuldner(key, new)
        self._add_entries(key, entries)

    def record(self, before: Vorgang, after: Vorgang, entries: Sequence[VorgangEntry]) -> None:
        """Writes what has become of a stored Vorgang, and further lines of its history."""
        values = _to_changing_columns(after)
        if after.waiting != before.waiting:
            values["is_reminded"] = False
        self._connection.execute(_RECORD, {"of_key": before.key, **values})
        if after.schuldner_list != before.schuldner_list:
            self._add_schuldner(before.key, after)
        self._add_entries(before.key, entries)

    def mark_reminded(self, key: int) -> None:
        """The deadline that runs has had its reminder."""
        self._connection.execute(
            update(vorgang).where(vorgang.c.key == key).values(is_reminded=True)
        )

    def lock_links(self, search: VorgangSearch, message_id: str) -> None:
        """Until the transaction ends nobody else opens a Vorgang that this message would find.

        Two messages of a matter that has no Vorgang yet come one after the other so: there is no
        row that they could lock. Rows are locked after this.
        """
        lock_numbers(self._connection, search.mandant_key, number_links(search, message_id))

    def lock_of_messages(self, message_keys: Sequence[int]) -> None:
        """Locks every Vorgang that has one of the messages, in the order of all transactions.

        That order is by Mandant, then by key.
        """
        has_message = select(vorgang_entry.c.vorgang_key).where(
            vorgang_entry.c.message_key.in_(message_keys)
        )
        self._connection.execute(
            select(vorgang.c.key)
            .where(vorgang.c.key.in_(has_message))
            .order_by(vorgang.c.mandant_key, vorgang.c.key)
            .with_for_update(key_share=True)
        )

    def find_matching(self, search: VorgangSearch) -> Vorgang | None:
        """The Vorgang to which a message belongs, locked until the transaction ends.

        Process references count before MessageIDs, these before Aktenzeichen; among several those
        that run, then the own Aktenzeichen before the partner's, then the newest.
        """
        values = to_values(search)
        for link in list_links(search):
            query = make_query(link, search.begins_as is not None)
            row = self._connection.execute(query, values).one_or_none()
            if row:
                return from_vorgang_row(row)
        return None

    def find_of_message(
        self, mandant_key: int, message_key: int
    ) -> tuple[Vorgang, VorgangEntry] | None:
        """The Vorgang of a Mandant that has a message, locked, and the entry of that message."""
        values = {"of_mandant": mandant_key, "of_message": message_key}
        row = self._connection.execute(_OF_MESSAGE, values).one_or_none()
        if row is None:
            return None
        values = {"of_vorgang": row.key, "of_message": message_key}
        entry = self._connection.execute(_ENTRY_OF_MESSAGE, values).first()
        return (from_vorgang_row(row), _from_entry_row(entry)) if entry else None

    def list_entries(self, keys: Sequence[int]) -> dict[int, tuple[VorgangEntry, ...]]:
        """The histories of Vorgänge by their keys, in the order they were written."""
        found: dict[int, list[VorgangEntry]] = {key: [] for key in keys}
        for key, entry in self._select_entries(vorgang_entry.c.vorgang_key.in_(keys)):
            found[key].append(entry)
        return {key: tuple(entries) for key, entries in found.items()}

    def list_course(self, key: int, place: CoursePlace, maximum: int) -> CoursePart:
        """At most so many lines of a history behind a place, or before it."""
        line = vorgang_entry.c.key
        is_behind = line < place.key if place.is_backward else line > place.key
        query = _SELECT_ENTRIES.where(vorgang_entry.c.vorgang_key == key)
        if place.key:
            query = query.where(is_behind)
        query = query.order_by(line.desc() if place.is_backward else line.asc())
        rows = self._connection.execute(query.limit(maximum + 1)).all()
        found = sorted(rows[:maximum], key=lambda row: row.key)
        is_more, is_from_elsewhere = len(rows) > maximum, bool(place.key)
        has_before = is_more if place.is_backward else is_from_elsewhere
        has_after = is_from_elsewhere if place.is_backward else is_more
        return CoursePart(
            tuple(map(_from_entry_row, found)),
            found[0].key if found and has_before else None,
            found[-1].key if found and has_after else None,
        )

    def list_found(
        self, mandant_key: int, criteria: VorgangCriteria, overdue: "Overdue", maximum: int
    ) -> tuple[Vorgang, ...]:
        """The Vorgänge of a Mandant that fit, changed last first."""
        query = _restrict(select(vorgang), mandant_key, criteria, overdue)
        rows = self._connection.execute(
            query.order_by(vorgang.c.changed.desc(), vorgang.c.key.desc()).limit(maximum)
        )
        return tuple(from_vorgang_row(row) for row in rows)

    def count_found(self, mandant_key: int, criteria: VorgangCriteria, overdue: "Overdue") -> int:
        """How many Vorgänge of a Mandant fit."""
        query = select(func.count()).select_from(vorgang)
        return int(self._connection.scalar(_restrict(query, mandant_key, criteria, overdue)) or 0)

    def has_to_remind(self, overdue: "Overdue") -> bool:
        """True where a deadline has passed without a reminder yet."""
        return self._connection.execute(overdue.keys_to_remind.limit(1)).first() is not None

    def list_to_remind(self, overdue: "Overdue", maximum: int) -> tuple[Vorgang, ...]:
        """Vorgänge whose deadline has passed without a reminder yet, locked."""
        rows = self._connection.execute(
            select(vorgang)
            .where(vorgang.c.key.in_(overdue.keys_to_remind))
            .order_by(vorgang.c.key)
            .limit(maximum)
            .with_for_update(skip_locked=True)
        )
        return tuple(from_vorgang_row(row) for row in rows)

    def count_by_state(self) -> dict[VorgangState, int]:
        """How many Vorgänge are in which state."""
        rows = self._connection.execute(
            select(vorgang.c.state, func.count()).group_by(vorgang.c.state)
        )
        return {VorgangState(state): number for state, number in rows}

    def count_overdue(self, overdue: "Overdue") -> int:
        """How many Vorgänge wait for an answer that should have come."""
        query = select(func.count()).select_from(vorgang).where(overdue.condition)
        return int(self._connection.scalar(query) or 0)

    def _add_schuldner(self, key: int, named: Vorgang) -> None:
        """Enters the debtors into the index of names; they are those of the one Ersuchen."""
        folded = {fold_name(name)[:NAME_LENGTH] for name in named.schuldner_list}
        known = self._connection.scalars(
            select(vorgang_schuldner.c.name_folded).where(vorgang_schuldner.c.vorgang_key == key)
        )
        rows = [
            {"vorgang_key": key, "mandant_key": named.mandant_key, "name_folded": name}
            for name in sorted(folded - set(known))
        ]
        if rows:
            self._connection.execute(insert(vorgang_schuldner), rows)

    def _add_entries(self, vorgang_key: int, entries: Sequence[VorgangEntry]) -> None:
        rows = [_to_entry_row(vorgang_key, entry) for entry in entries]
        self._connection.execute(_ADD_ENTRIES, rows)

    def _select_entries(self, condition: ColumnElement[bool]) -> Iterator[tuple[int, VorgangEntry]]:
        rows = self._connection.execute(
            _SELECT_ENTRIES.where(condition).order_by(vorgang_entry.c.key)
        )
        for row in rows:
            yield row.vorgang_key, _from_entry_row(row)


class Overdue:
    """The Vorgänge whose answer was due before a day; without a stated day after so many days."""

    def __init__(self, today: date, answer_days: int) -> None:
        last_start = today - timedelta(days=answer_days)
        stated = and_(vorgang.c.answer_is_stated == true(), vorgang.c.answer_day < today)
        counted = and_(vorgang.c.answer_is_stated == false(), vorgang.c.answer_day < last_start)
        self.condition: ColumnElement[bool] = or_(stated, counted)
        # One after the other each finds its index.
        self.kinds: tuple[ColumnElement[bool], ...] = (stated, counted)
        is_new = vorgang.c.is_reminded == false()
        self.keys_to_remind = union_all(
            *(select(vorgang.c.key).where(is_new, kind) for kind in self.kinds)
        )


def _restrict(
    query: Select[Any], mandant_key: int, criteria: VorgangCriteria, overdue: Overdue
) -> Select[Any]:
    """The query, limited to what a Mandant has and asks for."""
    named = list(_list_named(criteria)) or [vorgang.c.mandant_key == bindparam("mandant_key")]
    if criteria.is_only_overdue:
        named.append(overdue.condition)
    values: dict[str, Any] = {"mandant_key": mandant_key}
    if criteria.message_id:
        values["related_ids"] = [fold_message_id(criteria.message_id)]
    return query.where(*named).params(values)


def _list_named(criteria: VorgangCriteria) -> Iterator[ColumnElement[bool]]:
    if criteria.vorgang_id:
        yield vorgang.c.key.in_(select_own_keys(own.c.vorgang_id == criteria.vorgang_id))
    if criteria.message_id:
        yield vorgang.c.key.in_(select_keys_of_messages())
    if criteria.aktenzeichen:
        columns = (own.c.own_aktenzeichen, own.c.partner_aktenzeichen)
        either = [select_own_keys(column == criteria.aktenzeichen) for column in columns]
        yield vorgang.c.key.in_(union_all(*either))


def _to_changing_columns(changed: Vorgang) -> dict[str, Any]:
    waiting, successor = changed.waiting, changed.successor
    return {
        "rolle": changed.rolle.value,
        "partner_value": changed.partner.value,
        "partner_type": changed.partner.type,
        "partner_name": changed.partner.name,
        "partner_category": changed.partner.category,
        "own_aktenzeichen": changed.own_aktenzeichen,
        "partner_aktenzeichen": changed.partner_aktenzeichen,
        "process_requester": changed.process.requester,
        "process_responder": changed.process.responder,
        "state": changed.state.value,
        "changed": changed.changed,
        "answer_owed_by": waiting.owed_by.value if waiting else None,
        "answer_day": waiting.day if waiting else None,
        "answer_is_stated": waiting is not None and waiting.is_stated,
        "successor_value": successor.value if successor else "",
        "successor_type": successor.type if successor else "",
        "schuldner": list(changed.schuldner_list),
    }


def _to_entry_row(vorgang_key: int, entry: VorgangEntry) -> dict[str, Any]:
    return {
        "vorgang_key": vorgang_key,
        "moment": entry.moment,
        "direction": entry.direction.value,
        "event": entry.event.value,
        "message_key": entry.message_key,
        "state": entry.state.value,
        "fits": entry.fits,
        "hint": entry.hint,
        "text": entry.text,
    }


def from_vorgang_row(row: Row[Any]) -> Vorgang:
    """A Vorgang."""
    successor = PartyIdentifier(row.successor_value, row.successor_type)
    return Vorgang(
        vorgang_id=row.vorgang_id,
        mandant_key=row.mandant_key,
        rolle=VorgangRolle(row.rolle),
        partner=PartyIdentifier(
            row.partner_value, row.partner_type, row.partner_name, row.partner_category
        ),
        state=VorgangState(row.state),
        opened=row.opened,
        changed=row.changed,
        is_test=row.is_test,
        own_aktenzeichen=row.own_aktenzeichen,
        partner_aktenzeichen=row.partner_aktenzeichen,
        process=ProcessRef(row.process_requester, row.process_responder),
        waiting=read_waiting(row.answer_owed_by, row.answer_day, row.answer_is_stated),
        successor=successor if successor.value else None,
        schuldner_list=tuple(row.schuldner),
        key=row.key,
    )


def read_waiting(owed_by: str | None, day: date, is_stated: bool) -> Waiting | None:
    """The answer that is missing."""
    return None if owed_by is None else Waiting(VorgangRolle(owed_by), day, is_stated)


def _from_entry_row(row: Row[Any]) -> VorgangEntry:
    return VorgangEntry(
        row.moment,
        VorgangDirection(row.direction),
        VorgangEvent(row.event),
        VorgangState(row.state),
        row.text,
        row.fits,
        row.hint,
        row.message_key,
        row.message_id or "",
    )
