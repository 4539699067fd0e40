"""The façade's five operations with zeep, from the served WSDL, in SOAP 1.1 and SOAP 1.2."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from zeep.exceptions import Fault

from clients.fachverfahren import Attachment, FachverfahrenClient
from server.demo.data import ANFRAGE_NONE, ANFRAGE_SEVERAL
from tests.integration.test_main_job import await_entry
from tests.support.installation import Installation, read_fault, read_sample

SOAP_VERSIONS = pytest.mark.parametrize("is_soap_12", [False, True], ids=["soap11", "soap12"])


def address_of(installation: Installation, name: str) -> tuple[str, dict[str, str]]:
    address = dict(installation.mandant(name)["address"])
    return address.pop("einnahmeart"), address


def reader(installation: Installation, name: str) -> dict[str, str]:
    identifier = installation.mandant(name)["identifier"]
    return {"_value_1": identifier["value"], "typ": identifier["type"]}


def send(installation: Installation, client: FachverfahrenClient, **changes: Any) -> Any:
    values: dict[str, Any] = {
        "leser": reader(installation, "jena"),
        "message": installation.payload(),
        "attachments": [Attachment("bescheid.pdf", "application/pdf", installation.attachment())],
        **changes,
    }
    return client.send(**values)


@SOAP_VERSIONS
@pytest.mark.parametrize(
    ("name", "kanal"), [("potsdam", "elektronisch"), ("jena", "elektronisch"), ("cochem", "brief")]
)
def test_zustaendigkeitsabfrage_address_of_a_mandant_finds_it(
    installation: Installation, is_soap_12: bool, name: str, kanal: str
) -> None:
    client = installation.fachverfahren("potsdam", is_soap_12)
    answer = client.ask_zustaendigkeit(*address_of(installation, name))
    assert answer.eindeutig
    (behoerde,) = answer.behoerde
    assert behoerde.name == installation.mandant(name)["behoerde"]
    assert behoerde.kennung._value_1 == installation.mandant(name)["identifier"]["value"]
    assert behoerde.kanal == kanal
    assert behoerde.anschrift.plz


@SOAP_VERSIONS
def test_senden_test_message_is_told_to_its_reader(
    installation: Installation, is_soap_12: bool
) -> None:
    author, recipient = (
        installation.fachverfahren(name, is_soap_12) for name in ("potsdam", "jena")
    )
    for is_test in (True, False):
        sent = send(installation, author, is_test=is_test)
        assert recipient.receive(sent.messageId).nachricht.testnachricht is is_test
        recipient.confirm(sent.messageId)


def test_senden_test_message_never_becomes_a_letter(installation: Installation) -> None:
    author = installation.fachverfahren("potsdam")
    sent = send(installation, author, leser=reader(installation, "cochem"), is_test=True)
    xta = installation.xta("potsdam")
    await_entry(xta, sent.messageId, "testnachricht-nicht-gedruckt")
    with pytest.raises(Fault, match="Aus einer Testnachricht entsteht kein Brief"):
        author.fetch_letter(sent.messageId)


def test_senden_without_leser_goes_to_the_behoerde_that_the_message_names(
    installation: Installation,
) -> None:
    sent = installation.fachverfahren("potsdam").send(None, installation.payload())
    recipient = installation.fachverfahren("jena")
    assert recipient.receive(sent.messageId).nachricht.messageId == sent.messageId
    recipient.confirm(sent.messageId)


def test_senden_without_leser_that_nobody_names_gets_9020(installation: Installation) -> None:
    with pytest.raises(Fault, match="9020"):
        installation.fachverfahren("potsdam").send(None, read_sample("valid", "anfrage-001.xml"))


@pytest.mark.parametrize(
    ("sample", "code"),
    [("ersuchen-not-well-formed.xml", "9050"), ("ersuchen-latin-1-declared-as-utf-8.xml", "9051")],
)
def test_senden_without_leser_message_that_cannot_be_read_says_why(
    installation: Installation, sample: str, code: str
) -> None:
    with pytest.raises(Fault, match=code):
        installation.fachverfahren("potsdam").send(None, read_sample("invalid", sample))


def test_zustaendigkeitsabfrage_nobody_responsible_is_empty(installation: Installation) -> None:
    client = installation.fachverfahren("potsdam")
    answer = client.ask_zustaendigkeit(ANFRAGE_NONE.einnahmeart, vars(ANFRAGE_NONE.anschrift))
    assert (answer.eindeutig, answer.behoerde) == (False, [])


def test_zustaendigkeitsabfrage_several_responsible_are_candidates(
    installation: Installation,
) -> None:
    client = installation.fachverfahren("potsdam")
    answer = client.ask_zustaendigkeit(ANFRAGE_SEVERAL.einnahmeart, vars(ANFRAGE_SEVERAL.anschrift))
    assert not answer.eindeutig
    assert len(answer.behoerde) == 2


@SOAP_VERSIONS
def test_facade_whole_conversation_ends_with_green_report(
    installation: Installation, is_soap_12: bool
) -> None:
    author = installation.fachverfahren("potsdam", is_soap_12)
    recipient = installation.fachverfahren("jena", is_soap_12)
    message_id = send(installation, author).messageId
    assert author.find_report(message_id).status == "offen"

    received = recipient.receive(message_id)
    assert received.nachricht.messageId == message_id
    assert received.nachricht.inhalt == installation.payload()
    assert received.nachricht.anhang[0].inhalt == installation.attachment()
    assert received.nachricht.anhang[0].dateiname == "bescheid.pdf"
    assert not received.nachricht.verschluesselt
    assert received.weitere == 0
    assert recipient.receive().nachricht.messageId == message_id
    recipient.confirm(message_id)
    assert recipient.receive().nachricht is None

    report = author.find_report(message_id)
    assert report.status == "gruen"
    assert report.erstellt <= report.gesendet <= report.abgeholt <= report.bestaetigt
    assert [entry.code for entry in report.eintrag][1] == "elektronisch-zugestellt"


def test_senden_repeated_with_its_message_id_is_booked_once(installation: Installation) -> None:
    author = installation.fachverfahren("potsdam")
    message_id = f"urn:de:xta:messageid:test:{uuid.uuid4()}"
    first = send(installation, author, message_id=message_id)
    second = send(installation, author, message_id=message_id)
    assert first == second
    with pytest.raises(Fault, match="9024"):
        send(installation, author, message_id=message_id, attachments=[])
    recipient = installation.fachverfahren("jena")
    assert recipient.receive(message_id).weitere == 0
    recipient.confirm(message_id)


def test_facade_message_of_xta_is_received_and_the_other_way_round(
    installation: Installation,
) -> None:
    author = installation.xta("potsdam")
    message_id = author.create_message_id()
    author.send(installation.outgoing(message_id, "jena"))
    recipient = installation.fachverfahren("jena")
    assert recipient.receive(message_id).nachricht.inhalt == installation.payload()
    recipient.confirm(message_id)

    message_id = send(installation, installation.fachverfahren("potsdam")).messageId
    reader_client = installation.xta("jena")
    fetched = reader_client.fetch(message_id)
    assert fetched is not None
    assert fetched.attachments[0].content == installation.attachment()
    reader_client.close(fetched.request_id, [message_id])
    assert author.find_report(message_id).status == 1


@SOAP_VERSIONS
def test_facade_unknown_message_gets_fehler_with_cause_and_remedy(
    installation: Installation, is_soap_12: bool
) -> None:
    client = installation.fachverfahren("potsdam", is_soap_12)
    with pytest.raises(Fault) as caught:
        client.find_report("urn:x:unbekannt")
    detail = caught.value.detail
    texts = {element.tag.partition("}")[2]: element.text for element in detail.iter()}
    assert texts["code"] == "9070"
    assert "urn:x:unbekannt" in texts["ursache"]
    assert texts["abhilfe"] == "Bitte die MessageID prüfen."


@pytest.mark.parametrize("operation", ["confirm", "find_report", "receive"])
def test_facade_message_of_others_is_unknown(installation: Installation, operation: str) -> None:
    message_id = send(installation, installation.fachverfahren("potsdam")).messageId
    with pytest.raises(Fault, match="9070"):
        getattr(installation.fachverfahren("cochem"), operation)(message_id)
    recipient = installation.fachverfahren("jena")
    recipient.receive(message_id)
    recipient.confirm(message_id)


def test_quittieren_before_empfangen_gets_9070(installation: Installation) -> None:
    message_id = send(installation, installation.fachverfahren("potsdam")).messageId
    recipient = installation.fachverfahren("jena")
    with pytest.raises(Fault, match="noch nicht abgeholt"):
        recipient.confirm(message_id)
    recipient.receive(message_id)
    recipient.confirm(message_id)


VERSIONS = pytest.mark.parametrize(
    ("uri", "content_type"),
    [
        ("http://schemas.xmlsoap.org/soap/envelope/", "text/xml"),
        ("http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"),
    ],
    ids=["soap11", "soap12"],
)


@VERSIONS
@pytest.mark.parametrize(
    ("content", "code"), [(b"<a>", "9000"), (b" " * 3_000_001, "9023")], ids=["broken", "large"]
)
def test_facade_unread_request_gets_its_fault_in_the_version_that_was_announced(
    installation: Installation, uri: str, content_type: str, content: bytes, code: str
) -> None:
    response = installation.post(installation.url("amtshilfe"), content, content_type=content_type)
    assert uri in response.text
    assert response.headers["Content-Type"].startswith(content_type)
    assert read_fault(response).code == code


@VERSIONS
def test_facade_invalid_request_gets_9000_in_its_own_soap_version(
    installation: Installation, uri: str, content_type: str
) -> None:
    body = (
        f'<e:Envelope xmlns:e="{uri}"><e:Body><reporting '
        'xmlns="urn:damtshilfe:fachverfahren:1"/></e:Body></e:Envelope>'
    ).encode()
    response = installation.post(installation.url("amtshilfe"), body, content_type=content_type)
    fault = read_fault(response)
    assert uri in response.text
    assert response.headers["Content-Type"].startswith(content_type)
    assert (fault.exception, fault.code) == ("fehler", "9000")
    assert "messageId" in fault.text


def test_facade_soapaction_of_another_operation_is_refused(installation: Installation) -> None:
    body = (
        b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        b'<empfangen xmlns="urn:damtshilfe:fachverfahren:1"/></e:Body></e:Envelope>'
    )
    header = {"SOAPAction": '"urn:damtshilfe:fachverfahren:1/senden"'}
    response = installation.post(
        installation.url("amtshilfe"), body, content_type="text/xml", headers=header
    )
    assert read_fault(response).code == "9000"


def test_facade_samples_of_invalid_messages_are_refused(installation: Installation) -> None:
    client = installation.fachverfahren("potsdam")
    folder = Path(__file__).resolve().parents[1] / "samples" / "invalid"
    for sample in sorted(folder.glob("ersuchen-*.xml")):
        with pytest.raises(Fault, match=r"905[01]"):
            send(installation, client, message=sample.read_bytes())


@SOAP_VERSIONS
def test_brief_message_without_letter_or_of_somebody_else_is_a_fault(
    installation: Installation, is_soap_12: bool
) -> None:
    client = installation.fachverfahren("potsdam", is_soap_12)
    sent = send(installation, client).messageId
    for asking, message_id, code in (
        (client, sent, "9022"),
        (installation.fachverfahren("jena", is_soap_12), sent, "9070"),
        (client, f"urn:x:{uuid.uuid4()}", "9070"),
    ):
        with pytest.raises(Fault, match=code):
            asking.fetch_letter(message_id)
