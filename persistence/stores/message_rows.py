"""Rows of messages, their parts and report entries: written and read."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from persistence.stores.facts import from_facts_json, to_facts_json
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import BlobRef
from server.domain.message import MessageState
from server.domain.stored_message import (
    ContentPart,
    MessageHead,
    MessageTimes,
    NewMessage,
    PartKind,
    StoredMessage,
)
from server.domain.transport_report import ReportCode, ReportEntry, Severity

MESSAGE_ID_LENGTH = 255


def fold_message_id(message_id: str) -> str:
    """The form in which MessageIDs are compared (XTA core: without regard to case)."""
    return message_id.strip().lower()


def to_message_row(new: NewMessage, moment: datetime) -> dict[str, Any]:
    """The columns of a message in state NEW."""
    head = new.head
    return {
        "message_id_folded": fold_message_id(head.message_id),
        "message_id": head.message_id,
        "state": MessageState.NEW.value,
        "author_mandant": new.author_mandant,
        "author_centre": new.author_centre,
        "reader_mandant": new.reader_mandant,
        **_to_party_columns("author", head.author),
        **_to_party_columns("reader", head.reader),
        "service": head.service,
        "business_scenario": head.business_scenario,
        "message_type": head.message_type,
        "payload_schema": head.payload_schema,
        "is_test": head.is_test,
        "metadata_xml": head.metadata_xml,
        "tokens_xml": new.tokens_xml,
        "digest": new.digest,
        "size": new.size,
        "origin": head.origin or moment,
        "not_before": head.not_before,
        "obsolete_after": head.obsolete_after,
        "facts": to_facts_json(new.facts),
        "content_key": new.content_key,
        "is_unscanned": new.is_unscanned,
    }


def _to_party_columns(role: str, party: PartyIdentifier) -> dict[str, str]:
    return {
        f"{role}_value": party.value,
        f"{role}_type": party.type,
        f"{role}_name": party.name,
        f"{role}_category": party.category,
    }


def to_part_row(message_key: int, position: int, part: ContentPart) -> dict[str, Any]:
    """The columns of a part."""
    return {
        "message_key": message_key,
        "position": position,
        "kind": part.kind.value,
        "blob": part.blob.name,
        "sha256": part.sha256,
        "size": part.size,
        "attributes": dict(part.attributes),
    }


def from_entry_row(row: Row[Any]) -> ReportEntry:
    """A report entry."""
    severity = Severity(row.severity) if row.severity else None
    return ReportEntry(row.timestamp, ReportCode(row.code), row.reason, row.centre, severity)


def from_part_row(row: Row[Any]) -> ContentPart:
    """A part."""
    blob = BlobRef(row.blob, row.size, row.sha256)
    return ContentPart(PartKind(row.kind), blob, row.attributes)


def from_message_row(row: Row[Any], parts: tuple[ContentPart, ...]) -> StoredMessage:
    """A message with its parts."""
    return StoredMessage(
        key=row.key,
        state=MessageState(row.state),
        head=MessageHead(
            message_id=row.message_id,
            author=_from_party_columns("author", row),
            reader=_from_party_columns("reader", row),
            service=row.service,
            business_scenario=row.business_scenario,
            message_type=row.message_type,
            payload_schema=row.payload_schema,
            metadata_xml=row.metadata_xml,
            origin=row.origin,
            not_before=row.not_before,
            obsolete_after=row.obsolete_after,
            is_test=row.is_test,
        ),
        author_mandant=row.author_mandant,
        author_centre=row.author_centre,
        reader_mandant=row.reader_mandant,
        digest=row.digest,
        size=row.size,
        times=MessageTimes(
            row.origin, row.initial_send, row.delivery, row.initial_fetch, row.reception
        ),
        tokens_xml=row.tokens_xml,
        parts=parts,
        facts=from_facts_json(row.facts),
        is_unscanned=row.is_unscanned,
        kanal=Kanal(row.kanal) if row.kanal else None,
    )


def _from_party_columns(role: str, row: Row[Any]) -> PartyIdentifier:
    columns = row._mapping
    return PartyIdentifier(
        columns[f"{role}_value"],
        columns[f"{role}_type"],
        columns[f"{role}_name"],
        columns[f"{role}_category"],
    )
