"""The job ticket against its schema and its letter."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from server.domain.anschrift import Anschrift
from server.domain.ersuchen import Ersuchen
from server.printing.letter import Letter
from server.printing.ticket import (
    NAMESPACE,
    Druck,
    PrintedLetter,
    choose_druck,
    count_sheets,
    render_ticket,
)
from tests.unit.printing.samples import FLENSBURG, ORDER, POTSDAM, make_ersuchen

SCHEMA = Path(__file__).resolve().parents[3] / "xsd" / "print-1" / "druckauftrag.xsd"
LETTER = Letter(b"%PDF", 5, "0123456789abcdef" * 4)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def render(
    ersuchen: Ersuchen | None = None, letter: Letter = LETTER, duplex: bool = True
) -> etree._Element:
    printed = PrintedLetter("000001-brief.pdf", letter, duplex)
    return etree.fromstring(render_ticket(ersuchen or make_ersuchen(), printed, ORDER))


def read(root: etree._Element, name: str) -> list[str | None]:
    return [element.text for element in root.iter(f"{{{NAMESPACE}}}{name}")]


def test_ticket_usual_ersuchen_is_valid(schema: etree.XMLSchema) -> None:
    schema.assertValid(render())


def test_ticket_bare_ersuchen_is_valid(schema: etree.XMLSchema) -> None:
    bare = replace(
        POTSDAM, aktenzeichen="", bearbeiter="", anschrift=Anschrift("", "", "14469", "")
    )
    root = render(make_ersuchen(ersuchender=bare, ersuchter=bare))
    schema.assertValid(root)
    assert read(root, "aktenzeichen") == []
    assert read(root, "absenderzeile") == ["14469"]


def test_ticket_long_name_is_valid(schema: etree.XMLSchema) -> None:
    recipient = replace(FLENSBURG, name="Gemeinsame Vollstreckungsstelle " * 8)
    schema.assertValid(render(make_ersuchen(ersuchter=recipient)))


def test_ticket_names_order_and_message() -> None:
    root = render()
    assert read(root, "auftragId") == [ORDER.order_id]
    assert read(root, "messageId") == [ORDER.message_id]
    assert read(root, "erstellt") == ["2026-11-02T09:30:05+00:00"]
    assert read(root, "aktenzeichen") == ["VS-2026-0815"]


def test_ticket_names_sender_and_recipient() -> None:
    root = render()
    assert read(root, "absender") == ["Stadt Potsdam, Vollstreckungsstelle"]
    assert read(root, "absenderzeile") == ["Friedrich-Ebert-Straße 79/81", "14469 Potsdam"]
    assert read(root, "empfaengerzeile") == [
        "Stadt Flensburg, Vollstreckungsstelle",
        "Am Markt 1",
        "24937 Flensburg",
    ]
    assert read(root, "postleitzahl") == ["24937"]


def test_ticket_describes_the_document() -> None:
    root = render()
    assert read(root, "datei") == ["000001-brief.pdf"]
    assert read(root, "sha256") == [LETTER.sha256]
    assert read(root, "seiten") == ["5"]
    assert read(root, "blaetter") == ["3"]
    assert read(root, "druck") == ["duplex"]


def test_ticket_simplex_takes_a_sheet_for_each_page(schema: etree.XMLSchema) -> None:
    root = render(duplex=False)
    schema.assertValid(root)
    assert (read(root, "blaetter"), read(root, "druck")) == (["5"], ["simplex"])


def test_ticket_single_page_is_simplex(schema: etree.XMLSchema) -> None:
    root = render(letter=replace(LETTER, pages=1))
    schema.assertValid(root)
    assert read(root, "druck") == ["simplex"]


def test_ticket_markup_in_texts_stays_text(schema: etree.XMLSchema) -> None:
    evil = '</absender><druck>&amp; "Ä" <![CDATA['
    root = render(make_ersuchen(ersuchender=replace(POTSDAM, name=evil)))
    schema.assertValid(root)
    assert read(root, "absender") == [evil]


def test_ticket_same_order_gives_same_bytes() -> None:
    ersuchen = make_ersuchen()
    printed = PrintedLetter("000001-brief.pdf", LETTER, True)
    assert render_ticket(ersuchen, printed, ORDER) == render_ticket(ersuchen, printed, ORDER)


@pytest.mark.parametrize(
    ("pages", "sheets", "druck"),
    [(1, 1, Druck.SIMPLEX), (2, 1, Druck.DUPLEX), (3, 2, Druck.DUPLEX), (8, 4, Druck.DUPLEX)],
)
def test_sheets_pages_are_printed_on_both_sides(pages: int, sheets: int, druck: Druck) -> None:
    assert (count_sheets(pages, True), choose_druck(pages, True)) == (sheets, druck)
