"""Which attachments can be printed, and how they are put behind a letter.

Attachments come from outside: nothing here trusts their structure, and what a print shop refuses
(forms, scripts) does not get into a letter. Every page becomes an upright A4 sheet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import pikepdf

from server.printing.active_content import find_active_content
from server.printing.fonts import STANDARD_FONTS, find_loose_fonts
from server.printing.foreign_pdf import MOST_PAGES, find_excess, find_loss, open_foreign
from server.printing.pdf_a import claims_pdf_a, drop_pdf_a_claim, use_plain_grey
from server.printing.proof import is_readable
from server.printing.sheet import A4_HEIGHT, A4_WIDTH, MM_PER_POINT, PRINTABLE, WHOLE, Area
from server.printing.unprintable import UnprintableAttachment

HEAD_MARK = b"%PDF-"
# How a file ends (ISO 32000-2, 7.5.5); readers look for it in the last KiB. A missing or wrong
# table before it is repaired.
_END_MARK = b"%%EOF"
_END_REACH = 1024
# What pikepdf raises on a damaged structure: its own errors and those of a missing or wrong entry.
DAMAGE = (pikepdf.PikepdfError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_A4 = (A4_WIDTH / MM_PER_POINT, A4_HEIGHT / MM_PER_POINT)
_TOLERANCE_POINTS = 1.5
_DRAWING = "/Anlage"


@dataclass(frozen=True)
class Bundle:
    """A letter with its attachments behind it.

    The first `own_pages` of its `pages` are the letter's own; `notes` say in German what was
    changed in attachments.
    """

    pdf: bytes
    pages: int
    own_pages: int
    notes: tuple[str, ...] = ()


def find_print_problem(filename: str, content: bytes) -> str | None:
    """Why an attachment cannot be printed (a German sentence); None where it can.

    The file may take much time and memory, or end the process: `attachment_guard` asks for this in
    a process of its own.
    """
    problem = find_problem(content)
    return describe_problem(filename, problem) if problem else None


def append_pages(
    letter: bytes, attachments: Sequence[tuple[str, bytes]], area: Area = WHOLE
) -> Bundle:
    """The letter with the pages of the attachments behind it, each within the area of its sheet.

    The same input gives the same bytes. A letter that claims to be PDF/A does so no longer where an
    attachment does not, or brings fonts that it does not embed. Raises UnprintableAttachment.
    """
    notes: list[str] = []
    with pikepdf.open(BytesIO(letter)) as pdf:
        own_pages = len(pdf.pages)
        use_plain_grey(pdf)
        may_claim = [_append(pdf, *attachment, area, notes) for attachment in attachments]
        if not all(may_claim):
            drop_pdf_a_claim(pdf)
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return Bundle(output.getvalue(), len(pdf.pages), own_pages, tuple(notes))


def find_problem(content: bytes) -> str | None:
    """Why a PDF cannot be printed, as the end of a German sentence; None where it can.

    Does what printing will do, so that no accepted attachment fails later.
    """
    problem = _find_structure_problem(content)
    if problem:
        return problem
    with pikepdf.new() as target:
        try:
            # Within the margins every page is drawn anew, so that all contents are read.
            _copy_pages(content, target, PRINTABLE)
            # Now also what pages inherit, and what forms and notes show.
            return (
                find_excess(target)
                or _look_at_pages(target.pages[:])[0]
                or _find_unreadable(target)
            )
        except DAMAGE:
            return "ist beschädigt"


def _find_unreadable(target: pikepdf.Pdf) -> str | None:
    output = BytesIO()
    target.save(output)
    return None if is_readable(output.getvalue()) else "ist beschädigt"


def _find_structure_problem(content: bytes) -> str | None:
    if not content.startswith(HEAD_MARK):
        return "ist keine PDF-Datei"
    # A file that was cut off opens all the same, and would be printed with empty pages.
    if _END_MARK not in content[-_END_REACH:]:
        return "ist unvollständig"
    try:
        return _find_problem_inside(content)
    except pikepdf.PasswordError:
        return "ist mit einem Kennwort geschützt"
    except DAMAGE:
        return "ist beschädigt"


def _find_problem_inside(content: bytes) -> str | None:
    # Inheritance is left alone because working it out would correct the count of pages.
    with open_foreign(content, inherit_page_attributes=False) as pdf:
        if pdf.is_encrypted:
            return "ist verschlüsselt"
        # Pages that cannot be read are left out on first use, and the count is corrected.
        announced = int(pdf.Root.Pages.Count)
        if not pdf.pages:
            return "hat keine Seiten"
        if len(pdf.pages) != announced:
            return "ist beschädigt"
        return find_excess(pdf) or find_active_content(pdf)


def _look_at_pages(pages: Sequence[pikepdf.Page]) -> tuple[str | None, bool]:
    """What hinders printing (German), and whether all fonts are embedded."""
    if not pages:
        return "hat keine Seiten", False
    try:
        loose = {name for page in pages for name in find_loose_fonts(page)}
    except DAMAGE:
        return "ist beschädigt", False
    foreign = sorted(loose - STANDARD_FONTS)
    problem = f"bettet Schriften nicht ein ({', '.join(foreign[:3])})" if foreign else None
    return problem, not loose


def _append(pdf: pikepdf.Pdf, filename: str, content: bytes, area: Area, notes: list[str]) -> bool:
    """Puts a file behind the letter; True where the letter may still claim to be PDF/A."""
    before = len(pdf.pages)
    problem = _find_structure_problem(content)
    if before > MOST_PAGES:
        problem = f"kommt nach mehr als {MOST_PAGES} Seiten, so dick wird kein Brief"
    if not problem:
        try:
            changes, is_pdf_a = _copy_pages(content, pdf, area)
            problem, is_embedded = _look_at_pages(pdf.pages[before:])
        except DAMAGE:
            problem = "ist beschädigt"
    if problem:
        raise UnprintableAttachment(describe_problem(filename, problem))
    if changes:
        notes.append(f"Anlage „{filename}“: {', '.join(changes)}.")
    return is_pdf_a and is_embedded


def describe_problem(filename: str, problem: str) -> str:
    """The German sentence about an attachment; `problem` is its end."""
    return f"Die Anlage „{filename}“ {problem}."


def _copy_pages(content: bytes, target: pikepdf.Pdf, area: Area) -> tuple[list[str], bool]:
    """Copies all pages; what was changed (German), and whether the file claims to be PDF/A."""
    changes = []
    with open_foreign(content, suppress_warnings=True) as source:
        is_pdf_a = claims_pdf_a(source)
        if "/AcroForm" in source.Root:
            changes.append("Formularfelder fest eingedruckt")
        keep_what_is_printed(source)
        placed = sum(_add_sheet(target, page, area) for page in source.pages)
        if placed:
            changes.append(f"{placed} Seiten auf A4 gebracht" if placed > 1 else _ONE_PLACED)
        warnings = source.get_warnings()
        if find_loss([str(warning) for warning in warnings]):
            raise pikepdf.PdfError("a part of the file is lost")
        if warnings:
            changes.insert(0, "Aufbau repariert")
    return changes, is_pdf_a


_ONE_PLACED = "1 Seite auf A4 gebracht"


def keep_what_is_printed(source: pikepdf.Pdf) -> None:
    """Turns filled fields and notes into page content, and drops what only a screen needs."""
    source.generate_appearance_streams()
    source.flatten_annotations("print")
    for page in source.pages:
        # Links and scripts; the last belongs to a structure tree that is not taken over.
        for key in ("/Annots", "/AA", "/StructParents"):
            if key in page:
                del page[key]


def _add_sheet(target: pikepdf.Pdf, page: pikepdf.Page, area: Area) -> bool:
    """Adds a page as an upright A4 sheet; True where it had to be turned or scaled for it."""
    if area == WHOLE and _is_upright_a4(page):
        target.pages.append(page)
        return False
    if _is_wide(page):
        page.rotate(90, relative=True)
    target.add_blank_page(page_size=_A4)
    _place(target, page, _to_rectangle(area))
    return True


def _place(target: pikepdf.Pdf, page: pikepdf.Page, area: pikepdf.Rectangle) -> None:
    """Draws a page in the middle of an area of the last sheet, as large as it goes.

    `add_overlay` does this too, with a name made by chance: the same letter would have other bytes.
    """
    drawing = target.copy_foreign(page.as_form_xobject())
    sheet = target.pages[-1]
    sheet.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary({_DRAWING: drawing}))
    name = pikepdf.Name(_DRAWING)
    sheet.contents_add(sheet.calc_form_xobject_placement(drawing, name, area, allow_expand=True))


def _is_upright_a4(page: pikepdf.Page) -> bool:
    boxes = (page.mediabox, page.cropbox, page.trimbox)
    wanted = (0, 0, *_A4)
    return (
        int(page.obj.get("/Rotate", 0)) % 360 == 0
        and "/UserUnit" not in page.obj
        and all(
            abs(float(value) - goal) <= _TOLERANCE_POINTS
            for box in boxes
            for value, goal in zip(box, wanted, strict=True)
        )
    )


def _is_wide(page: pikepdf.Page) -> bool:
    left, bottom, right, top = (float(value) for value in page.trimbox)
    is_turned = int(page.obj.get("/Rotate", 0)) % 180 != 0
    width, height = abs(right - left), abs(top - bottom)
    return width < height if is_turned else width > height


def _to_rectangle(area: Area) -> pikepdf.Rectangle:
    left, right = area.left / MM_PER_POINT, area.right / MM_PER_POINT
    bottom, top = (A4_HEIGHT - area.bottom) / MM_PER_POINT, (A4_HEIGHT - area.top) / MM_PER_POINT
    return pikepdf.Rectangle(left, bottom, right, top)
