"""Which fonts a page uses, and which of them a PDF does not bring along."""

from collections.abc import Iterator

import pikepdf

# Every program that shows or prints PDF has these (ISO 32000-1, 9.6.2.2).
STANDARD_FONTS = frozenset(
    {
        *("Times-Roman", "Times-Bold", "Times-Italic", "Times-BoldItalic"),
        *("Helvetica", "Helvetica-Bold", "Helvetica-Oblique", "Helvetica-BoldOblique"),
        *("Courier", "Courier-Bold", "Courier-Oblique", "Courier-BoldOblique"),
        *("Symbol", "ZapfDingbats"),
    }
)
# Those first that are used most.
_FONT_FILES = ("/FontFile3", "/FontFile2", "/FontFile")
_DEEPEST = 20


def find_loose_fonts(page: pikepdf.Page) -> set[str]:
    """The names of the fonts of a page that are not embedded."""
    seen: set[tuple[int, int]] = set()
    fonts = _list_fonts(page.obj.get("/Resources"), seen, 0)
    return {_name(font) for font in fonts if not _is_embedded(font)}


def _list_fonts(
    resources: pikepdf.Object | None, seen: set[tuple[int, int]], depth: int
) -> Iterator[pikepdf.Object]:
    """The fonts of the resources and of all drawings that they name, each drawing once."""
    if not isinstance(resources, pikepdf.Dictionary) or depth > _DEEPEST:
        return
    yield from resources.get("/Font", pikepdf.Dictionary()).values()
    for kind in ("/XObject", "/Pattern"):
        for drawing in resources.get(kind, pikepdf.Dictionary()).values():
            if drawing.objgen in seen and drawing.is_indirect:
                continue
            seen.add(drawing.objgen)
            if isinstance(drawing, pikepdf.Stream):
                yield from _list_fonts(drawing.get("/Resources"), seen, depth + 1)


def _is_embedded(font: pikepdf.Object) -> bool:
    if font.get("/Subtype") == "/Type3":
        return True
    descendants = font.get("/DescendantFonts")
    described = descendants[0] if descendants is not None else font
    descriptor = described.get("/FontDescriptor")
    return descriptor is not None and any(key in descriptor for key in _FONT_FILES)


def _name(font: pikepdf.Object) -> str:
    return str(font.get("/BaseFont", "/unbenannt")).removeprefix("/")
