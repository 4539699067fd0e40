"""The client against prepared answers: what a real XTA server never answers."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from clients.contents import BytesContent
from clients.xta import (
    AnswerLimits,
    MailboxRefusal,
    OutgoingMessage,
    RetryPolicy,
    WirePart,
    WireParty,
    XtaAccess,
    XtaClient,
    XtaError,
    XtaFault,
    XtaUnreachable,
    XtaUnreadable,
)
from server.xmlio.contract_files import XTA_WSDL
from tests.support.canned_server import Canned, CannedServer, answering
from tests.support.mtom import include, package_type, part, root_part, write_package

SOAP = "http://www.w3.org/2003/05/soap-envelope"
OSCI = "http://www.osci.eu/ws/2008/05/transport"
META = "http://www.osci.eu/ws/2014/10/transport"
XTA = "http://xoev.de/transport/xta/211"
PARTY = WireParty("ags:12054000", "xoev")
MESSAGE_ID = "urn:de:xta:messageid:test:1"
LARGE = bytes(range(256)) * 8192
HTML = Canned(b"<html>Wartung</html>", "text/html", 503)


def envelope(body: str, header: str = "") -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP}" xmlns:osci="{OSCI}" xmlns:meta="{META}" xmlns:xta="{XTA}">'
        f"<s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(code: str, exception: str) -> Canned:
    detail = f"<errorCode><code>{code}</code><name>Name {code}</name></errorCode>".replace(
        "errorCode", "xta:errorCode"
    )
    content = envelope(
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code>"
        f'<s:Reason><s:Text xml:lang="de">{code}: Grund</s:Text></s:Reason>'
        f"<s:Detail><xta:{exception}>{detail}</xta:{exception}></s:Detail></s:Fault>"
    )
    return Canned(content, status=500)


DONE = Canned(envelope(""))
IDENTIFIER = '<meta:Identifier type="xoev">ags:12054000</meta:Identifier>'
HEADER = f"""<meta:MessageMetaData><meta:DeliveryAttributes/>
<meta:Originators><meta:Author>{IDENTIFIER}</meta:Author></meta:Originators>
<meta:Destinations><meta:Reader>{IDENTIFIER}</meta:Reader></meta:Destinations>
<meta:MsgIdentification>
<a:MessageID xmlns:a="http://www.w3.org/2005/08/addressing">{MESSAGE_ID}</a:MessageID>
</meta:MsgIdentification>
<meta:Qualifier><meta:Service>urn:x:dienst</meta:Service>
<meta:BusinessScenario><meta:Undefined>x</meta:Undefined></meta:BusinessScenario>
<meta:MessageType listURI="urn:x:liste" listVersionID="1" payloadSchema="urn:x:schema">
<code>x</code></meta:MessageType></meta:Qualifier></meta:MessageMetaData>
<osci:MsgBoxResponse MsgBoxRequestID="urn:x:1"><osci:ItemsPending>0</osci:ItemsPending>
</osci:MsgBoxResponse>"""


def message_envelope(first: str, second: str) -> bytes:
    parts = "".join(
        f'<xta:{name} contentType="application/pdf" filename="akte.pdf">{content}</xta:{name}>'
        for name, content in (("Message", first), ("Attachment", second))
    )
    container = f"<xta:ContentContainer>{parts}</xta:ContentContainer>"
    return envelope(
        f"<xta:GenericContentContainer>{container}</xta:GenericContentContainer>", HEADER
    )


def package(*contents: Any, envelope: bytes = b"") -> Canned:
    root = root_part(envelope or message_envelope(include("a@x"), include("b@x")))
    return Canned(write_package([root, *contents]), package_type())


TWO_PARTS = (part("a@x", b"Text"), part("b@x", LARGE))


@contextmanager
def connected(*answers: Canned, **changes: Any) -> Iterator[tuple[XtaClient, CannedServer]]:
    with answering(*answers) as server:
        yield connect(server.url, **changes), server


def connect(url: str, **changes: Any) -> XtaClient:
    values: dict[str, Any] = {
        "retries": RetryPolicy(attempts=3, first_seconds=0.01, longest_seconds=0.02),
        **changes,
    }
    # Over plain HTTP neither certificate nor CA is read, but there must be a file.
    some_file = Path(__file__)
    access = XtaAccess(str(XTA_WSDL), url, url, url, some_file, some_file, **values)
    return XtaClient(access, PARTY)


def compose(*attachments: WirePart, **changes: Any) -> OutgoingMessage:
    values: dict[str, Any] = {
        "reader": PARTY,
        "service": "urn:x:dienst",
        "message_type": "x",
        "message_type_list": ("urn:x:liste", "1"),
        "payload_schema": "urn:x:schema",
        "message": WirePart(b"<x/>", "application/xml"),
        "attachments": attachments,
        "message_id": MESSAGE_ID,
        **changes,
    }
    return OutgoingMessage(**values)


def without_random(request: tuple[str, bytes]) -> list[bytes]:
    """The parts of a request, without what is drawn anew for each attempt."""
    return re.split(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", request[1])


@pytest.mark.parametrize(
    "failure",
    [
        HTML,
        Canned(b"", "text/html", 502),
        Canned(b"", "text/html", 504),
        fault("9030", "XTAWSTechnicalProblemException"),
        fault("9031", "XTAWSTechnicalProblemException"),
        Canned(DONE.content[:-9], length=len(DONE.content)),
    ],
    ids=["503", "502", "504", "9030", "9031", "broken"],
)
def test_send_passing_failure_is_repeated_with_the_same_message(
    tmp_path: Path, failure: Canned
) -> None:
    path = tmp_path / "akte.pdf"
    path.write_bytes(LARGE)
    with connected(failure, failure, DONE) as (client, server):
        receipt = client.send(compose(WirePart.from_file(path)))
    assert (receipt.message_id, receipt.attempts) == (MESSAGE_ID, 3)
    first, second, third = map(without_random, server.requests)
    assert first == second == third
    assert all(server.requests[0][1].count(text) == 1 for text in (LARGE, MESSAGE_ID.encode()))


def test_send_file_goes_beside_the_envelope_and_never_as_base64(tmp_path: Path) -> None:
    path = tmp_path / "akte.pdf"
    path.write_bytes(b"kurz")
    with connected(DONE) as (client, server):
        client.send(compose(WirePart.from_file(path)))
    ((content_type, body),) = server.requests
    assert content_type.startswith('multipart/related; type="application/xop+xml"')
    assert b"\r\n\r\nkurz\r\n" in body
    assert b'filename="akte.pdf"' in body
    assert b'contentType="application/pdf"' in body


@pytest.mark.parametrize(
    ("size", "changes", "is_package"),
    [(64 * 1024, {}, True), (64 * 1024 - 1, {}, False), (1 << 20, {"sends_mtom": False}, False)],
)
def test_send_bytes_go_beside_the_envelope_where_they_are_large(
    size: int, changes: dict[str, Any], is_package: bool
) -> None:
    with connected(DONE, **changes) as (client, server):
        client.send(compose(WirePart(bytes(size), "application/octet-stream")))
    assert server.requests[0][0].startswith("multipart/related") is is_package


def test_send_fails_for_good_error_tells_the_message_id() -> None:
    message_id = (
        f'<a:MessageID xmlns:a="http://www.w3.org/2005/08/addressing">{MESSAGE_ID}</a:MessageID>'
    )
    with (
        connected(Canned(envelope(message_id)), HTML) as (client, server),
        pytest.raises(XtaUnreachable) as caught,
    ):
        client.send(compose(message_id=""))
    assert caught.value.message_id == MESSAGE_ID
    assert len(server.requests) == 4


def test_send_file_missing_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    with connected(DONE) as (client, server), pytest.raises(FileNotFoundError):
        client.send(compose(WirePart(tmp_path / "akte.pdf", "application/pdf")))
    assert server.requests == []


class Shrinking(BytesContent):
    """Has one byte less than it says."""

    @property
    def size(self) -> int:
        return super().size + 1


def test_send_content_changes_meanwhile_is_told_and_not_repeated() -> None:
    part = WirePart(Shrinking(LARGE), "application/pdf")
    with connected(DONE) as (client, server), pytest.raises(OSError, match="changed"):
        client.send(compose(part))
    assert len(server.requests) <= 1


def test_refusal_is_typed_and_not_repeated() -> None:
    with (
        connected(fault("9070", "InvalidMessageIDException")) as (client, server),
        pytest.raises(XtaFault) as caught,
    ):
        client.find_report(MESSAGE_ID)
    error = caught.value
    assert (error.code, error.name) == ("9070", "Name 9070")
    assert (error.exception, error.reason) == ("InvalidMessageIDException", "9070: Grund")
    assert error.is_unknown_message_id
    assert not error.is_retryable
    assert len(server.requests) == 1


def test_no_server_is_unreachable_and_nothing_has_arrived() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = connect(f"http://127.0.0.1:{port}/")
    with pytest.raises(XtaUnreachable) as caught:
        client.check_account_active()
    assert not caught.value.may_have_arrived
    assert isinstance(caught.value.__cause__, requests.ConnectionError)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Canned(b"<html/>", "text/html", 404), XtaUnreadable),
        (Canned(b"<html/>", "text/html", 200), XtaUnreadable),
        (Canned(b"<html/>", status=500), XtaUnreadable),
        (Canned(b"kein XML"), XtaUnreadable),
        (Canned(b""), XtaUnreadable),
        (package(), XtaUnreadable),
        (package(TWO_PARTS[0]), XtaUnreadable),
        (Canned(package(*TWO_PARTS).content, package_type("andere")), XtaUnreadable),
        (Canned(package(*TWO_PARTS).content, package_type(start="<c@x>")), XtaUnreadable),
        (Canned(package(*TWO_PARTS).content[:-9], package_type()), XtaUnreachable),
        (Canned(package(*TWO_PARTS).content[:-9], package_type(), length=3 << 20), XtaUnreachable),
    ],
    ids=[
        "not found",
        "no soap",
        "no envelope",
        "no xml",
        "nothing",
        "no parts",
        "one part is missing",
        "wrong boundary",
        "no root",
        "truncated",
        "broken",
    ],
)
def test_fetch_unusable_answer_is_told_and_leaves_no_file(
    tmp_path: Path, answer: Canned, kind: type[XtaError]
) -> None:
    with connected(answer) as (client, server), pytest.raises(kind):
        client.fetch(MESSAGE_ID, tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(server.requests) == (3 if kind is XtaUnreachable else 1)


@pytest.mark.parametrize(
    ("limits", "answer"),
    [
        (AnswerLimits(part_bytes=len(LARGE) - 1), package(*TWO_PARTS)),
        (AnswerLimits(envelope_bytes=100), package(*TWO_PARTS)),
        (AnswerLimits(envelope_bytes=100), Canned(message_envelope("", ""))),
    ],
    ids=["part", "envelope", "inline"],
)
def test_fetch_answer_beyond_limits_is_told_and_leaves_no_file(
    tmp_path: Path, limits: AnswerLimits, answer: Canned
) -> None:
    with connected(answer, limits=limits) as (client, _), pytest.raises(XtaUnreadable):
        client.fetch(MESSAGE_ID, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_fetch_into_folder_saves_attachments_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "akte.pdf").write_bytes(b"schon da")
    with connected(package(*TWO_PARTS)) as (client, _):
        fetched = client.fetch(MESSAGE_ID, tmp_path)
    assert fetched is not None
    assert fetched.attachments[0].source == tmp_path / "akte-2.pdf"
    assert (fetched.message.content, fetched.attachments[0].content) == (b"Text", LARGE)
    assert {path.name for path in tmp_path.iterdir()} == {"akte.pdf", "akte-2.pdf"}
    assert (tmp_path / "akte.pdf").read_bytes() == b"schon da"


def test_fetch_into_missing_folder_is_told(tmp_path: Path) -> None:
    with connected(package(*TWO_PARTS)) as (client, server), pytest.raises(FileNotFoundError):
        client.fetch(MESSAGE_ID, tmp_path / "fehlt")
    assert len(server.requests) == 1


def test_fetch_next_lost_answer_is_not_repeated() -> None:
    with connected(HTML) as (client, server), pytest.raises(XtaUnreachable) as caught:
        client.fetch_next("urn:x:1")
    assert caught.value.may_have_arrived
    assert len(server.requests) == 1


def nothing(reason: str) -> Canned:
    reason = f"http://www.osci.eu/ws/2008/05/transport/MsgBox/reasons/{reason}"
    return Canned(
        envelope(
            "",
            f'<osci:MsgBoxResponse MsgBoxRequestID="urn:x:1">'
            f'<osci:NoMessageAvailable reason="{reason}"/></osci:MsgBoxResponse>',
        )
    )


def test_fetch_nothing_selected_is_none() -> None:
    with connected(nothing("NoMatch")) as (client, _):
        assert client.fetch() is None


def test_fetch_next_ended_iterator_is_refused_and_not_taken_for_the_end() -> None:
    with (
        connected(nothing("RequestIdInvalid")) as (client, _),
        pytest.raises(MailboxRefusal) as caught,
    ):
        client.fetch_next("urn:x:1", [MESSAGE_ID])
    assert caught.value.reason == "RequestIdInvalid"
