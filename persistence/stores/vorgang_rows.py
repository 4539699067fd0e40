"""Vorgänge and lines of their history as rows."""

from datetime import date
from typing import Any

from sqlalchemy import Row

from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang import (
    Vorgang,
    VorgangDirection,
    VorgangEntry,
    VorgangRolle,
    VorgangState,
    Waiting,
)
from server.domain.vorgang_facts import ProcessRef, VorgangEvent


def to_changing_columns(changed: Vorgang) -> dict[str, Any]:
    """What of a Vorgang changes after it was opened."""
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


def to_entry_row(vorgang_key: int, entry: VorgangEntry) -> dict[str, Any]:
    """A line of the history of the Vorgang with this key."""
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


def from_entry_row(row: Row[Any]) -> VorgangEntry:
    """A line of a history, selected with the MessageID of its message."""
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
