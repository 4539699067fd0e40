"""The outbox of the Web-Client: what is asked for, and what is shown of a sent message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.message import MessageState
from server.domain.vorgang_facts import VorgangEvent


class OutboxState(StrEnum):
    """Which messages of the outbox are meant."""

    ALL = "alle"
    UNDERWAY = "unterwegs"
    DELIVERED = "zugestellt"
    FETCHED = "abgeholt"
    CONFIRMED = "bestaetigt"
    LETTER = "als-brief"
    PARKED = "angehalten"
    RETURNED = "zurueckgekommen"
    CANCELLED = "zurueckgezogen"


OUTBOX_STATES: Mapping[OutboxState, tuple[MessageState, ...]] = {
    OutboxState.ALL: (),
    OutboxState.UNDERWAY: (
        MessageState.WAITING_FOR_DELIVERY,
        MessageState.FORWARDED,
        MessageState.LETTER_READY,
    ),
    OutboxState.DELIVERED: (MessageState.DELIVERED, MessageState.DELIVERED_ELSEWHERE),
    OutboxState.FETCHED: (MessageState.FETCHED,),
    OutboxState.CONFIRMED: (MessageState.CLOSED, MessageState.ENDED_ELSEWHERE),
    OutboxState.LETTER: (
        MessageState.LETTER_HANDED_OVER,
        MessageState.LETTER_POSTED,
        MessageState.LETTER_UNCONFIRMED,
    ),
    OutboxState.PARKED: (MessageState.PARKED,),
    OutboxState.RETURNED: (
        MessageState.RETURNED,
        MessageState.OBSOLETE,
        MessageState.INFECTED,
        MessageState.LETTER_RETURNED,
    ),
    OutboxState.CANCELLED: (MessageState.CANCELLED, MessageState.LETTER_WITHDRAWN),
}


class OutboxOrder(StrEnum):
    """By what the outbox is sorted."""

    NEWEST = "neueste"
    OLDEST = "aelteste"
    READER = "empfaenger"


@dataclass(frozen=True)
class OutboxCriteria:
    """All criteria must fit; an empty one fits every message.

    `term` is a MessageID or the beginning of an Aktenzeichen, `schuldner` the beginning of a
    debtor's name, surname first; `reader` is the identifier value of a Behoerde. Days are German
    ones, both included.
    """

    state: OutboxState = OutboxState.ALL
    term: str = ""
    schuldner: str = ""
    reader: str = ""
    kanal: Kanal | None = None
    first_day: date | None = None
    last_day: date | None = None
    order: OutboxOrder = OutboxOrder.NEWEST


class OutboxEntry(NamedTuple):
    """A sent message as the list shows it; `kanal` is None while it is not known.

    `overdue_since` is the last day on which the other side's answer would have been in time, where
    that day has passed. `schuldner` names the debtors of its matter.
    """

    key: int
    message_id: str
    state: MessageState
    sent: datetime
    reader: PartyIdentifier
    kanal: Kanal | None
    event: VorgangEvent | None
    aktenzeichen: str
    not_before: datetime | None
    is_test: bool
    schuldner: str = ""
    vorgang_id: str = ""
    overdue_since: date | None = None

    def may_be_withdrawn(self, moment: datetime) -> bool:
        """True where its NotBefore has not come yet."""
        is_waiting = self.state is MessageState.WAITING_FOR_DELIVERY
        return is_waiting and self.not_before is not None and self.not_before > moment


@dataclass(frozen=True)
class OutboxPage:
    """A page; `before` and `after` are None where nothing lies there, `is_cut` as in InboxPage."""

    entries: tuple[OutboxEntry, ...]
    before: ListPlace | None
    after: ListPlace | None
    is_cut: bool = False
