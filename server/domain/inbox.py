"""Lists of the Web-Client: what is asked for, and a page of what was found.

Pages are cut by the sort key of their first and last entry, never by counting: the ten thousandth
page comes as fast as the first.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from server.domain.behoerde import PartyIdentifier
from server.domain.message import MessageState
from server.domain.vorgang_facts import VorgangEvent

# Of Vorgänge that a term or a debtor means, so many are looked at.
MAX_VORGAENGE = 500


class InboxState(StrEnum):
    """Which messages of the inbox are meant."""

    OPEN = "offen"
    UNREAD = "ungelesen"
    CONFIRMED = "bestaetigt"
    ALL = "alle"


class InboxOrder(StrEnum):
    """By what the inbox is sorted."""

    NEWEST = "neueste"
    OLDEST = "aelteste"
    AUTHOR = "absender"


@dataclass(frozen=True)
class InboxCriteria:
    """All criteria must fit; an empty one fits every message.

    `term` is a MessageID or the beginning of an Aktenzeichen, of the own or of the other side;
    `schuldner` is the beginning of a debtor's name, surname first; `author` is the identifier value
    of a Behoerde. Days are German ones, both included.
    """

    state: InboxState = InboxState.OPEN
    term: str = ""
    schuldner: str = ""
    author: str = ""
    first_day: date | None = None
    last_day: date | None = None
    order: InboxOrder = InboxOrder.NEWEST


@dataclass(frozen=True)
class ListPlace:
    """Where a page begins: behind, or (`is_backward`) before the entry with this sort key.

    `author` is the identifier value of the other side, `delivery` the moment by which is sorted.
    """

    author: str
    delivery: datetime
    key: int
    is_backward: bool = False


class InboxEntry(NamedTuple):
    """A message as the list shows it; a tuple, as each page makes many.

    `overdue_since` is the last day on which the own answer would have been in time, where that
    day has passed. `schuldner` names the debtors of its matter.
    """

    key: int
    message_id: str
    state: MessageState
    delivery: datetime
    author: PartyIdentifier
    message_type: str
    size: int
    event: VorgangEvent | None
    aktenzeichen: str
    own_aktenzeichen: str
    is_test: bool
    schuldner: str = ""
    vorgang_id: str = ""
    overdue_since: date | None = None

    @property
    def is_unread(self) -> bool:
        """True where nobody has fetched it yet."""
        return self.state is MessageState.DELIVERED


@dataclass(frozen=True)
class InboxPage:
    """A page; `before` and `after` are None where nothing lies there.

    `is_cut` tells that so many Vorgänge fit the term or the debtor that not all were looked at.
    """

    entries: tuple[InboxEntry, ...]
    before: ListPlace | None
    after: ListPlace | None
    is_cut: bool = False
