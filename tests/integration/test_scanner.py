"""Malware, with a real clamd and with one that is away."""

import base64
from pathlib import Path
from typing import Any

import pytest
import requests

from server.xmlio.namespaces import XAMTSHILFE
from tests.integration.test_bad_input import (
    AUTHOR,
    FOREIGN,
    READER,
    SEND,
    is_stored,
    new_id,
    send_sample,
)
from tests.integration.test_delivery import FAST_RETRY, await_code
from tests.support import clamd
from tests.support.installation import (
    SAMPLES,
    XTA_ACTION,
    Installation,
    make_installation,
    read_fault,
    read_sample,
    serving,
)
from tests.support.mtom import include, package_type, part, root_part, write_package

ANTRAG = "urn:beispiel:antrag:2"

needs_clamd = pytest.mark.skipif(
    not clamd.is_installed(), reason="clamd is not installed here (make test-packages)"
)


def post_attachment(
    installation: Installation, message_id: str, content: bytes
) -> requests.Response:
    envelope = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA=FOREIGN,
        PAYLOAD="VGV4dA==",
    ).decode()
    attachment = (
        '<xta:Attachment contentType="application/octet-stream" filename="akte.com">'
        f"{include('a@test')}</xta:Attachment>"
    )
    changed = envelope.replace("</xta:Message>", f"</xta:Message>{attachment}").encode()
    package = write_package([root_part(changed, SEND), part("a@test", content)])
    return installation.post(
        installation.url("send"), package, content_type=package_type(action=SEND)
    )


@needs_clamd
def test_send_message_with_malware_beside_the_envelope_gets_9060(
    installation: Installation,
) -> None:
    message_id = new_id()
    response = post_attachment(installation, message_id, b"x" * 600_000 + clamd.EICAR)
    assert b"<code>9060</code>" in response.content
    assert f"„akte.com“ wurde {clamd.NAME}".encode() in response.content
    assert not is_stored(installation, message_id)


@needs_clamd
def test_send_message_that_is_clean_passes_the_scanner(installation: Installation) -> None:
    message_id = new_id()
    assert post_attachment(installation, message_id, b"x" * 600_000).status_code == 200
    assert is_stored(installation, message_id)
    installation.empty_mailbox()


def test_send_message_scanner_away_is_not_accepted_where_the_setting_refuses(
    tmp_path: Path,
) -> None:
    installation = make_installation(tmp_path / "demo")
    nowhere = {
        "DAMTSHILFE_SCANNER__SOCKET": str(tmp_path / "nowhere.sock"),
        "DAMTSHILFE_SCANNER__WHEN_DOWN": "refuse",
    }
    with serving(installation, nowhere, part="xta"):
        message_id = new_id()
        content = read_sample(
            "valid",
            "send-message.xml",
            AUTHOR=AUTHOR,
            READER=READER,
            MESSAGE_ID=message_id,
            SCHEMA=FOREIGN,
            PAYLOAD="VGV4dA==",
        )
        fault = read_fault(installation.post(installation.url("send"), content, SEND))
    assert (fault.exception, fault.code) == ("XTAWSTechnicalProblemException", "9030")
    assert "Virenscanner" in fault.text
    assert not is_stored(installation, message_id)


@needs_clamd
def test_send_message_with_malware_in_a_document_within_gets_9060(
    tmp_path: Path, scanner_socket: str
) -> None:
    installation = make_installation(tmp_path / "demo")
    changes = {
        "DAMTSHILFE_SCANNER__SOCKET": scanner_socket,
        "DAMTSHILFE_SCHEMAS__DIR": str(SAMPLES / "schemata"),
    }
    with serving(installation, changes, part="xta"):
        infected = write_antrag(b"%PDF-1.4\n" + b"x" * 1000 + clamd.EICAR)
        assert clamd.EICAR not in infected
        fault = send_sample(installation, infected, schema=ANTRAG)
        clean = send_sample(installation, write_antrag(b"%PDF-1.4\n%%EOF"), schema=ANTRAG)
    assert clean is None
    assert fault is not None
    assert (fault.exception, fault.code) == ("MessageVirusDetectionException", "9060")
    assert f"Zeile 10, Element „pdf“: In dem Dokument wurde {clamd.NAME}" in fault.text


def write_antrag(pdf: bytes) -> bytes:
    return read_sample("valid", "antrag-with-pdf.xml", PDF=base64.b64encode(pdf).decode())


@needs_clamd
def test_messages_that_came_while_the_scanner_was_away_are_scanned_before_they_go_on(
    tmp_path: Path,
) -> None:
    installation = make_installation(tmp_path / "demo")
    changes = {
        **FAST_RETRY,
        "DAMTSHILFE_SCANNER__SOCKET": str(tmp_path / "clamd" / "clamd.sock"),
        "DAMTSHILFE_SCHEMAS__DIR": str(SAMPLES / "schemata"),
    }
    infected, clean = new_id(), new_id()
    with serving(installation, changes):
        assert post_attachment(installation, infected, b"x" + clamd.EICAR).status_code == 200
        assert post_attachment(installation, clean, b"x" * 600_000).status_code == 200
        assert not check_sample(installation).versandbereit
        await_code(installation, infected, "zustellung-verzoegert")
        assert installation.xta("jena").fetch() is None
        with clamd.running_clamd(tmp_path / "clamd"):
            found = await_code(installation, infected, "schadsoftware-gefunden")
            passed = await_code(installation, clean, "elektronisch-zugestellt")
            fetched = installation.xta("jena").fetch()
    assert found.status == 3
    assert found.codes[:2] == ("angenommen", "pruefung-steht-aus")
    assert "pruefung-ohne-fund" in passed.codes
    assert fetched is not None
    assert (fetched.message_id, fetched.pending) == (clean, 0)


def check_sample(installation: Installation) -> Any:
    reader = {"_value_1": "ags:16053000", "typ": "xoev"}
    return installation.fachverfahren("potsdam").check(
        leser=reader, message=installation.payload(), attachments=[]
    )


def test_send_message_sync_scanner_away_gets_9030_at_once(tmp_path: Path) -> None:
    installation = make_installation(tmp_path / "demo")
    nowhere = {"DAMTSHILFE_SCANNER__SOCKET": str(tmp_path / "nowhere.sock")}
    with serving(installation, nowhere, part="xta"):
        anfrage = read_sample("valid", "anfrage-001.xml")
        action = XTA_ACTION + "SendMessageSync"
        fault = send_sample(installation, anfrage, schema=XAMTSHILFE, action=action)
    assert fault is not None
    assert (fault.exception, fault.code) == ("XTAWSTechnicalProblemException", "9030")
