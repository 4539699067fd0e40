"""Encrypted contents at the door and on fetch: opened where the reader's key is held here."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.reader_key_files import ReaderKeyFiles
from server.domain.content import InlineContent
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller
from server.domain.stored_message import PartKind
from server.errors import AmtshilfeError
from server.services.admission import Admission
from server.services.duplicates import Duplicates
from server.services.mailbox import FetchedMessage, Mailbox
from server.services.opening import Opening
from server.services.reader_keys import ReaderKeys
from server.services.routes import Routes
from server.services.scanning import Scanning
from server.services.send_command import IncomingPart, SendCommand
from server.services.sending import Door, Sending
from server.xmlio.encryption.keys import ReaderKey
from server.xmlio.encryption.plain_container import ContainerPart
from tests.support.encryption import (
    BINARY,
    DECRYPTION,
    XENC,
    change,
    encrypt_parts,
    flip,
    make_reader_key,
)
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock, add_caller, make_rules
from tests.unit.services.test_sending import INSPECTOR, StandInDirectory, command

CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"


class Scene:
    """A server that holds keys, and its services."""

    def __init__(
        self, database: Database, blobs: FolderBlobs, clock: FixedClock, folder: Path
    ) -> None:
        self.files = ReaderKeyFiles(folder)
        self.opening = opening = Opening(ReaderKeys(self.files), DECRYPTION)
        directory: Any = StandInDirectory()
        self.database = database
        self.sending = Sending(
            database,
            blobs,
            INSPECTOR,
            clock,
            door=Door(
                Admission(
                    database,
                    INSPECTOR,
                    Scanning(None),
                    make_rules(database, clock),
                    container_bytes=20_000,
                ),
                Routes(database, directory, INSPECTOR, clock),
                Duplicates(database, INSPECTOR, timedelta()),
            ),
        )
        self.mailbox = Mailbox(
            database,
            blobs,
            clock,
            max_list_items=9,
            iterator_lifetime=timedelta(hours=1),
            opening=opening,
        )

    def hold(self, owner: Caller, key: ReaderKey) -> None:
        self.files.add(str(owner.mandant.identifier), key.certificate.fingerprint, key.to_pem())

    def send(self, sent: SendCommand) -> None:
        self.sending.send(self.opening.open_command(sent))

    def fetch(self, reader: Caller) -> list[tuple[PartKind, dict[str, str], bytes]]:
        fetched = self.mailbox.fetch(reader, MailboxSelector())
        assert isinstance(fetched, FetchedMessage)
        return [
            (part.part.kind, dict(part.part.attributes), part.content.read())
            for part in fetched.parts
        ]


@pytest.fixture
def scene(database: Database, blobs: FolderBlobs, clock: FixedClock, tmp_path: Path) -> Scene:
    return Scene(database, blobs, clock, tmp_path / "leser")


def make_container(message: bytes = b"") -> list[ContainerPart]:
    return [
        ContainerPart(
            PartKind.MESSAGE,
            {"contentType": "application/xml"},
            InlineContent(message or read_sample("valid", "ersuchen.xml")),
        ),
        ContainerPart(
            PartKind.ATTACHMENT,
            {"contentType": "application/pdf", "filename": "bescheid.pdf"},
            InlineContent(BINARY),
        ),
    ]


def make_filler(size: int) -> ContainerPart:
    return ContainerPart(PartKind.ATTACHMENT, {"contentType": "a/b"}, InlineContent(bytes(size)))


def encrypted_command(author: Caller, reader: Caller, document: bytes) -> SendCommand:
    part = IncomingPart(PartKind.ENCRYPTED, InlineContent(document), {})
    return replace(command(author, reader.mandant.identifier), parts=(part,))


def test_fetch_where_the_key_is_held_gives_every_part_byte_for_byte(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    key = make_reader_key("p256")
    scene.hold(reader, key)
    document = encrypt_parts(key, make_container())
    scene.send(encrypted_command(author, reader, document))
    assert scene.fetch(reader) == [
        (part.kind, dict(part.attributes), part.content.read()) for part in make_container()
    ]


def test_send_encrypted_is_stored_encrypted(
    scene: Scene, blobs: FolderBlobs, author: Caller, reader: Caller
) -> None:
    key = make_reader_key("rsa3072")
    scene.hold(reader, key)
    document = encrypt_parts(key, make_container())
    scene.send(encrypted_command(author, reader, document))
    with scene.database.reading() as stores:
        stored = stores.messages.find("urn:x:1")
    assert stored is not None
    (part,) = stored.parts
    assert part.kind == PartKind.ENCRYPTED
    assert blobs.find(part.blob).read() == document


def test_send_encrypted_is_followed_by_the_vorgang_where_it_can_be_read(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    key = make_reader_key("p256")
    document = encrypt_parts(key, make_container())
    scene.send(encrypted_command(author, reader, document))
    scene.hold(reader, key)
    named = replace(command(author, reader.mandant.identifier).head, message_id="urn:x:2")
    second = replace(encrypted_command(author, reader, document), head=named)
    scene.send(second)
    with scene.database.reading() as stores:
        found = [stores.messages.find(f"urn:x:{number}") for number in (1, 2)]
    closed, opened = [message.facts for message in found if message]
    assert closed is None
    assert opened is not None
    assert opened.aktenzeichen


@pytest.mark.parametrize("held", [None, "p256", "p384"])
def test_fetch_without_the_key_gives_it_as_it_is(
    scene: Scene, author: Caller, reader: Caller, held: str | None
) -> None:
    if held:
        scene.hold(reader, make_reader_key(held, "andere"))
    document = encrypt_parts(make_reader_key("rsa3072"), make_container())
    scene.send(encrypted_command(author, reader, document))
    assert scene.fetch(reader) == [(PartKind.ENCRYPTED, {}, document)]


def test_fetch_key_of_another_mandant_opens_nothing(
    scene: Scene, author: Caller, reader: Caller, database: Database, clock: FixedClock
) -> None:
    key = make_reader_key("p256")
    scene.hold(add_caller(database, "erfurt", clock), key)
    scene.hold(author, key)
    document = encrypt_parts(key, make_container())
    scene.send(encrypted_command(author, reader, document))
    assert scene.fetch(reader) == [(PartKind.ENCRYPTED, {}, document)]


def test_fetch_after_the_key_came_or_went_follows_at_once(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    key = make_reader_key("p256")
    document = encrypt_parts(key, make_container())
    scene.send(encrypted_command(author, reader, document))
    assert [kind for kind, _, _ in scene.fetch(reader)] == [PartKind.ENCRYPTED]
    scene.hold(reader, key)
    assert [kind for kind, _, _ in scene.fetch(reader)] == [PartKind.MESSAGE, PartKind.ATTACHMENT]
    scene.files.remove(str(reader.mandant.identifier), key.certificate.fingerprint)
    assert [kind for kind, _, _ in scene.fetch(reader)] == [PartKind.ENCRYPTED]


def test_fetch_with_old_and_new_keys_opens_old_and_new_messages(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    old, new = make_reader_key("p256", "alt"), make_reader_key("rsa3072", "neu")
    scene.hold(reader, old)
    scene.hold(reader, new)
    for key in (old, new):
        document = encrypt_parts(key, make_container())
        sent = encrypted_command(author, reader, document)
        name = key.certificate.fingerprint
        scene.send(replace(sent, head=replace(sent.head, message_id=f"urn:x:{name}")))
        fetched = scene.mailbox.fetch(reader, MailboxSelector((f"urn:x:{name}",)))
        assert isinstance(fetched, FetchedMessage)
        assert fetched.parts[1].content.read() == BINARY


@pytest.mark.parametrize("harm", ["damaged", "weak"])
def test_send_for_a_held_key_that_cannot_be_opened_is_refused(
    scene: Scene, author: Caller, reader: Caller, harm: str
) -> None:
    key = make_reader_key("p256")
    scene.hold(reader, key)
    document = encrypt_parts(key, make_container())
    changed = {
        "damaged": lambda: flip(document, 100),
        "weak": lambda: change(document, f"{XENC}EncryptionMethod", Algorithm=CBC),
    }[harm]()
    with pytest.raises(AmtshilfeError, match="nicht öffnen") as caught:
        scene.send(encrypted_command(author, reader, changed))
    assert caught.value.fault.code == "9050"
    with scene.database.reading() as stores:
        assert stores.messages.find("urn:x:1") is None


def test_send_encrypted_message_that_breaks_the_schema_is_refused_where_it_can_be_read(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    key = make_reader_key("p256")
    wrong = read_sample("valid", "ersuchen.xml").replace(b"<", b"<x:", 1)
    sent = encrypted_command(author, reader, encrypt_parts(key, make_container(wrong)))
    scene.send(sent)
    scene.hold(reader, key)
    again = replace(sent, head=replace(sent.head, message_id="urn:x:2"))
    with pytest.raises(AmtshilfeError) as caught:
        scene.send(again)
    assert caught.value.fault.code == "9050"


@pytest.mark.parametrize(("size", "is_held"), [(19_000, True), (19_900, False)])
def test_send_encrypted_is_measured_by_what_it_holds(
    scene: Scene, author: Caller, reader: Caller, size: int, is_held: bool
) -> None:
    """The document is larger than the limit, its content is not."""
    key = make_reader_key("p256")
    if is_held:
        scene.hold(reader, key)
    small = make_container()[0]
    filler = size - small.content.size
    parts = [
        small,
        ContainerPart(PartKind.ATTACHMENT, {"contentType": "a/b"}, InlineContent(bytes(filler))),
    ]
    document = encrypt_parts(key, parts)
    assert 20_000 < len(document) < 40_000
    scene.send(encrypted_command(author, reader, document))


def test_send_encrypted_content_above_the_limit_is_refused(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    key = make_reader_key("p256")
    scene.hold(reader, key)
    filler = ContainerPart(
        PartKind.ATTACHMENT, {"contentType": "a/b"}, InlineContent(bytes(19_990))
    )
    document = encrypt_parts(key, [make_container()[0], filler])
    with pytest.raises(AmtshilfeError) as caught:
        scene.send(encrypted_command(author, reader, document))
    assert caught.value.fault.code == "9023"
    assert "erlaubt sind 20000" in caught.value.reason


def test_fetch_with_a_key_file_that_is_broken_gives_it_as_it_is(
    scene: Scene, author: Caller, reader: Caller
) -> None:
    scene.files.add(str(reader.mandant.identifier), "f" * 64, b"no key")
    document = encrypt_parts(make_reader_key("p256"), make_container())
    scene.send(encrypted_command(author, reader, document))
    assert scene.fetch(reader) == [(PartKind.ENCRYPTED, {}, document)]
