"""The job ticket that accompanies a batch: XML (`xsd/print-1/druckauftrag.xsd`) and CSV.

It has no test flag: test messages are never printed. Texts of others stand in it as they are, but
for line breaks and what XML cannot carry.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BytesIO, StringIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from server.printing.output import Handling

NAMESPACE = "urn:damtshilfe:druckauftrag:1"
_VERSION = "1.0"
# XML 1.0, production 2: all that is not Char.
_NO_CHARACTER = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Nothing is enclosed so far: what belongs to a letter are its own pages.
_INSERTS = 0
_SENDER_COLUMNS, _RECIPIENT_COLUMNS = 4, 6


class Druck(StrEnum):
    """On how many sides of a sheet there is print (`da:druck`)."""

    SIMPLEX = "simplex"
    DUPLEX = "duplex"


@dataclass(frozen=True)
class TicketLetter:
    """A letter of a batch as the ticket describes it.

    `number` counts from 1 within the batch; `sha256` in hex over the file that is handed over;
    `postal_code` is the sort key; `sender_lines` is where mail comes back to.
    """

    letter_id: str
    number: int
    filename: str
    pages: int
    sheets: int
    sha256: str
    postal_code: str
    aktenzeichen: str
    sender: str
    sender_lines: tuple[str, ...]
    recipient_lines: tuple[str, ...]
    cost_centre: str
    message_id: str


@dataclass(frozen=True)
class JobTicket:
    """A batch as its ticket describes it; `cut_off` and `created` bear a zone."""

    batch_id: str
    output: str
    handling: Handling
    cut_off: datetime
    created: datetime
    letters: Sequence[TicketLetter]

    @property
    def pages(self) -> int:
        """Pages of all letters."""
        return sum(letter.pages for letter in self.letters)

    @property
    def sheets(self) -> int:
        """Sheets of paper of all letters."""
        return sum(letter.sheets for letter in self.letters)


def render_ticket_xml(ticket: JobTicket) -> bytes:
    """The ticket as XML in UTF-8; the same ticket gives the same bytes."""
    output = BytesIO()
    # Written as it goes, not built as a tree: a batch may have thousands of letters.
    writer = _XmlWriter(output)
    attributes = {"xmlns": NAMESPACE, "version": _VERSION, "stapel": ticket.batch_id}
    writer.open("druckauftrag", attributes)
    for name, text in _list_batch(ticket).items():
        writer.write(name, text)
    for letter in ticket.letters:
        writer.open("brief", {"nummer": str(letter.number), "id": letter.letter_id})
        for name, text in _list_elements(letter):
            writer.write(name, text)
        writer.close("brief")
    writer.close("druckauftrag")
    return output.getvalue()


def render_ticket_csv(ticket: JobTicket) -> bytes:
    """The ticket as CSV in UTF-8: semicolons, a head, a line for each letter with its batch."""
    text = StringIO(newline="")
    batch = {"stapel": ticket.batch_id, **_list_batch(ticket)}
    writer = csv.DictWriter(text, CSV_COLUMNS, delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    for letter in ticket.letters:
        writer.writerow({**batch, **_list_columns(letter)})
    return text.getvalue().encode("utf-8")


def _list_batch(ticket: JobTicket) -> dict[str, str]:
    handling = ticket.handling
    return {
        "ausgabe": _clean(ticket.output),
        "annahmeschluss": ticket.cut_off.isoformat(timespec="seconds"),
        "erstellt": ticket.created.isoformat(timespec="seconds"),
        "druck": Druck.DUPLEX if handling.duplex else Druck.SIMPLEX,
        "farbe": str(handling.colour).lower(),
        "papier": _clean(handling.stock),
        "umschlag": _clean(handling.envelope),
        "produkt": _clean(handling.product),
        "summeBriefe": str(len(ticket.letters)),
        "summeSeiten": str(ticket.pages),
        "summeBlaetter": str(ticket.sheets),
        "summeBeilagen": str(_INSERTS * len(ticket.letters)),
    }


def _list_values(letter: TicketLetter) -> dict[str, str]:
    """What is there once for each letter."""
    return {
        "datei": letter.filename,
        "sha256": letter.sha256,
        "seiten": str(letter.pages),
        "blaetter": str(letter.sheets),
        "beilagen": str(_INSERTS),
        "sortierschluessel": _clean(letter.postal_code),
        "kostenstelle": _clean(letter.cost_centre),
        "aktenzeichen": _clean(letter.aktenzeichen),
        "messageId": _clean(letter.message_id),
        "absender": _clean(letter.sender),
    }


def _list_elements(letter: TicketLetter) -> Iterable[tuple[str, str]]:
    yield from _list_values(letter).items()
    yield from (("absenderzeile", line) for line in _clean_lines(letter.sender_lines))
    yield from (("empfaengerzeile", line) for line in _clean_lines(letter.recipient_lines))


def _list_columns(letter: TicketLetter) -> dict[str, str]:
    return {
        "nummer": str(letter.number),
        "brief": letter.letter_id,
        **_list_values(letter),
        **_number_lines("absenderzeile", letter.sender_lines, _SENDER_COLUMNS),
        **_number_lines("empfaengerzeile", letter.recipient_lines, _RECIPIENT_COLUMNS),
    }


def _number_lines(name: str, lines: Sequence[str], columns: int) -> dict[str, str]:
    """Each line in its column; the last takes what is left, so that nothing is lost."""
    cleaned = _clean_lines(lines)
    placed = [*cleaned[: columns - 1], ", ".join(cleaned[columns - 1 :])]
    return {f"{name}{place}": line for place, line in enumerate(placed, 1) if line}


def _clean_lines(lines: Iterable[str]) -> list[str]:
    return [cleaned for line in lines if (cleaned := _clean(line))]


def _clean(text: str) -> str:
    return " ".join(_NO_CHARACTER.sub(" ", text).split())


CSV_COLUMNS = (
    "stapel",
    "ausgabe",
    "annahmeschluss",
    "erstellt",
    "druck",
    "farbe",
    "papier",
    "umschlag",
    "produkt",
    "summeBriefe",
    "summeSeiten",
    "summeBlaetter",
    "summeBeilagen",
    "nummer",
    "brief",
    "datei",
    "sha256",
    "seiten",
    "blaetter",
    "beilagen",
    "sortierschluessel",
    "kostenstelle",
    "aktenzeichen",
    "messageId",
    "absender",
    *(f"absenderzeile{place}" for place in range(1, _SENDER_COLUMNS + 1)),
    *(f"empfaengerzeile{place}" for place in range(1, _RECIPIENT_COLUMNS + 1)),
)


class _XmlWriter:
    """One element in a line, so that the ticket can be read and compared."""

    def __init__(self, output: BytesIO) -> None:
        self._generator = XMLGenerator(output, "UTF-8")
        self._generator.startDocument()

    def open(self, name: str, attributes: Mapping[str, str]) -> None:
        self._generator.startElement(name, AttributesImpl(attributes))
        self._generator.characters("\n")

    def write(self, name: str, text: str) -> None:
        self._generator.startElement(name, AttributesImpl({}))
        self._generator.characters(text)
        self.close(name)

    def close(self, name: str) -> None:
        self._generator.endElement(name)
        self._generator.characters("\n")
