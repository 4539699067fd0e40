"""A message as a user of the Web-Client sees it: opened, confirmed, and with its files.

Opening counts as a fetch, confirming as a close; they are those of the mailbox (services/mailbox).
Where a Fachverfahren leads the mailbox of the Mandant, users look only: nothing is noted, and the
Fachverfahren finds each message as it came.
"""

from dataclasses import dataclass, replace

from persistence.blobs import Blobs, BlobUnreadable
from persistence.database import Besides, Database
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import BlobRef, Content
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller, Mandant
from server.domain.message import MessageState
from server.domain.message_access import MessageAccess, find_access
from server.domain.stored_message import ContentPart, PartKind, StoredMessage
from server.domain.transport_report import ReportEntry
from server.domain.vorgang import Vorgang
from server.domain.web_user import Actor
from server.errors import AmtshilfeError
from server.services.cancelling import Cancelling
from server.services.clock import Clock
from server.services.mailbox import Mailbox, NothingWaiting
from server.services.message_files import MessageFile, list_files
from server.services.message_texts import MessageText, MessageTexts
from server.services.opening import Opening
from server.services.web_access.audit import audit_besides, make_entry


@dataclass(frozen=True)
class MessagePage:
    """A message of the actor's Mandant.

    `text` is None where it is not open, encrypted, or none of our own set; `problem` says in German
    why its contents cannot be read. `files` are all its parts, empty where it is not open.
    """

    message: StoredMessage
    access: MessageAccess
    is_incoming: bool
    kanal: Kanal | None
    report: tuple[ReportEntry, ...]
    vorgang: Vorgang | None
    files: tuple[MessageFile, ...] = ()
    text: MessageText | None = None
    problem: str = ""
    may_withdraw: bool = False
    may_confirm: bool = False

    @property
    def is_encrypted(self) -> bool:
        """True where nobody here can read it."""
        return any(file.kind is PartKind.ENCRYPTED for file in self.files)


class UnknownMessage(Exception):
    """There is no such message for the Mandant."""


class NotDone(Exception):
    """What a user wanted is not possible any more; the text is German."""


@dataclass(frozen=True)
class MessageDesk:
    """What becomes of a message by the hand of a user."""

    mailbox: Mailbox
    cancelling: Cancelling


class MessageViews:
    """Shows messages, and does with them what a reader or an author does."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        clock: Clock,
        *,
        opening: Opening,
        texts: MessageTexts,
        desk: MessageDesk,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._opening = opening
        self._texts = texts
        self._desk = desk

    def show(self, actor: Actor, key: int) -> MessagePage | None:
        """A message that the actor's Mandant wrote or may read; None where there is none."""
        mandant = actor.own_mandant
        with self._database.reading() as stores:
            message = stores.messages.find_by_key(key)
            access = _find_access(message, mandant)
            if message is None or access is MessageAccess.NONE:
                return None
            report = stores.messages.list_entries(message.key)
            vorgang = stores.vorgang_lists.find_of_message(mandant.key, message.key)
        page = MessagePage(
            message,
            access,
            message.author_mandant != mandant.key,
            message.kanal,
            report,
            vorgang,
            may_withdraw=message.author_mandant == mandant.key and self._is_early(message),
            may_confirm=_may_confirm(message, mandant),
        )
        return self._fill(page, mandant) if access is MessageAccess.READABLE else page

    def open(self, actor: Actor, key: int) -> None:
        """Opens a received message for the first time: it counts as fetched from then on.

        Raises NotDone where it has left the mailbox, UnknownMessage where it is of others.
        """
        mandant = actor.own_mandant
        message = self._find(actor, key)
        if _find_access(message, mandant) is not MessageAccess.UNOPENED:
            return
        message_id = message.head.message_id
        selector = MailboxSelector((message_id,))
        besides = self._audit(actor, "nachricht-geoeffnet", message_id)
        fetched = self._desk.mailbox.fetch(Caller.of_mandant(mandant), selector, besides)
        if isinstance(fetched, NothingWaiting):
            raise NotDone("Die Nachricht liegt nicht mehr im Postfach.")

    def confirm(self, actor: Actor, key: int) -> None:
        """Confirms the reception of an opened message: it leaves the mailbox.

        Raises NotDone where it is not opened yet or the Fachverfahren leads the mailbox,
        UnknownMessage where it is of others.
        """
        message_id = self._find(actor, key).head.message_id
        if not actor.own_mandant.is_mailbox_led_by_web:
            raise NotDone("Das Postfach führt Ihr Fachverfahren; es bestätigt den Empfang.")
        besides = self._audit(actor, "empfang-bestaetigt", message_id)
        try:
            self._desk.mailbox.confirm(Caller.of_mandant(actor.own_mandant), message_id, besides)
        except AmtshilfeError as error:
            raise NotDone(error.reason) from error

    def withdraw(self, actor: Actor, key: int) -> None:
        """Takes back a message whose time has not come.

        Raises NotDone where it is on its way, UnknownMessage where it is of others.
        """
        message_id = self._find(actor, key).head.message_id
        besides = self._audit(actor, "nachricht-zurueckgezogen", message_id)
        try:
            self._desk.cancelling.cancel(Caller.of_mandant(actor.own_mandant), message_id, besides)
        except AmtshilfeError as error:
            raise NotDone(f"{error.reason} {error.fault.remedy}") from error

    def _audit(self, actor: Actor, action: str, message_id: str) -> Besides:
        return audit_besides(make_entry(actor, self._clock(), action, message_id))

    def _find(self, actor: Actor, key: int) -> StoredMessage:
        with self._database.reading() as stores:
            message = stores.messages.find_by_key(key)
        if message is None or _find_access(message, actor.own_mandant) is MessageAccess.NONE:
            raise UnknownMessage
        return message

    def _fill(self, page: MessagePage, mandant: Mandant) -> MessagePage:
        message = page.message
        try:
            parts = self._read_parts(message, mandant, is_reader=page.is_incoming)
            files = list_files(parts)
            text = self._read_text(message, files)
        except BlobUnreadable as error:
            return replace(page, problem=error.reason)
        return replace(page, files=files, text=text)

    def _read_parts(
        self, message: StoredMessage, mandant: Mandant, *, is_reader: bool
    ) -> list[tuple[ContentPart, Content]]:
        """The parts as they are kept; in the clear where the reader's key is held here."""
        stored = [(part, self._blobs.find(part.blob)) for part in message.parts]
        if not (is_reader and stored[0][0].kind is PartKind.ENCRYPTED):
            return [*stored]
        opened = self._opening.open_stored(mandant.identifier, stored[0][1])
        clear = [
            (ContentPart(kind, BlobRef("", content.size, content.sha256), attributes), content)
            for kind, attributes, content in opened
        ]
        return [*clear] or [*stored]

    def _read_text(
        self, message: StoredMessage, files: tuple[MessageFile, ...]
    ) -> MessageText | None:
        main = next((file for file in files if file.kind is PartKind.MESSAGE), None)
        parties: tuple[PartyIdentifier, ...] = (message.head.author, message.head.reader)
        return self._texts.read(main.content, parties) if main else None

    def _is_early(self, message: StoredMessage) -> bool:
        not_before = message.head.not_before
        is_waiting = message.state is MessageState.WAITING_FOR_DELIVERY
        return is_waiting and not_before is not None and not_before > self._clock()


def _find_access(message: StoredMessage | None, mandant: Mandant) -> MessageAccess:
    if message is None:
        return MessageAccess.NONE
    is_led = mandant.is_mailbox_led_by_web
    return find_access(message, mandant.key, is_mailbox_led_by_web=is_led)


def _may_confirm(message: StoredMessage, mandant: Mandant) -> bool:
    is_reader = message.reader_mandant == mandant.key
    return is_reader and mandant.is_mailbox_led_by_web and message.state is MessageState.FETCHED
