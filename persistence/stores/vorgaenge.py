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
    case,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from persistence.stores.messages import fold_message_id
from persistence.tables import message, vorgang, vorgang_entry
from persistence.types import read_new_key
from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang import (
    CLOSED_STATES,
    RUNNING_STATES,
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

_IS_CLOSED = vorgang.c.state.in_(sorted(state.value for state in CLOSED_STATES))
_IS_RUNNING = vorgang.c.state.in_(sorted(state.value for state in RUNNING_STATES))


class VorgangStore:
    """Opens, finds and changes Vorgänge; each belongs to one Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Vorgang) -> int:
        """Stores a new Vorgang and returns its key."""
        values = {
            "vorgang_id": new.vorgang_id,
            "mandant_key": new.mandant_key,
            "is_test": new.is_test,
            "opened": new.opened,
            "is_reminded": False,
            **_to_changing_columns(new),
        }
        return read_new_key(self._connection.execute(insert(vorgang).values(**values)))

    def record(self, before: Vorgang, after: Vorgang, entry: VorgangEntry) -> None:
        """Writes what has become of a stored Vorgang, and the line of its history."""
        values = _to_changing_columns(after)
        if after.waiting != before.waiting:
            values["is_reminded"] = False
        self._connection.execute(
            update(vorgang).where(vorgang.c.key == before.key).values(**values)
        )
        self._connection.execute(insert(vorgang_entry).values(**_to_entry_row(before.key, entry)))

    def mark_reminded(self, key: int) -> None:
        """The deadline that runs has had its reminder."""
        self._connection.execute(
            update(vorgang).where(vorgang.c.key == key).values(is_reminded=True)
        )

    def find_matching(self, search: VorgangSearch) -> Vorgang | None:
        """The Vorgang to which a message belongs, locked until the transaction ends.

        Process references count before MessageIDs, these before Aktenzeichen; among several those
        that run, then the own Aktenzeichen before the partner's, then the newest.
        """
        common = [vorgang.c.mandant_key == search.mandant_key, vorgang.c.is_test == search.is_test]
        if search.begins_as:
            common += [_IS_RUNNING, _has_partner(search.partner), _has_rolle(search.begins_as)]
        for criterion in _list_criteria(search):
            row = self._connection.execute(
                select(vorgang)
                .where(*common, criterion)
                .order_by(
                    case((_IS_RUNNING, 0), (_IS_CLOSED, 2), else_=1),
                    case((vorgang.c.own_aktenzeichen == search.own_aktenzeichen, 0), else_=1),
                    vorgang.c.key.desc(),
                )
                .limit(1)
                .with_for_update()
            ).one_or_none()
            if row:
                return _from_row(row)
        return None

    def find_of_message(
        self, mandant_key: int, message_key: int
    ) -> tuple[Vorgang, VorgangEntry] | None:
        """The Vorgang of a Mandant that has a message, locked, and the entry of that message."""
        has_message = and_(
            vorgang_entry.c.message_key == message_key,
            vorgang_entry.c.direction != VorgangDirection.SYSTEM.value,
        )
        row = self._connection.execute(
            select(vorgang)
            .join(vorgang_entry, vorgang_entry.c.vorgang_key == vorgang.c.key)
            .where(vorgang.c.mandant_key == mandant_key, has_message)
            .limit(1)
            .with_for_update(of=vorgang)
        ).one_or_none()
        if row is None:
            return None
        entries = self._select_entries(and_(vorgang_entry.c.vorgang_key == row.key, has_message))
        return _from_row(row), next(entry for _, entry in entries)

    def list_entries(self, keys: Sequence[int]) -> dict[int, tuple[VorgangEntry, ...]]:
        """The histories of Vorgänge by their keys, in the order they were written."""
        found: dict[int, list[VorgangEntry]] = {key: [] for key in keys}
        for key, entry in self._select_entries(vorgang_entry.c.vorgang_key.in_(keys)):
            found[key].append(entry)
        return {key: tuple(entries) for key, entries in found.items()}

    def list_found(
        self, mandant_key: int, criteria: VorgangCriteria, overdue: "Overdue", maximum: int
    ) -> tuple[Vorgang, ...]:
        """The Vorgänge of a Mandant that fit, changed last first."""
        query = _restrict(select(vorgang), mandant_key, criteria, overdue)
        rows = self._connection.execute(
            query.order_by(vorgang.c.changed.desc(), vorgang.c.key.desc()).limit(maximum)
        )
        return tuple(_from_row(row) for row in rows)

    def count_found(self, mandant_key: int, criteria: VorgangCriteria, overdue: "Overdue") -> int:
        """How many Vorgänge of a Mandant fit."""
        query = select(func.count()).select_from(vorgang)
        return int(self._connection.scalar(_restrict(query, mandant_key, criteria, overdue)) or 0)

    def has_to_remind(self, overdue: "Overdue") -> bool:
        """True where a deadline has passed without a reminder yet."""
        query = select(vorgang.c.key).where(vorgang.c.is_reminded == false(), overdue.condition)
        return self._connection.execute(query.limit(1)).first() is not None

    def list_to_remind(self, overdue: "Overdue", maximum: int) -> tuple[Vorgang, ...]:
        """Vorgänge whose deadline has passed without a reminder yet, locked."""
        rows = self._connection.execute(
            select(vorgang)
            .where(vorgang.c.is_reminded == false(), overdue.condition)
            .order_by(vorgang.c.key)
            .limit(maximum)
            .with_for_update(skip_locked=True)
        )
        return tuple(_from_row(row) for row in rows)

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

    def _select_entries(self, condition: ColumnElement[bool]) -> Iterator[tuple[int, VorgangEntry]]:
        rows = self._connection.execute(
            select(vorgang_entry, message.c.message_id)
            .outerjoin(message, message.c.key == vorgang_entry.c.message_key)
            .where(condition)
            .order_by(vorgang_entry.c.key)
        )
        for row in rows:
            yield row.vorgang_key, _from_entry_row(row)


class Overdue:
    """The Vorgänge whose answer was due before a day; without a stated day after so many days."""

    def __init__(self, today: date, answer_days: int) -> None:
        last_start = today - timedelta(days=answer_days)
        self.condition: ColumnElement[bool] = and_(
            vorgang.c.answer_since.is_not(None),
            or_(
                vorgang.c.answer_until < today,
                and_(vorgang.c.answer_until.is_(None), vorgang.c.answer_since < last_start),
            ),
        )


def _list_criteria(search: VorgangSearch) -> Iterator[ColumnElement[bool]]:
    """What a Vorgang has in common with a message, the surest first."""
    partner = _has_partner(search.partner)
    if search.process.requester:
        yield and_(partner, vorgang.c.process_requester == search.process.requester)
    if search.process.responder:
        yield and_(partner, vorgang.c.process_responder == search.process.responder)
    if search.related_ids:
        folded = [fold_message_id(item) for item in search.related_ids]
        yield vorgang.c.key.in_(_select_keys_of_messages(folded))
    # Both at once: an own Aktenzeichen of a matter that has ended must not hide a running one.
    aktenzeichen = [
        column == known
        for column, known in (
            (vorgang.c.own_aktenzeichen, search.own_aktenzeichen),
            (vorgang.c.partner_aktenzeichen, search.partner_aktenzeichen),
        )
        if known
    ]
    if aktenzeichen:
        yield and_(partner, or_(*aktenzeichen))


def _has_rolle(rolle: VorgangRolle) -> ColumnElement[bool]:
    """The role, which is but a guess where no Ersuchen has come."""
    is_guessed = vorgang.c.state == VorgangState.ANGELEGT.value
    return or_(vorgang.c.rolle == rolle.value, is_guessed)


def _has_partner(partner: PartyIdentifier) -> ColumnElement[bool]:
    """The partner of the Vorgang, or the one to which it was passed on."""
    return or_(
        and_(vorgang.c.partner_value == partner.value, vorgang.c.partner_type == partner.type),
        and_(vorgang.c.successor_value == partner.value, vorgang.c.successor_type == partner.type),
    )


def _select_keys_of_messages(folded_ids: Sequence[str]) -> Select[Any]:
    return (
        select(vorgang_entry.c.vorgang_key)
        .join(message, message.c.key == vorgang_entry.c.message_key)
        .where(message.c.message_id_folded.in_(folded_ids))
    )


def _restrict(
    query: Select[Any], mandant_key: int, criteria: VorgangCriteria, overdue: Overdue
) -> Select[Any]:
    query = query.where(vorgang.c.mandant_key == mandant_key)
    if criteria.vorgang_id:
        query = query.where(vorgang.c.vorgang_id == criteria.vorgang_id)
    if criteria.message_id:
        folded = [fold_message_id(criteria.message_id)]
        query = query.where(vorgang.c.key.in_(_select_keys_of_messages(folded)))
    if criteria.aktenzeichen:
        either = (vorgang.c.own_aktenzeichen, vorgang.c.partner_aktenzeichen)
        query = query.where(or_(*(column == criteria.aktenzeichen for column in either)))
    if criteria.is_only_overdue:
        query = query.where(overdue.condition)
    return query


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
        "answer_since": waiting.since if waiting else None,
        "answer_until": waiting.until if waiting else None,
        "successor_value": successor.value if successor else "",
        "successor_type": successor.type if successor else "",
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


def _from_row(row: Row[Any]) -> Vorgang:
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
        waiting=_read_waiting(row),
        successor=successor if successor.value else None,
        key=row.key,
    )


def _read_waiting(row: Row[Any]) -> Waiting | None:
    if row.answer_owed_by is None:
        return None
    return Waiting(VorgangRolle(row.answer_owed_by), row.answer_since, row.answer_until)


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
