"""Fetching messages into the inbox, each exactly once.

A message is written into a folder beside the inbox; when it is complete, a record says so, and one
rename lets it appear. Then it is confirmed. Whatever was interrupted is finished from there, also
where the Fachverfahren has taken the folder away meanwhile; and for a while it is remembered which
messages came, should the server give one of them again.
"""

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clients.fachverfahren.documents import StoredFile, write_kopf
from clients.fachverfahren.durable import (
    clear_folder,
    move,
    place_file,
    remove_file,
    sync_folder,
    write_new,
)
from clients.fachverfahren.facade import Facade, Postponed, Refused
from clients.fachverfahren.names import find_free_name, number_names
from clients.fachverfahren.workspace import Workspace

logger = logging.getLogger(__name__)

_HEAD = "kopf.xml"
_MESSAGE = "nachricht.xml"
_ENCRYPTED_MESSAGE = "verschluesselt.xml"
_ATTACHMENTS = "anlagen"
_UNKNOWN_MESSAGE = "9070"
_REMEMBERED_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True)
class _Arrival:
    """A message that is written completely; `folder` is its name in the inbox."""

    key: str
    message_id: str
    folder: str


class Inbox:
    """Brings what waits in the mailbox."""

    def __init__(self, workspace: Workspace, facade: Facade) -> None:
        self._workspace = workspace
        self._facade = facade

    def fetch_all(self, is_stopped: Callable[[], bool]) -> bool:
        """Fetches until the mailbox is empty; False where something failed.

        Raises Unreachable, and OSError where a message cannot be written.
        """
        try:
            self._finish_interrupted()
            return self._fetch(is_stopped)
        except (Postponed, Refused) as error:
            logger.warning("inbox: %s", error)
            return False

    def _fetch(self, is_stopped: Callable[[], bool]) -> bool:
        seen: set[str] = set()
        while not is_stopped():
            nachricht = self._facade.receive()
            if nachricht is None:
                return True
            if nachricht.messageId in seen:
                logger.error("%s: given again although it was confirmed", nachricht.messageId)
                return False
            seen.add(nachricht.messageId)
            self._finish(self._write(nachricht))
        return True

    def _finish_interrupted(self) -> None:
        for record in sorted(self._workspace.arriving.glob("*.json")):
            self._finish(_Arrival(**json.loads(record.read_text(encoding="ascii"))))
        for rest in self._workspace.arriving.iterdir():
            if rest.is_dir():
                shutil.rmtree(rest)
            elif time.time() - rest.stat().st_mtime > _REMEMBERED_SECONDS:
                rest.unlink()

    def _write(self, nachricht: Any) -> _Arrival:
        message_id = nachricht.messageId
        # The server compares MessageIDs without regard to case.
        key = hashlib.sha256(message_id.lower().encode()).hexdigest()[:16]
        arrival = _Arrival(key, message_id, _make_folder_name(nachricht, key))
        if self._memory_of(arrival).exists():
            logger.warning("%s: given again, it has been received before", message_id)
            return arrival
        draft = self._workspace.arriving / key
        clear_folder(draft)
        _write_message(draft, nachricht)
        sync_folder(self._workspace.arriving)
        content = json.dumps(vars(arrival)).encode("ascii")
        place_file(self._workspace.staging, self._record_of(arrival), content)
        return arrival

    def _finish(self, arrival: _Arrival) -> None:
        """Lets the message appear, unless it has; then confirms it."""
        draft = self._workspace.arriving / arrival.key
        if draft.exists():
            inbox = self._workspace.folders.inbox
            name = find_free_name(
                arrival.folder, "", lambda candidate: os.path.lexists(inbox / candidate)
            )
            move(draft, inbox / name)
            logger.info("%s: received as %s", arrival.message_id, name)
        self._confirm(arrival.message_id)
        place_file(self._workspace.staging, self._memory_of(arrival), b"")
        remove_file(self._record_of(arrival))

    def _confirm(self, message_id: str) -> None:
        try:
            self._facade.confirm(message_id)
        except Refused as refusal:
            if refusal.code != _UNKNOWN_MESSAGE:
                raise
            # It has left the mailbox by another way; what came is here.
            logger.warning("%s: not confirmed: %s", message_id, refusal)

    def _memory_of(self, arrival: _Arrival) -> Path:
        return self._workspace.arriving / f"{arrival.key}.received"

    def _record_of(self, arrival: _Arrival) -> Path:
        return self._workspace.arriving / f"{arrival.key}.json"


def _make_folder_name(nachricht: Any, key: str) -> str:
    moment: datetime = nachricht.zugestellt
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}-{key}"


def _write_message(folder: Path, nachricht: Any) -> None:
    message_name = _ENCRYPTED_MESSAGE if nachricht.verschluesselt else _MESSAGE
    message = _write_file(folder, message_name, nachricht.inhalt, "", "")
    names = number_names(anhang.dateiname for anhang in nachricht.anhang)
    if names:
        (folder / _ATTACHMENTS).mkdir()
    attachments = [
        _write_file(
            folder, f"{_ATTACHMENTS}/{name}", anhang.inhalt, anhang.dateiname, anhang.contentType
        )
        for name, anhang in zip(names, nachricht.anhang, strict=True)
    ]
    if names:
        sync_folder(folder / _ATTACHMENTS)
    write_new(folder / _HEAD, write_kopf(nachricht, message, attachments))
    sync_folder(folder)


def _write_file(
    folder: Path, path: str, content: bytes | None, original_name: str, content_type: str
) -> StoredFile:
    # zeep gives None for an empty content.
    data = content or b""
    write_new(folder / path, data)
    return StoredFile(
        path, original_name, content_type, len(data), hashlib.sha256(data).hexdigest()
    )
