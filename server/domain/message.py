"""The life of a message as a table: which event may come in which state, and what it changes.

A message is always in exactly one named state. This module decides; it reads no clock and
stores nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.domain.behoerde import Kanal
from server.domain.transport_report import ReportCode


class MessageState(StrEnum):
    """Where a message is."""

    NEW = "neu"
    WAITING_FOR_DELIVERY = "wartet-auf-zustellung"
    DELIVERED = "zugestellt"
    FETCHED = "abgeholt"
    CLOSED = "bestaetigt"
    # The letter is set and waits for its batch.
    LETTER_READY = "brief-bereit"
    # The print output has the letter, and is asked what became of it.
    LETTER_HANDED_OVER = "als-brief-ausgegeben"
    LETTER_POSTED = "brief-versandt"
    LETTER_UNCONFIRMED = "brief-ohne-rueckmeldung"
    LETTER_RETURNED = "brief-zurueckgekommen"
    LETTER_WITHDRAWN = "brief-zurueckgezogen"
    TEST_ENDED = "test-beendet"
    PARKED = "angehalten"
    CANCELLED = "zurueckgezogen"
    OBSOLETE = "verfallen"
    RETURNED = "zurueckgegeben"
    # Another data centre has it; what happens there is told by its report.
    FORWARDED = "weitergeleitet"
    DELIVERED_ELSEWHERE = "anderswo-zugestellt"
    ENDED_ELSEWHERE = "anderswo-beendet"
    INFECTED = "schadsoftware-gefunden"

    @property
    def is_final(self) -> bool:
        """True where nothing more is expected, so that the report is closed.

        A letter may come back from the post all the same.
        """
        return self in _FINAL_STATES

    @property
    def is_in_mailbox(self) -> bool:
        """True where the reader can list and fetch the message."""
        return self in MAILBOX_STATES


# How users read the states, wherever they are shown: close to the keys that reports show.
STATE_NAMES: Mapping[MessageState, str] = {
    MessageState.NEW: "neu",
    MessageState.WAITING_FOR_DELIVERY: "wartet auf Zustellung",
    MessageState.DELIVERED: "zugestellt",
    MessageState.FETCHED: "abgeholt",
    MessageState.CLOSED: "bestätigt",
    MessageState.LETTER_READY: "Brief liegt bereit",
    MessageState.LETTER_HANDED_OVER: "Brief beim Druck",
    MessageState.LETTER_UNCONFIRMED: "Brief ohne Rückmeldung",
    MessageState.LETTER_POSTED: "Brief versandt",
    MessageState.LETTER_RETURNED: "Brief zurückgekommen",
    MessageState.LETTER_WITHDRAWN: "Brief zurückgezogen",
    MessageState.TEST_ENDED: "Test beendet",
    MessageState.PARKED: "angehalten",
    MessageState.CANCELLED: "zurückgezogen",
    MessageState.OBSOLETE: "verfallen",
    MessageState.RETURNED: "zurückgegeben",
    MessageState.FORWARDED: "weitergeleitet",
    MessageState.DELIVERED_ELSEWHERE: "anderswo zugestellt",
    MessageState.ENDED_ELSEWHERE: "anderswo beendet",
    MessageState.INFECTED: "Schadsoftware gefunden",
}
_FINAL_STATES = frozenset(
    {
        MessageState.CLOSED,
        MessageState.LETTER_POSTED,
        MessageState.LETTER_UNCONFIRMED,
        MessageState.LETTER_RETURNED,
        MessageState.LETTER_WITHDRAWN,
        MessageState.TEST_ENDED,
        MessageState.CANCELLED,
        MessageState.OBSOLETE,
        MessageState.RETURNED,
        MessageState.ENDED_ELSEWHERE,
        MessageState.INFECTED,
    }
)
# While another data centre has the message.
ELSEWHERE_STATES = frozenset({MessageState.FORWARDED, MessageState.DELIVERED_ELSEWHERE})
MAILBOX_STATES = frozenset({MessageState.DELIVERED, MessageState.FETCHED})
# In a mailbox, here or elsewhere; what was fetched elsewhere is told by its times.
UNREAD_STATES = frozenset({MessageState.DELIVERED, MessageState.DELIVERED_ELSEWHERE})
# States that end when ObsoleteAfter has passed, or when the reader takes part no more.
EXPIRING_STATES = MAILBOX_STATES | {MessageState.WAITING_FOR_DELIVERY, MessageState.PARKED}


class MessageEvent(StrEnum):
    """What can happen to a message."""

    SENT_TO_MAILBOX = "sent-to-mailbox"
    SENT_FOR_DELIVERY = "sent-for-delivery"
    SENT_AS_LETTER = "sent-as-letter"
    SENT_AS_FALLBACK_LETTER = "sent-as-fallback-letter"
    SENT_UNSCANNED = "sent-unscanned"
    SCANNED = "scanned"
    FOUND_INFECTED = "found-infected"
    FALLBACK_TO_LETTER = "fallback-to-letter"
    PUT_IN_MAILBOX = "put-in-mailbox"
    FETCHED = "fetched"
    CLOSED = "closed"
    LETTER_SET = "letter-set"
    LETTER_HANDED_OVER = "letter-handed-over"
    # To an output that never tells what becomes of letters.
    LETTER_HANDED_OVER_FOR_GOOD = "letter-handed-over-for-good"
    LETTER_PRINTED = "letter-printed"
    LETTER_POSTED = "letter-posted"
    LETTER_FAILED = "letter-failed"
    LETTER_WITHDRAWN = "letter-withdrawn"
    LETTER_RETURNED = "letter-returned"
    # The output has told nothing for too long.
    NEWS_ENDED = "news-ended"
    TEST_ENDED = "test-ended"
    PARKED = "parked"
    RESUMED = "resumed"
    REDIRECTED = "redirected"
    CANCELLED = "cancelled"
    RECALLED = "recalled"
    OBSOLETE = "obsolete"
    RETURNED = "returned"
    FORWARDED = "forwarded"
    DELIVERED_ELSEWHERE = "delivered-elsewhere"
    ENDED_ELSEWHERE = "ended-elsewhere"


class TimeStamp(StrEnum):
    """The times of DeliveryAttributes that the server sets (OSCI MessageMetaData 2.02)."""

    INITIAL_SEND = "InitialSend"
    DELIVERY = "Delivery"
    INITIAL_FETCH = "InitialFetch"
    RECEPTION = "Reception"


@dataclass(frozen=True)
class Transition:
    """The decision: the next state, the times to stamp now and the entries to write."""

    state: MessageState
    stamps: tuple[TimeStamp, ...] = ()
    report_codes: tuple[ReportCode, ...] = ()


_S, _E, _T, _R = MessageState, MessageEvent, TimeStamp, ReportCode

# From the set letter to what the print output tells of it. News may be late and come in any order:
# none leads back, and what is repeated changes nothing.
_LETTER_TRANSITIONS: dict[tuple[MessageState, MessageEvent], Transition] = {
    (_S.WAITING_FOR_DELIVERY, _E.LETTER_SET): Transition(_S.LETTER_READY, (), (_R.LETTER_SET,)),
    (_S.LETTER_READY, _E.LETTER_HANDED_OVER): Transition(
        _S.LETTER_HANDED_OVER, (_T.DELIVERY,), (_R.LETTER_HANDED_OVER,)
    ),
    (_S.LETTER_READY, _E.LETTER_HANDED_OVER_FOR_GOOD): Transition(
        _S.LETTER_UNCONFIRMED, (_T.DELIVERY,), (_R.LETTER_HANDED_OVER,)
    ),
    **{
        (state, _E.LETTER_PRINTED): Transition(state, (), (_R.LETTER_PRINTED,))
        for state in (_S.LETTER_HANDED_OVER, _S.LETTER_UNCONFIRMED)
    },
    **{
        (state, _E.LETTER_POSTED): Transition(_S.LETTER_POSTED, (), (_R.LETTER_POSTED,))
        for state in (_S.LETTER_HANDED_OVER, _S.LETTER_UNCONFIRMED)
    },
    **{
        (state, _E.LETTER_FAILED): Transition(_S.PARKED, (), (_R.LETTER_FAILED,))
        for state in (_S.LETTER_READY, _S.LETTER_HANDED_OVER, _S.LETTER_UNCONFIRMED)
    },
    **{
        (state, _E.LETTER_WITHDRAWN): Transition(_S.LETTER_WITHDRAWN, (), (_R.LETTER_WITHDRAWN,))
        for state in (_S.LETTER_READY, _S.LETTER_HANDED_OVER, _S.LETTER_UNCONFIRMED)
    },
    **{
        (state, _E.LETTER_RETURNED): Transition(_S.LETTER_RETURNED, (), (_R.LETTER_RETURNED,))
        for state in (_S.LETTER_HANDED_OVER, _S.LETTER_POSTED, _S.LETTER_UNCONFIRMED)
    },
    (_S.LETTER_HANDED_OVER, _E.NEWS_ENDED): Transition(
        _S.LETTER_UNCONFIRMED, (), (_R.LETTER_UNCONFIRMED,)
    ),
    **{
        (state, event): Transition(state)
        for state in (_S.LETTER_POSTED, _S.LETTER_RETURNED)
        for event in (_E.LETTER_PRINTED, _E.LETTER_POSTED, _E.NEWS_ENDED)
    },
    (_S.LETTER_RETURNED, _E.LETTER_RETURNED): Transition(_S.LETTER_RETURNED),
    (_S.LETTER_WITHDRAWN, _E.LETTER_WITHDRAWN): Transition(_S.LETTER_WITHDRAWN),
    (_S.LETTER_UNCONFIRMED, _E.NEWS_ENDED): Transition(_S.LETTER_UNCONFIRMED),
}

TRANSITIONS: dict[tuple[MessageState, MessageEvent], Transition] = {
    (_S.NEW, _E.SENT_TO_MAILBOX): Transition(
        _S.DELIVERED,
        (_T.INITIAL_SEND, _T.DELIVERY),
        (_R.ACCEPTED, _R.DELIVERED_ELECTRONICALLY),
    ),
    (_S.NEW, _E.SENT_FOR_DELIVERY): Transition(
        _S.WAITING_FOR_DELIVERY, (_T.INITIAL_SEND,), (_R.ACCEPTED,)
    ),
    (_S.NEW, _E.SENT_AS_LETTER): Transition(
        _S.WAITING_FOR_DELIVERY, (_T.INITIAL_SEND,), (_R.ACCEPTED, _R.LETTER_ORDERED)
    ),
    (_S.NEW, _E.SENT_AS_FALLBACK_LETTER): Transition(
        _S.WAITING_FOR_DELIVERY, (_T.INITIAL_SEND,), (_R.ACCEPTED, _R.FALLBACK_LETTER)
    ),
    (_S.NEW, _E.SENT_UNSCANNED): Transition(
        _S.WAITING_FOR_DELIVERY, (_T.INITIAL_SEND,), (_R.ACCEPTED, _R.SCAN_PENDING)
    ),
    (_S.WAITING_FOR_DELIVERY, _E.SCANNED): Transition(
        _S.WAITING_FOR_DELIVERY, (), (_R.SCAN_PASSED,)
    ),
    (_S.WAITING_FOR_DELIVERY, _E.FOUND_INFECTED): Transition(_S.INFECTED, (), (_R.INFECTED,)),
    # What was fetched is with its reader: it never becomes a letter, too.
    **{
        (state, _E.FALLBACK_TO_LETTER): Transition(
            _S.WAITING_FOR_DELIVERY, (), (_R.FALLBACK_LETTER,)
        )
        for state in (_S.WAITING_FOR_DELIVERY, *UNREAD_STATES)
    },
    (_S.WAITING_FOR_DELIVERY, _E.PUT_IN_MAILBOX): Transition(
        _S.DELIVERED, (_T.DELIVERY,), (_R.DELIVERED_ELECTRONICALLY,)
    ),
    **_LETTER_TRANSITIONS,
    (_S.WAITING_FOR_DELIVERY, _E.TEST_ENDED): Transition(_S.TEST_ENDED, (), (_R.TEST_NOT_PRINTED,)),
    (_S.WAITING_FOR_DELIVERY, _E.PARKED): Transition(_S.PARKED, (), (_R.DELIVERY_PARKED,)),
    (_S.PARKED, _E.RESUMED): Transition(_S.WAITING_FOR_DELIVERY, (), (_R.DELIVERY_RESUMED,)),
    (_S.WAITING_FOR_DELIVERY, _E.RESUMED): Transition(_S.WAITING_FOR_DELIVERY),
    **{
        (state, _E.REDIRECTED): Transition(_S.WAITING_FOR_DELIVERY, (), (_R.REDIRECTED_TO_LETTER,))
        for state in (_S.WAITING_FOR_DELIVERY, _S.PARKED)
    },
    **{
        (state, _E.CANCELLED): Transition(_S.CANCELLED, (), (_R.CANCELLED,))
        for state in (_S.WAITING_FOR_DELIVERY, _S.LETTER_READY)
    },
    (_S.CANCELLED, _E.CANCELLED): Transition(_S.CANCELLED),
    (_S.DELIVERED, _E.RECALLED): Transition(_S.CANCELLED, (), (_R.RECALLED,)),
    (_S.DELIVERED, _E.FETCHED): Transition(_S.FETCHED, (_T.INITIAL_FETCH,), (_R.FETCHED,)),
    (_S.FETCHED, _E.FETCHED): Transition(_S.FETCHED),
    (_S.FETCHED, _E.CLOSED): Transition(_S.CLOSED, (_T.RECEPTION,), (_R.CLOSED,)),
    (_S.CLOSED, _E.CLOSED): Transition(_S.CLOSED),
    **{
        (state, _E.OBSOLETE): Transition(_S.OBSOLETE, (), (_R.OBSOLETE,))
        for state in EXPIRING_STATES
    },
    **{
        (state, _E.RETURNED): Transition(_S.RETURNED, (), (_R.RETURNED,))
        for state in EXPIRING_STATES
    },
    (_S.WAITING_FOR_DELIVERY, _E.FORWARDED): Transition(_S.FORWARDED, (), (_R.FORWARDED,)),
    (_S.FORWARDED, _E.DELIVERED_ELSEWHERE): Transition(_S.DELIVERED_ELSEWHERE),
    # The other data centre's own entries and times tell about these.
    **{
        (state, event): Transition(after)
        for state in ELSEWHERE_STATES
        for event, after in (
            (_E.CLOSED, _S.CLOSED),
            (_E.LETTER_HANDED_OVER_FOR_GOOD, _S.LETTER_UNCONFIRMED),
            (_E.LETTER_POSTED, _S.LETTER_POSTED),
            (_E.LETTER_WITHDRAWN, _S.LETTER_WITHDRAWN),
            (_E.LETTER_RETURNED, _S.LETTER_RETURNED),
            (_E.NEWS_ENDED, _S.LETTER_UNCONFIRMED),
            (_E.TEST_ENDED, _S.TEST_ENDED),
            (_E.CANCELLED, _S.CANCELLED),
            (_E.OBSOLETE, _S.OBSOLETE),
            (_E.RETURNED, _S.RETURNED),
            (_E.ENDED_ELSEWHERE, _S.ENDED_ELSEWHERE),
        )
    },
    **{
        (state, _E.PARKED): Transition(_S.PARKED, (), (_R.DELIVERY_PARKED,))
        for state in ELSEWHERE_STATES
    },
}


# The channel that a message takes from an event on.
EVENT_KANAL: dict[MessageEvent, Kanal] = {
    **dict.fromkeys((_E.SENT_TO_MAILBOX, _E.PUT_IN_MAILBOX, _E.FORWARDED), Kanal.ELEKTRONISCH),
    **dict.fromkeys(
        (
            _E.SENT_AS_LETTER,
            _E.SENT_AS_FALLBACK_LETTER,
            _E.FALLBACK_TO_LETTER,
            _E.REDIRECTED,
            _E.LETTER_HANDED_OVER,
        ),
        Kanal.BRIEF,
    ),
}


class ImpossibleTransition(Exception):
    """The event cannot come in this state."""

    def __init__(self, state: MessageState, event: MessageEvent) -> None:
        super().__init__(f"{event} is impossible in state {state}")
        self.state = state
        self.event = event


def decide(state: MessageState, event: MessageEvent) -> Transition:
    """What the event changes in this state; raises ImpossibleTransition where it cannot come."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise ImpossibleTransition(state, event) from None
