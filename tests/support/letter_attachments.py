"""Attachments of every sort, made here: as authorities send them, and as they should not."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

import pikepdf
import typst
from pikepdf import Array, Dictionary, Name

MADE = datetime(2026, 11, 2, 9, 30, 5, tzinfo=UTC)
A3, A4, A5 = (842, 1191), (595, 842), (420, 595)
LETTER_SIZE = (612, 792)
HELVETICA = Dictionary(
    Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
)
Standard = Literal["1.7", "a-1b", "a-2a", "a-2b", "a-2u", "a-3b", "a-4"]
_TEXT = """#set document(title: "Bescheid", author: "Stadt Potsdam")
= Bescheid über Grundsteuer
Öffentliche Bekanntgabe, § 122 AO. #lorem(120)
#rect(fill: rgb("#20407a"), width: 4cm, height: 1cm)
"""
_SEE_THROUGH = """
#rect(fill: gradient.linear(red, blue), width: 8cm)
#place(rect(fill: rgb(255, 0, 0, 50%), width: 4cm, height: 2cm))
"""


def make_written(standard: Standard = "a-2b", pages: int = 1) -> bytes:
    """A written notice that keeps a standard; with transparency where the standard has it."""
    page = _TEXT if standard == "a-1b" else _TEXT + _SEE_THROUGH
    pdf: bytes = typst.compile(
        "\n#pagebreak()\n".join([page] * pages).encode(),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=standard,
        timestamp=MADE,
    )
    return pdf


def change(content: bytes, change_pdf: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    """The file with something changed in it."""
    with pikepdf.open(BytesIO(content)) as pdf:
        change_pdf(pdf)
        output = BytesIO()
        pdf.save(output, deterministic_id="encryption" not in options, **options)
        return output.getvalue()


def make_pdf_logo(*, has_gradient: bool = False) -> bytes:
    """A coat of arms and a name in the middle of a sheet; a gradient has no lines in an SVG."""
    fill = "gradient.linear(red, blue)" if has_gradient else 'rgb("#20407a")'
    mark = f"#align(center + horizon)[#rect(width: 2cm, height: 1cm, fill: {fill}) Stadt Potsdam]"
    pdf: bytes = typst.compile(
        f"#set page(width: 210mm, height: 297mm)\n{mark}".encode(),
        ignore_system_fonts=True,
        format="pdf",
        timestamp=MADE,
    )
    return pdf


def make_blank(*sizes: tuple[int, int]) -> bytes:
    """An empty page of each size (points)."""
    with pikepdf.new() as pdf:
        for size in sizes:
            pdf.add_blank_page(page_size=size)
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue()


def make_text(word: str = "Anlage", size: tuple[int, int] = A4, font: Any = HELVETICA) -> bytes:
    """A page with a word at its lower left, in a font that every printer has."""

    def write(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.contents_add(f"BT /F 20 Tf 30 30 Td ({word}) Tj ET".encode())

    return change(make_blank(size), write)


def make_turned(degrees: int, size: tuple[int, int] = A4) -> bytes:
    """A page that is shown turned."""

    def turn(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Rotate = degrees

    return change(make_text(size=size), turn)


def make_boxed(*box: float, **entries: Any) -> bytes:
    """A page with this MediaBox, and further entries."""

    def set_box(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        page.MediaBox = Array([Decimal(str(value)) for value in box])
        for key, value in entries.items():
            page[f"/{key}"] = value

    return change(make_text(), set_box)


def make_form(size: tuple[int, int] = A4) -> bytes:
    """A filled field that no viewer has drawn yet, and a link."""

    def add_form(pdf: pikepdf.Pdf) -> None:
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="ort", V="Flensburg",
                Rect=[100, 100, 300, 130], F=4, DA="/Helv 12 Tf 0 g",
            )
        )  # fmt: skip
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9],
            A=Dictionary(S=Name.URI, URI="https://www.potsdam.example"),
        )  # fmt: skip
        pdf.pages[0].Annots = Array([field, pdf.make_indirect(link)])
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([field]),
            NeedAppearances=True,
            DR=Dictionary(Font=Dictionary(Helv=HELVETICA)),
        )

    return change(make_blank(size), add_form)


def make_torn() -> bytes:
    """A file whose table of objects is wrong, which readers repair."""
    content = make_text("ganz")
    position = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    return content.replace(b"startxref\n%d" % position, b"startxref\n7")


def make_picture(filters: Any, data: bytes, colours: Any = Name.DeviceGray, **more: Any) -> bytes:
    """A page with a picture of 8 by 8 pixels in it."""

    def add_picture(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(
            data, Type=Name.XObject, Subtype=Name.Image, Width=8, Height=8,
            ColorSpace=colours, BitsPerComponent=8,
        )  # fmt: skip
        if filters is not None:
            picture.Filter = filters
        for key, value in more.items():
            picture[f"/{key}"] = value
        page = pdf.pages[0]
        page.Resources = Dictionary(XObject=Dictionary(P=picture))
        page.contents_add(b"q 300 0 0 300 100 100 cm /P Do Q")

    return change(make_blank(A4), add_picture)


def make_press_claim() -> bytes:
    """PDF/A by its word, for the four colours of a press."""

    def claim(pdf: pikepdf.Pdf) -> None:
        for intent in pdf.Root.OutputIntents:
            intent.DestOutputProfile.N = 4

    return change(make_written("a-2b"), claim)
