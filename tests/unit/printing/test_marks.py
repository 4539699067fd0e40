"""Enveloping marks, read back from the printed sheet."""

from dataclasses import replace
from io import BytesIO

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp

from server.printing.letter import LetterAttachment, LetterStyle, render_letter
from server.printing.marks import (
    MarkKind,
    MarkStyle,
    MarkUnusable,
    SheetMark,
    SheetMarks,
    list_bars,
    mark_sheets,
)
from tests.unit.printing.samples import ORDER, make_ersuchen, make_pdf

A4 = (595, 842)
DATAMATRIX = MarkStyle(MarkKind.DATAMATRIX)
MARKS = SheetMarks("20261102-01", 42, True, DATAMATRIX)
DPI = 300


def read_marks(pdf: bytes) -> list[list[str]]:
    """The texts of the DataMatrix codes of each page."""
    images = [page.render(scale=DPI / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.DataMatrix)
    return [[code.text for code in zxingcpp.read_barcodes(i, formats=formats)] for i in images]


def test_mark_sheets_duplex_bears_a_mark_on_every_other_page() -> None:
    assert read_marks(mark_sheets(make_pdf(A4, A4, A4), MARKS)) == [
        ["D1;20261102-01;42;1;2;0"],
        [],
        ["D1;20261102-01;42;2;2;1"],
    ]


def test_mark_sheets_simplex_bears_a_mark_on_every_page() -> None:
    marked = mark_sheets(make_pdf(A4, A4), replace(MARKS, is_duplex=False))
    assert read_marks(marked) == [["D1;20261102-01;42;1;2;0"], ["D1;20261102-01;42;2;2;1"]]


def test_mark_sheets_stands_at_its_place() -> None:
    style = replace(DATAMATRIX, left=2, top=200, size=11)
    marked = mark_sheets(make_pdf(A4), replace(MARKS, style=style))
    image = pypdfium2.PdfDocument(marked)[0].render(scale=DPI / 72).to_pil().convert("L")
    left, top, right, bottom = image.point(lambda value: 255 * (value < 128)).getbbox()
    mm = 25.4 / DPI
    # A quiet zone of one module lies around it.
    assert 2.3 < left * mm < 2.8
    assert 200.3 < top * mm < 200.8
    assert 12.2 < right * mm < 12.7
    assert 210.2 < bottom * mm < 210.7


def test_mark_sheets_whole_letter_with_attachment_is_read() -> None:
    style = LetterStyle(marks=DATAMATRIX)
    black = make_black_page()
    letter = render_letter(make_ersuchen(), [LetterAttachment("a.pdf", black)], ORDER, style=style)
    marked = mark_sheets(letter.pdf, replace(MARKS, is_duplex=False))
    assert [len(codes) for codes in read_marks(marked)] == [1, 1]


def make_black_page() -> bytes:
    with pikepdf.open(BytesIO(make_pdf(A4))) as pdf:
        # The state that it leaves behind must not reach the mark.
        pdf.pages[0].contents_add(b"2 0 0 2 50 50 cm 0 0 595 842 re f 1 g")
        output = BytesIO()
        pdf.save(output)
        return output.getvalue()


def test_mark_sheets_repeated_gives_same_bytes() -> None:
    pdf = make_pdf(A4, A4)
    assert mark_sheets(pdf, MARKS) == mark_sheets(pdf, MARKS)


def test_mark_sheets_keeps_the_claim_of_pdf_a() -> None:
    marked = mark_sheets(render_letter(make_ersuchen(), [], ORDER).pdf, MARKS)
    with pikepdf.open(BytesIO(marked)) as pdf, pdf.open_metadata() as metadata:
        assert metadata["pdfaid:part"] == "2"


def test_mark_sheets_none_changes_nothing() -> None:
    pdf = make_pdf(A4)
    assert mark_sheets(pdf, replace(MARKS, style=MarkStyle())) == pdf


def test_mark_sheets_too_small_for_its_content_is_refused() -> None:
    marks = replace(MARKS, style=replace(DATAMATRIX, size=4))
    with pytest.raises(MarkUnusable, match="braucht mindestens"):
        mark_sheets(make_pdf(A4), marks)


@pytest.mark.parametrize(
    ("sheet", "sheets", "bars"),
    [
        (1, 1, "11110011"),
        (1, 3, "10110001"),
        (2, 3, "10001011"),
        (3, 3, "11011011"),
        (8, 9, "10000001"),
    ],
)
def test_list_bars_tell_end_first_and_number(sheet: int, sheets: int, bars: str) -> None:
    found = list_bars(SheetMark("b", 1, sheet, sheets))
    assert "".join(str(int(bar)) for bar in found) == bars
    # Even parity over all but start and stop.
    assert sum(found[1:-1]) % 2 == 0


def test_mark_sheets_omr_draws_the_bars() -> None:
    style = MarkStyle(MarkKind.OMR)
    marked = mark_sheets(make_pdf(A4), replace(MARKS, style=style))
    image = pypdfium2.PdfDocument(marked)[0].render(scale=DPI / 72).to_pil().convert("L")
    x = round(8 / 25.4 * DPI)
    tops = [style.top + position * 3 + 0.25 for position in range(8)]
    read = "".join("1" if image.getpixel((x, round(y / 25.4 * DPI))) < 128 else "0" for y in tops)
    assert read == "".join(str(int(bar)) for bar in list_bars(SheetMark("b", 1, 1, 1)))


@pytest.mark.parametrize(
    "style",
    [replace(DATAMATRIX, left=20), replace(DATAMATRIX, top=290), replace(DATAMATRIX, size=12)],
    ids=["in the text", "off the sheet", "too wide"],
)
def test_require_usable_place_where_letters_print_is_refused(style: MarkStyle) -> None:
    with pytest.raises(MarkUnusable, match="im Rand liegen"):
        style.require_usable()


@pytest.mark.parametrize("size", [4, 6])
def test_require_usable_place_too_small_for_the_longest_mark_is_refused(size: float) -> None:
    with pytest.raises(MarkUnusable, match=r"braucht mindestens 6\.5 mm, eingestellt"):
        replace(DATAMATRIX, size=size).require_usable()


def test_require_usable_smallest_place_is_read_with_the_longest_mark() -> None:
    style = replace(DATAMATRIX, size=6.5)
    style.require_usable()
    batch = "20261231-2359-99999999-ffffff"
    marks = SheetMarks(batch, 999_999, is_duplex=False, style=style)
    assert read_marks(mark_sheets(make_pdf(A4), marks)) == [[f"D1;{batch};999999;1;1;1"]]


def test_require_usable_shipped_places_are_accepted() -> None:
    for kind in MarkKind:
        MarkStyle(kind).require_usable()
