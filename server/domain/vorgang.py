"""The Vorgang: one matter as one Mandant has it, from the Ersuchen to its closing.

A message between two Mandanten of this server belongs to two Vorgänge, one for each side.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang_facts import ProcessRef, VorgangEvent


class VorgangRolle(StrEnum):
    """Which side of the matter a Behoerde is: who asks for help, or who is asked."""

    ERSUCHENDER = "ersuchender"
    ERSUCHTER = "ersuchter"

    @property
    def other(self) -> "VorgangRolle":
        """The other side."""
        is_asking = self is VorgangRolle.ERSUCHENDER
        return VorgangRolle.ERSUCHTER if is_asking else VorgangRolle.ERSUCHENDER


class VorgangState(StrEnum):
    """Where a matter is (`Stand` of the façade)."""

    ANGELEGT = "angelegt"
    GESENDET = "gesendet"
    ZUGESTELLT = "zugestellt"
    EMPFANGEN = "empfangen"
    ANGENOMMEN = "angenommen"
    ABGEGEBEN = "abgegeben"
    IN_BEARBEITUNG = "in-bearbeitung"
    TEILWEISE_BEZAHLT = "teilweise-bezahlt"
    ERLEDIGT = "erledigt"
    FRUCHTLOS = "fruchtlos"
    ZURUECKGENOMMEN = "zurueckgenommen"
    ZURUECKGEWIESEN = "zurueckgewiesen"

    @property
    def is_closed(self) -> bool:
        """True where the matter has come to its end."""
        return self in CLOSED_STATES


CLOSED_STATES = frozenset(
    {
        VorgangState.ERLEDIGT,
        VorgangState.FRUCHTLOS,
        VorgangState.ZURUECKGENOMMEN,
        VorgangState.ZURUECKGEWIESEN,
    }
)
# Where the partner still works, or will.
RUNNING_STATES = frozenset(VorgangState) - CLOSED_STATES - {VorgangState.ABGEGEBEN}


class VorgangDirection(StrEnum):
    """Who made an entry, seen from the Mandant: it sent, it received, or the server noted it."""

    OUTGOING = "ausgang"
    INCOMING = "eingang"
    SYSTEM = "system"


@dataclass(frozen=True)
class Waiting:
    """Somebody owes an answer: since `day`, or until `day` where the question states it."""

    owed_by: VorgangRolle
    day: date
    is_stated: bool = False

    def due(self, answer_days: int) -> date:
        """The last day on which the answer is in time."""
        return self.day if self.is_stated else self.day + timedelta(days=answer_days)


@dataclass(frozen=True)
class Vorgang:
    """A matter of the Mandant `mandant_key` with its `partner`.

    `key` is 0 until it is stored; `vorgang_id` is the name by which others know it. `successor` is
    the Behoerde to which the partner has passed the matter on. A Vorgang of test messages
    (`is_test`) never meets one of real ones. `schuldner_list` names the debtors, surname first.
    """

    vorgang_id: str
    mandant_key: int
    rolle: VorgangRolle
    partner: PartyIdentifier
    state: VorgangState
    opened: datetime
    changed: datetime
    is_test: bool = False
    own_aktenzeichen: str = ""
    partner_aktenzeichen: str = ""
    process: ProcessRef = field(default_factory=ProcessRef)
    waiting: Waiting | None = None
    successor: PartyIdentifier | None = None
    schuldner_list: tuple[str, ...] = ()
    key: int = 0


def find_overdue(waiting: Waiting | None, answer_days: int, today: date) -> date | None:
    """The last day on which an answer would have been in time; None where it is not late."""
    due = waiting.due(answer_days) if waiting else None
    return due if due and due < today else None


@dataclass(frozen=True)
class VorgangEntry:
    """One line of the history; `state` is the one after it.

    `fits` is false for a message that should not have come at that point; `hint` says in German
    what is odd. `message_key` is the message it is about, `message_id` what others call it.
    """

    moment: datetime
    direction: VorgangDirection
    event: VorgangEvent
    state: VorgangState
    text: str
    fits: bool = True
    hint: str = ""
    message_key: int | None = None
    message_id: str = ""


@dataclass(frozen=True)
class VorgangSearch:
    """What a message says about the Vorgang of one Mandant to which it belongs.

    `related_ids` are the MessageIDs that it answers. An Ersuchen begins a Vorgang of its own,
    unless one with this very partner is running in which the Mandant has the same role
    (`begins_as`, None for other messages).
    """

    mandant_key: int
    partner: PartyIdentifier
    is_test: bool
    begins_as: VorgangRolle | None
    process: ProcessRef
    related_ids: tuple[str, ...]
    own_aktenzeichen: str
    partner_aktenzeichen: str


@dataclass(frozen=True)
class CoursePlace:
    """Where a part of a history begins: behind the line with a key, or before it; 0: its end."""

    key: int = 0
    is_backward: bool = True


@dataclass(frozen=True)
class CoursePart:
    """Lines of a history in the order they were written; keys of those beside which others lie."""

    entries: tuple[VorgangEntry, ...]
    before: int | None
    after: int | None


@dataclass(frozen=True)
class VorgangCriteria:
    """Which Vorgänge a Mandant asks for; every criterion must fit, an empty one fits all."""

    vorgang_id: str = ""
    message_id: str = ""
    aktenzeichen: str = ""
    is_only_overdue: bool = False
