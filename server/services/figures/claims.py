"""Claims of messages that were stored before claims were kept: read from their contents."""

from collections.abc import Callable
from dataclasses import dataclass

from persistence.blobs import Blobs, BlobUnreadable
from persistence.database import Database
from server.domain.figures import ClaimSum
from server.domain.stored_message import PartKind, StoredMessage
from server.domain.vorgang_facts import VorgangEvent
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlRejected

_PAGE = 200


@dataclass(frozen=True)
class ClaimProgress:
    """How many messages were looked at; for how many claims were found; how many are unreadable."""

    seen: int = 0
    found: int = 0
    unreadable: int = 0


class ClaimReading:
    """Reads the claims of stored Ersuchen."""

    def __init__(self, database: Database, blobs: Blobs, inspector: PayloadInspector) -> None:
        self._database = database
        self._blobs = blobs
        self._inspector = inspector

    def read_all(self, tell: Callable[[ClaimProgress], None]) -> ClaimProgress:
        """Goes through all messages without claims; may be repeated, and run beside a server.

        `tell` is called after each page. Raises BlobStoreUnavailable; what was read stays.
        """
        progress, after = ClaimProgress(), 0
        while True:
            with self._database.reading() as stores:
                keys = stores.figures.list_without_claims(after, _PAGE)
                messages = stores.messages.find_many(keys)
            if not keys:
                return progress
            after = keys[-1]
            progress = self._read_page(list(messages.values()), progress)
            tell(progress)

    def _read_page(self, messages: list[StoredMessage], progress: ClaimProgress) -> ClaimProgress:
        found: dict[int, tuple[ClaimSum, ...]] = {}
        unreadable = 0
        for message in messages:
            try:
                claims = self._read(message)
            except (BlobUnreadable, XmlRejected):
                unreadable += 1
                continue
            if claims:
                found[message.key] = claims
        self._save(found)
        return ClaimProgress(
            progress.seen + len(messages),
            progress.found + len(found),
            progress.unreadable + unreadable,
        )

    def _read(self, message: StoredMessage) -> tuple[ClaimSum, ...]:
        if message.facts is None or message.facts.event is not VorgangEvent.ERSUCHEN:
            return ()
        part = next((item for item in message.parts if item.kind == PartKind.MESSAGE), None)
        return self._inspector.read_claims(self._blobs.find(part.blob)) if part else ()

    def _save(self, found: dict[int, tuple[ClaimSum, ...]]) -> None:
        if not found:
            return
        with self._database.writing() as stores:
            for key, claims in found.items():
                stores.figures.add_claims(key, claims)
            stores.figures.note_many(found)
            stores.figures.note_followers(found)
