"""Admission: one violation refuses a message, and all of them are told where somebody asks."""

import base64
from pathlib import Path
from typing import Any

import pytest

from clients.scanner import ScannerAccess, ScannerClient
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.domain.mandant import Caller
from server.domain.stored_message import PartKind
from server.errors import AmtshilfeError
from server.services.admission import Admission
from server.services.message_rules import MessageRules
from server.services.scanning import Scanning
from server.services.send_command import IncomingPart, SendCommand
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from tests.support.installation import SAMPLES, read_sample
from tests.unit.services.test_sending import command

pytestmark = pytest.mark.both_databases

ANTRAG = "urn:beispiel:antrag:2"
FOREIGN = "urn:beispiel:fremd"
INSPECTOR = PayloadInspector(SchemaCatalogue(SAMPLES / "schemata"), XmlLimits())


@pytest.fixture
def admission(database: Database, rules: MessageRules) -> Admission:
    return Admission(database, INSPECTOR, Scanning(None), rules, container_bytes=10_000)


def antrag(author: Caller, reader: Caller, pdf: bytes | str) -> SendCommand:
    text = pdf if isinstance(pdf, str) else base64.b64encode(pdf).decode()
    message = read_sample("valid", "antrag-with-pdf.xml", PDF=text)
    return command(author, reader.mandant.identifier, message=message, payload_schema=ANTRAG)


def refusal(admission: Admission, sent: SendCommand) -> tuple[str, str]:
    with pytest.raises(AmtshilfeError) as caught:
        admission.admit(sent)
    return caught.value.fault.code, caught.value.reason


@pytest.mark.parametrize("pdf", [b"%PDF-1.4\n%%EOF", b"\n" * 1000 + b"%PDF-2.0\n"])
def test_admit_message_with_documents_that_are_pdf_is_admitted(
    admission: Admission, author: Caller, reader: Caller, pdf: bytes
) -> None:
    admission.admit(antrag(author, reader, pdf))


@pytest.mark.parametrize(
    ("pdf", "words"),
    [
        (b"GIF89a", "keine PDF-Datei"),
        (b" " * 2000 + b"%PDF-1.4", "keine PDF-Datei"),
        (b"", "keine PDF-Datei"),
        ("JVBERi0x!LjQ=", "nicht in Base64"),
        ("JVBERi0xLjQ", "nicht in Base64"),
        ("JVBERi0xLjQ=JVBE", "nicht in Base64"),
        ("JVBERi0xLjä=", "nicht in Base64"),
    ],
)
def test_admit_document_that_is_no_pdf_gets_9052_with_line_and_element(
    admission: Admission, author: Caller, reader: Caller, pdf: bytes | str, words: str
) -> None:
    code, reason = refusal(admission, antrag(author, reader, pdf))
    assert code == "9052"
    assert reason.startswith("Zeile 10, Element „pdf“: ")
    assert words in reason
    assert "erwartet ist ein PDF-Dokument in Base64" in reason


def test_find_violations_tells_the_line_of_each_document(
    admission: Admission, author: Caller, reader: Caller
) -> None:
    message = read_sample("valid", "antrag-with-pdf.xml", PDF="kein").replace(b"JVBERi0", b"JVBE")
    sent = command(author, reader.mandant.identifier, message=message, payload_schema=ANTRAG)
    found = admission.find_violations(sent)
    assert [(item.fault.code, item.line) for item in found] == [("9052", 6), ("9052", 10)]


def set_carries_unknown(database: Database, caller: Caller, carries: bool) -> Caller:
    with database.writing() as stores:
        stores.mandanten.set_carries_unknown(caller.mandant.key, carries)
        changed = stores.mandanten.find_caller(caller.certificate_fingerprint)
    assert changed is not None
    return changed


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        (b"<a xmlns='urn:beispiel:fremd'/>", "({urn:beispiel:fremd}a)"),
        (b"<a/>", "(a)"),
        (b"Text", "(kein XML)"),
        (b"\x89PNG", "(kein XML)"),
    ],
)
@pytest.mark.parametrize("who", ["author", "reader"])
def test_admit_unknown_schema_that_a_mandant_refuses_gets_9050(
    admission: Admission,
    database: Database,
    author: Caller,
    reader: Caller,
    payload: bytes,
    words: str,
    who: str,
) -> None:
    sent = command(author, reader.mandant.identifier, message=payload, payload_schema=FOREIGN)
    admission.admit(sent)
    refusing = set_carries_unknown(database, {"author": author, "reader": reader}[who], False)
    caller = refusing if who == "author" else author
    code, reason = refusal(admission, SendCommand(caller, sent.head, sent.parts))
    assert code == "9050"
    assert words in reason
    assert f"und {refusing.mandant.name} tauscht nur Nachrichten bekannter Schemata aus" in reason
    set_carries_unknown(database, refusing, True)
    admission.admit(sent)


def test_admit_known_schema_and_encrypted_content_pass_a_mandant_that_refuses(
    admission: Admission, database: Database, author: Caller, reader: Caller
) -> None:
    refusing = set_carries_unknown(database, author, False)
    admission.admit(antrag(refusing, reader, b"%PDF-1.4"))
    head = command(refusing, reader.mandant.identifier, payload_schema=FOREIGN).head
    parts = (IncomingPart(PartKind.ENCRYPTED, InlineContent(b"geheim"), {}),)
    admission.admit(SendCommand(refusing, head, parts))


def test_admit_reader_that_is_not_named_gets_9020(admission: Admission, author: Caller) -> None:
    assert refusal(admission, command(author, PartyIdentifier("", "")))[0] == "9020"


def test_find_violations_tells_everything_that_is_wrong(
    admission: Admission, author: Caller
) -> None:
    changes: dict[str, Any] = {
        "author": PartyIdentifier("ags:anders", "xoev"),
        "message_id": "keine URI",
        "message": read_sample("invalid", "antrag-without-zeichen.xml") + b" " * 10_000,
        "payload_schema": ANTRAG,
    }
    found = admission.find_violations(command(author, PartyIdentifier("", ""), **changes))
    assert [item.fault.code for item in found] == ["9014", "9021", "9023", "9050", "9020"]
    assert found[-2].line == 2


def test_admit_author_and_sender_that_are_the_same_stranger_are_told_once(
    admission: Admission, author: Caller, reader: Caller
) -> None:
    stranger = reader.mandant.identifier
    code, reason = refusal(admission, command(author, stranger, author=stranger, sender=stranger))
    assert code == "9014"
    assert reason.count(str(stranger)) == 1


def test_find_violations_of_broken_xml_says_nothing_about_its_schema(
    admission: Admission, database: Database, author: Caller, reader: Caller
) -> None:
    refusing = set_carries_unknown(database, author, False)
    sent = command(refusing, reader.mandant.identifier, message=b"<a>", payload_schema=FOREIGN)
    (violation,) = admission.find_violations(sent)
    assert "nicht wohlgeformt" in violation.reason


def test_find_violations_reads_no_message_that_its_schema_refuses(
    admission: Admission, author: Caller, reader: Caller
) -> None:
    message = read_sample("invalid", "ersuchen-without-forderung.xml")
    found = admission.find_violations(command(author, reader.mandant.identifier, message=message))
    assert {item.fault.code for item in found} == {"9050"}


def test_find_violations_scanner_away_is_told_beside_the_others(
    database: Database, rules: MessageRules, author: Caller, reader: Caller, tmp_path: Path
) -> None:
    access = ScannerAccess(str(tmp_path / "nowhere.sock"), "", 0, 1)
    scanning = Scanning(ScannerClient(access))
    admission = Admission(database, INSPECTOR, scanning, rules, container_bytes=10_000)
    sent = command(author, reader.mandant.identifier, message=b"<a/>")
    found = admission.find_violations(sent)
    assert [item.fault.code for item in found] == ["9030", "9050"]
    with pytest.raises(AmtshilfeError, match="9030"):
        admission.admit(sent)


def test_find_violations_of_a_valid_message_is_empty(
    admission: Admission, author: Caller, reader: Caller
) -> None:
    assert admission.find_violations(command(author, reader.mandant.identifier)) == ()
