"""Vorgänge and their history."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
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

from persistence.many_rows import execute_rows
from persistence.stores.message_rows import fold_message_id
from persistence.stores.vorgang_locks import lock_numbers, number_links
from persistence.stores.vorgang_rows import (
    from_entry_row,
    from_vorgang_row,
    to_changing_columns,
    to_entry_row,
)
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
from server.domain.behoerde import Kanal
from server.domain.vorgang import (
    CoursePart,
    CoursePlace,
    Vorgang,
    VorgangCriteria,
    VorgangDirection,
    VorgangEntry,
    VorgangSearch,
    VorgangState,
)
from server.domain.vorgang_facts import VorgangEvent

# What runs for each step of each message is built once.
_RECORD = update(vorgang).where(vorgang.c.key == bindparam("of_key"))
_HAS_ERSUCHEN = select(vorgang_entry.c.vorgang_key).where(
    vorgang_entry.c.message_key.in_(bindparam("message_keys", expanding=True)),
    vorgang_entry.c.event == VorgangEvent.ERSUCHEN.value,
)
_SET_KANAL = (
    update(vorgang)
    .where(vorgang.c.key.in_(_HAS_ERSUCHEN), vorgang.c.kanal != bindparam("of_kanal"))
    .values(kanal=bindparam("of_kanal"))
)
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
_OF_MESSAGES = (
    select(vorgang, vorgang_entry.c.message_key, vorgang_entry.c.fits)
    .join(vorgang_entry, vorgang_entry.c.vorgang_key == vorgang.c.key)
    .where(vorgang_entry.c.direction != VorgangDirection.SYSTEM.value)
)


@dataclass(frozen=True)
class VorgangChange:
    """What has become of a stored Vorgang, and further lines of its history."""

    before: Vorgang
    after: Vorgang
    entries: Sequence[VorgangEntry]


@dataclass(frozen=True)
class FoundVorgang:
    """A Vorgang, and whether the message by which it was found fits in it."""

    vorgang: Vorgang
    fits: bool


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
            **to_changing_columns(new),
        }
        key = read_new_key(self._connection.execute(insert(vorgang).values(**values)))
        self._add_schuldner(key, new)
        self._add_entries([(key, entry) for entry in entries])

    def record(self, before: Vorgang, after: Vorgang, entries: Sequence[VorgangEntry]) -> None:
        """Writes what has become of a stored Vorgang, and further lines of its history."""
        self.record_many([VorgangChange(before, after, entries)])

    def record_many(self, changes: Sequence[VorgangChange]) -> None:
        """The same of several Vorgänge, each once."""
        rows: list[dict[str, Any]] = []
        rows_of_waiting: list[dict[str, Any]] = []
        for change in changes:
            row = {"of_key": change.before.key, **to_changing_columns(change.after)}
            if change.after.waiting == change.before.waiting:
                rows.append(row)
            else:
                rows_of_waiting.append({**row, "is_reminded": False})
        execute_rows(self._connection, _RECORD, rows)
        execute_rows(self._connection, _RECORD, rows_of_waiting)
        for change in changes:
            if change.after.schuldner_list != change.before.schuldner_list:
                self._add_schuldner(change.before.key, change.after)
        entries = [(item.before.key, entry) for item in changes for entry in item.entries]
        self._add_entries(entries)

    def mark_reminded(self, key: int) -> None:
        """The deadline that runs has had its reminder."""
        self._connection.execute(
            update(vorgang).where(vorgang.c.key == key).values(is_reminded=True)
        )

    def set_kanal(self, message_keys: Sequence[int], kanal: Kanal) -> None:
        """Says by which channel the Ersuchen among these messages go, on every side."""
        values = {"message_keys": message_keys, "of_kanal": kanal.value}
        self._connection.execute(_SET_KANAL, values)

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
        return (from_vorgang_row(row), from_entry_row(entry)) if entry else None

    def find_of_messages(self, message_keys: Sequence[int]) -> dict[tuple[int, int], FoundVorgang]:
        """The Vorgänge that have these messages, by Mandant and message.

        `lock_of_messages` has locked them.
        """
        query = _OF_MESSAGES.where(vorgang_entry.c.message_key.in_(message_keys))
        found: dict[tuple[int, int], FoundVorgang] = {}
        for row in self._connection.execute(query.order_by(vorgang_entry.c.key)):
            place = (row.mandant_key, row.message_key)
            found.setdefault(place, FoundVorgang(from_vorgang_row(row), row.fits))
        return found

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
            tuple(map(from_entry_row, found)),
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

    def _add_entries(self, entries: Sequence[tuple[int, VorgangEntry]]) -> None:
        """Each to the Vorgang with its key."""
        rows = [to_entry_row(key, entry) for key, entry in entries]
        execute_rows(self._connection, _ADD_ENTRIES, rows)

    def _select_entries(self, condition: ColumnElement[bool]) -> Iterator[tuple[int, VorgangEntry]]:
        rows = self._connection.execute(
            _SELECT_ENTRIES.where(condition).order_by(vorgang_entry.c.key)
        )
        for row in rows:
            yield row.vorgang_key, from_entry_row(row)


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
