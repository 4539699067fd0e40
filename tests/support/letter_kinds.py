"""A letter of every kind, set by the product's own code, as it goes out.

They differ in what they say, how they look, what lies behind them, how their sheets are marked.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import Bankverbindung, Ersuchen, Firma, Person, Schuldner, add_up
from server.domain.letterhead import Letterhead
from server.printing.letter import LetterAttachment, LetterStyle, render_letter
from server.printing.letter_texts import KeyNames
from server.printing.marks import MarkKind, MarkStyle, SheetMarks, mark_sheets
from server.printing.stationery import Stationery, StationeryFolders, name_folder
from server.services.letterhead_care import read_logo
from tests.support import letter_attachments as made
from tests.unit.printing.samples import FLENSBURG, ORDER, POTSDAM, make_ersuchen, make_forderungen

NAMES = KeyNames(
    {"grundsteuer": "Grundsteuer"},
    {"sachpfaendung": "Sachpfändung", "vermoegensauskunft": "Abnahme der Vermögensauskunft"},
)
_LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 30"><circle cx="15" cy="15" r="9" '
    'fill="#20407a" fill-opacity="0.5"/><path d="M30 9h28M30 15h28" stroke="red"/></svg>'
)
_LETTERHEAD = """name = "Stadt Potsdam"
zeilen = ["Vollstreckungsstelle", "14469 Potsdam"]
vermerke = ["Wenn unzustellbar, zurück!"]
fuss = ["Sprechzeiten: Dienstag 9 bis 12 Uhr", "www.potsdam.example"]
"""
_LONG_NAME = (
    "Zweckverband zur gemeinsamen Wahrnehmung der Vollstreckungsaufgaben in den Landkreisen "
    "Märkisch-Oderland, Oder-Spree und Dahme-Spreewald, Abteilung Beitreibung"
)


@dataclass(frozen=True)
class FinishedLetter:
    """A letter as it goes out; `is_pdf_a` where it must be PDF/A-2b, else it must claim nothing."""

    name: str
    pdf: bytes
    pages: int
    is_pdf_a: bool


@dataclass(frozen=True)
class _Cover:
    """What a letter says; not all texts can be set as PDF/A."""

    ersuchen: Ersuchen
    is_pdf_a: bool = True


@dataclass(frozen=True)
class _Look:
    """The style of a letter, and whether its sheets are printed on both sides."""

    style: LetterStyle
    is_duplex: bool = False


@dataclass(frozen=True)
class _Behind:
    """What lies behind a letter, and whether the claim stays with it."""

    files: tuple[bytes, ...]
    is_pdf_a: bool


def list_letters(folder: Path) -> Iterator[FinishedLetter]:
    """Every cover and every sort of attachments in every look; stationery is laid into a folder."""
    covers, behind = make_covers(), make_attachments()
    nothing, usual = behind["none"], covers["usual"]
    for look_name, look in _make_looks(folder).items():
        for name, cover in covers.items():
            yield _finish(f"{name}-{look_name}", cover, look, nothing)
        for name, files in behind.items():
            yield _finish(f"usual-{name}-{look_name}", usual, look, files)


def _finish(name: str, cover: _Cover, look: _Look, behind: _Behind) -> FinishedLetter:
    files = [
        LetterAttachment(f"anlage-{number}.pdf", content)
        for number, content in enumerate(behind.files, 1)
    ]
    letter = render_letter(cover.ersuchen, files, ORDER, NAMES, look.style)
    marks = SheetMarks("20261102-1600-000001", 4711, look.is_duplex, look.style.marks)
    pdf = mark_sheets(letter.pdf, marks)
    return FinishedLetter(name, pdf, letter.pages, cover.is_pdf_a and behind.is_pdf_a)


@cache
def make_covers() -> dict[str, _Cover]:
    """What letters say: short and long, with and without code, in many scripts."""
    many = make_forderungen(60)
    iban = Bankverbindung("Stadt Potsdam", "DE00", "VS-1")
    long_address = replace(
        FLENSBURG,
        name=_LONG_NAME,
        anschrift=Anschrift("Bürgermeister-Doktor-Müller-Straße", "117 b", "24937", "Flensburg"),
    )
    debtors = (
        Schuldner(Person("Łęcka", "Zoë"), Anschrift("ul. Długa", "5", "", "Warszawa (Polen)")),
        Schuldner(Firma("Muster Wein GmbH", "GmbH", "HRB 99999", ("Mia Muster",))),
    )
    ersuchen = {
        "usual": make_ersuchen(),
        "one-claim": make_ersuchen(forderung_list=make_forderungen(1)),
        "long-table": make_ersuchen(forderung_list=many, gesamtbetrag=add_up(many)),
        "huge-amount": make_ersuchen(gesamtbetrag=Decimal("999999999999.99")),
        "without-code": make_ersuchen(bankverbindung=iban),
        "without-account": make_ersuchen(bankverbindung=None),
        "long-remark": make_ersuchen(bemerkung="Absatz der Bemerkung.\n" * 90),
        "long-address": make_ersuchen(ersuchter=long_address),
        "abroad": make_ersuchen(schuldner_list=debtors),
        "umlauts": _name_debtor("Größe-Müßiggang Ärger Öl ẞ Çağrı Łukasz Ðorđe Ștefan"),
        "greek-cyrillic": _name_debtor("Ελένη Παπαδοπούλου Дмитрий Щербаков"),
        "arabic": _name_debtor("محمد الأحمد"),
    }
    unset = {
        name: _Cover(_name_debtor(text), is_pdf_a=False)
        for name, text in {
            "emoji": "Beispiel 😀",
            "chinese": "王小明",
        }.items()
    }
    return {name: _Cover(item) for name, item in ersuchen.items()} | unset


def _name_debtor(name: str) -> Ersuchen:
    return make_ersuchen(schuldner_list=(Schuldner(Person(name), FLENSBURG.anschrift),))


@cache
def make_attachments() -> dict[str, _Behind]:
    """What lies behind letters; the name says what is special."""
    kept = {
        "none": (),
        "a-2b": (made.make_written("a-2b"),),
        "a-2u": (made.make_written("a-2u", 3),),
        "a-1b": (made.make_written("a-1b", 2),),
        "a-3b": (made.make_written("a-3b"),),
        "several-a": (made.make_written("a-2b"), made.make_written("a-1b"), made.make_written()),
    }
    lost = {
        "plain": (made.make_written("1.7", 2),),
        "a-4": (made.make_written("a-4"),),
        "for-a-press": (made.make_press_claim(),),
        "wide": (made.make_text(size=(842, 595)),),
        "a3": (made.make_text(size=made.A3), made.make_text(size=(1191, 842))),
        "letter-size": (made.make_text(size=made.LETTER_SIZE),),
        "turned": tuple(made.make_turned(degrees) for degrees in (90, 180, 270, -90)),
        "moved": (made.make_boxed(-300, -400, 295, 442), made.make_boxed(595, 842, 0, 0)),
        "form": (made.make_form(),),
        "torn": (made.make_torn(),),
        "grey-picture": (made.make_picture(None, bytes(64)),),
        "mixed": (made.make_written(), made.make_form(made.A5), made.make_torn(), made.make_text()),
    }
    return {
        **{name: _Behind(files, True) for name, files in kept.items()},
        **{name: _Behind(files, False) for name, files in lost.items()},
    }


def _make_looks(folder: Path) -> dict[str, _Look]:
    def own(name: str, **files: bytes) -> StationeryFolders:
        place = folder / name / name_folder(POTSDAM.identifier)
        place.mkdir(parents=True)
        (place / "briefkopf.toml").write_text(_LETTERHEAD, encoding="utf-8")
        for kind, content in files.items():
            (place / f"logo.{kind}").write_bytes(content)
        return StationeryFolders(folder / name)

    drawn, pixels = own("drawn", svg=_LOGO.encode()), own("pixels", png=make_logo())
    matrix, bars = MarkStyle(MarkKind.DATAMATRIX), MarkStyle(MarkKind.OMR)
    return {
        "shipped": _Look(LetterStyle()),
        "unfranked": _Look(LetterStyle(drawn, is_franked_by_service=False)),
        "datamatrix": _Look(LetterStyle(pixels, marks=matrix)),
        "omr-duplex": _Look(LetterStyle(drawn, marks=bars), is_duplex=True),
        "uploaded-svg": _Look(LetterStyle(UploadedStationery(_LOGO.encode()))),
        "uploaded-png": _Look(LetterStyle(UploadedStationery(make_logo()))),
        "uploaded-pdf": _Look(LetterStyle(UploadedStationery(made.make_pdf_logo()))),
        "uploaded-pdf-pixels": _Look(
            LetterStyle(UploadedStationery(made.make_pdf_logo(has_gradient=True)))
        ),
    }


class UploadedStationery:
    """The shipped templates with a letterhead and a logo that an administrator uploaded."""

    def __init__(self, logo: bytes) -> None:
        head = Letterhead("Stadt Potsdam", zeilen=("Vollstreckungsstelle",), fuss=("Di 9–12 Uhr",))
        shipped = StationeryFolders().find_for(POTSDAM.identifier)
        self._stationery = shipped.change(head, read_logo(logo))

    def find_for(self, _identifier: PartyIdentifier | None) -> Stationery:
        """The same for everybody."""
        return self._stationery


def make_logo() -> bytes:
    """A PNG of 16 by 16 pixels that are half transparent."""
    rows = b"".join(b"\0" + bytes((32, 64, 122, 16 * row)) * 16 for row in range(16))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 6, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
