"""Encrypted contents over real TLS: to a reader here, and to one at another data centre."""

import base64
import random
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import etree

from clients.xta import ReportStatus, WirePart, XtaUnreadable
from persistence.authority_tables import certificate
from persistence.database import Database
from persistence.engine import make_engine
from server.domain.content import InlineContent
from server.domain.stored_message import ContentPart, PartKind
from server.running.blob_store import make_blobs
from server.services.clock import read_clock
from server.settings_file import load_settings
from server.xmlio.content_encryption import encrypt
from server.xmlio.encryption.keys import ReaderKey, read_reader_key
from server.xmlio.encryption.plain_container import ContainerPart
from tests.integration.test_bad_input import SEND, new_id
from tests.integration.test_forwarding import await_true
from tests.integration.test_mtom import fetch, post_package, write_envelope
from tests.support.encryption import XENC, change, decrypt, flip
from tests.support.installation import Installation, read_fault, run_cli
from tests.support.mtom import include, part, read_package
from tests.support.two_centres import TwoCentres, make_two_centres

JENA = "xoev:ags:16053000"
CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
BINARY = random.Random(6).randbytes(150_000)


def key_of(installation: Installation) -> ReaderKey:
    return read_reader_key(Path(installation.mandant("jena")["encryption"]).read_bytes())


def manage(installation: Installation, *arguments: str, expected: int = 0) -> str:
    config = ("--config", str(installation.config))
    result = run_cli("mandant", "key", *arguments, *config, expected=expected)
    return result.stdout if expected == 0 else result.stderr


@pytest.fixture
def held_key(installation: Installation) -> Iterator[ReaderKey]:
    """Jena's key is held by the running server until the test ends."""
    key = key_of(installation)
    manage(installation, "add", JENA, installation.mandant("jena")["encryption"])
    yield key
    manage(installation, "remove", JENA, key.certificate.fingerprint)


def make_container(installation: Installation) -> list[ContainerPart]:
    message = ContainerPart(
        PartKind.MESSAGE,
        {"contentType": "application/xml"},
        InlineContent(installation.payload()),
    )
    attributes = {"contentType": "application/octet-stream", "filename": "akte.bin"}
    return [message, ContainerPart(PartKind.ATTACHMENT, attributes, InlineContent(BINARY))]


def seal(installation: Installation, key: ReaderKey) -> bytes:
    pieces = encrypt(make_container(installation), key.certificate, read_clock())
    return b"".join(pieces)


def write_encrypted(message_id: str, document: bytes) -> bytes:
    envelope = write_envelope(message_id)
    start = envelope.index(b"<xta:ContentContainer>")
    return envelope[:start] + document + envelope[envelope.index(b"</xta:GenericContent") :]


def send(installation: Installation, document: bytes, *, is_mtom: bool = False) -> str:
    """Sends an EncryptedData to Jena; as a package with its bytes beside the envelope."""
    message_id = new_id()
    if not is_mtom:
        envelope = write_encrypted(message_id, document)
        response = installation.post(installation.url("send"), envelope, SEND)
    else:
        root = etree.fromstring(document)
        value = root.find(f"{XENC}CipherData/{XENC}CipherValue")
        assert value is not None
        data = base64.b64decode(value.text or "")
        value.text = "@"
        shell = etree.tostring(root).replace(b">@<", f">{include('c@test')}<".encode())
        envelope = write_encrypted(message_id, shell)
        response = post_package(installation, envelope, part("c@test", data))
    assert response.status_code == 200, response.text
    return message_id


def join_package(response: requests.Response) -> etree._Element:
    """The envelope with its only part where it belongs."""
    answer, parts = read_package(response)
    (data,) = parts.values()
    value = answer.find(f".//{XENC}EncryptedData/{XENC}CipherData/{XENC}CipherValue")
    assert value is not None
    assert len(value) == 1
    value[:] = []
    value.text = base64.b64encode(data).decode()
    return answer


def read_parts(installation: Installation, message_id: str) -> tuple[ContentPart, ...]:
    """The parts that are stored."""
    database = Database(make_engine(load_settings(installation.config).database.url))
    with database.reading() as stores:
        message = stores.messages.find(message_id)
    database.engine.dispose()
    assert message is not None
    return message.parts


def read_cipher_value(document: bytes) -> str:
    return etree.fromstring(document).findtext(f"{XENC}CipherData/{XENC}CipherValue", "")


def test_encrypted_for_a_held_key_is_fetched_in_the_clear_byte_for_byte(
    installation: Installation, held_key: ReaderKey
) -> None:
    document = seal(installation, held_key)
    for is_mtom in (False, True):
        message_id = send(installation, document, is_mtom=is_mtom)
        client = installation.xta("jena")
        fetched = client.fetch(message_id)
        assert fetched is not None
        client.close(fetched.request_id, [message_id])
        assert fetched.message.content == installation.payload()
        assert fetched.message.content_type == "application/xml"
        (attachment,) = fetched.attachments
        assert (attachment.filename, attachment.content) == ("akte.bin", BINARY)


def test_encrypted_for_a_held_key_comes_in_the_clear_out_of_the_facade(
    installation: Installation, held_key: ReaderKey
) -> None:
    message_id = send(installation, seal(installation, held_key))
    client = installation.fachverfahren("jena")
    found = client.receive(message_id).nachricht
    client.confirm(message_id)
    assert not found.verschluesselt
    assert found.inhalt == installation.payload()
    assert [(item.dateiname, item.inhalt) for item in found.anhang] == [("akte.bin", BINARY)]


def test_encrypted_for_a_held_key_lies_encrypted_in_the_store(
    installation: Installation, held_key: ReaderKey
) -> None:
    document = seal(installation, held_key)
    message_id = send(installation, document)
    (stored,) = read_parts(installation, message_id)
    assert stored.kind == PartKind.ENCRYPTED
    settings = load_settings(installation.config, {})
    store = make_blobs(settings, Database(make_engine(settings.database.url)))
    content = store.find(stored.blob).read()
    assert read_cipher_value(content) == read_cipher_value(document)
    client = installation.xta("jena")
    fetched = client.fetch(message_id)
    assert fetched is not None
    assert fetched.attachments[0].content == BINARY
    client.close(fetched.request_id, [message_id])
    assert read_parts(installation, message_id) == (stored,)


@pytest.mark.parametrize("is_mtom", [False, True], ids=["inline", "mtom"])
def test_encrypted_without_the_key_is_handed_on_as_it_is(
    installation: Installation, is_mtom: bool
) -> None:
    key = key_of(installation)
    message_id = send(installation, seal(installation, key), is_mtom=is_mtom)
    client = installation.xta("jena")
    with pytest.raises(XtaUnreadable):
        client.fetch(message_id)
    inline = etree.fromstring(fetch(installation, message_id).content)
    beside = fetch(installation, message_id, Accept="application/soap+xml, multipart/related")
    for answer in (inline, join_package(beside)):
        element = answer.find(f".//{XENC}EncryptedData")
        assert element is not None
        (_, message, first), (_, attributes, second) = decrypt(etree.tostring(element), key)
        assert (first, second) == (installation.payload(), BINARY)
        assert message == {"contentType": "application/xml"}
        assert attributes["filename"] == "akte.bin"
    request_id = inline.find(".//{*}MsgBoxResponse")
    assert request_id is not None
    client.close(request_id.get("MsgBoxRequestID", ""), [message_id])


@pytest.mark.parametrize("harm", ["damaged", "weak"])
def test_encrypted_for_a_held_key_that_cannot_be_opened_gets_its_fault(
    installation: Installation, held_key: ReaderKey, harm: str
) -> None:
    document = seal(installation, held_key)
    changed = {
        "damaged": lambda: flip(document, 1000),
        "weak": lambda: change(document, f"{XENC}EncryptionMethod", Algorithm=CBC),
    }[harm]()
    envelope = write_encrypted(message_id := new_id(), changed)
    fault = read_fault(installation.post(installation.url("send"), envelope, SEND))
    assert (fault.code, fault.http_status) == ("9050", 500)
    assert "nicht öffnen" in fault.text
    assert message_id not in installation.xta("jena").list_message_ids()


def test_mandant_key_commands_from_adding_to_removing(installation: Installation) -> None:
    file = installation.mandant("jena")["encryption"]
    fingerprint = key_of(installation).certificate.fingerprint
    added = manage(installation, "add", JENA, file)
    assert f"{JENA}  {fingerprint}  Zertifikat bis " in added
    assert manage(installation, "list") == added
    refusal = manage(installation, "add", JENA, str(installation.config), expected=1)
    assert "keinen lesbaren Schlüssel mit Zertifikat" in refusal
    missing = manage(installation, "add", JENA, "/nirgends.pem", expected=1)
    assert "/nirgends.pem" in missing
    assert "entfernt" in manage(installation, "remove", JENA, fingerprint[:10]).lower()
    assert manage(installation, "list") == "Es ist kein Schlüssel hinterlegt.\n"


@pytest.fixture(scope="module")
def centres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCentres]:
    """`mitte` encrypts for `ost`; Jena's certificate is in the directory."""
    made = make_two_centres(tmp_path_factory.mktemp("centres"))
    changes = {"DAMTSHILFE_ENCRYPTION__DATA_CENTRES": "required"}
    with (
        made.mitte.serving("authority", "xta", "worker", changes=changes),
        made.ost.serving("xta", "worker"),
    ):
        yield made


@pytest.mark.parametrize("size", [100, 5_000_000])
def test_forwarded_to_a_centre_that_holds_the_key_arrives_in_the_clear(
    centres: TwoCentres, size: int
) -> None:
    here, there = centres.mitte.installation, centres.ost.installation
    # The directory is that of `mitte`: Jena's certificate and key come from there.
    file = here.mandant("jena")["encryption"]
    manage(there, "add", JENA, file)
    binary = random.Random(size).randbytes(size)
    message_id = f"urn:uuid:{uuid.uuid4()}"
    attachment = WirePart(binary, "application/pdf", "bescheid.pdf")
    here.xta("potsdam").send(here.outgoing(message_id, "jena", attachments=[attachment]))
    jena = there.xta("jena")
    await_true(jena.list_message_ids, lambda listed: message_id in listed)
    fetched = jena.fetch(message_id)
    assert fetched is not None
    jena.close(fetched.request_id, [message_id])
    assert fetched.message.content == here.payload()
    assert fetched.attachments[0].content == binary
    assert [stored.kind for stored in read_parts(there, message_id)] == [PartKind.ENCRYPTED]


def test_forwarded_to_a_centre_without_the_key_arrives_encrypted(centres: TwoCentres) -> None:
    here, there = centres.mitte.installation, centres.ost.installation
    key = key_of(here)
    for held in [line.split()[1] for line in manage(there, "list").splitlines() if JENA in line]:
        manage(there, "remove", JENA, held)
    message_id = f"urn:uuid:{uuid.uuid4()}"
    here.xta("potsdam").send(here.outgoing(message_id, "jena"))
    jena = there.xta("jena")
    await_true(jena.list_message_ids, lambda listed: message_id in listed)
    client = there.fachverfahren("jena")
    found = client.receive(message_id).nachricht
    client.confirm(message_id)
    assert found.verschluesselt
    assert decrypt(found.inhalt, key)[0][2] == here.payload()


def test_forwarded_content_that_the_author_encrypted_goes_on_as_it_is(
    centres: TwoCentres,
) -> None:
    here, there = centres.mitte.installation, centres.ost.installation
    document = seal(here, key_of(here))
    message_id = send(here, document)
    jena = there.xta("jena")
    await_true(jena.list_message_ids, lambda listed: message_id in listed)
    client = there.fachverfahren("jena")
    found = client.receive(message_id).nachricht
    client.confirm(message_id)
    assert found.verschluesselt
    assert read_cipher_value(found.inhalt) == read_cipher_value(document)


def test_forwarded_without_a_certificate_is_parked_where_encryption_is_required(
    centres: TwoCentres,
) -> None:
    directory = centres.mitte.settings.authority_server.database_url
    engine = make_engine(directory)
    with engine.begin() as connection:
        connection.execute(certificate.delete())
    engine.dispose()
    here = centres.mitte.installation
    message_id = f"urn:uuid:{uuid.uuid4()}"
    here.xta("potsdam").send(here.outgoing(message_id, "jena"))
    client = here.xta("potsdam")
    report = await_true(
        lambda: client.find_report(message_id),
        lambda view: any("unverschlüsselt" in entry.reason for entry in view.entries),
    )
    assert message_id not in centres.ost.installation.xta("jena").list_message_ids()
    assert report.status == ReportStatus.OPEN
