"""Which attachments can be printed, and how they are put behind a letter."""

from collections.abc import Iterable
from io import BytesIO

import pikepdf


class UnprintableAttachment(Exception):
    """An attachment that cannot become pages; the text is German."""


def find_print_problem(filename: str, content: bytes) -> str | None:
    """Why an attachment cannot be printed (a German sentence); None where it can."""
    if not content.startswith(b"%PDF-"):
        return f"Die Anlage „{filename}“ ist keine PDF-Datei."
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            if not pdf.pages:
                return f"Die Anlage „{filename}“ hat keine Seiten."
            if pdf.is_encrypted:
                return f"Die Anlage „{filename}“ ist verschlüsselt."
    except pikepdf.PasswordError:
        return f"Die Anlage „{filename}“ ist mit einem Kennwort geschützt."
    except pikepdf.PdfError:
        return f"Die Anlage „{filename}“ ist beschädigt."
    return None


def append_pages(letter: bytes, attachments: Iterable[tuple[str, bytes]]) -> tuple[bytes, int]:
    """The letter with the pages of the attachments behind it, and how many pages that makes.

    The same input gives the same bytes. Raises UnprintableAttachment.
    """
    with pikepdf.open(BytesIO(letter)) as pdf:
        for filename, content in attachments:
            _append(pdf, filename, content)
        output = BytesIO()
        pdf.save(output, deterministic_id=True)
        return output.getvalue(), len(pdf.pages)


def _append(pdf: pikepdf.Pdf, filename: str, content: bytes) -> None:
    problem = find_print_problem(filename, content)
    if problem:
        raise UnprintableAttachment(problem)
    with pikepdf.open(BytesIO(content)) as source:
        pdf.pages.extend(source.pages)
