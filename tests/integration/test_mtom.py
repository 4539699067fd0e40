"""MTOM over the wire: packages in, packages out, and what is wrong with some of them."""

import base64
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from lxml import etree

from tests.integration.test_bad_input import AUTHOR, FOREIGN, READER, SEND, is_stored, new_id
from tests.support.installation import (
    OSCI_ACTION,
    XTA_ACTION,
    FaultView,
    Installation,
    read_fault,
    read_sample,
)
from tests.support.mtom import (
    BOUNDARY,
    XOP,
    RawPart,
    include,
    package_type,
    part,
    read_package,
    root_part,
    write_package,
)

BINARY = random.Random(11).randbytes(300_000) + b"\r\n--" + BOUNDARY.encode() + b"X\r\n"
ATTACHMENT = (
    '<xta:Attachment contentType="application/octet-stream" filename="akte.bin">{}</xta:Attachment>'
)


def write_envelope(message_id: str, *attachments: str, payload: str = "VGV4dA==") -> bytes:
    """A sendMessage to Jena; attachments are the inner XML of their elements."""
    envelope = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA=FOREIGN,
        PAYLOAD=payload,
    ).decode()
    elements = "".join(ATTACHMENT.format(item) for item in attachments)
    return envelope.replace("</xta:Message>", f"</xta:Message>{elements}").encode()


def post_parts(
    installation: Installation, *parts: RawPart, content_type: str = "", action: str = SEND
) -> requests.Response:
    return installation.post(
        installation.url("send"),
        write_package(parts),
        content_type=content_type or package_type(action=action),
    )


def post_package(installation: Installation, envelope: bytes, *parts: RawPart) -> requests.Response:
    return post_parts(installation, root_part(envelope, SEND), *parts)


def read_package_fault(response: requests.Response) -> FaultView:
    """Who sends packages is answered in packages, also where the answer is a fault."""
    envelope, parts = read_package(response)
    assert parts == {}
    plain = requests.Response()
    plain.status_code = response.status_code
    plain._content = etree.tostring(envelope)
    return read_fault(plain)


def fetch(installation: Installation, message_id: str, **headers: str) -> requests.Response:
    """getMessage as Jena."""
    request = read_sample("valid", "get-message.xml", READER=READER, MESSAGE_ID=message_id)
    return installation.post(
        installation.url("msgbox"),
        request,
        f"{OSCI_ACTION}MsgBoxFetchRequest",
        installation.certificate("jena"),
        headers=headers,
    )


def staged_files(installation: Installation) -> list[Path]:
    return list((installation.folder / "daten" / "inhalte" / "eingang").iterdir())


@pytest.fixture(autouse=True)
def nothing_left_behind(installation: Installation) -> Iterator[None]:
    """After every request, good or bad, no staged file is left; the mailbox is emptied."""
    yield
    assert staged_files(installation) == []
    installation.empty_mailbox()


def test_send_package_with_two_attachments_arrives_byte_for_byte(
    installation: Installation,
) -> None:
    message_id = new_id()
    envelope = write_envelope(message_id, include("a@test"), include("b@test"))
    response = post_package(installation, envelope, part("b@test", b""), part("a@test", BINARY))
    assert response.status_code == 200, response.text
    answer, _ = read_package(response)
    assert answer.find("{*}Body") is not None
    fetched = installation.xta("jena").fetch(message_id)
    assert fetched is not None
    assert fetched.message.content == b"Text"
    assert [item.content for item in fetched.attachments] == [BINARY, b""]


def test_send_package_repeated_inline_is_the_same_message(installation: Installation) -> None:
    message_id = new_id()
    packed = write_envelope(message_id, include("a@test"))
    assert post_package(installation, packed, part("a@test", BINARY)).status_code == 200
    inline = write_envelope(message_id, base64.b64encode(BINARY).decode())
    assert installation.post(installation.url("send"), inline, SEND).status_code == 200
    assert installation.xta("jena").list_message_ids().count(message_id) == 1


def test_send_package_message_itself_beside_the_envelope_is_accepted(
    installation: Installation,
) -> None:
    message_id = new_id()
    envelope = write_envelope(message_id, payload=include("m@test"))
    payload = installation.payload()
    assert post_package(installation, envelope, part("m@test", payload)).status_code == 200
    fetched = installation.xta("jena").fetch(message_id)
    assert fetched is not None
    assert fetched.message.content == payload


def test_send_package_include_in_another_element_counts_as_inline(
    installation: Installation,
) -> None:
    value = f"<xenc:CipherValue>{include('c@test')}</xenc:CipherValue>"
    message_id = new_id()
    envelope = write_envelope(message_id).decode()
    start, end = envelope.index("<xta:ContentContainer>"), envelope.index("</xta:GenericContent")
    encrypted = (
        '<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">'
        f"<xenc:CipherData>{value}</xenc:CipherData></xenc:EncryptedData>"
    )
    changed = (envelope[:start] + encrypted + envelope[end:]).encode()
    assert post_package(installation, changed, part("c@test", BINARY)).status_code == 200
    response = fetch(installation, message_id)
    answer = etree.fromstring(response.content)
    text = answer.findtext(".//{*}CipherValue")
    request_id = answer.find(".//{*}MsgBoxResponse")
    assert text is not None
    assert request_id is not None
    # The cleaning client below cannot open encrypted messages.
    installation.xta("jena").close(request_id.get("MsgBoxRequestID", ""), [message_id])
    assert base64.b64decode(text) == BINARY


@pytest.mark.parametrize("size", [1000, 2_000_000])
def test_get_message_accepting_packages_gets_one(installation: Installation, size: int) -> None:
    message_id = new_id()
    binary = random.Random(size).randbytes(size)
    envelope = write_envelope(message_id, include("a@test"))
    assert post_package(installation, envelope, part("a@test", binary)).status_code == 200
    response = fetch(installation, message_id, Accept="application/soap+xml, multipart/related")
    answer, parts = read_package(response)
    attachment = answer.find(".//{*}Attachment")
    assert attachment is not None
    href = attachment[0].get("href", "")
    assert parts[href.removeprefix("cid:")] == binary
    assert sorted(parts.values(), key=len) == sorted([b"Text", binary], key=len)


def test_get_message_not_accepting_packages_gets_it_inline(installation: Installation) -> None:
    message_id = new_id()
    binary = random.Random(3).randbytes(2_000_000)
    envelope = write_envelope(message_id, include("a@test"))
    assert post_package(installation, envelope, part("a@test", binary)).status_code == 200
    response = fetch(installation, message_id, Accept="*/*")
    assert response.headers["Content-Type"].startswith("application/soap+xml")
    parser = etree.XMLParser(huge_tree=True)
    text = etree.fromstring(response.content, parser).findtext(".//{*}Attachment")
    assert text is not None
    assert hashlib.sha256(base64.b64decode(text)).digest() == hashlib.sha256(binary).digest()


def test_send_package_without_start_takes_the_first_part_as_root(
    installation: Installation,
) -> None:
    message_id = new_id()
    envelope = write_envelope(message_id, include("a@test"))
    response = post_parts(
        installation,
        root_part(envelope, SEND),
        part("a@test", BINARY),
        content_type=package_type(start=""),
    )
    assert response.status_code == 200
    assert is_stored(installation, message_id)


def test_send_package_root_after_its_parts_is_found_by_start(installation: Installation) -> None:
    message_id = new_id()
    envelope = write_envelope(message_id, include("a@test"))
    response = post_parts(installation, part("a@test", BINARY), root_part(envelope, SEND))
    assert response.status_code == 200
    assert is_stored(installation, message_id)


@pytest.mark.parametrize(
    ("inner", "outer"), [(SEND, ""), ("", SEND), (SEND, SEND)], ids=["root part", "package", "both"]
)
def test_send_package_action_of_either_content_type_counts(
    installation: Installation, inner: str, outer: str
) -> None:
    response = post_parts(
        installation,
        root_part(write_envelope(new_id()), inner),
        content_type=package_type(action=outer),
    )
    assert response.status_code == 200


def test_send_package_contradictory_actions_get_9000(installation: Installation) -> None:
    response = post_parts(
        installation,
        root_part(write_envelope(new_id()), XTA_ACTION + "SendMessageSync"),
        content_type=package_type(action=SEND),
    )
    fault = read_package_fault(response)
    assert fault.code == "9000"
    assert "widersprüchliche Actions" in fault.text


def test_send_package_escaped_content_id_is_found(installation: Installation) -> None:
    envelope = write_envelope(new_id(), include("a%25b%40test"))
    assert post_package(installation, envelope, part("a%b@test", BINARY)).status_code == 200


def test_senden_of_the_facade_with_a_package_is_booked(installation: Installation) -> None:
    request = read_sample("valid", "senden-mtom.xml", READER=READER).decode()
    response = installation.post(
        installation.url("amtshilfe"),
        write_package(
            [
                root_part(request.encode()),
                part("nachricht@test", installation.payload()),
                part("anhang@test", installation.attachment()),
            ]
        ),
        content_type=package_type(),
    )
    answer, _ = read_package(response)
    message_id = answer.findtext(".//{*}messageId")
    fetched = installation.xta("jena").fetch(message_id or "")
    assert fetched is not None
    assert fetched.message.content == installation.payload()
    assert fetched.attachments[0].content == installation.attachment()


XOP_ELEMENT = f'<xop:Include xmlns:xop="{XOP}" {{}}/>'
NOT_BINARY = RawPart(("Content-ID: <a@test>", "Content-Transfer-Encoding: base64"), b"")
NOT_XML = RawPart(("Content-ID: <a@test>", "Content-Transfer-Encoding: \x00b"), b"")
TWICE = "Content-ID: <x@test>"
BROKEN_PARTS = [
    ([include("fehlt@test")], [], "verweist mit"),
    ([include("a@test"), include("a@test")], [part("a@test", b"x")], "schon verwendet"),
    ([include("a@test") + "mehr"], [part("a@test", b"x")], "einzige Inhalt"),
    ([include("a@test") * 2], [part("a@test", b"x")], "einzige Inhalt"),
    (["AAAA"], [part("a@test", b"x")], "verweist kein"),
    ([include("a@test")], [part("a@test", b"x")] * 2, "mehrmals"),
    ([include("a@test")], [part("a@test", b"x", TWICE)], "mehrmals"),
    ([include("a@test")], [NOT_BINARY], "base64"),
    ([include("a@test")], [NOT_XML], "„\N{REPLACEMENT CHARACTER}b“"),
    ([], [part(f"p{number}@test", b"") for number in range(300)], "mehr als 200 Teile"),
    ([], [part("a@test", b"", *(f"X-{number}: 1" for number in range(30)))], "Kopfzeilen"),
    ([], [part("a@test", b"", "X-Lang: " + "x" * 10_000)], "Kopfzeilen"),
    ([], [RawPart(("Kein Kopf",), b"")], "Aufbau der Anfrage"),
    ([XOP_ELEMENT.format('href="file:///etc/passwd"')], [], "verweist mit"),
    ([XOP_ELEMENT.format("")], [], "verweist mit"),
]


@pytest.mark.parametrize(
    ("attachments", "parts", "words"), BROKEN_PARTS, ids=[str(i) for i in range(len(BROKEN_PARTS))]
)
def test_send_package_with_broken_parts_gets_9000_and_is_not_stored(
    installation: Installation, attachments: list[str], parts: list[RawPart], words: str
) -> None:
    message_id = new_id()
    response = post_package(installation, write_envelope(message_id, *attachments), *parts)
    fault = read_package_fault(response)
    assert (fault.exception, fault.code) == ("XTAWSTechnicalProblemException", "9000")
    assert words in fault.text
    assert not is_stored(installation, message_id)


@pytest.mark.parametrize(
    ("content_type", "words"),
    [
        (package_type(boundary="andere"), "Aufbau der Anfrage"),
        (package_type(boundary="x" * 300), "Aufbau der Anfrage"),
        ('multipart/related; type="application/xop+xml"', "keine gültige Grenze"),
        (package_type(start="<anderer@test>"), "fehlt der Teil"),
    ],
    ids=["other boundary", "long boundary", "no boundary", "unknown start"],
)
def test_send_package_with_wrong_content_type_gets_9000(
    installation: Installation, content_type: str, words: str
) -> None:
    response = post_parts(
        installation, root_part(write_envelope(new_id()), SEND), content_type=content_type
    )
    fault = read_package_fault(response)
    assert fault.code == "9000"
    assert words in fault.text


def test_send_package_of_another_type_than_xop_gets_9000(installation: Installation) -> None:
    response = post_parts(
        installation,
        root_part(write_envelope(new_id()), SEND),
        content_type=package_type().replace("xop+xml", "soap+xml"),
    )
    assert "nur MTOM" in read_fault(response).text


@pytest.mark.parametrize("cut", [10, 1000, 300_500])
def test_send_package_cut_off_gets_9000_and_is_not_stored(
    installation: Installation, cut: int
) -> None:
    message_id = new_id()
    envelope = write_envelope(message_id, include("a@test"))
    package = write_package([root_part(envelope, SEND), part("a@test", BINARY)])
    response = installation.post(
        installation.url("send"), package[:-cut], content_type=package_type(action=SEND)
    )
    assert "unvollständig" in read_package_fault(response).text
    assert not is_stored(installation, message_id)


def test_send_package_envelope_over_its_limit_gets_9023(installation: Installation) -> None:
    envelope = write_envelope(new_id()) + b" " * 2_000_000
    fault = read_package_fault(post_package(installation, envelope))
    assert (fault.exception, fault.code) == ("ParameterIsNotValidException", "9023")
    assert "SOAP-Umschlag" in fault.text


def test_send_package_chunked_is_accepted(installation: Installation) -> None:
    message_id = new_id()
    envelope = write_envelope(message_id, include("a@test"))
    package = write_package([root_part(envelope, SEND), part("a@test", BINARY)])
    session = requests.Session()
    session.trust_env = False
    response = session.post(
        installation.url("send"),
        data=(package[start : start + 7777] for start in range(0, len(package), 7777)),
        headers={"Content-Type": package_type(action=SEND)},
        cert=str(installation.certificate("potsdam")),
        verify=str(installation.ca),
        timeout=60,
    )
    assert response.status_code == 200
    fetched = installation.xta("jena").fetch(message_id)
    assert fetched is not None
    assert fetched.attachments[0].content == BINARY


def test_authority_port_package_gets_9000(installation: Installation) -> None:
    response = installation.post(
        installation.url("authority"),
        write_package([root_part(b"<x/>")]),
        certificate=installation.folder / "pki" / "xta-server.pem",
        content_type=package_type(),
    )
    assert "MTOM" in read_fault(response).text
