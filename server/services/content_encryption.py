"""Encrypting contents for readers at other data centres, where the setting says so."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from persistence.blobs import Blobs
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.encryption_rule import EncryptionRule, EncryptionRules
from server.domain.stored_message import ContentPart, PartKind, StoredMessage
from server.services.clock import Clock
from server.services.directory import Directory
from server.xmlio.content_encryption import encrypt
from server.xmlio.encryption.keys import EncryptionCertificate, read_certificate
from server.xmlio.encryption.plain_container import ContainerPart
from server.xmlio.encryption.problems import CertificateRefused

logger = logging.getLogger(__name__)


class EncryptionImpossible(Exception):
    """Encryption is required, and there is no certificate for it; the text is German."""


@dataclass(frozen=True)
class EncryptedContent:
    """The document EncryptedData in pieces, to be read once, and for which certificate it is."""

    pieces: Iterator[bytes]
    certificate: EncryptionCertificate


class ContentEncryption:
    """Encrypts for the newest certificate of a reader that is valid and allowed."""

    def __init__(self, directory: Directory, clock: Clock, rules: EncryptionRules) -> None:
        self._directory = directory
        self._clock = clock
        self._rules = rules

    def encrypt_for(
        self, reader: PartyIdentifier, centre: str, parts: tuple[ContainerPart, ...]
    ) -> EncryptedContent | None:
        """The parts encrypted for a reader whom another data centre serves.

        None where they go as they are: by the rule, because no certificate is known, or because
        they are encrypted already. Raises EncryptionImpossible, DirectoryUnavailable.
        """
        rule = self._rules.find(centre)
        is_encrypted = any(part.kind == PartKind.ENCRYPTED for part in parts)
        if rule == EncryptionRule.OFF or is_encrypted:
            return None
        certificate = self._find_certificate(reader)
        if certificate is None:
            if rule == EncryptionRule.REQUIRED:
                raise EncryptionImpossible(
                    f"Für {reader} ist kein Zertifikat bekannt, für das verschlüsselt werden "
                    f"darf; an das Rechenzentrum {centre} geht nichts unverschlüsselt."
                )
            logger.info("no certificate of %s to encrypt for: goes as it is", reader)
            return None
        return EncryptedContent(encrypt(parts, certificate, self._clock()), certificate)

    def _find_certificate(self, reader: PartyIdentifier) -> EncryptionCertificate | None:
        for der in self._directory.find_certificates(reader):
            try:
                certificate = read_certificate(der)
                certificate.require_valid(self._clock())
            except CertificateRefused as error:
                logger.warning("a certificate of %s is not used: %s", reader, error)
            else:
                return certificate
        return None


class EncryptedCopies:
    """What goes to another data centre of a message, the same at every attempt.

    An encrypted content is different each time that it is made. The other side recognises a repeat
    by its content, so the copy is durable before it is sent for the first time.
    """

    def __init__(
        self, database: Database, blobs: Blobs, encryption: ContentEncryption, clock: Clock
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._encryption = encryption
        self._clock = clock

    def find_parts(self, message: StoredMessage, centre: str) -> tuple[ContentPart, ...]:
        """The parts to send: one encrypted, or those of the message where the rule says so.

        Raises EncryptionImpossible, DirectoryUnavailable.
        """
        with self._database.reading() as stores:
            known = stores.encrypted_copies.find(message.key)
        if known:
            return (known,)
        parts = tuple(
            ContainerPart(part.kind, part.attributes, self._blobs.find(part.blob))
            for part in message.parts
        )
        encrypted = self._encryption.encrypt_for(message.head.reader, centre, parts)
        if encrypted is None:
            return message.parts
        return (self._keep(message, encrypted),)

    def _keep(self, message: StoredMessage, encrypted: EncryptedContent) -> ContentPart:
        writer = self._blobs.stage()
        try:
            for piece in encrypted.pieces:
                writer.write(piece)
            content = writer.finish()
        except BaseException:
            writer.discard()
            raise
        copy = ContentPart(PartKind.ENCRYPTED, self._blobs.keep(content))
        with self._database.writing() as stores:
            fingerprint = encrypted.certificate.fingerprint
            stores.encrypted_copies.add(message.key, copy, fingerprint, self._clock())
        return copy
