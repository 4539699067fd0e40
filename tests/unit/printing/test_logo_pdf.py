"""Logos that come as PDF: what they show is kept, what must not be on a letter is refused."""

from io import BytesIO

import pytest
from pikepdf import Dictionary, Encryption, Name, Pdf, String
from PIL import Image

from server.printing.attachment_guard import draw_logo
from server.printing.logo_pdf import LogoRefused
from server.xmlio.svg import SvgRefused, check_svg
from tests.support.evil_attachments import EVIL
from tests.support.letter_attachments import (
    change,
    make_blank,
    make_boxed,
    make_pdf_logo,
    make_text,
    make_turned,
    make_written,
)

A4 = (595, 842)


def read_sides(png: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(png)) as picture:
        return picture.size


def test_draw_logo_keeps_lines_and_leaves_the_paper_out() -> None:
    drawing = draw_logo(make_pdf_logo())
    assert check_svg(drawing.svg) == ()
    assert b"<path" in drawing.svg and b"<image" not in drawing.svg
    # A sheet of 210 x 297 mm shows some 20 x 15 mm.
    width, height = read_sides(drawing.png)
    assert 1.0 < width / height < 2.0
    # 45 x 25 mm at 600 dots an inch.
    assert width <= 1063 and height <= 591


def test_draw_logo_gradient_has_pixels_instead() -> None:
    drawing = draw_logo(make_pdf_logo(has_gradient=True))
    with pytest.raises(SvgRefused):
        check_svg(drawing.svg)
    with Image.open(BytesIO(drawing.png)) as picture:
        assert picture.mode == "RGBA"
        assert picture.getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(("degrees", "is_wide"), [(0, True), (90, False), (180, True)])
def test_draw_logo_page_that_is_turned_is_drawn_as_it_is_seen(degrees: int, is_wide: bool) -> None:
    width, height = read_sides(draw_logo(make_turned(degrees)).png)
    assert (width > height) is is_wide


def test_draw_logo_same_file_gives_the_same_drawing() -> None:
    assert draw_logo(make_pdf_logo()) == draw_logo(make_pdf_logo())


def add_script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (make_written(pages=2), "hat 2 Seiten, erlaubt ist eine"),
        (make_blank(A4), "ist leer: Auf der Seite ist nichts zu sehen"),
        (change(make_text(), add_script), "führt beim Öffnen ein Skript aus"),
        (
            change(make_text(), lambda _: None, encryption=Encryption(owner="a", user="b")),
            "ist mit einem Kennwort geschützt",
        ),
        (
            change(make_text(), lambda _: None, encryption=Encryption(owner="a", user="")),
            "ist verschlüsselt",
        ),
        (make_boxed(0, 0, 200_000, 200_000), "hat eine Seite, die zu groß oder zu klein"),
        (make_text()[:-40], "ist unvollständig"),
    ],
    ids=["pages", "empty", "script", "password", "encrypted", "huge", "cut"],
)
def test_draw_logo_file_that_is_no_logo_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(LogoRefused) as refused:
        draw_logo(content)
    assert str(refused.value).startswith(reason)


@pytest.mark.parametrize("name", EVIL)
def test_draw_logo_evil_file_is_refused_or_drawn(name: str) -> None:
    make, reason = EVIL[name]
    try:
        drawing = draw_logo(make())
    except LogoRefused as error:
        assert reason is None or str(error) == reason
    else:
        assert reason is None
        assert drawing.png.startswith(b"\x89PNG")
