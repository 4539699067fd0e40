"""From a message to a letter: what can be printed, and how it is set."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from persistence.blobs import Blobs, BlobUnreadable
from server.domain.behoerde import Behoerde
from server.domain.content import Content, InlineContent
from server.domain.ersuchen import Akteur, Ersuchen
from server.domain.print_settings import PrintSettings
from server.domain.stored_message import PartKind, StoredMessage
from server.printing.attachment_guard import find_print_problem
from server.printing.dispatcher import Outputs
from server.printing.letter import LetterAttachment, LetterOrder, LetterStyle, render_letter
from server.printing.letter_texts import KeyNames
from server.printing.output import BatchLetter, Handling, PrintBatch
from server.printing.ticket import PrintedLetter, count_sheets, render_ticket
from server.services.codelisten import Codelisten
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.print_settings import PrintChoices
from server.xmlio.ersuchen import ERSUCHEN, read_ersuchen
from server.xmlio.payloads import PayloadInspector

_log = logging.getLogger(__name__)

PrintPart = tuple[PartKind, Mapping[str, str], Content]


def find_letter_problem(parts: Sequence[PrintPart], inspector: PayloadInspector) -> str | None:
    """Why a message whose reader has no other way cannot become a letter (German)."""
    obstacle = find_print_obstacle(parts, inspector)
    return f"Der Leser ist nur per Brief erreichbar. {obstacle}" if obstacle else None


def find_print_obstacle(parts: Sequence[PrintPart], inspector: PayloadInspector) -> str | None:
    """Why the parts of a message cannot become a letter (German); None where they can."""
    for position, (kind, attributes, content) in enumerate(parts):
        problem = _find_part_problem(kind, content, _name_part(position, attributes), inspector)
        if problem:
            return problem
    return None


def find_print_parts(blobs: Blobs, message: StoredMessage) -> list[PrintPart]:
    """The parts of a stored message; raises BlobUnreadable and BlobStoreUnavailable."""
    return [(part.kind, part.attributes, blobs.find(part.blob)) for part in message.parts]


def find_stored_obstacle(
    blobs: Blobs, message: StoredMessage, inspector: PayloadInspector
) -> str | None:
    """Why a stored message cannot become a letter (German), a lost content included."""
    try:
        return find_print_obstacle(find_print_parts(blobs, message), inspector)
    except BlobUnreadable as error:
        return error.reason


@dataclass(frozen=True)
class Printing:
    """Where letters go, what Mandanten chose for theirs, and what they look like."""

    outputs: Outputs
    choices: PrintChoices
    style: LetterStyle = field(default_factory=LetterStyle)


class Letters:
    """Sets letters and hands them to the print output."""

    def __init__(
        self,
        inspector: PayloadInspector,
        printing: Printing,
        codelisten: Codelisten,
        kataloge: Massnahmenkataloge,
    ) -> None:
        self._inspector = inspector
        self._outputs = printing.outputs
        self._choices = printing.choices
        self._style = printing.style
        self._codelisten = codelisten
        self._kataloge = kataloge

    def find_problem(self, parts: Sequence[PrintPart]) -> str | None:
        """Why the parts of a message cannot become a letter (German); None where they can."""
        return find_letter_problem(parts, self._inspector)

    def hand_over(self, parts: Sequence[PrintPart], recipient: Behoerde, order: LetterOrder) -> str:
        """Hands over the letter of a message, and says (German) where it went.

        It is addressed to the recipient as the directory knows it. The parts must have passed
        `find_problem`. The same order is handed over once however often it is repeated, as a
        batch of its own. Raises OutputUnavailable, BatchRefused, and UnprintableLetter where the
        letter cannot be set or does not pass its proof.
        """
        settings = self._choices.find_for_message(order.message_id)
        batch = self._make_batch(parts, recipient, order, settings)
        receipt = self._outputs.find(settings.output).submit(batch)
        pages = batch.letters[0].pages
        return f"Auftrag {receipt.reference}, Ausgabe „{receipt.output}“, {pages} Seiten"

    def _make_batch(
        self,
        parts: Sequence[PrintPart],
        recipient: Behoerde,
        order: LetterOrder,
        settings: PrintSettings,
    ) -> PrintBatch:
        message = next(content for kind, _, content in parts if kind == PartKind.MESSAGE)
        ersuchen = _address(read_ersuchen(self._inspector.parse(message)), recipient)
        attachments = [
            LetterAttachment(_name_part(position, attributes), content.read())
            for position, (kind, attributes, content) in enumerate(parts)
            if kind == PartKind.ATTACHMENT
        ]
        names = self._name_keys(ersuchen)
        letter = render_letter(ersuchen, attachments, order, names, self._style)
        for note in letter.notes:
            _log.info("letter %s: %s", order.order_id, note)
        handling = Handling(
            settings.duplex, settings.colour, settings.stock, settings.envelope, settings.product
        )
        sheets = count_sheets(letter.pages, handling.duplex)
        single = BatchLetter(order.order_id, 1, letter.pages, sheets, InlineContent(letter.pdf))
        printed = PrintedLetter(single.filename, letter, handling.duplex)
        ticket = render_ticket(ersuchen, printed, order)
        return PrintBatch(order.order_id, handling, [single], ticket, b"")

    def _name_keys(self, ersuchen: Ersuchen) -> KeyNames:
        katalog = self._kataloge.find_for(ersuchen.ersuchter.identifier)
        arten = {forderung.einnahmeart for forderung in ersuchen.forderung_list}
        measures = {massnahme.art for massnahme in ersuchen.massnahme_list}
        return KeyNames(
            {key: self._codelisten.name_einnahmeart(key, ersuchen.datum) for key in arten},
            {key: found.name for key in measures if (found := katalog.find(key))},
        )


def make_order_id(created: datetime, key: int, digest: str) -> str:
    """The name of a letter: the same at every attempt, and different in every database."""
    return f"{created:%Y%m%d}-{key:06d}-{digest[:8]}"


def _find_part_problem(
    kind: PartKind, content: Content, name: str, inspector: PayloadInspector
) -> str | None:
    if kind == PartKind.ENCRYPTED:
        return "Ein verschlüsselter Inhalt lässt sich nicht drucken."
    if kind == PartKind.ATTACHMENT:
        return find_print_problem(name, content.read())
    if inspector.find_root(content) != ERSUCHEN:
        return "Drucken lässt sich nur ein Vollstreckungshilfeersuchen der Version 1.0."
    return None


def _name_part(position: int, attributes: Mapping[str, str]) -> str:
    return attributes.get("filename") or f"Anlage {position}"


def _address(ersuchen: Ersuchen, recipient: Behoerde) -> Ersuchen:
    """The Ersuchen with the asked Behoerde as the directory knows it: that is where post goes."""
    asked = ersuchen.ersuchter
    is_same = asked.identifier.is_same_party(recipient.identifier)
    addressed = Akteur(
        recipient.identifier,
        recipient.name,
        recipient.anschrift,
        asked.aktenzeichen if is_same else "",
        asked.bearbeiter if is_same else "",
    )
    return dataclasses.replace(ersuchen, ersuchter=addressed)
