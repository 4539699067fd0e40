"""zeep: the whole conversation, from each form of the contract, without and with MTOM."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from clients.xta import WirePart
from server.xmlio.contract_files import XTA_WSDL
from tests.interop.conversation import AUTHOR, READER, check_outcome, write_task
from tests.interop.zeep_conversation import connect
from tests.support.installation import REFERENCE_WSDL, REPOSITORY, Installation

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
