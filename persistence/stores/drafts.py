"""Drafts and their attachments, each of one Mandant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, tuple_, update

from persistence.draft_tables import draft, draft_attachment
from persistence.types import read_new_key
from server.domain.content import BlobRef
from server.domain.draft import (
    BankRelease,
    Draft,
    DraftAttachment,
    DraftPlace,
    DraftSummary,
    NewDraft,
)


class DraftStore:
    """Reads and changes drafts; every question names the Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewDraft, moment: datetime) -> int:
        """Keeps a draft; its key."""
        values = {
            "draft_id": new.draft_id,
            "mandant_key": new.mandant_key,
            "is_template": new.is_template,
            "title": new.summary.title,
            "aktenzeichen": new.summary.aktenzeichen,
            "content": dict(new.content),
            "version": 1,
            "created": moment,
            "changed": moment,
            "changed_by": new.changed_by,
            "message_id": new.message_id,
            "bank_user": new.bank_user,
        }
        return read_new_key(self._connection.execute(insert(draft).values(**values)))

    def find(self, mandant_key: int, draft_id: str) -> Draft | None:
        """The draft of a Mandant; None where it has none with this ID."""
        row = self._connection.execute(
            select(draft).where(draft.c.mandant_key == mandant_key, draft.c.draft_id == draft_id)
        ).one_or_none()
        return _to_draft(row) if row else None

    def list_page(
        self, mandant_key: int, place: DraftPlace | None, maximum: int, *, is_template: bool
    ) -> tuple[Draft, ...]:
        """At most so many behind the place, those first that were changed last."""
        query = select(draft).where(
            draft.c.mandant_key == mandant_key, draft.c.is_template == is_template
        )
        if place:
            there = tuple_(draft.c.changed, draft.c.key)
            query = query.where(there < (place.changed, place.key))
        query = query.order_by(draft.c.changed.desc(), draft.c.key.desc()).limit(maximum)
        return tuple(map(_to_draft, self._connection.execute(query)))

    def count(self, mandant_key: int, maximum: int) -> int:
        """How many drafts there are; `maximum` where there are as many or more."""
        found = (
            select(draft.c.key)
            .where(draft.c.mandant_key == mandant_key, draft.c.is_template.is_(False))
            .limit(maximum)
        )
        return int(self._connection.scalar(select(func.count()).select_from(found.subquery())) or 0)

    def change(self, key: int, version: int, values: Mapping[str, Any]) -> bool:
        """Changes columns of the draft in this version; False where it is another by now."""
        result = self._connection.execute(
            update(draft)
            .where(draft.c.key == key, draft.c.version == version)
            .values(version=version + 1, **values)
        )
        return result.rowcount == 1

    def remove(self, key: int) -> None:
        """Removes a draft with its attachments."""
        self._connection.execute(
            delete(draft_attachment).where(draft_attachment.c.draft_key == key)
        )
        self._connection.execute(delete(draft).where(draft.c.key == key))

    def list_attachments(self, draft_key: int) -> tuple[DraftAttachment, ...]:
        """In the order in which they came."""
        rows = self._connection.execute(
            select(draft_attachment)
            .where(draft_attachment.c.draft_key == draft_key)
            .order_by(draft_attachment.c.key)
        )
        return tuple(
            DraftAttachment(
                row.key,
                row.filename,
                row.content_type,
                row.art,
                BlobRef(row.blob, row.size, row.sha256),
                row.hint,
            )
            for row in rows
        )

    def add_attachment(self, draft_key: int, new: DraftAttachment) -> int:
        """Adds an attachment, whatever its key says; the key it got."""
        result = self._connection.execute(
            insert(draft_attachment).values(
                draft_key=draft_key,
                filename=new.filename,
                content_type=new.content_type,
                art=new.art,
                hint=new.hint,
                blob=new.blob.name,
                size=new.blob.size,
                sha256=new.blob.sha256,
            )
        )
        return read_new_key(result)

    def set_attachment_art(self, draft_key: int, key: int, art: str) -> None:
        """Says what kind of document an attachment is."""
        self._connection.execute(
            update(draft_attachment)
            .where(draft_attachment.c.draft_key == draft_key, draft_attachment.c.key == key)
            .values(art=art)
        )

    def remove_attachment(self, draft_key: int, key: int) -> bool:
        """False where the draft has no such attachment."""
        result = self._connection.execute(
            delete(draft_attachment).where(
                draft_attachment.c.draft_key == draft_key, draft_attachment.c.key == key
            )
        )
        return result.rowcount == 1


def _to_draft(row: Row[Any]) -> Draft:
    return Draft(
        key=row.key,
        draft_id=row.draft_id,
        mandant_key=row.mandant_key,
        is_template=row.is_template,
        summary=DraftSummary(row.title, row.aktenzeichen),
        content=row.content,
        version=row.version,
        created=row.created,
        changed=row.changed,
        changed_by=row.changed_by,
        message_id=row.message_id,
        bank_user=row.bank_user,
        release=_to_release(row),
    )


def _to_release(row: Row[Any]) -> BankRelease | None:
    if row.release_user is None or row.release_moment is None:
        return None
    return BankRelease(row.release_user, row.release_name, row.release_moment, row.release_details)
