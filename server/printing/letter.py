"""The letter: a cover letter set from the Ersuchen, and the attachments behind it.

The layout stands in `templates/ersuchen.typ`; this module prepares its texts. The same order
gives the same bytes, so that a repeat after a crash is recognised as the same letter.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal

import typst

from server.domain.ersuchen import Akteur, Ersuchen, Forderung
from server.printing.attachments import append_pages

_TEMPLATE = Path(__file__).parent / "templates" / "ersuchen.typ"
_WINDOW_LINES = 6
_NAME_LINE_LENGTH = 40
_GERMAN_NUMBER = str.maketrans(",.", ".,")


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
    ersuchen: Ersuchen, attachments: Sequence[LetterAttachment], order: LetterOrder
) -> Letter:
    """The letter to the asked Behoerde; raises UnprintableAttachment."""
    cover = _set_cover(_collect_texts(ersuchen, attachments, order), order.created)
    pdf, pages = append_pages(cover, [(item.filename, item.content) for item in attachments])
    return Letter(pdf, pages, hashlib.sha256(pdf).hexdigest())


def list_address_lines(akteur: Akteur) -> list[str]:
    """Name and address as they stand in the window: at most six lines, none cut off."""
    name_lines = _wrap(akteur.name, _WINDOW_LINES - len(akteur.anschrift.lines()))
    return [*name_lines, *akteur.anschrift.lines()]


def format_euro(amount: Decimal) -> str:
    """1234.5 → 1.234,50 €, with a space that does not break."""
    text = f"{amount:,.2f}".translate(_GERMAN_NUMBER)
    return f"{text}\N{NO-BREAK SPACE}€"


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


def _collect_texts(
    ersuchen: Ersuchen, attachments: Sequence[LetterAttachment], order: LetterOrder
) -> dict[str, object]:
    sender = ersuchen.ersuchender
    return {
        "sender": {"name": sender.name, "lines": list(sender.anschrift.lines())},
        "return_line": " · ".join((sender.name, *sender.anschrift.lines())),
        "recipient": list_address_lines(ersuchen.ersuchter),
        "information": _list_information(ersuchen),
        "measures": list(ersuchen.massnahme_list),
        "debtor_name": ersuchen.schuldner.full_name,
        "debtor": _list_debtor(ersuchen),
        "claims": [_list_claim(forderung) for forderung in ersuchen.forderung_list],
        "total": format_euro(ersuchen.gesamtbetrag),
        "bank": _list_bank(ersuchen),
        "remarks": [line for line in ersuchen.bemerkung.splitlines() if line.strip()],
        "attachments": [item.filename for item in attachments],
        "order_line": f"Auftrag {order.order_id}",
    }


def _list_information(ersuchen: Ersuchen) -> list[list[str]]:
    rows = [
        ["Unser Zeichen", ersuchen.ersuchender.aktenzeichen],
        ["Ihr Zeichen", ersuchen.ersuchter.aktenzeichen],
        ["Bearbeitung", ersuchen.ersuchender.bearbeiter],
        ["Datum", _format_day(ersuchen.datum)],
    ]
    return [row for row in rows if row[1]]


def _list_debtor(ersuchen: Ersuchen) -> list[list[str]]:
    debtor = ersuchen.schuldner
    rows = [["Name", debtor.full_name]]
    if debtor.geburtsdatum:
        rows.append(["Geboren am", _format_day(debtor.geburtsdatum)])
    rows.append(["Anschrift", ", ".join(debtor.anschrift.lines())])
    return rows


def _list_claim(forderung: Forderung) -> list[str]:
    return [
        _name_einnahmeart(forderung.einnahmeart),
        forderung.bezeichnung,
        _format_day(forderung.faelligkeit),
        format_euro(forderung.betrag),
    ]


def _name_einnahmeart(code: str) -> str:
    """A key that is a German word in small letters is written as one: grundsteuer → Grundsteuer.

    The Ersuchen carries keys of the code list, not their names.
    """
    return code.capitalize() if code.isalpha() and code.islower() else code


def _list_bank(ersuchen: Ersuchen) -> list[list[str]]:
    bank = ersuchen.bankverbindung
    if bank is None:
        return []
    iban = " ".join(bank.iban[start : start + 4] for start in range(0, len(bank.iban), 4))
    rows = [
        ["Kontoinhaber", bank.kontoinhaber],
        ["IBAN", iban],
        ["Verwendungszweck", bank.verwendungszweck],
    ]
    return [row for row in rows if row[1]]


def _format_day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _wrap(text: str, max_lines: int) -> list[str]:
    """Words over lines of about equal length; what does not fit makes the lines longer."""
    length = _NAME_LINE_LENGTH
    while True:
        lines = _fill(text.split(), length)
        if len(lines) <= max_lines:
            return lines
        length += 5


def _fill(words: list[str], length: int) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= length:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
