"""Where a reader gets what is sent to it: the one decision, at the door and at delivery."""

from dataclasses import dataclass
from enum import Enum

from server.domain.behoerde import Kanal


class MailboxState(Enum):
    """Whether a reader has a mailbox at this data centre; CLOSED: it had one."""

    NONE = "none"
    OPEN = "open"
    CLOSED = "closed"


class ReaderPlace(Enum):
    """Where a reader is to be found.

    CLOSED_MAILBOX: it had one here, and no other data centre serves it. NOWHERE: it takes part
    electronically, and no mailbox is reached from here. UNKNOWN: nobody knows it.
    """

    MAILBOX = "mailbox"
    CLOSED_MAILBOX = "closed-mailbox"
    DATA_CENTRE = "data-centre"
    PAPER = "paper"
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ReaderFacts:
    """What is known of a reader today.

    `kanal` is that of the directory, which is asked for who has no mailbox here; None where it does
    not know the reader. What is `forwarded` came from another data centre, and ends here.
    """

    mailbox: MailboxState
    is_forwarded: bool = False
    is_served_elsewhere: bool = False
    kanal: Kanal | None = None


_OF_MAILBOX = {
    MailboxState.OPEN: ReaderPlace.MAILBOX,
    MailboxState.CLOSED: ReaderPlace.CLOSED_MAILBOX,
}
_OF_KANAL = {
    Kanal.BRIEF: ReaderPlace.PAPER,
    Kanal.ELEKTRONISCH: ReaderPlace.NOWHERE,
    None: ReaderPlace.UNKNOWN,
}


def decide_place(facts: ReaderFacts) -> ReaderPlace:
    """Where the reader is: whom another data centre serves today has moved there."""
    if facts.is_forwarded:
        return _OF_MAILBOX.get(facts.mailbox, ReaderPlace.NOWHERE)
    if facts.is_served_elsewhere:
        return ReaderPlace.DATA_CENTRE
    return _OF_MAILBOX.get(facts.mailbox) or _OF_KANAL[facts.kanal]
