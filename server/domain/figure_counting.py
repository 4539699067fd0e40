"""What a message adds to the figures, decided from what is known of it now."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from server.domain.destination import DestinationKind
from server.domain.figures import (
    ClaimSum,
    Contribution,
    Counted,
    FigureChannel,
    FigureDirection,
    FigureSpan,
    LetterCell,
    LetterSums,
    MessageCell,
    MessageSums,
)
from server.domain.local_time import find_local_day
from server.domain.message import MAILBOX_STATES, MessageState
from server.domain.vorgang_facts import VorgangEvent

_CHANNELS = {
    DestinationKind.MAILBOX: FigureChannel.MAILBOX,
    DestinationKind.LETTER: FigureChannel.LETTER,
    DestinationKind.OUTPUT: FigureChannel.LETTER,
    DestinationKind.DATA_CENTRE: FigureChannel.DATA_CENTRE,
}


@dataclass(frozen=True)
class PartyKeys:
    """How the sums name both sides of a message."""

    author: int
    reader: int


@dataclass(frozen=True)
class VorgangPart:
    """A Vorgang of a message: whose, opened when, begun by which message."""

    mandant_key: int
    opened: datetime
    ersuchen_key: int


@dataclass(frozen=True)
class CountedLetter:
    """A letter that went out, and when."""

    out: datetime
    cost_centre: str
    output: str
    product: str
    duplex: bool
    colour: bool
    sums: LetterSums


@dataclass(frozen=True)
class FigureFacts:
    """What is known of a message; no test message.

    `way` is where its newest order leads (None where it went into a mailbox at once); `claims`
    are its own, `begun_claims` those of the messages by which its Vorgänge began.
    """

    key: int
    state: MessageState
    author_mandant: int | None
    reader_mandant: int | None
    is_from_centre: bool
    parties: PartyKeys
    sent: datetime
    delivered: datetime | None
    fetched: datetime | None
    received: datetime | None
    event: VorgangEvent | None
    way: DestinationKind | None = None
    claims: tuple[ClaimSum, ...] = ()
    vorgaenge: tuple[VorgangPart, ...] = ()
    begun_claims: Mapping[int, tuple[ClaimSum, ...]] = field(default_factory=dict)
    letters: tuple[CountedLetter, ...] = ()


def count(facts: FigureFacts) -> Counted:
    """What the message adds: for its author, and for its reader once it was delivered to it."""
    contributions = tuple(_list_contributions(facts))
    if facts.author_mandant is None:
        return Counted(contributions)
    return Counted(
        contributions,
        tuple((_find_letter_cell(facts.author_mandant, item), item.sums) for item in facts.letters),
    )


def _list_contributions(facts: FigureFacts) -> Iterator[Contribution]:
    channel = _find_channel(facts)
    if facts.author_mandant is not None:
        yield from _contribute(
            facts, facts.author_mandant, FigureDirection.OUTGOING, channel, facts.sent
        )
    is_here = facts.delivered is not None and channel is FigureChannel.MAILBOX
    if facts.reader_mandant is not None and facts.delivered is not None and is_here:
        came = FigureChannel.DATA_CENTRE if facts.is_from_centre else FigureChannel.MAILBOX
        yield from _contribute(
            facts, facts.reader_mandant, FigureDirection.INCOMING, came, facts.delivered
        )


def _find_channel(facts: FigureFacts) -> FigureChannel:
    if facts.way in _CHANNELS:
        return _CHANNELS[facts.way]
    is_in_mailbox = facts.state in MAILBOX_STATES or facts.delivered is not None
    return FigureChannel.MAILBOX if is_in_mailbox else FigureChannel.OPEN


def _contribute(
    facts: FigureFacts,
    mandant_key: int,
    direction: FigureDirection,
    channel: FigureChannel,
    moment: datetime,
) -> Iterator[Contribution]:
    """One contribution for each Einnahmeart; the message itself counts with the first."""
    is_outgoing = direction is FigureDirection.OUTGOING
    parties = facts.parties
    own, partner = (
        (parties.author, parties.reader) if is_outgoing else (parties.reader, parties.author)
    )
    vorgang = next((part for part in facts.vorgaenge if part.mandant_key == mandant_key), None)
    arten = facts.claims or (facts.begun_claims.get(vorgang.ersuchen_key, ()) if vorgang else ())
    for position, art in enumerate(arten or (ClaimSum("", 0, 0),)):
        if position and not facts.claims:
            return
        cell = MessageCell(
            mandant_key,
            FigureSpan.DAY,
            find_local_day(moment),
            direction,
            partner,
            facts.event.value if facts.event else "",
            channel.value,
            facts.state.value,
            art.einnahmeart,
        )
        sums = _sum_message(facts, vorgang, moment) if position == 0 else MessageSums()
        if facts.claims:
            sums += MessageSums(claims=art.claims, cents=art.cents)
        yield Contribution(cell, own, sums)


def _sum_message(facts: FigureFacts, vorgang: VorgangPart | None, moment: datetime) -> MessageSums:
    fetched, closed = facts.fetched is not None, facts.received is not None
    is_done = facts.event is VorgangEvent.ERLEDIGUNG and vorgang is not None
    return MessageSums(
        messages=1,
        ersuchen=int(facts.event is VorgangEvent.ERSUCHEN),
        fetched=int(fetched),
        fetch_seconds=_measure(facts.sent, facts.fetched),
        closed=int(fetched and closed),
        close_seconds=_measure(facts.fetched, facts.received),
        done=int(is_done),
        done_seconds=_measure(vorgang.opened, moment) if vorgang and is_done else 0,
    )


def _measure(start: datetime | None, end: datetime | None) -> int:
    """Seconds; never below 0, whatever another data centre says."""
    return max(0, round((end - start).total_seconds())) if start and end else 0


def _find_letter_cell(mandant_key: int, letter: CountedLetter) -> LetterCell:
    return LetterCell(
        mandant_key,
        find_local_day(letter.out),
        letter.cost_centre,
        letter.output,
        letter.product,
        letter.duplex,
        letter.colour,
    )
