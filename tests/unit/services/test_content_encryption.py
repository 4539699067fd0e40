"""Encrypting for readers at other data centres: which rule, which certificate, and once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.domain.encryption_rule import EncryptionRule, EncryptionRules
from server.domain.mandant import Caller
from server.domain.stored_message import ContentPart, PartKind, StoredMessage
from server.services.content_encryption import (
    ContentEncryption,
    EncryptedCopies,
    EncryptionImpossible,
)
from server.services.directory import DirectoryUnavailable
from server.xmlio.encryption.keys import ReaderKey
from server.xmlio.encryption.plain_container import ContainerPart
from tests.support.encryption import (
    decrypt,
    make_certificate,
    make_parts,
    make_private_key,
    make_reader_key,
    plain,
    to_der,
)
from tests.unit.conftest import FixedClock
from tests.unit.services.test_sending import StandInDirectory, command, make_sending

READER = PartyIdentifier("ags:cochem", "xoev")
OFF, OPPORTUNISTIC, REQUIRED = EncryptionRule
RULES = EncryptionRules(OFF, {"mitte": REQUIRED, "nord": OPPORTUNISTIC})


class StandInCertificates:
    """What the directory says of the reader's certificates."""

    def __init__(self, *known: bytes) -> None:
        self.known = known
        self.is_down = False

    def find_certificates(self, identifier: PartyIdentifier) -> tuple[bytes, ...]:
        if self.is_down:
            raise DirectoryUnavailable
        return self.known if identifier.is_same_party(READER) else ()


def make_encryption(clock: FixedClock, *known: bytes) -> ContentEncryption:
    directory: Any = StandInCertificates(*known)
    return ContentEncryption(directory, clock, RULES)


def der_of(key: ReaderKey) -> bytes:
    return key.certificate.der


@pytest.mark.parametrize("centre", ["mitte", "nord"])
def test_encrypt_for_reader_with_a_certificate_is_readable_for_it(
    clock: FixedClock, centre: str
) -> None:
    key = make_reader_key("p256")
    encrypted = make_encryption(clock, der_of(key)).encrypt_for(READER, centre, make_parts())
    assert encrypted is not None
    assert decrypt(b"".join(encrypted.pieces), key) == plain(make_parts())


def test_encrypt_for_centre_without_a_rule_goes_as_it_is(clock: FixedClock) -> None:
    encryption = make_encryption(clock, der_of(make_reader_key("p256")))
    assert encryption.encrypt_for(READER, "süd", make_parts()) is None


@pytest.mark.parametrize("centre", ["mitte", "nord"])
def test_encrypt_for_content_that_is_encrypted_already_goes_as_it_is(
    clock: FixedClock, centre: str
) -> None:
    part = ContainerPart(PartKind.ENCRYPTED, {}, InlineContent(b"<x/>"))
    assert make_encryption(clock).encrypt_for(READER, centre, (part,)) is None


def test_encrypt_for_reader_without_certificate_is_held_where_it_is_required(
    clock: FixedClock,
) -> None:
    encryption = make_encryption(clock)
    assert encryption.encrypt_for(READER, "nord", make_parts()) is None
    with pytest.raises(EncryptionImpossible, match="mitte geht nichts unverschlüsselt"):
        encryption.encrypt_for(READER, "mitte", make_parts())


def test_encrypt_for_reader_takes_the_newest_certificate_that_is_fit(clock: FixedClock) -> None:
    weak = to_der(make_certificate(make_private_key("rsa2048")))
    over = to_der(make_certificate(make_private_key("p384"), days=(-9, -1)))
    good, older = make_reader_key("rsa3072"), make_reader_key("p256")
    encryption = make_encryption(clock, b"none", weak, over, der_of(good), der_of(older))
    encrypted = encryption.encrypt_for(READER, "mitte", make_parts())
    assert encrypted is not None
    assert encrypted.certificate.fingerprint == good.certificate.fingerprint


def test_encrypt_for_reader_whose_certificates_are_all_over_is_held(clock: FixedClock) -> None:
    encryption = make_encryption(clock, der_of(make_reader_key("p256")))
    clock.advance(days=101)
    with pytest.raises(EncryptionImpossible):
        encryption.encrypt_for(READER, "mitte", make_parts())


@pytest.mark.parametrize("centre", ["mitte", "nord"])
def test_encrypt_for_while_the_directory_is_down_is_held(clock: FixedClock, centre: str) -> None:
    directory: Any = StandInCertificates()
    directory.is_down = True
    encryption = ContentEncryption(directory, clock, RULES)
    with pytest.raises(DirectoryUnavailable):
        encryption.encrypt_for(READER, centre, make_parts())
    assert encryption.encrypt_for(READER, "süd", make_parts()) is None


@pytest.fixture
def message(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller
) -> StoredMessage:
    directory = StandInDirectory()
    make_sending(database, blobs, directory, clock).send(command(author, READER))
    with database.reading() as stores:
        found = stores.messages.find("urn:x:1")
    assert found is not None
    return found


def test_find_parts_again_and_later_gives_the_same_bytes(
    database: Database, blobs: FolderBlobs, clock: FixedClock, message: StoredMessage
) -> None:
    """The other side takes a repeat with other bytes for another message."""
    key = make_reader_key("p256")
    (first,) = find_parts(database, blobs, clock, message, der_of(key))
    clock.advance(days=200)
    newer = make_reader_key("rsa3072")
    (second,) = find_parts(database, blobs, clock, message, der_of(newer))
    assert first == second
    assert first.kind == PartKind.ENCRYPTED
    document = blobs.find(first.blob).read()
    (opened,) = decrypt(document, key)
    original = message.parts[0]
    assert opened[2] == blobs.find(original.blob).read()


def test_find_parts_where_nothing_is_encrypted_gives_those_of_the_message(
    database: Database, blobs: FolderBlobs, clock: FixedClock, message: StoredMessage
) -> None:
    assert find_parts(database, blobs, clock, message) == message.parts


def test_find_parts_that_broke_off_leaves_nothing_behind(
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    message: StoredMessage,
    tmp_path: Path,
) -> None:
    name = message.parts[0].blob.name
    (path,) = (tmp_path / "inhalte").rglob(name)
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(Exception, match=name):
        find_parts(database, blobs, clock, message, der_of(make_reader_key("p256")))
    path.write_bytes(content)
    assert blobs.discard_leftovers(clock.now + timedelta(days=365)) == 0
    (found,) = find_parts(database, blobs, clock, message, der_of(make_reader_key("p256")))
    assert found.kind == PartKind.ENCRYPTED


def find_parts(
    database: Database,
    blobs: FolderBlobs,
    clock: FixedClock,
    message: StoredMessage,
    *known: bytes,
) -> tuple[ContentPart, ...]:
    encryption = make_encryption(clock, *known)
    return EncryptedCopies(database, blobs, encryption, clock).find_parts(message, "nord")
