"""Bounds for PDFs that come from outside: what their few bytes may unfold to.

A stream of two megabytes can hold two gigabytes, a page can be a hundred metres wide. What goes
beyond these bounds is refused; nothing here takes more time or memory than they allow.
"""

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf.settings import set_qpdf_limits

_MIB = 1024 * 1024
# Contents of a stream that qpdf unfolds; plans of buildings have up to some ten MiB.
_STREAM_BYTES = 128 * _MIB
# Contents of all pages together.
_ALL_BYTES = 256 * _MIB
# A packing by LZW, which qpdf does not bound, unfolds to at most 2,730 times its size.
_LZW_BYTES = 64 * 1024
_FILTERS = 4
# Entries of one array; lists of characters and pages have fewer.
_ENTRIES = 200_000
# Thicker than any envelope.
MOST_PAGES = 1000
# Points: what older readers can show (ISO 32000-1, annex C); smaller is nothing to read.
_LARGEST_SIDE, _SMALLEST_SIDE = 14_400, 3
# A0 at 400 dpi.
_PIXELS = 250_000_000
_DEEPEST = 20
# What qpdf tells of a stream that it had to leave out.
_LOST = ("limit exceeded", "error decoding stream data")


def open_foreign(content: bytes, **options: Any) -> pikepdf.Pdf:
    """The PDF, none of whose streams unfolds beyond bounds; raises what `pikepdf.open` does."""
    _bound_streams()
    return pikepdf.open(BytesIO(content), **options)


@cache
def _bound_streams() -> None:
    """They hold for the whole process and are set once."""
    set_qpdf_limits(
        flate_max_memory=_STREAM_BYTES,
        png_max_memory=_STREAM_BYTES,
        tiff_max_memory=_STREAM_BYTES,
        run_length_max_memory=_STREAM_BYTES,
        dct_max_memory=_STREAM_BYTES,
        max_stream_filters=_FILTERS,
        parser_max_container_size=_ENTRIES,
    )


def find_excess(pdf: pikepdf.Pdf) -> str | None:
    """What goes beyond the bounds, as the end of a German sentence; None where nothing does.

    Raises what pikepdf does on a damaged structure.
    """
    if len(pdf.pages) > MOST_PAGES:
        return f"hat mehr als {MOST_PAGES} Seiten"
    if not all(_is_of_usable_size(page) for page in pdf.pages):
        return "hat eine Seite, die zu groß oder zu klein für einen Ausdruck ist"
    drawings = list(_list_drawings(pdf))
    if any(_count_pixels(item) > _PIXELS for item in drawings if _is_picture(item)):
        return "enthält ein zu großes Bild"
    return None if _fits(drawings) else "enthält mehr, als sich drucken lässt"


def find_loss(warnings: list[str]) -> bool:
    """True where something of a file was left out by what qpdf tells of it."""
    return any(sign in warning for warning in warnings for sign in _LOST)


def _is_of_usable_size(page: pikepdf.Page) -> bool:
    unit = float(page.obj.get("/UserUnit", 1))
    for left, bottom, right, top in (page.mediabox, page.trimbox):
        sides = (abs(float(right) - float(left)) * unit, abs(float(top) - float(bottom)) * unit)
        if not all(_SMALLEST_SIDE <= side <= _LARGEST_SIDE for side in sides):
            return False
    return True


def _fits(drawings: list[pikepdf.Object]) -> bool:
    total = 0
    for drawing in drawings:
        if _is_packed_by_lzw(drawing) and len(drawing.read_raw_bytes()) > _LZW_BYTES:
            return False
        if not _is_picture(drawing):
            try:
                total += len(drawing.read_bytes())
            except pikepdf.DataDecodingError:
                return False
        if total > _ALL_BYTES:
            return False
    return True


def _list_drawings(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Contents of pages, pictures, and drawings that they name, each once."""
    seen: set[tuple[int, int]] = set()
    for page in pdf.pages:
        contents = page.obj.get("/Contents")
        for part in contents if isinstance(contents, pikepdf.Array) else [contents]:
            yield from _see(part, seen, 0)
        yield from _list_named(page.obj.get("/Resources"), seen, 0)


def _list_named(
    resources: pikepdf.Object | None, seen: set[tuple[int, int]], depth: int
) -> Iterator[pikepdf.Object]:
    if not isinstance(resources, pikepdf.Dictionary) or depth > _DEEPEST:
        return
    for kind in ("/XObject", "/Pattern"):
        for drawing in resources.get(kind, pikepdf.Dictionary()).values():
            yield from _see(drawing, seen, depth)


def _see(
    drawing: pikepdf.Object | None, seen: set[tuple[int, int]], depth: int
) -> Iterator[pikepdf.Object]:
    if isinstance(drawing, pikepdf.Stream) and drawing.objgen not in seen:
        seen.add(drawing.objgen)
        yield drawing
        yield from _list_named(drawing.get("/Resources"), seen, depth + 1)
        yield from _see(drawing.get("/SMask"), seen, depth + 1)


def _is_picture(drawing: pikepdf.Object) -> bool:
    return bool(drawing.get("/Subtype") == "/Image")


def _count_pixels(picture: pikepdf.Object) -> int:
    return int(picture.get("/Width", 0)) * int(picture.get("/Height", 0))


def _is_packed_by_lzw(drawing: pikepdf.Object) -> bool:
    filters = drawing.get("/Filter")
    names = filters if isinstance(filters, pikepdf.Array) else [filters]
    return any(str(name) in ("/LZWDecode", "/LZW") for name in names)
