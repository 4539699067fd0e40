"""Opening what arrives encrypted, where this server holds the key of the reader.

What is stored stays encrypted, and nothing is written in the clear: contents are decrypted when
they are read.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from server.domain.behoerde import PartyIdentifier
from server.domain.content import Content
from server.domain.stored_message import PartKind
from server.errors import AmtshilfeError, Faults
from server.services.reader_keys import ReaderKeys
from server.services.send_command import IncomingPart, SendCommand
from server.xmlio.content_encryption import ContentDecryption
from server.xmlio.encryption.plain_container import ContainerPart
from server.xmlio.encryption.problems import CannotDecrypt, KeyRefused, NotForUs

logger = logging.getLogger(__name__)


class Opening:
    """Opens contents at the door and on fetch."""

    def __init__(self, keys: ReaderKeys, decryption: ContentDecryption) -> None:
        self._keys = keys
        self._decryption = decryption

    def open_command(self, command: SendCommand) -> SendCommand:
        """The command with what its encrypted content holds, where the key is held.

        Raises 9050 where the content is for a key that is held, and yet cannot be opened.
        """
        encrypted = _find_encrypted(command.parts)
        if encrypted is None:
            return command
        try:
            opened = self._open(command.head.reader, encrypted.content)
        except CannotDecrypt as error:
            raise AmtshilfeError(
                Faults.SCHEMA_VIOLATION,
                f"Der verschlüsselte Inhalt lässt sich für den Leser nicht öffnen. {error}",
            ) from error
        parts = (
            IncomingPart(kind, content, dict(attributes)) for kind, attributes, content in opened
        )
        return replace(command, opened=tuple(parts))

    def open_stored(self, reader: PartyIdentifier, content: Content) -> tuple[ContainerPart, ...]:
        """What an EncryptedData holds for its reader; empty where it stays as it is."""
        try:
            return self._open(reader, content)
        except CannotDecrypt as error:
            # The reader may have other means: the content is his in any case.
            logger.warning("a content for %s stays encrypted: %s", reader, error)
            return ()

    def _open(self, reader: PartyIdentifier, content: Content) -> tuple[ContainerPart, ...]:
        """Empty where no key is held that fits; raises CannotDecrypt."""
        try:
            keys = self._keys.find(reader)
        except KeyRefused as error:
            logger.error("a key of %s cannot be used: %s", reader, error)
            return ()
        if not keys:
            return ()
        try:
            return self._decryption.decrypt(content, keys)
        except NotForUs:
            return ()


def _find_encrypted(parts: Sequence[IncomingPart]) -> IncomingPart | None:
    return next((part for part in parts if part.kind == PartKind.ENCRYPTED), None)
