"""What a channel of delivery owes the engine, and what it may answer.

A channel does the work at the destination and writes nothing: the engine records its outcome
together with the end of the order. A repeat after a crash must do nothing twice.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from persistence.stores.orders import DeliveryOrder
from server.domain.data_centre import DataCentre
from server.domain.destination import Destination, DestinationKind
from server.domain.fallback import FallbackReason
from server.domain.letter import NewLetter
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.services.delivering.claims import Claim


class Undeliverable(Exception):
    """The message cannot be delivered however often it is tried: it is parked; text in German.

    With a `fallback_reason` the rules of its author are asked first.
    """

    fallback_reason: ClassVar[FallbackReason | None] = None


class RecipientUnreachable(Undeliverable):
    """Undeliverable because of what the directory says of the recipient, or does not say."""

    fallback_reason = FallbackReason.NO_ENDPOINT


class RefusedByReader(Undeliverable):
    """Undeliverable because the reader's side does not want it; another way may be left."""

    fallback_reason = FallbackReason.REFUSED


class DestinationGone(Exception):
    """The message does not go there any more: the resolver is asked where it goes now."""


class DependencyDown(Exception):
    """Something that the delivery needs is away: the message is held and never parked for it.

    `name` says in German what is away, `cause` how that showed.
    """

    def __init__(self, name: str, cause: str) -> None:
        super().__init__(f"{name}: {cause}")
        self.name = name
        self.cause = cause


@dataclass(frozen=True)
class FurtherOrder:
    """An order for the same message that an outcome asks for.

    The destination of one that is not settled is found anew when it is delivered.
    """

    destination: Destination
    due: datetime
    is_settled: bool = True


@dataclass(frozen=True)
class Outcome:
    """What a delivery led to.

    `detail` goes into the report. `event` is None where nothing happened to the message. With
    `again_at` the order is not done but comes back then, without counting as failed; `further`
    are orders written in the same transaction (one that exists already stays as it is).
    `forwarded_to` is the data centre that has the message now and is asked what becomes of it.
    `letter` waits for its batch from now on.
    """

    event: MessageEvent | None
    detail: str = ""
    again_at: datetime | None = None
    further: tuple[FurtherOrder, ...] = ()
    forwarded_to: DataCentre | None = None
    letter: NewLetter | None = None


@dataclass(frozen=True)
class Fallback:
    """What the rules of the author's Mandant lead to.

    `outcome` is None where it goes on as without rules; `problem` says (German) why what they want
    cannot be done, and is empty otherwise.
    """

    outcome: Outcome | None = None
    problem: str = ""


# Asks the rules of the author's Mandant; the text is the cause for the report, in German. Raises
# DependencyDown.
FallBack = Callable[[StoredMessage, FallbackReason, str], Fallback]


# Asks whether a message can go to a destination that it was not sent to; raises Undeliverable and
# DependencyDown.
CheckWay = Callable[[StoredMessage, Destination], None]


def allow_every_way(_message: StoredMessage, _destination: Destination) -> None:
    """Where nothing is to be asked."""


def find_no_fallback(_message: StoredMessage, _reason: FallbackReason, _cause: str) -> Fallback:
    """Where nobody has rules."""
    return Fallback()


class Channel(Protocol):
    """Delivers to one kind of destination."""

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Does the work at the destination.

        Raises Undeliverable (parked), DependencyDown (held), DestinationGone (goes elsewhere);
        anything else is tried again.
        """
        ...


# Finds the destination of a message as things stand now; raises what a channel raises.
Resolver = Callable[[StoredMessage], Destination]


# Told which claims wait for their turn, the next one first; what is done ahead is not seen yet.
# Answers how many of them are being worked on.
LookAhead = Callable[[Iterable[Claim]], int]


def look_nowhere(_claims: Iterable[Claim]) -> int:
    """Where nothing is done ahead."""
    return 0


@dataclass(frozen=True)
class Ways:
    """How messages leave: where one goes now, who brings it there, what if nobody can."""

    resolver: Resolver
    channels: Mapping[DestinationKind, Channel]
    fall_back: FallBack = find_no_fallback
    look_ahead: LookAhead = look_nowhere
    check_way: CheckWay = allow_every_way
