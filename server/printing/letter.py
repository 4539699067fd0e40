"""The letter: a cover letter set from the Ersuchen, and the attachments behind it.

The layout stands in `templates/ersuchen.typ`, its texts are prepared by `letter_texts`. The same
order gives the same bytes, so that a repeat after a crash is recognised as the same letter.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import typst

from server.domain.ersuchen import Ersuchen
from server.printing.attachments import append_pages
from server.printing.letter_texts import KeyNames, collect_texts

_TEMPLATE = Path(__file__).parent / "templates" / "ersuchen.typ"


@dataclass(frozen=True)
class LetterAttachment:
    """A PDF that is put behind the cover letter."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class LetterOrder:
    """Which letter this is: the order's name, the message it comes from, and since when.

    `created` bears a zone; it becomes the date of the PDF.
    """

    order_id: str
    message_id: str
    created: datetime


@dataclass(frozen=True)
class Letter:
    """A finished letter; `sha256` in hex over the PDF."""

    pdf: bytes
    pages: int
    sha256: str


def render_letter(
    ersuchen: Ersuchen,
    attachments: Sequence[LetterAttachment],
    order: LetterOrder,
    names: KeyNames | None = None,
) -> Letter:
    """The letter to the asked Behoerde; raises UnprintableAttachment."""
    texts = {
        **collect_texts(ersuchen, names or KeyNames()),
        "attachments": [item.filename for item in attachments],
        "order_line": f"Auftrag {order.order_id}",
    }
    cover = _set_cover(texts, order.created)
    pdf, pages = append_pages(cover, [(item.filename, item.content) for item in attachments])
    return Letter(pdf, pages, hashlib.sha256(pdf).hexdigest())


def _set_cover(texts: Mapping[str, object], created: datetime) -> bytes:
    """The cover letter as PDF/A-2b.

    PDF/A refuses a character that no font has (an emoji in a name, say). Such a letter goes out
    as plain PDF, with a box in place of the character, rather than not at all.
    """
    try:
        return _compile(texts, created, "a-2b")
    except typst.TypstError:
        return _compile(texts, created, None)


def _compile(
    texts: Mapping[str, object], created: datetime, standard: Literal["a-2b"] | None
) -> bytes:
    pdf: bytes = typst.compile(
        _TEMPLATE.read_bytes(),
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=standard,
        sys_inputs={"letter": json.dumps(texts, ensure_ascii=False)},
        # PDF knows no fractions of a second, typst no zone whose offset changes.
        timestamp=created.astimezone(UTC).replace(microsecond=0),
    )
    return pdf
