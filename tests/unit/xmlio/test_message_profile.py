"""Schemas that come with a profile, and profiles that cannot be used."""

import shutil
from pathlib import Path

import pytest

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.domain.routing import RoutingData
from server.xmlio.message_profile import ProfileInvalid, read_profile
from server.xmlio.namespaces import XAMTSHILFE
from server.xmlio.payloads import MessageTypeData, PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from tests.support.installation import SAMPLES, read_sample

SCHEMATA = SAMPLES / "schemata"
ANTRAG = "{urn:beispiel:antrag:2}antrag.0100"


@pytest.fixture
def schemata(tmp_path: Path) -> Path:
    """A folder with the example schema that a test may change."""
    return Path(shutil.copytree(SCHEMATA, tmp_path / "schemata"))


def inspect(folder: Path | None = SCHEMATA) -> PayloadInspector:
    return PayloadInspector(SchemaCatalogue(folder), XmlLimits())


def change(schemata: Path, old: str, new: str, name: str = "profile.toml") -> None:
    path = schemata / "beispiel" / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_catalogue_foreign_schema_is_validated() -> None:
    valid = InlineContent(read_sample("valid", "antrag.xml"))
    assert inspect().find_problem(valid, "urn:beispiel:antrag:2") is None
    invalid = InlineContent(read_sample("invalid", "antrag-without-zeichen.xml"))
    problem = inspect().find_problem(invalid, "urn:beispiel:antrag:2")
    assert problem is not None
    assert problem.fault.code == "9050"
    assert "es fehlt zeichen" in problem.reason


def test_catalogue_foreign_message_tells_type_and_routing() -> None:
    content = InlineContent(read_sample("valid", "antrag.xml"))
    assert inspect().find_type(content) == MessageTypeData(
        "antrag", ("urn:beispiel:nachrichtentypen", "2"), "urn:beispiel:antrag:2"
    )
    assert inspect().read_routing(content) == RoutingData(
        PartyIdentifier("ags:12054000", ""),
        PartyIdentifier("16053000", ""),
        "V 7/2026",
        aktenzeichen_reader="",
        bezug="",
        event="",
        outcome="",
        einnahmeart="",
        anschrift=Anschrift("", "", "14471", ""),
    )


@pytest.mark.parametrize(
    ("path", "contents"),
    [
        ("b:anlage/b:pdf", [b"%PDF-1.7\n% Bescheid\n%%EOF\n", b"ab"]),
        ("b:anlage/b:pdf/text()", [b"%PDF-1.7\n% Bescheid\n%%EOF\n", b"ab"]),
        ("string(b:anlage[2]/b:pdf)", [b"ab"]),
        ("b:anlage/@pdf", []),
        ("b:zeichen", [None]),
    ],
)
def test_read_documents_gives_what_the_profile_points_at(
    schemata: Path, path: str, contents: list[bytes | None]
) -> None:
    change(schemata, 'pdf = "b:anlage/b:pdf"', f'pdf = "{path}"')
    payload = InlineContent(read_sample("valid", "antrag-with-pdf.xml", PDF="YWI="))
    documents = inspect(schemata).read_documents(payload)
    assert [document.content for document in documents] == contents


def test_read_documents_of_a_message_without_such_a_place_is_empty() -> None:
    assert inspect().read_documents(InlineContent(read_sample("valid", "ersuchen.xml"))) == ()
    assert inspect().read_documents(InlineContent(b"Text")) == ()


def test_read_routing_of_what_cannot_be_parsed_is_none() -> None:
    content = InlineContent(read_sample("invalid", "zurueckweisung-xml-2.0.xml"))
    assert inspect().read_routing(content) is None


def test_catalogue_without_the_folder_does_not_know_it() -> None:
    content = InlineContent(read_sample("valid", "antrag.xml"))
    assert SchemaCatalogue().find(ANTRAG) is None
    assert inspect(None).find_type(content) is None
    assert inspect(None).read_routing(content) is None


def test_catalogue_own_ersuchen_tells_its_routing() -> None:
    routing = inspect(None).read_routing(InlineContent(read_sample("valid", "ersuchen.xml")))
    assert routing is not None
    assert routing.reader.is_same_party(PartyIdentifier("ags:16053000", "xoev"))
    assert routing.reader.name == "Stadt Jena, Vollstreckungsstelle"
    assert routing.event == "ersuchen"
    assert routing.anschrift.ort == "Jena"
    assert routing.einnahmeart


def test_catalogue_configured_folder_takes_the_place_of_a_shipped_schema(schemata: Path) -> None:
    for name in ("profile.toml", "antrag.xsd", "teile/typen.xsd"):
        change(schemata, "urn:beispiel:antrag:2", XAMTSHILFE, name)
    catalogue = SchemaCatalogue(schemata)
    assert catalogue.find_message(f"{{{XAMTSHILFE}}}antrag.0100") is not None
    shipped = f"{{{XAMTSHILFE}}}vollstreckungshilfe.ZustaendigkeitAnfrage.001"
    assert catalogue.find_message(shipped) is None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('namespace = "', 'namensraum = "', "namespace: die Angabe fehlt"),
        ('namespace = "', 'namensraum = "', "namensraum: diesen Schlüssel gibt es nicht"),
        ('"antrag.xsd"', '"fehlt.xsd"', "kein brauchbares XML-Schema"),
        ('"antrag.xsd"', '"../../x.xsd"', "liegt nicht in diesem Ordner"),
        ('"antrag.xsd"', '"profile.toml"', "kein brauchbares XML-Schema"),
        ('namespace = "urn:beispiel:antrag:2"', 'namespace = "urn:x"', "anderen targetNamespace"),
        ('"antrag.0100"', '"antrag.0200"', "das Schema kennt dieses Element nicht"),
        ("b:zeichen", "b:zeichen[", "kein gültiger XPath"),
        ("b:zeichen", "b:zeichen/", "aktenzeichen: kein gültiger XPath"),
        ("sender =", "absender =", "den Schlüssel absender gibt es nicht"),
        ('message_type = "antrag"', "", "message_type: die Angabe fehlt"),
        (
            'message_type = "antrag"',
            'message_type = "antrag"\nevent = "zugestellt"',
            "event: „zugestellt“ ist kein Ereignis",
        ),
        ("[prefixes]", "[praefixe]", "prefixes: der Abschnitt fehlt"),
        ("[prefixes]", "[prefixes", "nicht lesbar"),
    ],
)
def test_read_profile_that_is_wrong_says_why(
    schemata: Path, old: str, new: str, words: str
) -> None:
    change(schemata, old, new)
    with pytest.raises(ProfileInvalid) as caught:
        read_profile(schemata / "beispiel")
    assert any(words in problem for problem in caught.value.problems)


def test_read_profile_schema_that_is_none_says_why(schemata: Path) -> None:
    change(schemata, 'type="b:Stelle"', 'type="b:Unbekannt"', "antrag.xsd")
    with pytest.raises(ProfileInvalid, match="kein brauchbares XML-Schema"):
        read_profile(schemata / "beispiel")


def test_catalogue_reports_the_mistakes_of_all_folders_together(schemata: Path) -> None:
    shutil.copytree(schemata / "beispiel", schemata / "zweites")
    shutil.copytree(schemata / "beispiel", schemata / "drittes")
    change(schemata, "b:zeichen", "b:zeichen[")
    with pytest.raises(ProfileInvalid) as caught:
        SchemaCatalogue(schemata)
    assert len(caught.value.problems) == 2
    assert "gibt es schon" in caught.value.problems[1]


def test_catalogue_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileInvalid, match="fehlt"):
        SchemaCatalogue(tmp_path / "nirgends")
