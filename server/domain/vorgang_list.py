"""The list of matters in the Web-Client: what is asked for, and what is shown of a Vorgang."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.vorgang import (
    CLOSED_STATES,
    RUNNING_STATES,
    VorgangRolle,
    VorgangState,
    Waiting,
)

# A list of overdue answers looks at so many, those first that are missing longest.
MAX_OVERDUE = 1_000


class VorgangGroup(StrEnum):
    """Which Vorgänge are meant; a single state is named by its own word."""

    RUNNING = "laufend"
    CLOSED = "abgeschlossen"
    ALL = "alle"


_GROUPS: Mapping[str, frozenset[VorgangState]] = {
    VorgangGroup.RUNNING: RUNNING_STATES,
    VorgangGroup.CLOSED: CLOSED_STATES,
    VorgangGroup.ALL: frozenset(),
}


class VorgangOrder(StrEnum):
    """By what matters are sorted: by their last change, or by the other side."""

    NEWEST = "neueste"
    OLDEST = "aelteste"
    PARTNER = "behoerde"


class OverdueSide(StrEnum):
    """Whose answer is missing."""

    ANY = "alle"
    OWN = "eigene"
    PARTNER = "fremde"


@dataclass(frozen=True)
class VorgangListCriteria:
    """All criteria must fit; an empty one fits every Vorgang.

    `state` is a VorgangGroup or a VorgangState, `term` the beginning of an Aktenzeichen or a
    MessageID, `schuldner` the beginning of a debtor's name, `partner` the identifier value of a
    Behoerde, `kanal` the channel of the Ersuchen. Days are those of the last change, in Germany,
    both included.
    """

    state: str = VorgangGroup.RUNNING
    rolle: VorgangRolle | None = None
    term: str = ""
    schuldner: str = ""
    partner: str = ""
    overdue: OverdueSide | None = None
    kanal: Kanal | None = None
    first_day: date | None = None
    last_day: date | None = None
    order: VorgangOrder = VorgangOrder.NEWEST

    @property
    def states(self) -> frozenset[VorgangState]:
        """The states that are meant; empty where all are."""
        return _GROUPS[self.state] if self.state in _GROUPS else frozenset((self._single,))

    @property
    def _single(self) -> VorgangState:
        return VorgangState(self.state)


class VorgangListEntry(NamedTuple):
    """A Vorgang as the list shows it; a tuple, as each page makes many.

    `schuldner` names its debtors. `overdue_since` is the day on which an answer was due that has
    not come; `is_unread` tells that a message waits in it that nobody has fetched.
    """

    key: int
    vorgang_id: str
    rolle: VorgangRolle
    partner: PartyIdentifier
    own_aktenzeichen: str
    partner_aktenzeichen: str
    state: VorgangState
    is_test: bool
    changed: datetime
    schuldner: str
    waiting: Waiting | None = None
    overdue_since: date | None = None
    is_unread: bool = False
    kanal: Kanal | None = None

    @property
    def owes_answer(self) -> bool:
        """True where the Mandant itself owes the answer."""
        return self.waiting is not None and self.waiting.owed_by is self.rolle


@dataclass(frozen=True)
class VorgangListPage:
    """A page; `before` and `after` are None where nothing lies there, `is_cut` as in InboxPage.

    `are_more_overdue`: more than MAX_OVERDUE answers are missing, and others were not looked at.
    """

    entries: tuple[VorgangListEntry, ...]
    before: ListPlace | None
    after: ListPlace | None
    is_cut: bool = False
    are_more_overdue: bool = False


class VorgangMark(NamedTuple):
    """What lists of messages tell of a Vorgang; `schuldner` names its debtors, surname first."""

    vorgang_id: str
    rolle: VorgangRolle
    waiting: Waiting | None
    schuldner: str

    @property
    def owes_answer(self) -> bool:
        """True where the Mandant itself owes the answer that is missing."""
        return self.waiting is not None and self.waiting.owed_by is self.rolle
