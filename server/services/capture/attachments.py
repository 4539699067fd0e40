"""Attachments of drafts: checked when they come in, kept as blobs as long as the draft is there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO

from persistence.blobs import Blobs, BlobWriter, StagedBlob
from persistence.database import Database, Stores
from server.domain.content import Content
from server.domain.draft import Draft, DraftAttachment
from server.domain.web_user import Actor
from server.errors import AmtshilfeError
from server.printing.attachment_guard import CheckUnavailable, find_print_problem
from server.services.capture.drafts import Drafts
from server.services.scanning import ScannerDown, Scanning
from server.services.upload_kinds import AttachmentRefused, check_kind

_CHUNK = 256 * 1024
_NAME_LENGTH = 150
_MEGABYTE = 1_000_000
# What the message itself may take of the container, beside its attachments.
_MESSAGE_BYTES = 1_000_000
_NOT_SCANNED = (
    "Der Virenscanner antwortet zurzeit nicht; vor der Zustellung wird die Datei noch geprüft."
)
_NOT_PRINTABLE = "Als Brief lässt sich nur PDF zustellen; diese Datei steht einem Brief im Weg."


@dataclass(frozen=True)
class AttachmentLimits:
    """How much the attachments of one draft may have together, in bytes, and how many there are."""

    total_bytes: int
    count: int = 50

    @property
    def text(self) -> str:
        """The limit as a clerk reads it."""
        return f"{self.total_bytes / _MEGABYTE:.0f} MB".replace(".", ",")


class DraftAttachments:
    """Takes files up, and gives them out again."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        scanning: Scanning,
        drafts: Drafts,
        *,
        container_bytes: int,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._scanning = scanning
        self._drafts = drafts
        allowed = max(container_bytes - _MESSAGE_BYTES, container_bytes // 2)
        self.limits = AttachmentLimits(allowed)

    def list_all(self, draft: Draft) -> tuple[DraftAttachment, ...]:
        """In the order in which they came."""
        with self._database.reading() as stores:
            return stores.drafts.list_attachments(draft.key)

    def open(self, attachment: DraftAttachment) -> Content:
        """The content; raises BlobUnreadable and BlobStoreUnavailable."""
        return self._blobs.find(attachment.blob)

    def add(self, actor: Actor, draft: Draft, filename: str, source: IO[bytes]) -> None:
        """Checks a file and keeps it; raises AttachmentRefused and DraftGone."""
        name = _clean_name(filename)
        staged = self._stage(name, source, sum(item.blob.size for item in self.list_all(draft)))
        try:
            content_type = check_kind(name, staged)
            hint = self._scan(name, staged) or _find_hint(name, content_type, staged)
            ref = self._blobs.keep(staged)
        finally:
            staged.discard()

        def keep(stores: Stores, present: Draft) -> str:
            known = stores.drafts.list_attachments(present.key)
            self._require_room(known, staged.size)
            free = _find_free_name(name, {item.filename for item in known})
            new = DraftAttachment(0, free, content_type, "sonstiges", ref, hint)
            stores.drafts.add_attachment(present.key, new)
            return f"hinzugefügt: {free}"

        self._drafts.change_attachments(actor, draft.draft_id, keep)

    def remove(self, actor: Actor, draft: Draft, key: int) -> bool:
        """False where the draft has no such attachment; raises DraftGone."""
        known = {item.key: item for item in self.list_all(draft)}
        if key not in known:
            return False
        self._change(actor, draft, f"entfernt: {known[key].filename}", _removing(key))
        return True

    def set_art(self, actor: Actor, draft: Draft, arten: dict[int, str]) -> None:
        """Says what kinds of documents they are; raises DraftGone."""
        old = {item.key: item.art for item in self.list_all(draft)}
        changed = {key: art for key, art in arten.items() if key in old and old[key] != art}
        if not changed:
            return

        def change(stores: Stores, present: Draft) -> None:
            for key, art in changed.items():
                stores.drafts.set_attachment_art(present.key, key, art)

        self._change(actor, draft, "Art geändert", change)

    def _change(
        self, actor: Actor, draft: Draft, text: str, change: Callable[[Stores, Draft], None]
    ) -> None:
        def run(stores: Stores, present: Draft) -> str:
            change(stores, present)
            return text

        self._drafts.change_attachments(actor, draft.draft_id, run)

    def _stage(self, name: str, source: IO[bytes], used: int) -> StagedBlob:
        writer: BlobWriter = self._blobs.stage()
        size = 0
        try:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                if used + size > self.limits.total_bytes:
                    raise AttachmentRefused(self._tell_size(name))
                writer.write(chunk)
            if not size:
                raise AttachmentRefused(f"„{name}“ ist leer. Bitte prüfen Sie die Datei.")
            return writer.finish()
        except BaseException:
            writer.discard()
            raise

    def _require_room(self, known: Sequence[DraftAttachment], size: int) -> None:
        if len(known) >= self.limits.count:
            raise AttachmentRefused(f"Mehr als {self.limits.count} Anlagen sind nicht möglich.")
        if sum(item.blob.size for item in known) + size > self.limits.total_bytes:
            raise AttachmentRefused(self._tell_size("Die Datei"))

    def _tell_size(self, name: str) -> str:
        return (
            f"„{name}“ passt nicht mehr hinein: Alle Anlagen zusammen dürfen höchstens "
            f"{self.limits.text} haben. Bitte verkleinern Sie die Datei, oder verteilen Sie die "
            "Anlagen auf mehrere Nachrichten."
        )

    def _scan(self, name: str, content: Content) -> str:
        """A hint where the scanner is away and messages may wait for it."""
        try:
            found = self._scanning.find_malware(content)
        except ScannerDown as error:
            if self._scanning.holds:
                return _NOT_SCANNED
            raise AttachmentRefused(
                "Der Virenscanner antwortet zurzeit nicht. Bitte versuchen Sie es in einigen "
                "Minuten noch einmal."
            ) from error
        except AmtshilfeError as error:
            raise AttachmentRefused(
                f"Der Virenscanner konnte „{name}“ nicht prüfen; die Datei wurde nicht angenommen."
            ) from error
        if found:
            raise AttachmentRefused(
                f"In „{name}“ wurde Schadsoftware gefunden ({found}). Die Datei wurde nicht "
                "angenommen; bitte verständigen Sie Ihre IT."
            )
        return ""


def _removing(key: int) -> Callable[[Stores, Draft], None]:
    def remove(stores: Stores, present: Draft) -> None:
        stores.drafts.remove_attachment(present.key, key)

    return remove


def _clean_name(filename: str) -> str:
    """The name without folders and signs that no message carries."""
    base = PurePath(filename.replace("\\", "/")).name
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in base).split())
    path = PurePath(text or "Anlage")
    return f"{path.stem[:_NAME_LENGTH]}{path.suffix[:10]}"


def _find_hint(name: str, content_type: str, content: Content) -> str:
    if content_type != "application/pdf":
        return _NOT_PRINTABLE
    try:
        problem = find_print_problem(name, content.read())
    except CheckUnavailable:
        return "Ob sie sich drucken lässt, war nicht zu prüfen; das geschieht beim Senden."
    return f"Für einen Brief nicht geeignet: {problem}" if problem else ""


def _find_free_name(name: str, taken: set[str]) -> str:
    path, number = PurePath(name), 1
    while name in taken:
        number += 1
        name = f"{path.stem} ({number}){path.suffix}"
    return name
