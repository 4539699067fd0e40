"""From a draft to a message: composed, checked as sending checks it, sent, taken back."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from persistence.database import Database, Stores
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.content import InlineContent
from server.domain.draft import Draft, DraftAttachment, DraftCheck, DraftState
from server.domain.ersuchen import Akteur, Anlage, Ersuchen, add_up
from server.domain.local_time import find_local_day
from server.domain.mandant import Caller
from server.domain.stored_message import PartKind, StoredMessage
from server.domain.transport_report import Severity
from server.domain.web_user import Actor
from server.errors import Faults
from server.printing.letter import LetterAttachment
from server.printing.unprintable import UnprintableLetter
from server.services.cancelling import Cancelling
from server.services.capture.attachments import DraftAttachments
from server.services.capture.bank_release import BankReleases, ReleaseState
from server.services.capture.drafts import DraftConflict
from server.services.capture.preview import Preview
from server.services.capture.reading import ReadDraft, read_draft
from server.services.capture.recipients import Recipient, Recipients
from server.services.capture.vocabulary import Vocabularies
from server.services.checking import Checking, CheckResult, Finding
from server.services.clock import Clock
from server.services.directory import Directory, DirectoryUnavailable
from server.services.management import create_message_id
from server.services.send_command import IncomingPart, SendCommand
from server.services.sending import Sending, SendReceipt
from server.services.web_access.audit import audit_besides, make_entry
from server.xmlio.ersuchen import MESSAGE_TYPE, MESSAGE_TYPE_LIST, SERVICE, write_ersuchen
from server.xmlio.metadata import MetadataDraft, read_metadata, write_metadata
from server.xmlio.namespaces import AMTSHILFE

_XML_TYPE = "application/xml"
_ALREADY_SENT = (
    "Aus diesem Entwurf ist schon eine Nachricht geworden, und er wurde danach geändert. Soll noch "
    "eine Nachricht gesendet werden, kopieren Sie den Entwurf als neuen."
)
_OWN_UNKNOWN = (
    "Das Verzeichnis kennt Ihre eigene Behörde nicht; bitte verständigen Sie den Betreiber."
)


class NotReady(Exception):
    """Something has to be done before the draft can be sent; `review` says what."""

    def __init__(self, review: "Review") -> None:
        super().__init__("the draft is not ready")
        self.review = review


class LetterImpossible(Exception):
    """The draft cannot become a letter; the text is German."""


@dataclass(frozen=True)
class Review:
    """A draft before it is sent: what it says, to whom, which way, and what hinders.

    `ersuchen` is None where too much is missing for a message, `result` then as well, and where
    nothing was checked.
    """

    draft: Draft
    read: ReadDraft
    recipient: Recipient
    attachments: tuple[DraftAttachment, ...]
    ersuchen: Ersuchen | None = None
    result: CheckResult | None = None
    release: ReleaseState = field(default_factory=ReleaseState)
    problem: str = ""

    @property
    def is_ready(self) -> bool:
        """True where it can be sent now."""
        return self._is_right and not self.release.is_missing

    @property
    def _is_right(self) -> bool:
        return bool(self.result and self.result.is_ready)

    @property
    def check(self) -> DraftCheck:
        """What the list of drafts tells; nothing was found where the directory is away."""
        asked, route = self.recipient.behoerde, self.result.route if self.result else None
        identifier = replace(asked.identifier, name=asked.name) if asked else None
        return DraftCheck(self._find_state(), identifier, route.kanal if route else None)

    def _find_state(self) -> DraftState:
        if self.recipient.is_away or self.problem:
            return DraftState.UNCHECKED
        if not self._is_right:
            return DraftState.INCOMPLETE
        return DraftState.WAITS_FOR_RELEASE if self.release.is_missing else DraftState.READY


class Dispatch:
    """Reviews, sends and withdraws for the users of a Mandant."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        directory: Directory,
        parts: "CaptureParts",
        *,
        checking: Checking,
        sending: Sending,
    ) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory
        self._parts = parts
        self._checking = checking
        self._sending = sending
        self._cancelling = Cancelling(database, clock)

    def read(self, draft: Draft, recipient: Recipient) -> ReadDraft:
        """What the draft says, with the problems at its fields."""
        identifier = recipient.behoerde.identifier if recipient.behoerde else None
        return read_draft(draft, self._parts.vocabularies.find_for(identifier))

    def review(self, actor: Actor, draft: Draft) -> Review:
        """Everything that is to be known before the draft is sent."""
        review = self.compose(actor, draft)
        if review.ersuchen is None:
            return review
        result = self._checking.check(self._write_command(actor, review, review.ersuchen))
        return replace(review, result=_translate(result))

    def check(self, actor: Actor, draft: Draft) -> Review:
        """The same, and the list of drafts tells what was found from then on."""
        review = self.review(actor, draft)
        self._database.write(
            lambda stores: stores.drafts.note_check(draft.key, draft.version, review.check)
        )
        return review

    def compose(self, actor: Actor, draft: Draft) -> Review:
        """The same without the checks of sending, which read all attachments."""
        recipient = self._parts.recipients.find(draft)
        read = self.read(draft, recipient)
        attachments = self._parts.attachments.list_all(draft)
        release = self._parts.releases.find_state(actor, draft, read.bankverbindung)
        review = Review(draft, read, recipient, attachments, release=release)
        if read.problems or recipient.behoerde is None:
            return review
        try:
            own = self._directory.find_behoerde(_identify(actor))
        except DirectoryUnavailable as error:
            return replace(review, problem=error.reason)
        if own is None:
            return replace(review, problem=_OWN_UNKNOWN)
        return replace(review, ersuchen=self._write_ersuchen(review, own, recipient.behoerde))

    def send(self, actor: Actor, draft: Draft, version: int) -> SendReceipt:
        """Sends the draft as it was reviewed; it is gone then.

        Raises NotReady, DraftConflict, and AmtshilfeError as sending does; nothing is lost.
        """
        if draft.version != version:
            raise DraftConflict(draft)
        review = self.review(actor, draft)
        if not review.is_ready or review.ersuchen is None:
            raise NotReady(review)
        entry = make_entry(
            actor, self._clock(), "ersuchen-gesendet", draft.message_id, draft.draft_id
        )
        command = self._write_command(actor, review, review.ersuchen)
        receipt = self._sending.send(command, audit_besides(entry))
        self._database.write(lambda stores: self._settle(stores, actor, review))
        return receipt

    def find_sent(self, actor: Actor, message_id: str) -> StoredMessage | None:
        """A message that the Mandant of the actor has sent."""
        with self._database.reading() as stores:
            found = stores.messages.find(message_id)
        return found if found and found.author_mandant == actor.mandant_key else None

    def withdraw(self, actor: Actor, message: StoredMessage) -> None:
        """Takes back a message whose time has not come; raises AmtshilfeError."""
        message_id = message.head.message_id
        entry = make_entry(actor, self._clock(), "nachricht-zurueckgezogen", message_id)
        self._cancelling.cancel(_to_caller(actor), message_id, audit_besides(entry))

    def draw_letter(self, review: Review) -> bytes | None:
        """The letter as PDF, None where too much is missing; raises LetterImpossible."""
        if review.ersuchen is None:
            return None
        files = [
            LetterAttachment(item.filename, self._parts.attachments.open(item).read())
            for item in review.attachments
        ]
        try:
            return self._parts.preview.draw_letter(review.ersuchen, files, self._clock())
        except UnprintableLetter as error:
            raise LetterImpossible(str(error)) from error

    def _settle(self, stores: Stores, actor: Actor, review: Review) -> None:
        """The draft has become a message; one that was changed meanwhile stays, as another."""
        present = stores.drafts.find(actor.mandant_key, review.draft.draft_id)
        if present and present.version == review.draft.version:
            stores.drafts.remove(present.key)
        elif present:
            new_id = create_message_id(_to_caller(actor))
            stores.drafts.change(present.key, present.version, {"message_id": new_id})
        if review.read.bankverbindung:
            self._parts.releases.remember(stores, actor, review.read.bankverbindung)

    def _write_ersuchen(self, review: Review, own: Behoerde, asked: Behoerde) -> Ersuchen:
        read = review.read
        person = read.sachbearbeitung
        return Ersuchen(
            datum=find_local_day(self._clock()),
            rechtsgrundlage_list=read.rechtsgrundlage_list,
            ersuchender=Akteur(
                own.identifier,
                own.name,
                own.anschrift,
                person.aktenzeichen,
                person.bearbeiter,
                person.telefon,
                person.email,
            ),
            ersuchter=Akteur(asked.identifier, asked.name, asked.anschrift),
            schuldner_list=read.schuldner_list,
            forderung_list=read.forderung_list,
            gesamtbetrag=add_up(read.forderung_list),
            bescheinigung=read.bescheinigung,
            massnahme_list=read.massnahme_list,
            bankverbindung=read.bankverbindung,
            anlage_list=tuple(
                Anlage(item.filename, item.art, item.blob.sha256) for item in review.attachments
            ),
            bemerkung=read.bemerkung,
        )

    def _write_command(self, actor: Actor, review: Review, ersuchen: Ersuchen) -> SendCommand:
        head = MetadataDraft(
            message_id=review.draft.message_id,
            author=_identify(actor),
            reader=ersuchen.ersuchter.identifier,
            service=SERVICE,
            message_type=MESSAGE_TYPE,
            message_type_list=MESSAGE_TYPE_LIST,
            payload_schema=AMTSHILFE,
            origin=self._clock(),
            is_test=review.read.is_test,
            not_before=self._find_not_before(review.read),
        )
        message = InlineContent(write_ersuchen(ersuchen))
        parts = [IncomingPart(PartKind.MESSAGE, message, {"contentType": _XML_TYPE})]
        for item in review.attachments:
            attributes = {"contentType": item.content_type, "filename": item.filename}
            content = self._parts.attachments.open(item)
            parts.append(IncomingPart(PartKind.ATTACHMENT, content, attributes))
        return SendCommand(_to_caller(actor), read_metadata(write_metadata(head)), tuple(parts))

    def _find_not_before(self, read: ReadDraft) -> datetime | None:
        """A time that has come already says nothing."""
        moment = read.not_before
        return moment if moment and moment > self._clock() else None


@dataclass(frozen=True)
class CaptureParts:
    """What reviewing and sending ask."""

    vocabularies: Vocabularies
    recipients: Recipients
    attachments: DraftAttachments
    releases: BankReleases
    preview: Preview


def _to_caller(actor: Actor) -> Caller:
    if actor.mandant is None:
        raise ValueError(f"{actor} belongs to no Mandant")
    return Caller.of_mandant(actor.mandant)


def _identify(actor: Actor) -> PartyIdentifier:
    return _to_caller(actor).mandant.identifier


def _translate(result: CheckResult) -> CheckResult:
    """With our words where those of the wire do not help a clerk."""
    findings = tuple(
        Finding(Severity.ERROR, item.code, _ALREADY_SENT)
        if item.code == Faults.MESSAGE_ID_TAKEN.code
        else item
        for item in result.findings
    )
    return replace(result, findings=findings)
