"""What a caller of XTA 2.1.1 hands over and gets back: messages, heads, selections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from clients.xta.parts import WirePart


@dataclass(frozen=True)
class WireParty:
    """A party: OSCI PartyIdentifier."""

    value: str
    type: str
    name: str = ""
    category: str = ""


@dataclass(frozen=True)
class ProcessRef:
    """The signs of a matter on both sides, as Aktenzeichen (OSCI ProcessRef); empty is unknown."""

    requester: str = ""
    responder: str = ""


@dataclass(frozen=True)
class OutgoingMessage:
    """What to send; `message_type_list` is URI and version of the code list of message types.

    Without a `message_id` one is created when it is sent. Before `not_before` (with its time zone)
    it is not delivered and can be cancelled; unconfirmed, it leaves the mailbox after the day
    `obsolete_after` (UTC). `in_reply_to` names the MessageIDs that it answers.
    """

    reader: WireParty
    service: str
    message_type: str
    message_type_list: tuple[str, str]
    payload_schema: str
    message: WirePart
    attachments: Sequence[WirePart] = ()
    message_id: str = ""
    is_test: bool = False
    not_before: datetime | None = None
    obsolete_after: date | None = None
    in_reply_to: Sequence[str] = ()
    process: ProcessRef = ProcessRef()
    reply_to: WireParty | None = None
    subject: str = ""


@dataclass(frozen=True)
class SendReceipt:
    """The message is durable on the other side; `attempts` were needed for it (1: the first)."""

    message_id: str
    attempts: int


@dataclass(frozen=True)
class MessageTimes:
    """The times of a message, with time zone; None is a time that has not come or is not known."""

    origin: datetime | None = None
    initial_send: datetime | None = None
    not_before: datetime | None = None
    obsolete_after: date | None = None
    delivery: datetime | None = None
    initial_fetch: datetime | None = None
    reception: datetime | None = None


@dataclass(frozen=True)
class MessageHead:
    """What is known of a message beside its content (OSCI MessageMetaData)."""

    message_id: str
    author: WireParty
    reader: WireParty
    reply_to: WireParty | None
    service: str
    message_type: str
    message_type_list: tuple[str, str]
    payload_schema: str
    subject: str
    in_reply_to: tuple[str, ...]
    process: ProcessRef
    times: MessageTimes
    is_test: bool


@dataclass(frozen=True)
class Selection:
    """Which messages of the mailbox are meant (MsgSelector); every criterion must fit.

    `relates_to` are MessageIDs that are answered; the entry times have a time zone. `is_new`
    selects those that have not been fetched: one whose answer got lost on the way is new no more.
    """

    message_ids: Sequence[str] = ()
    relates_to: Sequence[str] = ()
    entry_from: datetime | None = None
    entry_to: datetime | None = None
    is_new: bool = False


@dataclass(frozen=True)
class MailboxList:
    """A part of a list, oldest first; `pending` counts what comes after it.

    `list_next` and `close` want `request_id`.
    """

    heads: tuple[MessageHead, ...]
    request_id: str
    pending: int

    @property
    def message_ids(self) -> tuple[str, ...]:
        """The MessageIDs of the heads."""
        return tuple(head.message_id for head in self.heads)


@dataclass(frozen=True)
class IncomingMessage:
    """A fetched message; `pending` counts what else was selected.

    `fetch_next` and `close` want `request_id`.
    """

    head: MessageHead
    request_id: str
    pending: int
    message: WirePart
    attachments: tuple[WirePart, ...]

    @property
    def message_id(self) -> str:
        """The MessageID of the head."""
        return self.head.message_id
