"""What can be printed, and what of it gets behind a letter."""

import random
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from server.printing.attachments import UnprintableAttachment, append_pages, find_print_problem
from tests.unit.printing.pdf_reading import read_texts
from tests.unit.printing.samples import make_pdf

A5_SIZE, A6_SIZE = (420, 595), (298, 420)
SEED = 20261102
DAMAGED_FILES = 300


def make_form() -> bytes:
    """A page with a filled field that no viewer has drawn yet, a link and scripts."""
    script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    helvetica = Dictionary(
        Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding
    )
    with pikepdf.open(BytesIO(make_pdf(A5_SIZE))) as pdf:
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="ort", V="Flensburg",
                Rect=[100, 100, 300, 130], F=4, DA="/Helv 12 Tf 0 g", AA=Dictionary(K=script),
            )
        )  # fmt: skip
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=script)
        pdf.pages[0].Annots = Array([field, pdf.make_indirect(link)])
        pdf.pages[0].AA = Dictionary(O=script)
        pdf.Root.OpenAction = script
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([field]),
            NeedAppearances=True,
            DR=Dictionary(Font=Dictionary(Helv=helvetica)),
        )
        output = BytesIO()
        pdf.save(output)
        return output.getvalue()


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
    assert append_pages(make_pdf(A5_SIZE, A6_SIZE), [])[1] == 2


def test_append_pages_two_files_stand_in_order() -> None:
    files = [("a.pdf", make_pdf(A6_SIZE)), ("b.pdf", make_pdf(A5_SIZE, A6_SIZE))]
    merged, count = append_pages(make_pdf(A5_SIZE), files)
    with pikepdf.open(BytesIO(merged)) as pdf:
        assert [int(page.mediabox[2]) for page in pdf.pages] == [420, 298, 420, 298]
    assert count == 4


def test_append_pages_same_file_twice_is_printed_twice() -> None:
    file = ("a.pdf", make_pdf(A6_SIZE))
    assert append_pages(make_pdf(A5_SIZE), [file, file])[1] == 3


def test_append_pages_repeated_gives_same_bytes() -> None:
    letter, files = make_pdf(A5_SIZE), [("a.pdf", make_form())]
    assert append_pages(letter, files) == append_pages(letter, files)


def test_append_pages_unprintable_file_is_refused() -> None:
    with pytest.raises(UnprintableAttachment, match="„a“ hat keine Seiten"):
        append_pages(make_pdf(A5_SIZE), [("a", make_pdf())])


def test_append_pages_form_prints_its_fields_without_scripts() -> None:
    merged, _ = append_pages(make_pdf(A5_SIZE), [("a.pdf", make_form())])
    assert "Flensburg" in read_texts(merged)[1]
    with pikepdf.open(BytesIO(merged)) as pdf:
        assert not {"/Annots", "/AA"} & set(pdf.pages[1].obj.keys())
        assert not {"/AcroForm", "/OpenAction"} & set(pdf.Root.keys())
    assert b"app.alert" not in merged
