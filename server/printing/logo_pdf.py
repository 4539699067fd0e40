"""A logo that comes as PDF, turned into a drawing: typst embeds no PDF in a PDF/A.

The file comes from outside: `attachment_guard` asks for this in a process of its own.
"""

import base64
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import typst

from server.printing.attachments import DAMAGE, find_problem, keep_what_is_printed
from server.printing.foreign_pdf import open_foreign

# Sharp on paper, and within what a logo may weigh.
_DOTS_PER_INCH = 600
# The look for where something is drawn; pages of several metres are looked at more coarsely.
_MOST_LOOKED_AT = 2_000
_PAPER = b"\xff"
# The place in the letterhead (templates/kopf.typ).
_WIDTH_MM, _HEIGHT_MM = 45, 25
_NAME, _MAIN = "logo.pdf", "bild.typ"
_DRAWING = re.compile(rb'href="data:image/svg\+xml;base64,([^"]+)"')


@dataclass(frozen=True)
class LogoDrawing:
    """The same logo with lines and with pixels: an SVG, empty where there is none, and a PNG."""

    svg: bytes
    png: bytes


class LogoRefused(Exception):
    """It is no logo; the text is the end of a German sentence."""


def draw_logo(content: bytes) -> LogoDrawing:
    """What the only page of a PDF shows, without the paper around it; raises LogoRefused."""
    problem = find_problem(content)
    if problem:
        raise LogoRefused(problem)
    try:
        page, side = _crop(_redraw(content))
        return LogoDrawing(_find_drawing(_set(page, side, "svg")), _set(page, side, "png"))
    except (*DAMAGE, typst.TypstError):
        raise LogoRefused("ist beschädigt") from None


def _redraw(content: bytes) -> bytes:
    """The page upright, with what is printed of fields and notes, and without its margins."""
    with open_foreign(content) as source, pikepdf.new() as target:
        if len(source.pages) != 1:
            raise LogoRefused(f"hat {len(source.pages)} Seiten, erlaubt ist eine")
        keep_what_is_printed(source)
        page = source.pages[0]
        left, bottom, right, top = (float(value) for value in page.trimbox)
        sides = abs(right - left), abs(top - bottom)
        is_turned = int(page.obj.get("/Rotate", 0)) % 180 != 0
        target.add_blank_page(page_size=sides[::-1] if is_turned else sides)
        sheet = target.pages[0]
        sheet.add_overlay(page, pikepdf.Rectangle(*sheet.mediabox))
        output = BytesIO()
        target.save(output)
        return output.getvalue()


def _crop(content: bytes) -> tuple[bytes, str]:
    """The page as large as what is drawn, and the side (typst) that fills the place of a logo."""
    left, bottom, right, top = _find_drawn_area(content)
    is_wide = (right - left) * _HEIGHT_MM > (top - bottom) * _WIDTH_MM
    with pikepdf.open(BytesIO(content)) as pdf:
        pdf.pages[0].cropbox = pikepdf.Array([left, bottom, right, top])
        output = BytesIO()
        pdf.save(output)
    return output.getvalue(), f"width: {_WIDTH_MM}mm" if is_wide else f"height: {_HEIGHT_MM}mm"


def _find_drawn_area(content: bytes) -> tuple[int, int, int, int]:
    """Left, bottom, right and top in whole points; raises LogoRefused where the page is empty."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        scale = min(1.0, _MOST_LOOKED_AT / max(page.get_size()))
        picture = page.render(scale=scale, grayscale=True)
        pixels, width, height = bytes(picture.buffer), picture.width, picture.height
        step = picture.stride
    finally:
        document.close()
    rows = [y for y in range(height) if pixels[y * step : y * step + width].strip(_PAPER)]
    columns = [x for x in range(width) if pixels[x::step].strip(_PAPER)]
    if not rows:
        raise LogoRefused("ist leer: Auf der Seite ist nichts zu sehen")
    # One pixel more on each side: edges are drawn half.
    return (
        int(max(columns[0] - 1, 0) / scale),
        int(max(height - rows[-1] - 2, 0) / scale),
        int(min(columns[-1] + 2, width) / scale),
        int(min(height - rows[0] + 1, height) / scale),
    )


def _set(page: bytes, side: str, form: Literal["svg", "png"]) -> bytes:
    """The page as large as the place of a logo; raises typst.TypstError."""
    sheet = "#set page(width: auto, height: auto, margin: 0mm, fill: none)"
    with TemporaryDirectory(prefix="damtshilfe-logo-") as name:
        folder = Path(name)
        (folder / _NAME).write_bytes(page)
        (folder / _MAIN).write_text(f'{sheet}\n#image("{_NAME}", {side})', encoding="utf-8")
        drawn: Any = typst.compile(
            folder / _MAIN, root=folder, format=form, ppi=_DOTS_PER_INCH, ignore_system_fonts=True
        )
    return bytes(drawn)


def _find_drawing(page: bytes) -> bytes:
    """The drawing of the PDF within the drawing of the page; texts are paths in it."""
    found = _DRAWING.search(page)
    return base64.b64decode(found[1]) if found else b""
