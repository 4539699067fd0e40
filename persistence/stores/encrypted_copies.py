"""What was encrypted of a message before it went to another data centre."""

from datetime import datetime

from sqlalchemy import Connection, insert, select

from persistence.tables import encrypted_copy
from server.domain.content import BlobRef
from server.domain.stored_message import ContentPart, PartKind


class EncryptedCopyStore:
    """One copy for each message; its content lies in the blob store."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, message_key: int) -> ContentPart | None:
        """The encrypted container of a message."""
        row = self._connection.execute(
            select(encrypted_copy).where(encrypted_copy.c.message_key == message_key)
        ).one_or_none()
        if row is None:
            return None
        return ContentPart(PartKind.ENCRYPTED, BlobRef(row.blob, row.size, row.sha256))

    def add(self, message_key: int, copy: ContentPart, fingerprint: str, moment: datetime) -> None:
        """Keeps which blob the copy is, and for which certificate (SHA-256, hex) it was made."""
        self._connection.execute(
            insert(encrypted_copy).values(
                message_key=message_key,
                blob=copy.blob.name,
                sha256=copy.sha256,
                size=copy.size,
                fingerprint=fingerprint,
                created=moment,
            )
        )
