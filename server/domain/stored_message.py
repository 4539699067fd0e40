"""A message as it is kept: what was sent, where it is, and when what happened to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import BlobRef
from server.domain.message import MessageState
from server.domain.vorgang_facts import ProcessRef, VorgangFacts


class PartKind(StrEnum):
    """What a part is in the GenericContentContainer (XTA-Webservice-Globale-Elemente)."""

    MESSAGE = "message"
    ATTACHMENT = "attachment"
    ENCRYPTED = "encrypted"


@dataclass(frozen=True)
class ContentPart:
    """One part of the container, and the blob that holds its bytes.

    `attributes` are those of XTA ContentType (contentType, filename, ...).
    """

    kind: PartKind
    blob: BlobRef
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.blob.size

    @property
    def sha256(self) -> str:
        """Over the bytes, in hex."""
        return self.blob.sha256


@dataclass(frozen=True)
class MessageHead:
    """What the server reads from MessageMetaData; `metadata_xml` keeps the whole as it stood.

    `reply_to` is the party that wants the answer; `other_readers` are named in the message, but
    it does not go to them (OSCI MessageMetaData 2.02: informational). These, `in_reply_to` and
    `process` are read at the door only; a stored message has them in its metadata.
    """

    message_id: str
    author: PartyIdentifier
    reader: PartyIdentifier
    service: str
    business_scenario: str
    message_type: str
    payload_schema: str
    metadata_xml: bytes
    sender: PartyIdentifier | None = None
    origin: datetime | None = None
    not_before: datetime | None = None
    obsolete_after: date | None = None
    reply_to: PartyIdentifier | None = None
    other_readers: tuple[PartyIdentifier, ...] = ()
    in_reply_to: tuple[str, ...] = ()
    process: ProcessRef = field(default_factory=ProcessRef)
    is_test: bool = False

    def find_due(self, moment: datetime) -> datetime:
        """From when the message may be delivered: now, or at its NotBefore."""
        return max(moment, self.not_before or moment)


@dataclass(frozen=True)
class MessageTimes:
    """The times of DeliveryAttributes, timezone-aware in UTC."""

    origin: datetime
    initial_send: datetime | None = None
    delivery: datetime | None = None
    initial_fetch: datetime | None = None
    reception: datetime | None = None


@dataclass(frozen=True)
class NewMessage:
    """A message about to be stored for the first time.

    `digest` identifies the content (SHA-256, hex), so that a repeated send is recognised;
    `author_mandant` is None where `author_centre` has forwarded the message, another data centre;
    `reader_mandant` is None where the reader has no account here; `tokens_xml` keeps the
    X509TokenContainer header; `facts` is None where the message belongs to no Vorgang.
    `content_key` is the same for the same content of the same author (None where no duplicates are
    looked for); `is_unscanned` tells that the scanner was away.
    """

    head: MessageHead
    author_mandant: int | None
    reader_mandant: int | None
    parts: tuple[ContentPart, ...]
    digest: str
    tokens_xml: bytes | None = None
    facts: VorgangFacts | None = None
    content_key: str | None = None
    is_unscanned: bool = False
    author_centre: str = ""

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return sum(part.size for part in self.parts)

    def stored_as(self, key: int, moment: datetime) -> "StoredMessage":
        """The message as it stands when it has just been stored."""
        return StoredMessage(
            key=key,
            state=MessageState.NEW,
            head=self.head,
            author_mandant=self.author_mandant,
            reader_mandant=self.reader_mandant,
            digest=self.digest,
            size=self.size,
            times=MessageTimes(self.head.origin or moment),
            tokens_xml=self.tokens_xml,
            parts=self.parts,
            facts=self.facts,
            author_centre=self.author_centre,
            is_unscanned=self.is_unscanned,
        )


@dataclass(frozen=True)
class StoredMessage:
    """A stored message with its place and its times; `kanal` is None while that is open."""

    key: int
    state: MessageState
    head: MessageHead
    author_mandant: int | None
    reader_mandant: int | None
    digest: str
    size: int
    times: MessageTimes
    tokens_xml: bytes | None
    parts: tuple[ContentPart, ...]
    facts: VorgangFacts | None = None
    author_centre: str = ""
    is_unscanned: bool = False
    kanal: Kanal | None = None
