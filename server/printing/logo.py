"""The look at a logo of pixels before letters depend on it."""

from collections.abc import Mapping
from datetime import UTC, datetime

import typst

from server.printing.stationery import read_png_size
from server.printing.typesetting import Typesetter

PNG_START = b"\x89PNG\r\n\x1a\n"
_HEAD_BYTES = 24
# 45 x 25 mm at 1,200 dpi are 2,126 x 1,181 pixels.
MAX_SIDE = 4_000
_MIN_SIDE = 16
_MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
_MAIN = "bild.typ"
_NAME = "bild.png"


def find_png_problem(content: bytes) -> str | None:
    """Why it cannot be printed, as the end of a German sentence; None where it can."""
    if not content.startswith(PNG_START) or len(content) < _HEAD_BYTES:
        return "ist kein PNG"
    width, height = read_png_size(content)
    if max(width, height) > MAX_SIDE:
        return f"ist größer als {MAX_SIDE} mal {MAX_SIDE} Pixel ({width} mal {height})"
    if min(width, height) < _MIN_SIDE:
        return f"ist kleiner als {_MIN_SIDE} mal {_MIN_SIDE} Pixel ({width} mal {height})"
    return None if _is_readable(content) else "ist beschädigt"


def _is_readable(content: bytes) -> bool:
    """Reads every pixel, as the setter does: in a drawing, a broken picture would be missing."""
    page = f'#set page(width: 10mm, height: 10mm, margin: 0mm)\n#image("{_NAME}", width: 5mm)'
    files: Mapping[str, bytes] = {_MAIN: page.encode(), _NAME: content}
    try:
        Typesetter(files, _MAIN).set_cover({}, _MOMENT)
    except typst.TypstError:
        return False
    return True
