"""Reading a job: message and attachments, or the reason why it cannot be sent."""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import Path

from clients.fachverfahren.client import Attachment
from clients.fachverfahren.facade import OutgoingContent, Refused
from clients.fachverfahren.job import Job
from clients.fachverfahren.names import is_hidden, is_transmittable
from clients.fachverfahren.outbox import is_attachments, is_message

_UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class JobContent:
    """What is sent, and the checksum by which the same content is known again."""

    outgoing: OutgoingContent
    digest: str


def read_content(job: Job, max_bytes: int) -> JobContent:
    """Reads all files; raises Refused where the job itself is wrong, OSError where the disk is."""
    outgoing = read_outgoing(_find_message(job), _list_attachments(job), max_bytes)
    return JobContent(outgoing, _compute_digest(outgoing))


def read_outgoing(message: Path, attachments: Iterable[Path], max_bytes: int) -> OutgoingContent:
    """Reads a message and its attachments, `max_bytes` together; raises Refused and OSError."""
    files = _Reader(max_bytes)
    content = files.read(message)
    if not content.strip():
        raise _refuse(
            "Die XML-Datei ist leer.", "Bitte prüfen, warum das Fachverfahren sie leer schreibt."
        )
    # The library's own table: that of the machine may change between two tries.
    types = MimeTypes()
    return OutgoingContent(
        content,
        tuple(
            Attachment(
                unicodedata.normalize("NFC", path.name),
                types.guess_type(path.name)[0] or _UNKNOWN_TYPE,
                files.read(path),
            )
            for path in attachments
        ),
    )


class _Reader:
    """Reads regular files until the limit for all of them together is reached."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._left = max_bytes

    def read(self, path: Path) -> bytes:
        try:
            _require_regular(path)
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except PermissionError:
            raise _unreadable(path) from None
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(self._left + 1)
            # What is sent must be the same after a power cut.
            os.fsync(file.fileno())
        self._left -= len(content)
        if self._left < 0:
            raise _refuse(
                f"Nachricht und Anlagen sind zusammen größer als {self._max_bytes} Bytes "
                f"(bis zur Datei „{path.name}“).",
                "Bitte die Anlagen verkleinern oder auf mehrere Nachrichten verteilen.",
            )
        return content


def _find_message(job: Job) -> Path:
    messages = [path for path in job.entry_paths if is_message(job.record.name, path.name)]
    if len(messages) == 1:
        return messages[0]
    names = ", ".join(f"„{path.name}“" for path in messages)
    raise _refuse(
        f"Zu einem Namen liegen mehrere XML-Dateien vor: {names}.",
        "Bitte jedem Auftrag einen eigenen Namen geben.",
    )


def _list_attachments(job: Job) -> Iterator[Path]:
    for folder in job.entry_paths:
        if not is_attachments(job.record.name, folder.name):
            continue
        if folder.is_symlink():
            raise _refuse_link(folder)
        try:
            names = sorted(os.listdir(folder))
        except PermissionError:
            raise _unreadable(folder) from None
        for name in names:
            if not is_hidden(name):
                yield _require_transmittable(folder / name)


def _require_transmittable(path: Path) -> Path:
    if is_transmittable(path.name):
        return path
    raise _refuse(
        f"Der Dateiname {path.name!a} lässt sich nicht übertragen: Er enthält Steuerzeichen "
        "oder ist nicht in UTF-8 geschrieben.",
        "Bitte die Datei umbenennen.",
    )


def _require_regular(path: Path) -> None:
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode):
        raise _refuse_link(path)
    if stat.S_ISDIR(mode):
        raise _refuse(
            f"Im Ordner der Anlagen liegt ein weiterer Ordner, „{path.name}“.",
            "Bitte alle Anlagen unmittelbar in den Ordner des Auftrags legen.",
        )
    if not stat.S_ISREG(mode):
        raise _refuse(f"„{path.name}“ ist keine gewöhnliche Datei.", "Bitte eine Datei ablegen.")


def _refuse_link(path: Path) -> Refused:
    return _refuse(
        f"„{path.name}“ ist eine Verknüpfung (Symlink); Verknüpfungen wird nicht gefolgt.",
        "Bitte die Datei selbst ablegen.",
    )


def _unreadable(path: Path) -> Refused:
    return _refuse(
        f"„{path.name}“ darf nicht gelesen werden.",
        "Bitte dem Benutzer, unter dem die Anbindung läuft, das Lesen erlauben.",
    )


def _refuse(cause: str, remedy: str) -> Refused:
    return Refused("", cause, remedy)


def _compute_digest(outgoing: OutgoingContent) -> str:
    digest = hashlib.sha256(hashlib.sha256(outgoing.message).digest())
    for attachment in outgoing.attachments:
        for value in (attachment.filename.encode(), attachment.content_type.encode()):
            digest.update(hashlib.sha256(value).digest())
        digest.update(hashlib.sha256(attachment.content).digest())
    return digest.hexdigest()
