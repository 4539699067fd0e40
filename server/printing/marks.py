"""Marks by which an enveloping machine knows which sheets make a letter.

They are drawn when batch and number of a letter are known, on the front of each sheet: a DataMatrix
(ECC 200), or bars (OMR). Their place is a setting and lies where no letter prints.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO

import pikepdf
from ppf.datamatrix import DataMatrix  # type: ignore[import-untyped]

from server.printing.sheet import A4_HEIGHT, MM_PER_POINT, PRINTABLE, WHOLE, Area

_SMALLEST_MODULE = 0.25
# First field of every DataMatrix: which fields follow.
_FORMAT = "D1"
_BAR_DISTANCE, _BAR_HEIGHT, _BARS = 3.0, 0.5, 8
_COUNTER_BITS = 3


class MarkKind(StrEnum):
    """Which marks a machine reads."""

    NONE = "none"
    DATAMATRIX = "datamatrix"
    OMR = "omr"


class MarkUnusable(Exception):
    """A mark does not fit at its place; the text is German."""


@dataclass(frozen=True)
class MarkStyle:
    """Kind and place of the marks: millimetres from the left and from the top of the sheet.

    `size` is the side of the DataMatrix with its quiet zone, or the length of the bars.
    """

    kind: MarkKind = MarkKind.NONE
    left: float = 3.5
    top: float = 115.0
    size: float = 10.0

    @property
    def is_marked(self) -> bool:
        """True where sheets bear marks."""
        return self.kind is not MarkKind.NONE

    @property
    def area(self) -> Area:
        """What must stay free for the marks."""
        height = (_BARS - 1) * _BAR_DISTANCE + _BAR_HEIGHT
        is_bars = self.kind is MarkKind.OMR
        bottom = self.top + (height if is_bars else self.size)
        return Area(self.left, self.top, self.left + self.size, bottom)

    def require_usable(self) -> None:
        """Raises MarkUnusable where letters print at this place, or where it is too small."""
        if not self.is_marked:
            return
        if not WHOLE.contains(self.area) or PRINTABLE.touches(self.area):
            raise MarkUnusable(
                f"Kuvertiermarken müssen auf dem Blatt und im Rand liegen (links bis "
                f"{PRINTABLE.left:g} mm, oben und unten 7 mm)."
            )
        # Else it would be found out at the cut-off, and every batch refused.
        list(_list_boxes(_LONGEST, self))


@dataclass(frozen=True)
class SheetMarks:
    """What the marks of a letter say: its batch, its number in it, and how it is printed."""

    batch: str
    letter: int
    is_duplex: bool
    style: MarkStyle


@dataclass(frozen=True)
class SheetMark:
    """What the mark of one sheet says; sheets count from 1."""

    batch: str
    letter: int
    sheet: int
    sheets: int

    @property
    def is_last(self) -> bool:
        """True on the last sheet of a letter."""
        return self.sheet == self.sheets

    @property
    def text(self) -> str:
        """The content of the DataMatrix: format;batch;letter;sheet;sheets;end (1) or not (0)."""
        fields = (_FORMAT, self.batch, self.letter, self.sheet, self.sheets, int(self.is_last))
        return ";".join(map(str, fields))


# More than any batch, letter and sheet will have: what the place of marks must be large enough for.
_LONGEST = SheetMark("20261231-2359-99999999-ffffff", 999_999, 9_999, 9_999)


def mark_sheets(pdf: bytes, marks: SheetMarks) -> bytes:
    """The letter with a mark on the front of each sheet; the same input gives the same bytes.

    Raises MarkUnusable.
    """
    if not marks.style.is_marked:
        return pdf
    with pikepdf.open(BytesIO(pdf)) as letter:
        step = 2 if marks.is_duplex else 1
        fronts = letter.pages[::step]
        for number, page in enumerate(fronts, 1):
            mark = SheetMark(marks.batch, marks.letter, number, len(fronts))
            _draw(page, _list_boxes(mark, marks.style))
        output = BytesIO()
        letter.save(output, deterministic_id=True)
        return output.getvalue()


def list_bars(mark: SheetMark) -> list[bool]:
    """Which of the eight bars are there: start, end of letter, first sheet, three bits of the
    sheet's number (least first), even parity over these five, stop.
    """
    counter = [bool(mark.sheet >> bit & 1) for bit in range(_COUNTER_BITS)]
    told = [mark.is_last, mark.sheet == 1, *counter]
    return [True, *told, sum(told) % 2 == 1, True]


def _list_boxes(mark: SheetMark, style: MarkStyle) -> Iterator[Area]:
    make = _list_bar_boxes if style.kind is MarkKind.OMR else _list_modules
    return make(mark, style)


def _list_bar_boxes(mark: SheetMark, style: MarkStyle) -> Iterator[Area]:
    for position, is_there in enumerate(list_bars(mark)):
        if is_there:
            top = style.top + position * _BAR_DISTANCE
            yield Area(style.left, top, style.left + style.size, top + _BAR_HEIGHT)


def _list_modules(mark: SheetMark, style: MarkStyle) -> Iterator[Area]:
    """The dark runs of each row of the DataMatrix, within a quiet zone of one module."""
    matrix = DataMatrix(mark.text).matrix
    module = style.size / (len(matrix) + 2)
    if module < _SMALLEST_MODULE:
        raise MarkUnusable(
            f"Die Kuvertiermarke braucht mindestens {(len(matrix) + 2) * _SMALLEST_MODULE:g} mm, "
            f"eingestellt sind {style.size:g} mm."
        )
    for row, cells in enumerate(matrix, 1):
        top = style.top + row * module
        for start, end in _list_runs(cells):
            left, right = style.left + (start + 1) * module, style.left + (end + 1) * module
            yield Area(left, top, right, top + module)


def _list_runs(cells: Iterable[int]) -> Iterator[tuple[int, int]]:
    start = None
    for position, cell in enumerate((*cells, 0)):
        if cell and start is None:
            start = position
        elif not cell and start is not None:
            yield start, position
            start = None


def _draw(page: pikepdf.Page, boxes: Iterator[Area]) -> None:
    """Black boxes over the page, whatever state its own content leaves behind."""
    drawing = "\n".join(f"{_to_points(box)} re" for box in boxes)
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(f"\nQ\nq\n0 g\n{drawing}\nf\nQ\n".encode())


def _to_points(box: Area) -> str:
    values = (box.left, A4_HEIGHT - box.bottom, box.right - box.left, box.bottom - box.top)
    return " ".join(f"{value / MM_PER_POINT:.3f}" for value in values)
