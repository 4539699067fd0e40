"""Letters that must not come about, by every interface, against real processes."""

from pathlib import Path

import pytest

from clients.fachverfahren import Attachment
from clients.xta import WirePart, XtaFault
from tests.integration.test_facade import reader, send
from tests.integration.test_main_job import await_entry
from tests.support.evil_attachments import EVIL
from tests.support.installation import Installation

PDF = "application/pdf"


def list_tickets(installation: Installation, message_id: str) -> list[Path]:
    tickets = (installation.folder / "druck").glob("*/*.xml")
    return [path for path in tickets if message_id in path.read_text()]


@pytest.mark.parametrize("name", ["contents unfold twice", "objects unfold", "huge page"])
def test_send_message_evil_attachment_is_refused_and_the_server_goes_on(
    installation: Installation, name: str
) -> None:
    make, reason = EVIL[name]
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    evil = WirePart(make(), PDF, "bescheid.pdf")
    with pytest.raises(XtaFault, match=rf"„bescheid\.pdf“ {reason}"):
        author.send(installation.outgoing(message_id, "cochem", attachments=[evil]))
    author.send(installation.outgoing(message_id, "cochem"))
    await_entry(author, message_id, "brief-ausgegeben")
    assert len(list_tickets(installation, message_id)) == 1


def test_senden_evil_attachment_is_refused_by_the_facade(installation: Installation) -> None:
    make, reason = EVIL["too many pages"]
    evil = Attachment("plan.pdf", PDF, make())
    with pytest.raises(Exception, match=rf"„plan\.pdf“ {reason}"):
        send(
            installation,
            installation.fachverfahren("potsdam"),
            leser=reader(installation, "cochem"),
            attachments=[evil],
        )
