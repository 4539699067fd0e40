"""Renders the pictures of docs/letter.md anew: `python -m tests.support.letter_pictures`."""

import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]

from server.domain.ersuchen import Ersuchen, Forderung, Nebenforderung, add_up
from server.printing.letter import LetterAttachment, LetterStyle, render_letter
from server.printing.letter_texts import KeyNames
from server.printing.marks import MarkKind, MarkStyle, SheetMarks, mark_sheets
from server.printing.stationery import StationeryFolders, name_folder
from tests.unit.printing.samples import FLENSBURG, ORDER, POTSDAM, make_ersuchen, make_pdf

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "letter"
WIDTH = 900
NAMES = KeyNames(
    {"grundsteuer": "Grundsteuer", "gewerbesteuer": "Gewerbesteuer"},
    {"sachpfaendung": "Sachpfändung", "vermoegensauskunft": "Abnahme der Vermögensauskunft"},
)
LOGO = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 60">
<path d="M10 5h40v28q0 14-20 22q-20-8-20-22z" fill="#20407a"/>
<circle cx="30" cy="26" r="9" fill="#fff"/>
<path d="M62 18h48M62 30h48M62 42h30" stroke="#20407a" stroke-width="5"/></svg>"""
LETTERHEAD = """
name = "Stadt Potsdam"
zeilen = ["Vollstreckungsstelle", "Friedrich-Ebert-Straße 79/81", "14469 Potsdam"]
fuss = ["Sprechzeiten: Dienstag 9 bis 12 Uhr und nach Vereinbarung", "www.potsdam.example"]
"""


def make_full_ersuchen() -> Ersuchen:
    """A debtor with several claims, so that all parts of the letter are filled."""
    base = make_ersuchen()
    (first, *_) = base.forderung_list
    fee = Nebenforderung("mahngebuehr", Decimal("5.00"))
    claims = (
        replace(first, nebenforderung_list=(fee,), kassenzeichen="0815.4711"),
        Forderung("gewerbesteuer", "Vorauszahlung 2026", Decimal("1250.00"), first.faelligkeit),
    )
    sender = replace(POTSDAM, telefon="0331 555 0100", email="vollstreckung@potsdam.example")
    return replace(
        base,
        ersuchender=sender,
        ersuchter=replace(FLENSBURG, aktenzeichen="20.3-77"),
        forderung_list=claims,
        gesamtbetrag=add_up(claims),
        rechtsgrundlage_list=("§ 250 AO",),
    )


def main() -> None:
    """Writes one picture of each first page, and one of a page of an attachment."""
    FOLDER.mkdir(exist_ok=True)
    marks = MarkStyle(MarkKind.DATAMATRIX)
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / name_folder(POTSDAM.identifier)
        own.mkdir()
        (own / "logo.svg").write_text(LOGO)
        (own / "briefkopf.toml").write_text(LETTERHEAD)
        attachment = LetterAttachment("bescheid.pdf", make_pdf((420, 595)))
        plain = render_letter(make_full_ersuchen(), [attachment], ORDER, NAMES)
        style = LetterStyle(StationeryFolders(Path(folder)), marks=marks)
        headed = render_letter(make_full_ersuchen(), [attachment], ORDER, NAMES, style)
    save(plain.pdf, "letter.png")
    save(mark_sheets(headed.pdf, SheetMarks("20261102-01", 42, True, marks)), "letter-own.png")


def save(pdf: bytes, name: str) -> None:
    """The first page as a picture with few colours."""
    page = pypdfium2.PdfDocument(pdf)[0]
    picture = page.render(scale=WIDTH / page.get_width()).to_pil()
    picture.quantize(32).save(FOLDER / name, optimize=True)


if __name__ == "__main__":
    main()
