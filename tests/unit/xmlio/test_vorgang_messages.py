"""The messages that follow an Ersuchen: one valid sample and three invalid ones of each."""

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.xmlio.namespaces import AMTSHILFE
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from tests.support.installation import read_sample

INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
POTSDAM, JENA = "ags:12054000", "ags:16053000"
MESSAGES = (
    "eingangsbestaetigung.xml",
    "abgabe.xml",
    "rueckfrage.xml",
    "antwort.xml",
    "forderungsaenderung.xml",
    "ratenzahlung.xml",
    "zahlungsmitteilung.xml",
    "sachstand.xml",
    "ergebnis.xml",
    "ruecknahme.xml",
    "erledigung.xml",
    "zurueckweisung.xml",
)
# Sent by who has asked for help; all others by who has been asked.
OF_THE_ASKING = ("antwort.xml", "forderungsaenderung.xml", "ruecknahme.xml")
INVALID = (
    ("eingangsbestaetigung-without-eingegangen.xml", "es fehlt eingegangen"),
    ("eingangsbestaetigung-wrong-date.xml", "eingegangen"),
    ("eingangsbestaetigung-without-bezug.xml", "bezug"),
    ("abgabe-without-grund.xml", "es fehlt grund"),
    ("abgabe-without-abgegebenAn.xml", "abgegebenAn"),
    ("abgabe-short-postleitzahl.xml", "plz"),
    ("rueckfrage-without-frage.xml", "frage"),
    ("rueckfrage-empty-frage.xml", "frage"),
    ("rueckfrage-frist-before-frage.xml", "frist"),
    ("antwort-without-text.xml", "text"),
    ("antwort-unknown-element.xml", "frage"),
    ("antwort-empty-bezug.xml", "bezug"),
    ("forderungsaenderung-without-forderung.xml", "forderung"),
    ("forderungsaenderung-negative-amount.xml", "betrag"),
    ("forderungsaenderung-three-decimals.xml", "betrag"),
    ("ratenzahlung-without-rate.xml", "rate"),
    ("ratenzahlung-rate-without-faelligkeit.xml", "es fehlt faelligkeit"),
    ("ratenzahlung-rate-of-nothing.xml", "betrag"),
    ("zahlungsmitteilung-without-offen.xml", "offen"),
    ("zahlungsmitteilung-negative-rest.xml", "offen"),
    ("zahlungsmitteilung-amount-with-comma.xml", "betrag"),
    ("sachstand-unknown-stand.xml", "stand"),
    ("sachstand-without-stand.xml", "stand"),
    ("sachstand-two-stand.xml", "stand"),
    ("ergebnis-unknown-ausgang.xml", "ausgang"),
    ("ergebnis-without-massnahme.xml", "massnahme"),
    ("ergebnis-too-long-massnahme.xml", "massnahme"),
    ("ruecknahme-without-grund.xml", "es fehlt grund"),
    ("ruecknahme-empty-grund.xml", "grund"),
    ("ruecknahme-without-empfaenger.xml", "empfaenger"),
    ("erledigung-unknown-art.xml", "art"),
    ("erledigung-without-vereinnahmt.xml", "es fehlt vereinnahmt"),
    ("erledigung-without-version.xml", "version"),
    ("zurueckweisung-without-grund.xml", "es fehlt grund"),
    ("zurueckweisung-wrong-version.xml", "version"),
    ("zurueckweisung-kennung-without-typ.xml", "typ"),
)


@pytest.mark.parametrize("sample", MESSAGES)
def test_message_valid_sample_is_valid_and_routed(sample: str) -> None:
    content = InlineContent(read_sample("valid", sample))
    assert INSPECTOR.find_problem(content, AMTSHILFE) is None
    found, routing = INSPECTOR.find_type(content), INSPECTOR.read_routing(content)
    assert found is not None
    assert routing is not None
    assert (found.message_type, found.payload_schema) == (sample.removesuffix(".xml"), AMTSHILFE)
    parties = (routing.sender.value, routing.reader.value)
    assert parties == ((POTSDAM, JENA) if sample in OF_THE_ASKING else (JENA, POTSDAM))
    assert routing.sender.type == routing.reader.type == "xoev"
    assert (routing.event, bool(routing.bezug)) == (found.message_type, True)
    assert routing.aktenzeichen


def test_message_tells_the_day_of_an_answer_and_to_whom_a_matter_was_passed_on() -> None:
    rueckfrage = INSPECTOR.read_routing(InlineContent(read_sample("valid", "rueckfrage.xml")))
    abgabe = INSPECTOR.read_routing(InlineContent(read_sample("valid", "abgabe.xml")))
    assert rueckfrage is not None
    assert abgabe is not None
    assert (rueckfrage.frist, rueckfrage.abgegeben_an) == ("2026-12-01", None)
    assert (abgabe.frist, abgabe.abgegeben_an) == ("", PartyIdentifier("ags:16071000", "xoev"))


@pytest.mark.parametrize(("sample", "words"), INVALID, ids=[name for name, _ in INVALID])
def test_message_invalid_sample_gets_9050_with_line_and_element(sample: str, words: str) -> None:
    problem = INSPECTOR.find_problem(InlineContent(read_sample("invalid", sample)), AMTSHILFE)
    assert problem is not None
    assert problem.fault.code == "9050"
    assert problem.reason.startswith("Zeile ")
    assert words in problem.reason


def test_message_in_a_version_of_xml_that_nobody_reads_gets_9050() -> None:
    content = InlineContent(read_sample("invalid", "zurueckweisung-xml-2.0.xml"))
    problem = INSPECTOR.find_problem(content, AMTSHILFE)
    assert problem is not None
    assert problem.fault.code == "9050"
    assert "nicht wohlgeformt" in problem.reason


def test_messages_each_have_three_invalid_samples() -> None:
    counts = [
        sum(sample.startswith(f"{name.removesuffix('.xml')}-") for sample, _ in INVALID)
        for name in MESSAGES
    ]
    assert counts == [3] * len(MESSAGES)
