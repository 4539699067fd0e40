"""Attachments that are small and want to be large, or are built to bring a reader down."""

import struct
import zlib
from collections.abc import Callable

import pikepdf
from pikepdf import Array, Dictionary, Name

from tests.support.letter_attachments import change, make_blank, make_boxed, make_picture, make_text

MIB = 1024 * 1024
A4 = (595, 842)


def pack_spaces(size: int, start: bytes = b"") -> bytes:
    """So many spaces by Flate, a thousandth of their size."""
    packer = zlib.compressobj(9)
    parts = [packer.compress(start)]
    parts += [packer.compress(b" " * MIB) for _ in range(size // MIB)]
    return b"".join([*parts, packer.flush()])


def make_with_contents(data: bytes, filters: str = "/FlateDecode") -> bytes:
    """A page with these contents, packed already."""
    head = b"<</Filter %s /Length %d>>stream\n" % (filters.encode(), len(data))
    return write_objects({4: head + data + b"\nendstream"}, b"/Contents 4 0 R")


def write_objects(objects: dict[int, bytes], page: bytes) -> bytes:
    """A file with one page and these objects, in the plain form."""
    everything = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>" + page + b">>",
        **objects,
    }
    output, places = b"%PDF-1.7\n", {}
    for number, body in sorted(everything.items()):
        places[number] = len(output)
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    size = max(everything) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
        for number in range(size)
    )
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(output))
    return output + b"xref\n0 %d\n" % size + rows + tail


def make_packed_objects(data: bytes, filters: bytes = b"/FlateDecode") -> bytes:
    """A page whose resources lie in a stream of objects."""
    output, places = b"%PDF-1.5\n", {}
    bodies = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources 5 0 R>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter %s/Length %d>>stream\n%s\nendstream"
        % (filters, len(data), data),
    }
    for number, body in bodies.items():
        places[number] = len(output)
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(output)
    rows = [(0, 0, 255), *((1, places[n], 0) for n in bodies), (2, 4, 0), (1, table, 0)]
    packed = b"".join(struct.pack(">BIB", *row) for row in rows)
    head = b"6 0 obj\n<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(packed)
    return output + head + packed + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % table


def make_nested_drawings(levels: int, width: int) -> bytes:
    """Drawings that each draw the next one many times: width to the power of levels."""

    def nest(pdf: pikepdf.Pdf) -> None:
        inner = pdf.make_stream(b"0 0 1 1 re f", Type=Name.XObject, Subtype=Name.Form)
        inner.BBox = Array([0, 0, 9, 9])
        for _ in range(levels):
            outer = pdf.make_stream(b"/D Do " * width, Type=Name.XObject, Subtype=Name.Form)
            outer.BBox, outer.Resources = inner.BBox, Dictionary(XObject=Dictionary(D=inner))
            inner = outer
        page = pdf.pages[0]
        page.Resources = Dictionary(XObject=Dictionary(D=inner))
        page.contents_add(b"/D Do")

    return change(make_blank(A4), nest)


def make_drawing_in_itself() -> bytes:
    """A drawing that draws itself."""

    def add_drawing(pdf: pikepdf.Pdf) -> None:
        drawing = pdf.make_stream(b"/D Do", Type=Name.XObject, Subtype=Name.Form)
        drawing.BBox = Array([0, 0, 9, 9])
        drawing.Resources = Dictionary(XObject=Dictionary(D=drawing))
        pdf.pages[0].Resources = drawing.Resources
        pdf.pages[0].contents_add(b"/D Do")

    return change(make_blank(A4), add_drawing)


def make_pages_in_themselves() -> bytes:
    """A tree of pages that comes back to its root."""
    return write_objects({2: b"<</Type/Pages/Count 2/Kids[3 0 R 2 0 R]>>"}, b"")


def make_deep_array(depth: int = 100_000) -> bytes:
    """Arrays in arrays."""
    return write_objects({4: b"[" * depth + b"]" * depth}, b"/Deep 4 0 R")


def make_long_array(count: int = 2_000_000) -> bytes:
    """An array of many numbers."""
    return write_objects({4: b"[" + b"0 " * count + b"]"}, b"/Long 4 0 R")


def make_without_resources() -> bytes:
    """A page whose contents name a font and a picture that are not there."""
    content = b"BT /F9 12 Tf 30 30 Td (Text) Tj ET /P9 Do"
    return write_objects(
        {4: b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)}, b"/Contents 4 0 R"
    )


def make_inherited_picture() -> bytes:
    """A huge picture that stands beside the tree of pages, not on the page."""
    picture = b"<</Type/XObject/Subtype/Image/Width 40000/Height 40000/BitsPerComponent 8"
    return write_objects(
        {
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]/Resources<</XObject<</P 5 0 R>>>>>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>",
            4: b"<</Length 5>>stream\n/P Do\nendstream",
            5: picture + b"/ColorSpace/DeviceGray/Length 0>>stream\n\nendstream",
        },
        b"",
    )


def make_noted_picture() -> bytes:
    """A huge picture that a note shows."""

    def add_note(pdf: pikepdf.Pdf) -> None:
        picture = pdf.make_stream(
            b"",
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=40_000,
            Height=40_000,
            BitsPerComponent=8,
            ColorSpace=Name.DeviceGray,
        )
        look = pdf.make_stream(b"/P Do", Type=Name.XObject, Subtype=Name.Form)
        look.BBox, look.Resources = Array([0, 0, 9, 9]), Dictionary(XObject=Dictionary(P=picture))
        note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=[0, 0, 9, 9], F=4)
        note.AP = Dictionary(N=look)
        pdf.pages[0].Annots = Array([pdf.make_indirect(note)])

    return change(make_blank(A4), add_note)


def make_many_pages(count: int) -> bytes:
    """So many pages."""
    return make_blank(*[A4] * count)


def make_open_brackets() -> bytes:
    """Contents that open more states and texts than they close."""
    return make_with_contents(zlib.compress(b"q " * 100_000 + b"BT ( " * 10_000))


def make_lzw(size: int) -> bytes:
    """Contents that pretend to be packed by LZW."""
    return make_with_contents(b"\x80\x0b\x60\x50" * (size // 4), "/LZWDecode")


def make_listed_twice(times: int) -> bytes:
    """One page that stands many times in the tree."""

    def repeat(pdf: pikepdf.Pdf) -> None:
        for _ in range(times - 1):
            pdf.pages.append(pdf.pages[0])

    return change(make_text(), repeat)


TOO_LARGE = "enthält mehr, als sich drucken lässt"
HUGE_PICTURE = "enthält ein zu großes Bild"
TOO_MANY = "hat mehr als 1000 Seiten"
UNUSABLE_SIZE = "hat eine Seite, die zu groß oder zu klein für einen Ausdruck ist"
BROKEN = "ist beschädigt"
# What each is, how it is made, and why it is refused; None where it can be printed.
EVIL: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "contents unfold": (lambda: make_with_contents(pack_spaces(140 * MIB)), TOO_LARGE),
    "contents unfold twice": (
        lambda: make_with_contents(
            zlib.compress(pack_spaces(400 * MIB), 9), "[/FlateDecode /FlateDecode]"
        ),
        TOO_LARGE,
    ),
    "contents by many filters": (
        lambda: make_with_contents(b"", "[" + "/ASCIIHexDecode " * 5 + "]"),
        BROKEN,
    ),
    "objects unfold": (
        lambda: make_packed_objects(pack_spaces(140 * MIB, b"5 0 <</a 1>>")),
        BROKEN,
    ),
    "objects unfold twice": (
        lambda: make_packed_objects(
            zlib.compress(pack_spaces(400 * MIB, b"5 0 <</a 1>>"), 9),
            b"[/FlateDecode/FlateDecode]",
        ),
        BROKEN,
    ),
    "contents by LZW": (lambda: make_lzw(MIB), TOO_LARGE),
    "too many pages": (lambda: make_many_pages(1001), TOO_MANY),
    "ten thousand pages": (lambda: make_listed_twice(10_000), TOO_MANY),
    "many pages": (lambda: make_many_pages(300), None),
    "huge page": (lambda: make_boxed(0, 0, 200_000, 200_000), UNUSABLE_SIZE),
    "page without size": (lambda: make_boxed(0, 0, 0, 0), UNUSABLE_SIZE),
    "page by a huge unit": (lambda: make_boxed(0, 0, 595, 842, UserUnit=1000), UNUSABLE_SIZE),
    "page below zero": (lambda: make_boxed(-595, -842, 0, 0), None),
    "page upside down": (lambda: make_boxed(595, 842, 0, 0), None),
    "page turned by a bit": (lambda: make_boxed(0, 0, 595, 842, Rotate=45), None),
    "huge picture": (
        lambda: make_picture(Name.FlateDecode, b"", Width=40_000, Height=40_000),
        HUGE_PICTURE,
    ),
    "huge picture beside the pages": (make_inherited_picture, HUGE_PICTURE),
    "huge picture in a note": (make_noted_picture, HUGE_PICTURE),
    "broken JPX": (lambda: make_picture(Name.JPXDecode, b"\0\0\0\x0cjP  "), None),
    "broken JBIG2": (lambda: make_picture(Name.JBIG2Decode, b"\x97JB2"), None),
    "broken JPEG": (lambda: make_picture(Name.DCTDecode, b"\xff\xd8\xff"), None),
    "resources are missing": (make_without_resources, None),
    "drawing in itself": (make_drawing_in_itself, None),
    "pages in themselves": (make_pages_in_themselves, BROKEN),
    "deep array": (make_deep_array, None),
    "long array": (make_long_array, None),
    "open brackets": (make_open_brackets, None),
}
