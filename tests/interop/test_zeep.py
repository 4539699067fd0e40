"""zeep: the whole conversation, from each form of the contract, without and with MTOM."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from clients.xta import Selection, WirePart, WireParty
from server.xmlio.contract_files import XTA_WSDL
from tests.interop.conversation import AUTHOR, READER, check_outcome, write_task
from tests.interop.zeep_conversation import connect
from tests.support.installation import REFERENCE_WSDL, REPOSITORY, Installation, read_sample

REFERENCE, OURS, SERVED = "reference", "file", "served"
# What a careless reader of packages loses or mistakes for a head.
AWKWARD = (
    b"\r\nText\r\n",
    b"\n",
    b"Content-Transfer-Encoding: binary\r\n\r\n--teil\r\n",
)


def find_wsdl(installation: Installation, source: str) -> str:
    """Path or URL of the contract; skips where it is not at hand."""
    if source == REFERENCE and not REFERENCE_WSDL.exists():
        pytest.skip("the reference contract is not at hand here")
    served = f"{installation.url('management')}?wsdl"
    return {REFERENCE: str(REFERENCE_WSDL), OURS: str(XTA_WSDL), SERVED: served}[source]


@pytest.mark.parametrize("is_mtom", [False, True], ids=["inline", "mtom"])
@pytest.mark.parametrize("source", [REFERENCE, OURS, SERVED])
def test_conversation_with_zeep_succeeds(
    installation: Installation, tmp_path: Path, source: str, is_mtom: bool
) -> None:
    task = write_task(installation, tmp_path, is_mtom=is_mtom)
    wsdl = find_wsdl(installation, source)
    result = subprocess.run(
        [sys.executable, "-m", "tests.interop.zeep_conversation", str(task), wsdl],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    check_outcome(result.stdout, task)


@pytest.mark.parametrize(
    ("is_mtom", "media_type"), [(False, "application/soap+xml"), (True, "multipart/related")]
)
def test_fetch_with_zeep_gets_contents_where_they_were_asked_for(
    installation: Installation, tmp_path: Path, is_mtom: bool, media_type: str
) -> None:
    author = installation.xta(AUTHOR)
    message_id = author.create_message_id()
    parts = [WirePart(content, "application/octet-stream", "akte.bin") for content in AWKWARD]
    author.send(installation.outgoing(message_id, READER, attachments=parts))
    task = json.loads(write_task(installation, tmp_path, is_mtom=is_mtom).read_text())
    reader = connect(task, str(XTA_WSDL), "reader")
    media_types = record_media_types(reader.zeep.transport.session)
    fetched = reader.fetch(message_id)
    assert media_types == [media_type]
    assert fetched is not None
    assert fetched.message.content == installation.payload()
    assert [part.content for part in fetched.attachments] == list(AWKWARD)
    reader.close(fetched.request_id, [message_id])


def record_media_types(session: requests.Session) -> list[str]:
    """The media types of the answers that the session gets from now on."""
    found: list[str] = []

    def record(response: requests.Response, *_: Any, **__: Any) -> None:
        found.append(response.headers["Content-Type"].partition(";")[0])

    session.hooks["response"].append(record)
    return found


def test_lookup_service_with_zeep_tells_false_from_unknown(installation: Installation) -> None:
    client = installation.xta(AUTHOR)
    assert client.lookup_service(installation.party(READER), "urn:beispiel") is True
    assert client.lookup_service(installation.party("cochem"), "urn:beispiel") is False
    assert client.lookup_service(WireParty("ags:00000000", "xoev"), "urn:beispiel") is None


def test_send_sync_with_zeep_gets_the_answer(installation: Installation) -> None:
    client = installation.xta(AUTHOR)
    question = WirePart(read_sample("valid", "anfrage-001.xml"), "application/xml")
    changes = {"message": question, "attachments": (), "payload_schema": "xAmtshilfe110"}
    message = installation.outgoing(client.create_message_id(), READER, **changes)
    answer = client.send_sync(message)
    assert answer.message_id != message.message_id
    assert installation.mandant(READER)["behoerde"].encode() in answer.message.content


def test_selection_with_zeep_restricts_the_list(installation: Installation) -> None:
    author, reader = installation.xta(AUTHOR), installation.xta(READER)
    message_ids = [author.create_message_id() for _ in range(2)]
    before = datetime.now(UTC) - timedelta(minutes=1)
    for message_id in message_ids:
        author.send(installation.outgoing(message_id, READER))
    fetched = reader.fetch(message_ids[0])
    assert fetched is not None
    for selection, expected in (
        (Selection(message_ids), message_ids),
        (Selection(message_ids, is_new=True), message_ids[1:]),
        (Selection(message_ids, entry_from=before, entry_to=datetime.now(UTC)), message_ids),
        (Selection(message_ids, entry_to=before), []),
        (Selection(relates_to=["urn:x:unbekannt"]), []),
    ):
        assert list(reader.list_mailbox(selection).message_ids) == expected
    last = reader.fetch(Selection(message_ids, is_new=True))
    assert last is not None
    reader.close(last.request_id, message_ids)
