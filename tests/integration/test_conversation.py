"""A matter from Ersuchen to closing, between two Mandanten, over XTA and over the façade."""

from collections.abc import Callable

import pytest

from clients.xta import OutgoingMessage, WirePart
from tests.integration.test_bad_input import new_id
from tests.support.installation import Installation, read_sample

# Who sends which message, in this order.
CONVERSATION = (
    ("potsdam", "ersuchen", "vollstreckungshilfeersuchen"),
    ("jena", "eingangsbestaetigung", "eingangsbestaetigung"),
    ("jena", "rueckfrage", "rueckfrage"),
    ("potsdam", "antwort", "antwort"),
    ("jena", "zahlungsmitteilung", "zahlungsmitteilung"),
    ("potsdam", "forderungsaenderung", "forderungsaenderung"),
    ("jena", "erledigung", "erledigung"),
)
OTHER = {"potsdam": "jena", "jena": "potsdam"}
# How one message goes from one to the other: its content as it arrived.
Exchange = Callable[[Installation, str, str, bytes], bytes]


def exchange_by_xta(
    installation: Installation, sender: str, message_type: str, content: bytes
) -> bytes:
    author, reader = installation.xta(sender), installation.xta(OTHER[sender])
    message_id = new_id()
    message: OutgoingMessage = installation.outgoing(
        message_id,
        OTHER[sender],
        message=WirePart(content, "application/xml"),
        message_type=message_type,
        attachments=[],
    )
    author.send(message)
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])
    assert author.find_report(message_id).status == 1
    return fetched.message.content


def exchange_by_facade(
    installation: Installation, sender: str, message_type: str, content: bytes
) -> bytes:
    author = installation.fachverfahren(sender)
    reader = installation.fachverfahren(OTHER[sender])
    kennung = installation.mandant(OTHER[sender])["identifier"]
    sent = author.send({"_value_1": kennung["value"], "typ": kennung["type"]}, content)
    fetched = reader.receive(sent.messageId).nachricht
    assert fetched.nachrichtentyp == message_type
    reader.confirm(sent.messageId)
    assert author.find_report(sent.messageId).status == "gruen"
    return bytes(fetched.inhalt)


@pytest.mark.parametrize("exchange", [exchange_by_xta, exchange_by_facade], ids=["xta", "facade"])
def test_conversation_from_ersuchen_to_erledigung_arrives_message_by_message(
    installation: Installation, exchange: Exchange
) -> None:
    for sender, sample, message_type in CONVERSATION:
        content = read_sample("valid", f"{sample}.xml")
        assert exchange(installation, sender, message_type, content) == content
