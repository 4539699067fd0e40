"""The proof: a letter that is right passes, and each rule is seen to be broken."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from pikepdf import Dictionary, Name

from server.printing.letter import render_letter
from server.printing.letter_texts import address_window
from server.printing.marks import MarkStyle
from server.printing.proof import Expectation, Proof, find_layout_problems
from server.printing.sheet import choose_window
from tests.unit.printing.samples import FLENSBURG, ORDER, make_ersuchen, make_pdf

PROOF = Proof(choose_window(is_franked_by_service=True), MarkStyle().area)
LINES = address_window(FLENSBURG).lines
RIGHT = Expectation(LINES, 1, 1)
LETTER = render_letter(make_ersuchen(), [], ORDER).pdf
MM = 72 / 25.4


def change(change_pdf: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(BytesIO(LETTER)) as pdf:
        change_pdf(pdf)
        output = BytesIO()
        pdf.save(output)
        return output.getvalue()


def draw(left: float, top: float, width: float = 2, height: float = 2) -> bytes:
    """The letter with a black box at a place in millimetres."""

    def add(pdf: pikepdf.Pdf) -> None:
        box = (left * MM, (297 - top - height) * MM, width * MM, height * MM)
        text = " ".join(f"{value:.2f}" for value in box)
        pdf.pages[0].contents_add(b"q\n", prepend=True)
        pdf.pages[0].contents_add(f"\nQ q {text} re f Q".encode())

    return change(add)


def write(left: float, top: float, embedded: bool = True) -> bytes:
    """The letter with a word at a place in millimetres."""

    def add(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.Resources.Font.Other = Dictionary(
            Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica
        )
        page.contents_add(b"q\n", prepend=True)
        where = f"{left * MM:.2f} {(297 - top) * MM:.2f}"
        page.contents_add(f"\nQ q BT /Other 8 Tf {where} Td (xx) Tj ET Q".encode())

    return change(add)


def test_find_layout_problems_letter_as_it_is_set_has_none() -> None:
    assert find_layout_problems(LETTER, RIGHT, PROOF) == []


@pytest.mark.parametrize(
    ("pdf", "problem"),
    [
        (draw(40, 57), "Die Frankierzone ist nicht frei."),
        (write(40, 60), "Die Frankierzone ist nicht frei."),
        (draw(60, 70), "In der Anschriftzone steht mehr als Text."),
        (write(60, 80), "Im Anschriftfeld steht"),
        (draw(19, 80), "ragt über die Ränder"),
        (draw(104, 46), "ragt über die Ränder"),
        (draw(5, 118), "Auf Seite 1 ist der Platz der Kuvertiermarke nicht frei."),
        (write(150, 200), "Seite 1 bettet Schriften nicht ein: Helvetica."),
    ],
    ids=["franking", "franking text", "drawing", "text", "left", "right", "mark", "font"],
)
def test_find_layout_problems_each_breach_is_named(pdf: bytes, problem: str) -> None:
    assert problem in " ".join(find_layout_problems(pdf, RIGHT, PROOF))


def test_find_layout_problems_places_beside_the_areas_are_free() -> None:
    for left, top in ((120, 57), (40, 92), (15, 80), (5, 108), (16, 118)):
        assert find_layout_problems(draw(left, top), RIGHT, PROOF) == []


def test_find_layout_problems_other_address_is_named() -> None:
    problems = find_layout_problems(LETTER, Expectation(("Stadt Husum",), 1, 1), PROOF)
    assert problems == [
        "Im Anschriftfeld steht „StadtFlensburg,VollstreckungsstelleAmMarkt124937Flensburg“ "
        "statt der Anschrift."
    ]


def test_find_layout_problems_letters_with_combining_marks_are_compared() -> None:
    recipient = replace(FLENSBURG, name="Gmina C̆ L̥̄")
    pdf = render_letter(make_ersuchen(ersuchter=recipient), [], ORDER).pdf
    lines = address_window(recipient).lines
    assert find_layout_problems(pdf, Expectation(lines, 1, 1), PROOF) == []
    for name in ("Gmina C L̥̄", "Gmina L̥̄", "Gmina C̄ L̥̄", "Gmin C̆ L̥̄"):
        wrong = Expectation((name, *lines[1:]), 1, 1)
        (problem,) = find_layout_problems(pdf, wrong, PROOF)
        assert problem.endswith("statt der Anschrift.")


def test_find_layout_problems_lost_page_is_named() -> None:
    assert find_layout_problems(LETTER, Expectation(LINES, 1, 2), PROOF) == [
        "Er hat 1 statt 2 Seiten."
    ]


def test_find_layout_problems_other_size_is_named() -> None:
    def add_page(pdf: pikepdf.Pdf) -> None:
        pdf.add_blank_page(page_size=(420, 595))

    assert find_layout_problems(change(add_page), Expectation(LINES, 1, 2), PROOF) == [
        "Seite 2 ist nicht A4, sondern 148 x 210 mm groß."
    ]


def test_find_layout_problems_standard_fonts_are_allowed_in_attachments() -> None:
    def add_page(pdf: pikepdf.Pdf) -> None:
        with pikepdf.open(BytesIO(write(150, 200))) as other:
            pdf.pages.append(other.pages[0])

    pdf = change(add_page)
    assert find_layout_problems(pdf, Expectation(LINES, 1, 2), PROOF) == []
    assert find_layout_problems(pdf, Expectation(LINES, 2, 2), PROOF) == [
        "Seite 2 bettet Schriften nicht ein: Helvetica."
    ]


def test_find_layout_problems_marks_on_attachments_count_where_sheets_are_marked() -> None:
    def add_page(pdf: pikepdf.Pdf) -> None:
        with pikepdf.open(BytesIO(draw(5, 118))) as other:
            pdf.pages.append(other.pages[0])

    pdf, expected = change(add_page), Expectation(LINES, 1, 2)
    marked = Proof(PROOF.window, PROOF.marks, covers_attachments=True)
    assert find_layout_problems(pdf, expected, PROOF) == []
    assert find_layout_problems(pdf, expected, marked) == [
        "Auf Seite 2 ist der Platz der Kuvertiermarke nicht frei."
    ]


def test_find_layout_problems_without_franking_the_address_has_the_whole_zone() -> None:
    window = choose_window(is_franked_by_service=False)
    assert window.address.top == 62.7
    assert window.franking is None
    problems = find_layout_problems(make_pdf((595, 842)), RIGHT, Proof(window, PROOF.marks))
    assert problems == ["Im Anschriftfeld steht „“ statt der Anschrift."]


def test_find_layout_problems_of_several_threads_each_reads_its_own_letter() -> None:
    """PDFium itself mixes what threads ask at once, or ends the process."""
    wrong = replace(RIGHT, address=("Anderswo",))

    def look_often(expected: Expectation) -> set[bool]:
        return {bool(find_layout_problems(LETTER, expected, PROOF)) for _ in range(20)}

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(look_often, [RIGHT, wrong] * 2))
    assert found == [{False}, {True}] * 2
