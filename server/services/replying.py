"""The next message of a matter, written by a user of the Web-Client and sent like every other.

What both sides are called and where they live is taken from the Ersuchen; of a Behoerde that it
does not name, from the directory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import IO

from persistence.blobs import Blobs
from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.content import Content, InlineContent, StagedContent
from server.domain.ersuchen import Akteur, Anlage, Ersuchen, Forderung
from server.domain.local_time import find_local_day
from server.domain.mandant import Caller, Mandant
from server.domain.message_access import MessageAccess, find_access
from server.domain.stored_message import PartKind, StoredMessage
from server.domain.vorgang import Vorgang, VorgangDirection, VorgangEntry
from server.domain.vorgang_decision import list_next_messages
from server.domain.vorgang_facts import VorgangEvent
from server.domain.vorgang_nachricht import EVENTS, Inhalt, Nachricht
from server.domain.web_user import Actor
from server.errors import AmtshilfeError, Faults
from server.services.behoerde_search import FoundBehoerden, find_behoerden
from server.services.clock import Clock
from server.services.directory import Directory
from server.services.management import create_message_id
from server.services.massnahmenkatalog import Massnahmenkataloge
from server.services.send_command import IncomingPart, SendCommand
from server.services.sending import Sending, SendReceipt
from server.services.upload_kinds import check_kind
from server.services.web_access.audit import audit_besides, make_entry
from server.xmlio.ersuchen import ERSUCHEN, MESSAGE_TYPE_LIST, SERVICE, read_ersuchen
from server.xmlio.forderung import FORDERUNGSAENDERUNG, read_forderungen
from server.xmlio.metadata import MetadataDraft, read_metadata, write_metadata
from server.xmlio.namespaces import AMTSHILFE
from server.xmlio.outline import read_outline
from server.xmlio.payloads import PayloadInspector
from server.xmlio.vorgang_nachricht import write_nachricht

_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file that a browser sends; `filename` is safe, `anlage_art` one of the schema's list."""

    filename: str
    anlage_art: str
    stream: IO[bytes]


@dataclass(frozen=True)
class Reply:
    """What a user wants to send; `message_id` was made for the form, so that it is sent once."""

    message_id: str
    own_aktenzeichen: str
    bearbeiter: str
    inhalt: Inhalt
    uploads: Sequence[Upload] = ()


@dataclass(frozen=True)
class ReplyContext:
    """What a form has to know: the matter, what was asked, the claims as they stand.

    `questions` are those of the last Rueckfrage of the other side; `measures` are keys and German
    names; `bezug` is the MessageID that the message is about.
    """

    vorgang: Vorgang
    message_id: str
    bezug: str
    own: Akteur
    partner: Akteur
    questions: tuple[str, ...] = ()
    forderung_list: tuple[Forderung, ...] = ()
    measures: tuple[tuple[str, str], ...] = ()


class ReplyImpossible(Exception):
    """The message does not fit the Vorgang now; the text is German."""


class NotOpened(ReplyImpossible):
    """A message has to be read first: `message_key` names it."""

    def __init__(self, message_key: int, text: str) -> None:
        super().__init__(f"Bitte öffnen Sie zuerst die Nachricht „{text}“.")
        self.message_key = message_key


@dataclass(frozen=True)
class MatterSources:
    """From where it is known what a matter is about."""

    directory: Directory
    inspector: PayloadInspector
    kataloge: Massnahmenkataloge


class Replying:
    """Prepares and sends the messages that follow an Ersuchen."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        clock: Clock,
        *,
        sending: Sending,
        sources: MatterSources,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._sending = sending
        self._sources = sources

    def prepare(self, actor: Actor, vorgang_id: str, event: VorgangEvent) -> ReplyContext | None:
        """What the form of a message needs; None where the Mandant has no such Vorgang.

        Raises ReplyImpossible, and AmtshilfeError 9031 where the directory is away and needed.
        """
        matter = self._read_matter(actor, vorgang_id)
        if matter is None:
            return None
        vorgang = matter.vorgang
        if event not in list_next_messages(vorgang.state, vorgang.rolle):
            raise ReplyImpossible("Diese Nachricht passt nicht mehr zum Stand des Vorgangs.")
        return ReplyContext(
            vorgang,
            create_message_id(Caller.of_mandant(actor.own_mandant)),
            matter.find_bezug(event),
            self._find_own(actor, matter),
            self._find_partner(matter),
            matter.questions,
            matter.forderung_list,
            self._name_measures(matter),
        )

    def send(self, actor: Actor, context: ReplyContext, reply: Reply) -> SendReceipt:
        """Sends it; raises AmtshilfeError and AttachmentRefused, and sends nothing."""
        staged = [self._stage(upload.stream) for upload in reply.uploads]
        action = f"{EVENTS[type(reply.inhalt)].value}-gesendet"
        entry = make_entry(
            actor, self._clock(), action, reply.message_id, context.vorgang.vorgang_id
        )
        try:
            command = self._compose(actor, context, reply, staged)
            return self._sending.send(command, audit_besides(entry))
        finally:
            # What was kept stays; all else gives its place back.
            for content in staged:
                content.discard()

    def _find_akteur(self, identifier: PartyIdentifier) -> Akteur:
        """A Behoerde of the directory; raises AmtshilfeError 9022 (unknown) and 9031."""
        behoerde = self._sources.directory.find_behoerde(identifier)
        if behoerde is None:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION, f"Die Behörde {identifier} ist nicht bekannt."
            )
        return Akteur(behoerde.identifier, behoerde.name, behoerde.anschrift)

    def find_behoerden(self, typed: str, forderung_list: Sequence[Forderung]) -> FoundBehoerden:
        """Who is meant by an identifier or a place; raises AmtshilfeError 9031."""
        einnahmeart = forderung_list[0].einnahmeart if forderung_list else ""
        return find_behoerden(self._sources.directory, typed, einnahmeart)

    def _compose(
        self, actor: Actor, context: ReplyContext, reply: Reply, staged: Sequence[Content]
    ) -> SendCommand:
        attached = list(zip(reply.uploads, staged, strict=True))
        nachricht = Nachricht(
            find_local_day(self._clock()),
            replace(context.own, aktenzeichen=reply.own_aktenzeichen, bearbeiter=reply.bearbeiter),
            context.partner,
            context.bezug,
            reply.inhalt,
            tuple(Anlage(item.filename, item.anlage_art, part.sha256) for item, part in attached),
        )
        main = InlineContent(write_nachricht(nachricht))
        parts = [
            IncomingPart(PartKind.MESSAGE, main, {"contentType": "application/xml"}),
            *(_to_part(upload, content) for upload, content in attached),
        ]
        metadata = write_metadata(self._draft_metadata(actor, context, reply))
        caller = Caller.of_mandant(actor.own_mandant)
        return SendCommand(caller, read_metadata(metadata), tuple(parts))

    def _draft_metadata(self, actor: Actor, context: ReplyContext, reply: Reply) -> MetadataDraft:
        return MetadataDraft(
            message_id=reply.message_id,
            author=actor.own_mandant.identifier,
            reader=context.partner.identifier,
            service=SERVICE,
            message_type=EVENTS[type(reply.inhalt)].value,
            message_type_list=MESSAGE_TYPE_LIST,
            payload_schema=AMTSHILFE,
            origin=self._clock(),
            is_test=context.vorgang.is_test,
            in_reply_to=context.bezug,
        )

    def _stage(self, stream: IO[bytes]) -> StagedContent:
        stream.seek(0)
        writer = self._blobs.stage()
        try:
            while chunk := stream.read(_COPY_BYTES):
                writer.write(chunk)
            return writer.finish()
        except BaseException:
            writer.discard()
            raise

    def _read_matter(self, actor: Actor, vorgang_id: str) -> "_Matter | None":
        with self._database.reading() as stores:
            vorgang = stores.vorgang_lists.find(actor.mandant_key, vorgang_id)
            if vorgang is None:
                return None
            entries = stores.vorgaenge.list_entries([vorgang.key])[vorgang.key]
            keys = sorted({entry.message_key for entry in entries if entry.message_key})
            messages = stores.messages.find_many(keys)
        matter = _Matter(vorgang, entries)
        for entry in entries:
            message = messages.get(entry.message_key or 0)
            if message and entry.event in _READ_EVENTS and entry.fits:
                _require_opened(message, entry, actor.own_mandant)
                part = message.parts[0]
                if part.kind is PartKind.MESSAGE:
                    matter.learn(entry, self._blobs.find(part.blob), self._sources.inspector)
        return matter

    def _find_own(self, actor: Actor, matter: "_Matter") -> Akteur:
        identifier = actor.own_mandant.identifier
        own = matter.find_akteur(identifier) or self._find_akteur(identifier)
        return replace(
            own,
            aktenzeichen=matter.vorgang.own_aktenzeichen,
            bearbeiter=actor.user.name,
            telefon="",
            email=actor.user.email,
        )

    def _find_partner(self, matter: "_Matter") -> Akteur:
        vorgang = matter.vorgang
        partner = matter.find_akteur(vorgang.partner) or self._find_akteur(vorgang.partner)
        return replace(partner, aktenzeichen=vorgang.partner_aktenzeichen)

    def _name_measures(self, matter: "_Matter") -> tuple[tuple[str, str], ...]:
        """The measures that were asked for first, then the others of the asked Behoerde."""
        if matter.ersuchen is None:
            return ()
        katalog = self._sources.kataloge.find_for(matter.ersuchen.ersuchter.identifier)
        names = {item.key: item.name for item in (*katalog.massnahmen, *katalog.disabled)}
        asked = [item.art for item in matter.ersuchen.massnahme_list]
        return tuple((key, names.get(key, key)) for key in dict.fromkeys([*asked, *names]))


def _to_part(upload: Upload, content: Content) -> IncomingPart:
    """Raises AttachmentRefused."""
    kind = check_kind(upload.filename, content)
    attributes = {"contentType": kind, "filename": upload.filename}
    return IncomingPart(PartKind.ATTACHMENT, content, attributes)


def _require_opened(message: StoredMessage, entry: VorgangEntry, mandant: Mandant) -> None:
    """Nobody answers what nobody has read; raises NotOpened."""
    is_led = mandant.is_mailbox_led_by_web
    access = find_access(message, mandant.key, is_mailbox_led_by_web=is_led)
    if access is MessageAccess.UNOPENED:
        raise NotOpened(message.key, entry.text)


# Of these the contents count for what comes next.
_READ_EVENTS = frozenset(
    {VorgangEvent.ERSUCHEN, VorgangEvent.FORDERUNGSAENDERUNG, VorgangEvent.RUECKFRAGE}
)


class _Matter:
    """What the messages of a Vorgang have said so far."""

    def __init__(self, vorgang: Vorgang, entries: Sequence[VorgangEntry]) -> None:
        self.vorgang = vorgang
        self.ersuchen: Ersuchen | None = None
        self.questions: tuple[str, ...] = ()
        self.forderung_list: tuple[Forderung, ...] = ()
        self._entries = entries

    def learn(self, entry: VorgangEntry, content: Content, inspector: PayloadInspector) -> None:
        """Takes up what a message says."""
        root = inspector.find_root(content)
        if root == ERSUCHEN:
            self.ersuchen = read_ersuchen(inspector.parse(content))
            self.forderung_list = self.ersuchen.forderung_list
        elif root == FORDERUNGSAENDERUNG:
            self.forderung_list = read_forderungen(inspector.parse(content))
        elif entry.event is VorgangEvent.RUECKFRAGE and self._is_incoming(entry):
            outline = read_outline(inspector.parse(content))
            self.questions = tuple(
                child.text for child in outline.children if child.name == "frage"
            )

    def find_akteur(self, identifier: PartyIdentifier) -> Akteur | None:
        """A side as the Ersuchen names it."""
        sides = (self.ersuchen.ersuchender, self.ersuchen.ersuchter) if self.ersuchen else ()
        return next((side for side in sides if side.identifier.is_same_party(identifier)), None)

    def find_bezug(self, event: VorgangEvent) -> str:
        """What a message is about: an Antwort the last question, all others the Ersuchen.

        The last message of the other side where there is none of these.
        """
        wanted = VorgangEvent.RUECKFRAGE if event is VorgangEvent.ANTWORT else VorgangEvent.ERSUCHEN
        named = [entry for entry in self._entries if entry.message_id]
        found = [entry for entry in named if entry.event is wanted] or named
        if wanted is VorgangEvent.RUECKFRAGE:
            found = [entry for entry in found if self._is_incoming(entry)] or found
        return found[-1].message_id

    def _is_incoming(self, entry: VorgangEntry) -> bool:
        return entry.direction is VorgangDirection.INCOMING
