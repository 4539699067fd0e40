"""What a channel gets to send, and what it raises where that is impossible."""

from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.stored_message import PartKind, StoredMessage
from server.services.content_encryption import ContentEncryption, EncryptedCopies
from server.services.delivering.channel import DependencyDown, Undeliverable
from server.services.delivering.encrypted_parts import EncryptedParts
from tests.support.encryption import make_reader_key
from tests.unit.conftest import FixedClock
from tests.unit.services.test_content_encryption import (
    RULES,
    StandInCertificates,
    message,
)

__all__ = ["message"]


class Scene:
    """A directory that knows a certificate or none, or is away."""

    def __init__(self, database: Database, blobs: FolderBlobs, clock: FixedClock) -> None:
        self.directory = StandInCertificates()
        known: Any = self.directory
        encryption = ContentEncryption(known, clock, RULES)
        self.parts = EncryptedParts(EncryptedCopies(database, blobs, encryption, clock))


@pytest.fixture
def scene(database: Database, blobs: FolderBlobs, clock: FixedClock) -> Scene:
    return Scene(database, blobs, clock)


def test_find_encrypted_for_a_known_certificate(scene: Scene, message: StoredMessage) -> None:
    scene.directory.known = (make_reader_key("p256").certificate.der,)
    (part,) = scene.parts.find(message, "mitte")
    assert part.kind == PartKind.ENCRYPTED


def test_find_without_certificate_is_parked_where_it_is_required(
    scene: Scene, message: StoredMessage
) -> None:
    with pytest.raises(Undeliverable, match="nichts unverschlüsselt"):
        scene.parts.find(message, "mitte")
    assert scene.parts.find(message, "nord") == message.parts


def test_find_while_the_directory_is_away_is_held(scene: Scene, message: StoredMessage) -> None:
    scene.directory.is_down = True
    with pytest.raises(DependencyDown, match="Verzeichnis"):
        scene.parts.find(message, "mitte")
