"""Logos of pixels: what can be set is taken, what cannot is told before a letter needs it."""

import struct
from io import BytesIO

import pytest
from PIL import Image

from server.printing.logo import MAX_SIDE, find_png_problem
from tests.support.letter_kinds import make_logo


def save(mode: str = "RGB", size: tuple[int, int] = (90, 50)) -> bytes:
    kept = BytesIO()
    Image.new(mode, size).save(kept, "PNG")
    return kept.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_find_png_problem_picture_has_none(mode: str) -> None:
    assert find_png_problem(save(mode)) is None


def test_find_png_problem_size_is_told_before_it_is_read() -> None:
    huge = bytearray(save())
    huge[16:24] = struct.pack(">II", 2**31 - 1, 2**31 - 1)
    assert "größer als 4000 mal 4000 Pixel" in str(find_png_problem(bytes(huge)))
    assert "größer" in str(find_png_problem(save(size=(MAX_SIDE + 1, 20))))
    assert "kleiner als 16 mal 16 Pixel (90 mal 2)" in str(find_png_problem(save(size=(90, 2))))


@pytest.mark.parametrize(
    "content",
    [make_logo()[:60], make_logo()[:-30], make_logo()[:40] + b"\xff" * 9 + make_logo()[49:]],
    ids=["cut", "without end", "broken"],
)
def test_find_png_problem_broken_file_is_told(content: bytes) -> None:
    assert find_png_problem(content) == "ist beschädigt"


@pytest.mark.parametrize("content", [b"", b"GIF89a", make_logo()[:20]])
def test_find_png_problem_other_file_is_told(content: bytes) -> None:
    assert find_png_problem(content) == "ist kein PNG"
