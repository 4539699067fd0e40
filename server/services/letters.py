"""From a message to a letter: what can be printed, and how it is set."""

import dataclasses
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from persistence.blobs import Blobs, BlobUnreadable
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.content import Content
from server.domain.ersuchen import Akteur, Ersuchen
from server.domain.letter import LetterDetails
from server.domain.print_settings import PrintSettings
from server.domain.stored_message import PartKind, StoredMessage
from server.printing.attachment_guard import find_print_problem
from server.printing.letter import (
    Letter,
    LetterAttachment,
    LetterLook,
    LetterOrder,
    LetterStyle,
    find_look,
    set_letter,
)
from server.printing.letter_texts import KeyNames
from server.printing.sheet import count_sheets
from server.services.codelisten import Codelisten
from server.services.key_names import name_keys
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.print_settings import PrintChoices
from server.xmlio.ersuchen import ERSUCHEN, read_ersuchen
from server.xmlio.payloads import PayloadInspector

_log = logging.getLogger(__name__)

# Between what would be lines of an address, in a return line.
_LINE_MARK = "·"

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
class LetterPlan:
    """What a letter is to say and how it is to look, as the database knows it."""

    ersuchen: Ersuchen
    names: KeyNames
    look: LetterLook
    settings: PrintSettings


@dataclass(frozen=True)
class SetLetter:
    """A letter that was set and proved; `sheets` as it is printed by these settings."""

    pdf: bytes
    pages: int
    sheets: int
    settings: PrintSettings
    postal_code: str
    details: LetterDetails


class Letters:
    """Sets letters as their Mandanten chose."""

    def __init__(
        self,
        inspector: PayloadInspector,
        choices: PrintChoices,
        style: LetterStyle,
        codelisten: Codelisten,
        kataloge: Massnahmenkataloge,
    ) -> None:
        self._inspector = inspector
        self._choices = choices
        self._style = style
        self._codelisten = codelisten
        self._kataloge = kataloge

    def find_problem(self, parts: Sequence[PrintPart]) -> str | None:
        """Why parts of these kinds are no letter (German); None where they are.

        Attachments are not opened: `set_letter` does it.
        """
        problems = (
            _find_kind_problem(kind, content, self._inspector) for kind, _, content in parts
        )
        return next(filter(None, problems), None)

    def plan_letter(
        self, parts: Sequence[PrintPart], recipient: Behoerde, message: StoredMessage
    ) -> LetterPlan:
        """Reads what is settled for the letter of a message with these parts.

        It is addressed to the recipient as the directory knows it. The parts must have passed
        `find_problem`.
        """
        content = next(content for kind, _, content in parts if kind == PartKind.MESSAGE)
        ersuchen = _address(read_ersuchen(self._inspector.parse(content)), recipient)
        return LetterPlan(
            ersuchen,
            name_keys(ersuchen, self._codelisten, self._kataloge),
            find_look(_find_writer(ersuchen, message), self._style),
            self._choices.find_for(message.author_mandant),
        )

    def set_letter(
        self, plan: LetterPlan, parts: Sequence[PrintPart], order: LetterOrder
    ) -> SetLetter:
        """The letter of a plan with the attachments among the parts.

        Raises UnprintableLetter where an attachment cannot be printed, or the letter cannot be set
        or does not pass its proof.
        """
        attachments = [
            LetterAttachment(_name_part(position, attributes), content.read())
            for position, (kind, attributes, content) in enumerate(parts)
            if kind == PartKind.ATTACHMENT
        ]
        letter = set_letter(plan.ersuchen, plan.names, order, plan.look, attachments)
        for note in letter.notes:
            _log.info("letter %s: %s", order.order_id, note)
        return SetLetter(
            letter.pdf,
            letter.pages,
            count_sheets(letter.pages, is_duplex=plan.settings.duplex),
            plan.settings,
            plan.ersuchen.ersuchter.anschrift.plz,
            _describe(plan, letter),
        )


def make_order_id(created: datetime, key: int, digest: str) -> str:
    """The name of a letter: the same at every attempt, and different in every database."""
    return f"{created:%Y%m%d}-{key:06d}-{digest[:8]}"


def _find_part_problem(
    kind: PartKind, content: Content, name: str, inspector: PayloadInspector
) -> str | None:
    if kind == PartKind.ATTACHMENT:
        return find_print_problem(name, content.read())
    return _find_kind_problem(kind, content, inspector)


def _find_kind_problem(kind: PartKind, content: Content, inspector: PayloadInspector) -> str | None:
    if kind == PartKind.ENCRYPTED:
        return "Ein verschlüsselter Inhalt lässt sich nicht drucken."
    if kind == PartKind.ATTACHMENT:
        return None
    if inspector.find_root(content) != ERSUCHEN:
        return "Drucken lässt sich nur ein Vollstreckungshilfeersuchen der Version 1.0."
    return None


def _find_writer(ersuchen: Ersuchen, message: StoredMessage) -> PartyIdentifier | None:
    """Whose letterhead the letter bears; None where its author writes for somebody else.

    Who asks is what the author wrote into the Ersuchen; only who the author is has been proved.
    """
    asking = ersuchen.ersuchender.identifier
    is_own = message.author_mandant is not None and asking.is_same_party(message.head.author)
    return asking if is_own else None


def _describe(plan: LetterPlan, letter: Letter) -> LetterDetails:
    """The lines of the sender are where mail comes back to, as the letter itself bears them."""
    sender = plan.ersuchen.ersuchender
    own = plan.look.stationery.letterhead.absenderzeile
    lines = tuple(line.strip() for line in own.split(_LINE_MARK)) if own else ()
    return LetterDetails(
        sender.aktenzeichen, sender.name, lines or sender.anschrift.lines(), letter.address
    )


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
