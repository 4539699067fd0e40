"""Renders the pictures of docs/letter.md anew: `python -m tests.support.letter_pictures`."""

import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageChops, ImageDraw

from server.domain.ersuchen import Anlage, Ersuchen, Forderung, Nebenforderung, add_up
from server.printing.letter import LetterAttachment, LetterStyle, render_letter
from server.printing.letter_texts import KeyNames
from server.printing.marks import MarkKind, MarkStyle, SheetMarks, mark_sheets
from server.printing.sheet import A4_WIDTH, FRANKED_ADDRESS, FRANKED_NOTES, FRANKING, Area
from server.printing.stationery import StationeryFolders, name_folder
from tests.unit.printing.samples import (
    FLENSBURG,
    ORDER,
    POTSDAM,
    make_ersuchen,
    make_forderungen,
    make_pdf,
)

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "letter"
WIDTH, GAP, COLOURS = 900, 16, 32
# Return line, franking mark, address, information block, place of the enveloping marks, letterhead.
ZONES = (
    (FRANKED_NOTES, "#cfe2ff"),
    (FRANKING, "#ffd6d6"),
    (FRANKED_ADDRESS, "#d4f4d4"),
    (Area(125, 50, 200, 95), "#fff2c2"),
    (MarkStyle(MarkKind.DATAMATRIX).area, "#c8a2f0"),
    (Area(25, 15, 190, 42), "#eeeeee"),
)
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
        anlage_list=(Anlage("bescheid.pdf", "bescheid"),),
    )


def make_long_ersuchen() -> Ersuchen:
    """Claims that fill more than a page."""
    claims = make_forderungen(34)
    return replace(make_full_ersuchen(), forderung_list=claims, gesamtbetrag=add_up(claims))


def main() -> None:
    """Writes the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, picture in draw_pictures().items():
        picture.quantize(COLOURS).save(FOLDER / name, optimize=True)


def draw_pictures(ersuchen: Ersuchen | None = None) -> dict[str, Image.Image]:
    """By their file names: plain, of a Mandant's own and marked, over two pages, with its zones."""
    full = ersuchen or make_full_ersuchen()
    matrix, bars = MarkStyle(MarkKind.DATAMATRIX), MarkStyle(MarkKind.OMR)
    attachment = LetterAttachment("bescheid.pdf", make_pdf((420, 595)))
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / name_folder(POTSDAM.identifier)
        own.mkdir()
        (own / "logo.svg").write_text(LOGO)
        (own / "briefkopf.toml").write_text(LETTERHEAD)
        stationery = StationeryFolders(Path(folder))
        plain = draw_page(render_letter(full, [attachment], ORDER, NAMES).pdf)
        headed = set_marked(full, attachment, LetterStyle(stationery, marks=matrix))
        long = set_marked(make_long_ersuchen(), attachment, LetterStyle(stationery, marks=bars))
    return {
        "letter.png": plain,
        "letter-own.png": draw_page(headed),
        "letter-two-pages.png": join([draw_page(long), draw_page(long, 1)]),
        "letter-zones.png": draw_zones(plain),
    }


def set_marked(ersuchen: Ersuchen, attachment: LetterAttachment, style: LetterStyle) -> bytes:
    """A letter with its marks, simplex."""
    letter = render_letter(ersuchen, [attachment], ORDER, NAMES, style)
    return mark_sheets(letter.pdf, SheetMarks("20261102-1600-000001", 42, False, style.marks))


def draw_page(pdf: bytes, number: int = 0) -> Image.Image:
    """A page as a picture."""
    page = pypdfium2.PdfDocument(pdf)[number]
    picture: Image.Image = page.render(scale=WIDTH / page.get_width()).to_pil()
    return picture


def draw_zones(picture: Image.Image) -> Image.Image:
    """The picture with the areas of the sheet in colour."""
    overlay = Image.new("RGB", picture.size, "white")
    drawing = ImageDraw.Draw(overlay)
    scale = picture.width / A4_WIDTH
    for area, colour in ZONES:
        box = [value * scale for value in (area.left, area.top, area.right, area.bottom)]
        drawing.rectangle(box, fill=colour, outline="#404040")
    return ImageChops.multiply(picture.convert("RGB"), overlay)


def join(pages: list[Image.Image]) -> Image.Image:
    """Pages side by side."""
    width = sum(page.width for page in pages) + GAP * (len(pages) - 1)
    picture = Image.new("RGB", (width, pages[0].height), "#808080")
    for number, page in enumerate(pages):
        picture.paste(page, (number * (page.width + GAP), 0))
    return picture


def measure_difference(one: Image.Image, other: Image.Image) -> int:
    """The largest difference of a grey value (0 to 255), where two pixels each way are one.

    Edges drawn a quarter of a pixel aside make about 60, another digit more than 90.
    """
    halves = [picture.convert("L").reduce(2) for picture in (one, other)]
    return max(
        value for value, count in enumerate(ImageChops.difference(*halves).histogram()) if count
    )


if __name__ == "__main__":
    main()
