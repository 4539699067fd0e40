"""Reading and writing messages: Ersuchen, 001 and 002, MessageMetaData."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from lxml import etree

from server.demo.data import DEMO_MANDANTEN, read_behoerden
from server.demo.sample import make_ersuchen
from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.stored_message import MessageTimes
from server.domain.vorgang_facts import ProcessRef
from server.domain.zustaendigkeit import Zustaendigkeit, ZustaendigkeitAnfrage
from server.xmlio.baukasten import read_behoerde
from server.xmlio.complaint import join_complaints
from server.xmlio.contract_files import XSD_FOLDER
from server.xmlio.ersuchen import read_ersuchen, write_ersuchen
from server.xmlio.metadata import (
    MetadataDraft,
    read_metadata,
    write_metadata,
    write_stamped_metadata,
)
from server.xmlio.schema import Schema
from server.xmlio.schema_catalogue import SchemaCatalogue
from server.xmlio.zustaendigkeit import read_anfrage, write_antwort
from tests.support.installation import read_sample

CATALOGUE = SchemaCatalogue()
METADATA_SCHEMA = XSD_FOLDER / "xta-2.1.1" / "osci-metadata-2.02.xsd"
META = "{http://www.osci.eu/ws/2014/10/transport}"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def check(root: etree._Element) -> str:
    schema = CATALOGUE.find(str(root.tag))
    assert schema is not None
    return join_complaints(schema.check(root))


@pytest.mark.parametrize(
    "name",
    [
        "ersuchen.xml",
        "ersuchen-firma.xml",
        "ersuchen-vollstaendig.xml",
        "anfrage-001.xml",
        "antwort-002-empty.xml",
    ],
)
def test_schema_valid_sample_has_no_complaint(name: str) -> None:
    assert check(etree.fromstring(read_sample("valid", name))) == ""


def test_schema_complaints_name_line_element_and_expectation() -> None:
    root = etree.fromstring(read_sample("invalid", "ersuchen-without-forderung.xml"))
    (complaint,) = CATALOGUE.find(str(root.tag)).check(root)  # type: ignore[union-attr]
    assert complaint.line == root.find("{*}gesamtbetrag").sourceline  # type: ignore[union-attr]
    expected = "Element „gesamtbetrag“: steht hier nicht, erwartet ist schuldner oder forderung."
    assert complaint.text.endswith(expected)


def test_ersuchen_written_and_read_back_is_the_same() -> None:
    behoerden = read_behoerden()
    for mandant in DEMO_MANDANTEN:
        ersuchen = make_ersuchen(behoerden["potsdam"], behoerden[mandant.key], mandant)
        root = etree.fromstring(write_ersuchen(ersuchen))
        assert check(root) == ""
        assert read_ersuchen(root) == ersuchen


@pytest.mark.parametrize(
    "name", ["ersuchen.xml", "ersuchen-firma.xml", "ersuchen-vollstaendig.xml"]
)
def test_ersuchen_read_and_written_loses_nothing(name: str) -> None:
    ersuchen = read_ersuchen(etree.fromstring(read_sample("valid", name)))
    written = etree.fromstring(write_ersuchen(ersuchen))
    assert check(written) == ""
    assert read_ersuchen(written) == ersuchen
    sample = etree.fromstring(read_sample("valid", name))
    assert [item.tag for item in written.iter()] == [item.tag for item in sample.iter()]


@pytest.mark.parametrize(
    ("name", "is_allowed"),
    [
        ("Müller-Lüdenscheidt", True),
        ("D’Angelo", True),
        ("Ĝeǹe ỡ C̆", True),
        ("Иванов", False),
        ("R2D2", False),
        ("Mu\N{COMBINING DIAERESIS}ller", False),
        ("Beispiel 😀", False),
    ],
)
def test_schema_name_of_a_person_has_letters_of_din_91379(name: str, is_allowed: bool) -> None:
    root = etree.fromstring(read_sample("valid", "ersuchen.xml"))
    root.find("{*}schuldner/{*}person/{*}name").text = name  # type: ignore[union-attr]
    assert (check(root) == "") == is_allowed


@pytest.mark.parametrize(
    ("name", "is_allowed"), [("Kita 12 & Söhne (GmbH)", True), ("Ελληνικά", False)]
)
def test_schema_name_of_an_authority_may_have_digits_and_signs(name: str, is_allowed: bool) -> None:
    root = etree.fromstring(read_sample("valid", "ersuchen.xml"))
    root.find("{*}ersuchter/{*}name").text = name  # type: ignore[union-attr]
    assert (check(root) == "") == is_allowed


def test_read_ersuchen_company_with_zone_and_without_cents() -> None:
    ersuchen = read_ersuchen(etree.fromstring(read_sample("valid", "ersuchen-firma.xml")))
    assert ersuchen.datum == date(2026, 11, 2)
    assert ersuchen.schuldner_list[0].full_name == "Muster Weinhandel GmbH"
    assert ersuchen.gesamtbetrag == Decimal("12500")
    assert ersuchen.ersuchter.aktenzeichen == "C-77"
    assert ersuchen.bemerkung.splitlines() == ["Erste Zeile.", "Zweite Zeile."]


def test_read_anfrage_takes_einnahmeart_and_address() -> None:
    anfrage = read_anfrage(etree.fromstring(read_sample("valid", "anfrage-001.xml")))
    assert anfrage == ZustaendigkeitAnfrage("hundesteuer", Anschrift("", "", "07743", "Jena"))


@pytest.mark.parametrize("number", [0, 1, 2])
def test_write_antwort_is_valid_and_names_every_behoerde(number: int) -> None:
    behoerden = tuple(read_behoerden().values())[:number]
    antwort = write_antwort(Zustaendigkeit(behoerden))
    assert check(antwort) == ""
    assert tuple(map(read_behoerde, antwort)) == behoerden


def make_draft() -> MetadataDraft:
    return MetadataDraft(
        message_id="urn:x:1",
        author=PartyIdentifier("ags:1", "xoev", "Stadt & Land", "Behörde"),
        reader=PartyIdentifier("ags:2", "xoev"),
        service="urn:dienst",
        message_type="typ",
        message_type_list=("urn:liste", "1"),
        payload_schema="urn:schema",
        origin=NOON,
        is_test=True,
    )


def test_metadata_written_is_valid_and_read_back_the_same() -> None:
    element = write_metadata(make_draft())
    schema = Schema(etree.parse(METADATA_SCHEMA).getroot())
    assert schema.check(element) == ()
    head = read_metadata(element)
    assert (head.message_id, head.author, head.reader) == (
        "urn:x:1",
        PartyIdentifier("ags:1", "xoev", "Stadt & Land", "Behörde"),
        PartyIdentifier("ags:2", "xoev"),
    )
    assert (head.message_type, head.payload_schema) == ("typ", "urn:schema")
    assert (head.origin, head.is_test) == (NOON, True)


def test_metadata_process_reference_is_read_with_white_space_counted_once() -> None:
    metadata = write_metadata(make_draft())
    identification = metadata.find(f"{META}MsgIdentification")
    assert identification is not None
    process = etree.SubElement(identification, f"{META}ProcessRef")
    etree.SubElement(process, f"{META}Requester").text = " Vorgang\n  17 "
    assert read_metadata(metadata).process == ProcessRef("Vorgang 17", "")
    assert read_metadata(write_metadata(make_draft())).process.is_empty


def test_stamped_metadata_server_times_replace_what_the_author_claimed() -> None:
    element = write_metadata(make_draft())
    attributes = element.find(f"{META}DeliveryAttributes")
    assert attributes is not None
    attributes.remove(attributes[0])
    for name, text in (
        ("InitialSend", "2000-01-01T00:00:00Z"),
        ("NotBefore", "2026-11-24T00:00:00Z"),
        ("Reception", "2000-01-01T00:00:00Z"),
        ("ServiceQuality", "gut"),
    ):
        etree.SubElement(attributes, f"{META}{name}").text = text
    stamped = write_stamped_metadata(etree.tostring(element), MessageTimes(NOON, NOON, NOON, NOON))
    schema = Schema(etree.parse(METADATA_SCHEMA).getroot())
    assert schema.check(stamped) == ()
    written = [
        (etree.QName(child).localname, child.text)
        for child in stamped.find(f"{META}DeliveryAttributes")  # type: ignore[union-attr]
    ]
    noon = "2026-11-23T12:00:00.000Z"
    assert written == [
        ("Origin", noon),
        ("InitialSend", noon),
        ("NotBefore", "2026-11-24T00:00:00Z"),
        ("Delivery", noon),
        ("InitialFetch", noon),
        ("ServiceQuality", "gut"),
    ]


def test_catalogue_foreign_namespace_has_no_schema() -> None:
    assert CATALOGUE.find("{urn:beispiel}a") is None
    assert CATALOGUE.find("a") is None
