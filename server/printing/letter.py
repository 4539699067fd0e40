"""The letter: a cover letter set from the Ersuchen, and the attachments behind it.

The layout stands in `templates/`, its texts are prepared by `letter_texts`; `stationery` says
which files count. The same order gives the same bytes, so that a repeat after a crash is recognised
as the same letter. What is finished is proved by reading it back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import Ersuchen
from server.printing.attachments import append_pages
from server.printing.letter_texts import KeyNames, collect_texts, list_attachments
from server.printing.marks import MarkStyle
from server.printing.proof import Expectation, Proof, find_layout_problems
from server.printing.sheet import PRINTABLE, WHOLE, Area, WindowAreas, choose_window
from server.printing.stationery import Stationery, StationeryFolders, StationerySource
from server.printing.unprintable import LayoutBroken


@dataclass(frozen=True)
class LetterAttachment:
    """A PDF that is put behind the cover letter."""

    filename: str
    content: bytes


@dataclass(frozen=True)
class LetterOrder:
    """Which letter this is: the order's name, and since when it is ordered.

    `created` bears a zone; it becomes the date of the PDF.
    """

    order_id: str
    created: datetime


@dataclass(frozen=True)
class Letter:
    """A finished letter; `sha256` in hex over the PDF.

    `address` are the lines in its window; `notes` say in German what was changed in attachments,
    and why there is no payment code.
    """

    pdf: bytes
    pages: int
    sha256: str
    address: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LetterStyle:
    """How letters of an installation look; without `marks` their place stays free all the same."""

    stationery: StationerySource = field(default_factory=StationeryFolders)
    is_franked_by_service: bool = True
    marks: MarkStyle = field(default_factory=MarkStyle)

    @property
    def window(self) -> WindowAreas:
        """The areas of the window."""
        return choose_window(is_franked_by_service=self.is_franked_by_service)

    @property
    def foreign_area(self) -> Area:
        """Where pages of attachments are put."""
        return PRINTABLE if self.marks.is_marked else WHOLE


def render_letter(
    ersuchen: Ersuchen,
    attachments: Sequence[LetterAttachment],
    order: LetterOrder,
    names: KeyNames | None = None,
    style: LetterStyle | None = None,
) -> Letter:
    """The letter to the asked Behoerde.

    Raises UnprintableLetter: an attachment that cannot be printed, an address that does not fit, a
    layout that does not hold.
    """
    look = find_look(ersuchen.ersuchender.identifier, style or LetterStyle())
    return set_letter(ersuchen, names or KeyNames(), order, look, attachments)


@dataclass(frozen=True)
class LetterLook:
    """The templates of a letter and how all letters look."""

    stationery: Stationery
    style: LetterStyle

    def describe(self) -> dict[str, object]:
        """What a template wants to know of it."""
        return {"logo": self.stationery.logo, "window": _describe_window(self.style.window)}


def find_look(writer: PartyIdentifier | None, style: LetterStyle) -> LetterLook:
    """How letters of an authority look; with None as those of the installation do."""
    return LetterLook(style.stationery.find_for(writer), style)


def set_letter(
    ersuchen: Ersuchen,
    names: KeyNames,
    order: LetterOrder,
    look: LetterLook,
    attachments: Sequence[LetterAttachment] = (),
) -> Letter:
    """The letter with these templates; raises UnprintableLetter and typst.TypstError."""
    style, files = look.style, [(item.filename, item.content) for item in attachments]
    texts = {
        **collect_texts(ersuchen, names, look.stationery.letterhead),
        **look.describe(),
        "attachments": list_attachments((name for name, _ in files), ersuchen.anlage_list),
        "order_line": f"Auftrag {order.order_id}",
    }
    cover = look.stationery.typesetter.set_cover(texts, order.created)
    bundle = append_pages(cover, files, style.foreign_area)
    address = _list_lines(texts)
    _prove(bundle.pdf, Expectation(address, bundle.own_pages, bundle.pages), style)
    digest = hashlib.sha256(bundle.pdf).hexdigest()
    notes = (*_explain_code(texts), *bundle.notes)
    return Letter(bundle.pdf, bundle.pages, digest, address, notes)


def _describe_window(window: WindowAreas) -> dict[str, dict[str, float]]:
    areas = {"notes": window.notes, "address": window.address}
    return {
        name: {"top": area.top, "height": round(area.bottom - area.top, 1)}
        for name, area in areas.items()
    }


def _list_lines(texts: Mapping[str, object]) -> tuple[str, ...]:
    lines = texts["recipient"]
    return tuple(str(line) for line in lines) if isinstance(lines, list) else ()


def _explain_code(texts: Mapping[str, object]) -> tuple[str, ...]:
    reason = texts["payment_code_reason"]
    return (f"Ohne Zahlcode: {reason}",) if reason else ()


def _prove(pdf: bytes, expected: Expectation, style: LetterStyle) -> None:
    proof = Proof(style.window, style.marks.area, style.marks.is_marked)
    problems = find_layout_problems(pdf, expected, proof)
    if problems:
        raise LayoutBroken(problems)
