"""The proof of a letter: its own PDF is read back, and what it shows is held against the rules.

Nothing is taken from the templates: an administrator may have changed them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ctypes import byref, c_float
from dataclasses import dataclass
from io import BytesIO
from threading import Lock
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

from server.printing.fonts import STANDARD_FONTS, find_loose_fonts
from server.printing.sheet import A4_HEIGHT, A4_WIDTH, MM_PER_POINT, WINDOW, Area, WindowAreas

_A4_TOLERANCE = 1.0
# How far letters may rise above their line.
_EDGE = 0.3
# PDFium is for one thread at a time, whatever document it has; letters are previewed by several.
_PDFIUM = Lock()
# As what the reader tells a hyphen at the end of a line, depending on what follows.
_HYPHENS = str.maketrans("\ufffe\x02", "--")
# A letter with combining marks, of which Unicode has no composed form (DIN 91379, sequences).
_MARKED = re.compile("[^\u0300-\u036f][\u0300-\u036f]+")


# An object of a page, as PDFium names it, and where it stands.
_Object = tuple[Any, Area]


@dataclass(frozen=True)
class Expectation:
    """What a letter must be: lines of its address, pages of its own, pages in all."""

    address: tuple[str, ...]
    own_pages: int
    pages: int


@dataclass(frozen=True)
class Proof:
    """The areas that a letter keeps; on pages of attachments only where sheets bear marks."""

    window: WindowAreas
    marks: Area
    covers_attachments: bool = False


@dataclass(frozen=True)
class _Shown:
    """Something on a page: text or a drawing, and where."""

    is_text: bool
    area: Area


def find_layout_problems(pdf: bytes, expected: Expectation, proof: Proof) -> list[str]:
    """What does not hold, as German sentences; empty where all does."""
    with _opened(pdf) as document:
        problems = [*_check_pages(document, expected), *_check_fonts(pdf, expected)]
        if len(document):
            first = document[0]
            objects = list(_list_objects(first))
            shown = list(_pick_shown(objects, WINDOW, proof.marks))
            _forget_all_but(WINDOW, first, objects)
            problems += _check_address(first, expected, proof.window)
            problems += _check_overlaps(shown, proof.window)
            problems += _check_marks(
                [shown, *_list_further(document, expected, proof)], proof.marks
            )
        return problems


def is_readable(pdf: bytes) -> bool:
    """True where all pages can be read as the proof reads them."""
    try:
        with _opened(pdf) as document:
            return all(raw.FPDFPage_CountObjects(page) >= 0 for page in document)
    except pypdfium2.PdfiumError:
        return False


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def _check_pages(document: pypdfium2.PdfDocument, expected: Expectation) -> Iterator[str]:
    if len(document) != expected.pages:
        yield f"Er hat {len(document)} statt {expected.pages} Seiten."
    for number in range(len(document)):
        width, height = (value * MM_PER_POINT for value in document.get_page_size(number))
        if abs(width - A4_WIDTH) > _A4_TOLERANCE or abs(height - A4_HEIGHT) > _A4_TOLERANCE:
            yield f"Seite {number + 1} ist nicht A4, sondern {width:.0f} x {height:.0f} mm groß."


def _check_fonts(pdf: bytes, expected: Expectation) -> Iterator[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        for number, page in enumerate(opened.pages):
            allowed = frozenset[str]() if number < expected.own_pages else STANDARD_FONTS
            loose = sorted(find_loose_fonts(page) - allowed)
            if loose:
                yield f"Seite {number + 1} bettet Schriften nicht ein: {', '.join(loose)}."


def _check_address(
    page: pypdfium2.PdfPage, expected: Expectation, window: WindowAreas
) -> Iterator[str]:
    read = _read_text(page, window.address)
    if _part_letters(read) != _part_letters("".join("".join(expected.address).split())):
        yield f"Im Anschriftfeld steht „{read}“ statt der Anschrift."


def _part_letters(text: str) -> tuple[str, frozenset[str]]:
    """The text without letters that are written with combining marks, and which these are.

    A font draws such a letter as several signs. The reader tells it for each of them, and not
    always at its place.
    """
    composed = unicodedata.normalize("NFC", text)
    return _MARKED.sub("", composed), frozenset(_MARKED.findall(composed))


def _check_overlaps(shown: list[_Shown], window: WindowAreas) -> Iterator[str]:
    notes, address = _widen(window.notes), _widen(window.address)
    inside = [item for item in shown if WINDOW.touches(item.area)]
    if any(not notes.contains(item.area) and not address.contains(item.area) for item in inside):
        yield "Etwas im Anschriftfeld ragt über die Ränder seiner Zonen."
    if any(not item.is_text and window.address.touches(item.area) for item in inside):
        yield "In der Anschriftzone steht mehr als Text."
    if window.franking and any(window.franking.touches(item.area) for item in inside):
        yield "Die Frankierzone ist nicht frei."


def _list_further(
    document: pypdfium2.PdfDocument, expected: Expectation, proof: Proof
) -> Iterator[list[_Shown]]:
    """What the pages after the first show, as far as the place of marks must be free on them."""
    last = len(document) if proof.covers_attachments else min(expected.own_pages, len(document))
    pages = (_list_objects(document[number]) for number in range(1, last))
    return (list(_pick_shown(objects, proof.marks)) for objects in pages)


def _check_marks(pages: list[list[_Shown]], marks: Area) -> Iterator[str]:
    for number, shown in enumerate(pages, 1):
        if any(marks.touches(item.area) for item in shown):
            yield f"Auf Seite {number} ist der Platz der Kuvertiermarke nicht frei."


def _pick_shown(objects: Iterable[_Object], *areas: Area) -> Iterator[_Shown]:
    """What stands in these areas."""
    for item, area in objects:
        if any(wanted.touches(area) for wanted in areas):
            yield _Shown(raw.FPDFPageObj_GetType(item) == raw.FPDF_PAGEOBJ_TEXT, area)


def _forget_all_but(area: Area, page: pypdfium2.PdfPage, objects: Iterable[_Object]) -> None:
    """On the page in memory: to read the text of all that stands on it would take long.

    What cannot be measured stays.
    """
    for item, place in objects:
        if not area.touches(place):
            raw.FPDFPage_RemoveObject(page, item)
            raw.FPDFPageObj_Destroy(item)


def _list_objects(page: pypdfium2.PdfPage) -> Iterator[_Object]:
    """By the plain functions: the library's own objects are slow."""
    height = page.get_height()
    edges = [c_float() for _ in range(4)]
    left, bottom, right, top = edges
    places = [byref(edge) for edge in edges]
    for number in range(raw.FPDFPage_CountObjects(page)):
        item = raw.FPDFPage_GetObject(page, number)
        if raw.FPDFPageObj_GetBounds(item, *places):
            box = (left.value, height - top.value, right.value, height - bottom.value)
            yield item, Area(*[value * MM_PER_POINT for value in box])


def _read_text(page: pypdfium2.PdfPage, area: Area) -> str:
    """The text of an area without spaces; soft hyphens count as hyphens."""
    left, right = area.left / MM_PER_POINT, area.right / MM_PER_POINT
    height = page.get_height()
    bottom, top = height - area.bottom / MM_PER_POINT, height - area.top / MM_PER_POINT
    text = page.get_textpage().get_text_bounded(left, bottom, right, top)
    return "".join(text.translate(_HYPHENS).split())


def _widen(area: Area) -> Area:
    return Area(area.left, area.top - _EDGE, area.right, area.bottom + _EDGE)
