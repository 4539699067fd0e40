"""Messages as persons read them."""

import pytest

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.message_labels import LABELS
from server.services.message_texts import MessageText, MessageTexts
from server.services.standard_massnahmen import read_standard_massnahmen
from server.xmlio.outline import OutlineNode, read_outline
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.installation import read_sample
from tests.unit.conftest import FixedClock

INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
PARTIES = (PartyIdentifier("ags:12054000", "xoev"), PartyIdentifier("ags:16053000", "xoev"))
OWN = (
    "abgabe", "antwort", "eingangsbestaetigung", "ergebnis", "erledigung", "ersuchen",
    "ersuchen-firma", "ersuchen-vollstaendig", "forderungsaenderung", "ratenzahlung",
    "rueckfrage", "ruecknahme", "sachstand", "zahlungsmitteilung", "zurueckweisung",
)  # fmt: skip


@pytest.fixture
def texts(database: Database, clock: FixedClock) -> MessageTexts:
    return MessageTexts(
        INSPECTOR,
        Codelisten(database, clock, read_shipped_codelisten()),
        Massnahmenkataloge(database, read_standard_massnahmen()),
    )


def read(texts: MessageTexts, sample: str) -> MessageText:
    found = texts.read(InlineContent(read_sample("valid", f"{sample}.xml")), PARTIES)
    assert found is not None
    return found


def rows_of(text: MessageText, title: str) -> dict[str, str]:
    return dict(next(section.rows for section in text.sections if section.title == title))


def list_names(node: OutlineNode) -> set[str]:
    return {child.name for child in node.children}.union(*map(list_names, node.children))


@pytest.mark.parametrize("sample", OWN)
def test_every_element_has_a_german_word(sample: str) -> None:
    content = InlineContent(read_sample("valid", f"{sample}.xml"))
    names = list_names(read_outline(INSPECTOR.parse(content)))
    assert names - LABELS.keys() - {"person", "firma", "strasse", "hausnummer", "plz"} == set()


@pytest.mark.parametrize("sample", OWN)
def test_every_text_of_a_message_is_shown(texts: MessageTexts, sample: str) -> None:
    shown = " ".join(value for section in read(texts, sample).sections for _, value in section.rows)
    content = InlineContent(read_sample("valid", f"{sample}.xml"))
    outline = read_outline(INSPECTOR.parse(content))
    names = ("grund", "frage", "text", "bemerkung", "name", "kassenzeichen", "aktenzeichen")
    said = [item.text for item in walk(outline) if item.name in names and item.is_leaf]
    assert said
    assert [text for text in said if text not in shown] == []


def walk(node: OutlineNode) -> list[OutlineNode]:
    return [node, *(item for child in node.children for item in walk(child))]


def test_keys_amounts_and_days_are_german(texts: MessageTexts) -> None:
    text = read(texts, "ersuchen")
    assert rows_of(text, "Angaben") == {
        "Datum": "02.11.2026",
        "Gesamtbetrag": "96,00\N{NO-BREAK SPACE}€",
    }
    assert rows_of(text, "Forderung")["Einnahmeart"] == "Hundesteuer"
    assert rows_of(text, "Maßnahme") == {"Art": "Sachpfändung"}
    assert rows_of(text, "Schuldner")["Anschrift"] == "Saalstraße 17, 07743 Jena"


def test_parts_of_a_list_are_numbered(texts: MessageTexts) -> None:
    titles = [section.title for section in read(texts, "ratenzahlung").sections]
    assert titles[-2:] == ["Rate 1", "Rate 2"]


def test_message_of_another_set_is_not_shown(texts: MessageTexts) -> None:
    for content in (b"<a xmlns='urn:fremd'/>", b"kein XML", b"<kaputt", b""):
        assert texts.read(InlineContent(content), PARTIES) is None
