"""Which attachments can be printed, and how they are put behind a letter.

Attachments come from outside: nothing here trusts their structure, and what a print shop refuses
(forms, scripts) does not get into a letter.
"""

from collections.abc import Iterable
from io import BytesIO

import pikepdf

_HEAD_MARK = b"%PDF-"
# How a file ends (ISO 32000-2, 7.5.5); readers look for it in the last KiB. A missing or wrong
# table before it is repaired.
_END_MARK = b"%%EOF"
_END_REACH = 1024
# What pikepdf raises on a damaged structure: its own errors and those of a missing or wrong entry.
_DAMAGE = (pikepdf.PikepdfError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
_PDF_A_CLAIM = ("pdfaid:part", "pdfaid:conformance", "pdfaid:rev")


class UnprintableAttachment(Exception):
    """An attachment that cannot become pages; the text is German."""


def find_print_problem(filename: str, content: bytes) -> str | None:
    """Why an attachment cannot be printed (a German sentence); None where it can."""
    problem = _find_problem(content)
    return f"Die Anlage „{filename}“ {problem}." if problem else None


def append_pages(letter: bytes, attachments: Iterable[tuple[str, bytes]]) -> tuple[bytes, int]:
    """The letter with the pages of the attachments behind it, and how many pages that makes.

    The same input gives the same bytes. With foreign pages the letter no longer claims to be
    PDF/A. Raises UnprintableAttachment.
    """
    with pikepdf.open(BytesIO(letter)) as pdf:
        own_pages = len(pdf.pages)
        for filename, content in attachments:
            _append(pdf, filename, content)
        if len(pdf.pages) > own_pages:
            _drop_pdf_a_claim(pdf)
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue(), len(pdf.pages)


def _find_problem(content: bytes) -> str | None:
    if not content.startswith(_HEAD_MARK):
        return "ist keine PDF-Datei"
    # A file that was cut off opens all the same, and would be printed with empty pages.
    if _END_MARK not in content[-_END_REACH:]:
        return "ist unvollständig"
    try:
        return _find_problem_inside(content) or _find_copy_problem(content)
    except pikepdf.PasswordError:
        return "ist mit einem Kennwort geschützt"
    except _DAMAGE:
        return "ist beschädigt"


def _find_problem_inside(content: bytes) -> str | None:
    # Inheritance is left alone because working it out would correct the count of pages.
    with pikepdf.open(BytesIO(content), inherit_page_attributes=False) as pdf:
        if pdf.is_encrypted:
            return "ist verschlüsselt"
        # Pages that cannot be read are left out on first use, and the count is corrected.
        announced = int(pdf.Root.Pages.Count)
        if not pdf.pages:
            return "hat keine Seiten"
        return None if len(pdf.pages) == announced else "ist beschädigt"


def _find_copy_problem(content: bytes) -> str | None:
    """Does what printing will do, so that no accepted attachment fails later."""
    with pikepdf.new() as target:
        _copy_pages(content, target)
        return None if target.pages else "hat keine Seiten"


def _append(pdf: pikepdf.Pdf, filename: str, content: bytes) -> None:
    problem = find_print_problem(filename, content)
    if problem:
        raise UnprintableAttachment(problem)
    _copy_pages(content, pdf)


def _copy_pages(content: bytes, target: pikepdf.Pdf) -> None:
    with pikepdf.open(BytesIO(content)) as source:
        _keep_what_is_printed(source)
        target.pages.extend(source.pages)


def _keep_what_is_printed(source: pikepdf.Pdf) -> None:
    """Turns filled fields and notes into page content, and drops what only a screen needs."""
    source.generate_appearance_streams()
    source.flatten_annotations("print")
    for page in source.pages:
        # Links and scripts; the last belongs to a structure tree that is not taken over.
        for key in ("/Annots", "/AA", "/StructParents"):
            if key in page:
                del page[key]


def _drop_pdf_a_claim(pdf: pikepdf.Pdf) -> None:
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        for key in _PDF_A_CLAIM:
            if key in metadata:
                del metadata[key]
