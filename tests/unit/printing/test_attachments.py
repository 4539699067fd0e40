"""What can be printed, and what of it gets behind a letter."""

import random
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from pikepdf import Array, Dictionary, Name

from server.printing.attachments import append_pages, find_print_problem
from server.printing.pdf_a import read_pdf_a_part
from server.printing.sheet import PRINTABLE, WHOLE, Area
from server.printing.unprintable import UnprintableAttachment
from tests.unit.printing.pdf_reading import read_characters, read_texts
from tests.unit.printing.samples import make_pdf

A4_SIZE, A5_SIZE, A6_SIZE = (595, 842), (420, 595), (298, 420)
SEED = 20261102
DAMAGED_FILES = 300


SCRIPT = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
LAUNCH = Dictionary(S=Name.Launch, F="rechner.exe")
HELVETICA = Dictionary(
    Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
)


def change(content: bytes, change_pdf: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(BytesIO(content)) as pdf:
        change_pdf(pdf)
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue()


def make_text_pdf(*words: str, size: tuple[int, int] = A4_SIZE, font: Any = HELVETICA) -> bytes:
    """A page for each word, which stands at its lower left."""

    def write(pdf: pikepdf.Pdf) -> None:
        for page, word in zip(pdf.pages, words, strict=True):
            page.Resources = Dictionary(Font=Dictionary(F=font))
            page.contents_add(f"BT /F 20 Tf 30 30 Td ({word}) Tj ET".encode())

    return change(make_pdf(*[size] * len(words)), write)


def make_form() -> bytes:
    """A page with a filled field that no viewer has drawn yet, a link, scripts that wait."""

    def add_form(pdf: pikepdf.Pdf) -> None:
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="ort", V="Flensburg",
                Rect=[100, 100, 300, 130], F=4, DA="/Helv 12 Tf 0 g", AA=Dictionary(K=SCRIPT),
            )
        )  # fmt: skip
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=SCRIPT)
        pdf.pages[0].Annots = Array([field, pdf.make_indirect(link)])
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([field]),
            NeedAppearances=True,
            DR=Dictionary(Font=Dictionary(Helv=HELVETICA)),
        )

    return change(make_pdf(A5_SIZE), add_form)


def damage(content: bytes, source: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(source.choice([1, 3, 20])):
        damaged[source.randrange(5, len(damaged))] = source.randrange(256)
    return bytes(damaged)


def test_find_print_problem_pdf_has_none() -> None:
    assert find_print_problem("a.pdf", make_pdf(A5_SIZE, A6_SIZE)) is None


@pytest.mark.parametrize("options", [{"linearize": True}, {"qdf": True}], ids=["web", "plain"])
def test_find_print_problem_other_layouts_of_pdf_have_none(options: dict[str, bool]) -> None:
    assert find_print_problem("a.pdf", make_pdf(A5_SIZE, **options)) is None


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x89PNG\r\n", b"Guten Tag", b"<?xml version='1.0'?>"]
)
def test_find_print_problem_other_file_is_no_pdf(content: bytes) -> None:
    assert find_print_problem("a.pdf", content) == "Die Anlage „a.pdf“ ist keine PDF-Datei."


def test_find_print_problem_password_is_named() -> None:
    content = make_pdf(A5_SIZE, encryption=pikepdf.Encryption(user="geheim", owner="geheim"))
    assert find_print_problem("a.pdf", content) == (
        "Die Anlage „a.pdf“ ist mit einem Kennwort geschützt."
    )


def test_find_print_problem_encryption_without_password_is_named() -> None:
    content = make_pdf(A5_SIZE, encryption=pikepdf.Encryption(user="", owner="geheim"))
    assert find_print_problem("a.pdf", content) == "Die Anlage „a.pdf“ ist verschlüsselt."


def test_find_print_problem_no_pages_is_named() -> None:
    assert find_print_problem("a.pdf", make_pdf()) == "Die Anlage „a.pdf“ hat keine Seiten."


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_find_print_problem_cut_off_file_is_incomplete(share: float) -> None:
    content = make_pdf(*[A5_SIZE] * 40, qdf=True)
    cut = content[: int(len(content) * share)]
    assert find_print_problem("a.pdf", cut) == "Die Anlage „a.pdf“ ist unvollständig."


def test_find_print_problem_garbage_between_head_and_end_is_broken() -> None:
    content = b"%PDF-1.7\n" + b"\x00\xff" * 500 + b"\nstartxref\n9\n%%EOF\n"
    assert find_print_problem("a.pdf", content) == "Die Anlage „a.pdf“ ist beschädigt."


def test_find_print_problem_lost_page_is_broken() -> None:
    whole = make_pdf(A5_SIZE, A6_SIZE)
    broken = whole.replace(b"4 0 R ]", b"null  ]")
    assert broken != whole
    assert find_print_problem("a.pdf", broken) == "Die Anlage „a.pdf“ ist beschädigt."


@pytest.mark.parametrize(
    "content", [make_form(), make_pdf(A5_SIZE, A6_SIZE)], ids=["form", "plain"]
)
def test_find_print_problem_damaged_files_agrees_with_append(content: bytes) -> None:
    source, letter = random.Random(SEED), make_pdf(A5_SIZE)
    for _ in range(DAMAGED_FILES):
        damaged = damage(content, source)
        if find_print_problem("a.pdf", damaged) is None:
            append_pages(letter, [("a.pdf", damaged)])


def test_append_pages_nothing_keeps_the_pages() -> None:
    assert append_pages(make_pdf(A5_SIZE, A6_SIZE), []).pages == 2


def test_append_pages_two_files_stand_in_order() -> None:
    files = [("a.pdf", make_text_pdf("eins")), ("b.pdf", make_text_pdf("zwei", "drei"))]
    bundle = append_pages(make_pdf(A4_SIZE), files)
    assert [text.split()[0] for text in read_texts(bundle.pdf)[1:]] == ["eins", "zwei", "drei"]
    assert (bundle.own_pages, bundle.pages) == (1, 4)


def test_append_pages_same_file_twice_is_printed_twice() -> None:
    file = ("a.pdf", make_pdf(A6_SIZE))
    assert append_pages(make_pdf(A5_SIZE), [file, file]).pages == 3


def test_append_pages_repeated_gives_same_bytes() -> None:
    letter, files = make_pdf(A5_SIZE), [("a.pdf", make_form())]
    assert append_pages(letter, files) == append_pages(letter, files)


def test_append_pages_unprintable_file_is_refused() -> None:
    with pytest.raises(UnprintableAttachment, match="„a“ hat keine Seiten"):
        append_pages(make_pdf(A5_SIZE), [("a", make_pdf())])


def test_append_pages_form_prints_its_fields_without_scripts() -> None:
    bundle = append_pages(make_pdf(A4_SIZE), [("a.pdf", make_form())])
    merged = bundle.pdf
    assert bundle.notes == (
        "Anlage „a.pdf“: Formularfelder fest eingedruckt, 1 Seite auf A4 gebracht.",
    )
    assert "Flensburg" in read_texts(merged)[1]
    with pikepdf.open(BytesIO(merged)) as pdf:
        assert not {"/Annots", "/AA"} & set(pdf.pages[1].obj.keys())
        assert not {"/AcroForm", "/OpenAction"} & set(pdf.Root.keys())
    assert b"app.alert" not in merged


def attach_file(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["tabelle.csv"] = b"a;b"


def add_note(**entries: Any) -> Callable[[pikepdf.Pdf], None]:
    note = Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)

    def add(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Annots = Array([pdf.make_indirect(note)])

    return add


def set_root(**entries: Any) -> Callable[[pikepdf.Pdf], None]:
    def write(pdf: pikepdf.Pdf) -> None:
        for key, value in entries.items():
            pdf.Root[f"/{key}"] = value

    return write


def set_page_action(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].AA = Dictionary(O=SCRIPT)


CHAIN = Dictionary(S=Name.GoTo, D=[0, Name.Fit], Next=[SCRIPT])
SCRIPTED = "führt beim Öffnen ein Skript aus"
EMBEDS = "enthält eingebettete Dateien, die auf Papier fehlen würden"
ACTIVE: list[tuple[Callable[[pikepdf.Pdf], None], str]] = [
    (set_root(OpenAction=SCRIPT), SCRIPTED),
    (set_root(OpenAction=CHAIN), SCRIPTED),
    (set_root(AA=Dictionary(WP=SCRIPT)), SCRIPTED),
    (set_root(Names=Dictionary(JavaScript=Dictionary(Names=[]))), SCRIPTED),
    (set_page_action, SCRIPTED),
    (set_root(OpenAction=LAUNCH), "startet Programme"),
    (add_note(Subtype=Name.Link, A=LAUNCH), "startet Programme"),
    (attach_file, EMBEDS),
    (add_note(Subtype=Name.FileAttachment), EMBEDS),
    (set_root(Collection=Dictionary()), EMBEDS),
    (set_root(NeedsRendering=True), "ist ein Formular, das erst ein Programm ausfüllt (XFA)"),
    (add_note(Subtype=Name.RichMedia), "enthält Ton oder bewegte Bilder"),
]


@pytest.mark.parametrize(("make_active", "reason"), ACTIVE)
def test_find_print_problem_active_content_is_named(
    make_active: Callable[[pikepdf.Pdf], None], reason: str
) -> None:
    content = change(make_pdf(A4_SIZE), make_active)
    assert find_print_problem("a.pdf", content) == f"Die Anlage „a.pdf“ {reason}."


def add_layer(
    shown: Dictionary, usage: Dictionary | None = None, policy: str = ""
) -> Callable[[pikepdf.Pdf], None]:
    """A page with a layer, and which layers are shown."""

    def add(pdf: pikepdf.Pdf) -> None:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Entwurf"))
        if usage is not None:
            layer.Usage = usage
        named = layer
        if policy:
            choice = Dictionary(Type=Name.OCMD, OCGs=layer, P=Name(policy))
            named = pdf.make_indirect(choice)
        pdf.pages[0].Resources = Dictionary(Properties=Dictionary(L=named))
        pdf.pages[0].contents_add(b"/OC /L BDC 0 0 99 99 re f EMC")
        for key in ("/OFF", "/ON"):
            if key in shown:
                shown[key] = Array([layer])
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=shown)

    return add


OFF = Dictionary(Print=Dictionary(PrintState=Name.OFF))


@pytest.mark.parametrize(
    "hide",
    [
        add_layer(Dictionary(OFF=[])),
        add_layer(Dictionary(BaseState=Name.OFF)),
        add_layer(Dictionary(), usage=OFF),
        add_layer(Dictionary(), policy="/AllOff"),
    ],
    ids=["off", "base state", "not printed", "shown when off"],
)
def test_find_print_problem_hidden_layer_is_named(hide: Callable[[pikepdf.Pdf], None]) -> None:
    assert find_print_problem("a.pdf", change(make_pdf(A4_SIZE), hide)) == (
        "Die Anlage „a.pdf“ blendet Ebenen aus, die auf Papier zu sehen wären."
    )


def test_find_print_problem_layers_that_are_shown_have_none() -> None:
    for show in (
        add_layer(Dictionary()),
        add_layer(Dictionary(ON=[])),
        add_layer(Dictionary(), policy="/AnyOn"),
    ):
        assert find_print_problem("a.pdf", change(make_pdf(A4_SIZE), show)) is None


def test_find_print_problem_destination_at_opening_is_none() -> None:
    def open_first(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

    assert find_print_problem("a.pdf", change(make_pdf(A4_SIZE), open_first)) is None


def test_find_print_problem_foreign_font_not_embedded_is_named() -> None:
    font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name("/Hausschrift"))
    assert find_print_problem("a.pdf", make_text_pdf("x", font=font)) == (
        "Die Anlage „a.pdf“ bettet Schriften nicht ein (Hausschrift)."
    )


def place(
    content: bytes, area: Area = WHOLE
) -> tuple[bytes, list[tuple[float, float, float, float]]]:
    """The page behind a letter, and the boxes of its characters in millimetres."""
    pdf = append_pages(make_pdf(A4_SIZE), [("a.pdf", content)], area).pdf
    boxes = [(c.left, c.top, c.right, c.bottom) for c in read_characters(pdf, 1)]
    return pdf, boxes


def read_size(pdf: bytes) -> tuple[float, ...]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return tuple(round(float(value)) for value in opened.pages[1].mediabox)


def test_append_pages_upright_a4_stays_as_it_is() -> None:
    pdf, boxes = place(make_text_pdf("L"))
    assert read_size(pdf) == (0, 0, *A4_SIZE)
    assert boxes[0][0] == pytest.approx(30 * 0.3528, abs=1)


def test_append_pages_small_page_is_scaled_up_in_proportion() -> None:
    pdf, boxes = place(make_text_pdf("L", size=A5_SIZE))
    assert read_size(pdf) == (0, 0, *A4_SIZE)
    # 30 points from the left and from below, times the square root of two.
    left, _, _, bottom = boxes[0]
    assert left == pytest.approx(15.0, abs=1.2)
    assert 297 - bottom == pytest.approx(15.0, abs=1.2)


def test_append_pages_wide_page_is_turned() -> None:
    pdf, boxes = place(make_text_pdf("L", size=(842, 595)))
    assert read_size(pdf) == (0, 0, *A4_SIZE)
    # What stood at the lower left stands at the upper left, turned to the right.
    left, top, _, _ = boxes[0]
    assert left < 15
    assert top < 15


def test_append_pages_turned_page_is_shown_as_it_was_shown() -> None:
    def turn(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].Rotate = 180

    pdf, boxes = place(change(make_text_pdf("L"), turn))
    left, top, _, _ = boxes[0]
    assert left > 190
    assert top < 15
    with pikepdf.open(BytesIO(pdf)) as opened:
        assert "/Rotate" not in opened.pages[1].obj


def test_append_pages_narrow_page_is_centred() -> None:
    _, boxes = place(make_text_pdf("L", size=(200, 842)))
    left, _, right, _ = boxes[0]
    assert 210 / 2 - 36 < left < right < 210 / 2


def test_append_pages_area_keeps_margins_free() -> None:
    content = change(make_pdf(A4_SIZE), lambda pdf: pdf.pages[0].contents_add(b"0 0 595 842 re f"))
    bundle = append_pages(make_pdf(A4_SIZE), [("a.pdf", content)], PRINTABLE)
    image = pypdfium2.PdfDocument(bundle.pdf)[1].render(scale=1).to_pil().convert("L")
    # Black in the middle, white left of 14 mm.
    assert image.getpixel((300, 400)) == 0
    assert image.getpixel((round(13 / 0.3528), 400)) == 255


def claim_pdf_a(content: bytes, part: str = "2", colours: int = 3) -> bytes:
    def claim(pdf: pikepdf.Pdf) -> None:
        with pdf.open_metadata() as metadata:
            metadata["pdfaid:part"], metadata["pdfaid:conformance"] = part, "B"
        profile = pdf.make_stream(b"", N=colours)
        pdf.Root.OutputIntents = Array([Dictionary(DestOutputProfile=profile)])

    return change(content, claim)


@pytest.mark.parametrize(
    ("content", "stays"),
    [
        (claim_pdf_a(make_pdf(A4_SIZE)), True),
        (claim_pdf_a(make_pdf(A5_SIZE), "1"), True),
        (claim_pdf_a(make_pdf(A5_SIZE), "4"), False),
        (claim_pdf_a(make_pdf(A5_SIZE), colours=4), False),
        (claim_pdf_a(make_text_pdf("x")), False),
        (make_pdf(A4_SIZE), False),
    ],
    ids=["a-2", "a-1", "a-4", "for a press", "font missing", "no claim"],
)
def test_append_pages_claim_stays_where_every_file_claims_it(content: bytes, stays: bool) -> None:
    letter = claim_pdf_a(make_pdf(A4_SIZE))
    bundle = append_pages(letter, [("a.pdf", content)])
    with pikepdf.open(BytesIO(bundle.pdf)) as pdf:
        assert (read_pdf_a_part(pdf) == "2") is stays


def add_colours(content: bytes) -> bytes:
    def add(pdf: pikepdf.Pdf) -> None:
        grey, colour = (
            Array([Name.ICCBased, pdf.make_stream(b"profile", N=number)]) for number in (1, 3)
        )
        pdf.pages[0].obj.Resources = Dictionary(ColorSpace=Dictionary(c0=grey, c1=colour))

    return change(content, add)


def read_spaces(page: pikepdf.Page) -> list[str | int]:
    """The colour spaces of a page: their names, or how many colours a profile has."""
    spaces = [page.obj.Resources.ColorSpace[key] for key in ("/c0", "/c1")]
    return [int(space[1].N) if isinstance(space, Array) else str(space) for space in spaces]


@pytest.mark.parametrize(
    ("letter", "spaces"),
    [
        (claim_pdf_a(add_colours(make_pdf(A4_SIZE))), ["/DeviceGray", 3]),
        (add_colours(make_pdf(A4_SIZE)), [1, 3]),
    ],
    ids=["output intent", "no output intent"],
)
def test_append_pages_grey_of_the_letter_needs_no_profile_beside_an_output_intent(
    letter: bytes, spaces: list[str | int]
) -> None:
    attachment = add_colours(make_pdf(A4_SIZE))
    for attachments in ([], [("a.pdf", attachment)]):
        with pikepdf.open(BytesIO(append_pages(letter, attachments).pdf)) as pdf:
            # What others have written stays as it is.
            assert [read_spaces(page) for page in pdf.pages] == [spaces, [1, 3]][: len(pdf.pages)]


def test_append_pages_broken_table_is_repaired_and_noted() -> None:
    content = make_text_pdf("ganz")
    position = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    broken = content.replace(b"startxref\n%d" % position, b"startxref\n7")
    bundle = append_pages(make_pdf(A4_SIZE), [("a.pdf", broken)])
    assert bundle.notes == ("Anlage „a.pdf“: Aufbau repariert.",)
    assert read_texts(bundle.pdf)[1] == "ganz"


QPDF = shutil.which("qpdf")


@pytest.mark.skipif(QPDF is None, reason="qpdf ist nicht installiert")
def test_append_pages_result_passes_qpdf(tmp_path: Path) -> None:
    files = [("a.pdf", make_form()), ("b.pdf", make_text_pdf("x", size=(842, 595)))]
    path = tmp_path / "letter.pdf"
    path.write_bytes(append_pages(make_pdf(A4_SIZE), files, PRINTABLE).pdf)
    check = subprocess.run(
        [str(QPDF), "--check", path], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout + check.stderr
