"""The course of a Vorgang: what each message and each reminder makes of it, as new values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from server.domain.behoerde import PartyIdentifier
from server.domain.local_time import find_local_day
from server.domain.vorgang import (
    Vorgang,
    VorgangDirection,
    VorgangEntry,
    VorgangRolle,
    VorgangState,
    Waiting,
)
from server.domain.vorgang_decision import (
    NOTHING_OPEN,
    VorgangDecision,
    classify_outcome,
    decide_message,
    decide_transport,
    guess_sender,
)
from server.domain.vorgang_facts import ProcessRef, VorgangEvent, VorgangFacts
from server.domain.vorgang_text import describe_message, describe_reminder, describe_transport

_NO_VORGANG = "Zu dieser Nachricht gibt es keinen Vorgang."
_OTHER_PARTNER = "Der Vorgang wird mit einer anderen Behörde geführt."
_TAKEN_OVER = "Die Behörde, an die abgegeben wurde, führt den Vorgang weiter."


@dataclass(frozen=True)
class VorgangMessage:
    """A message as one side sees it; `partner` is the party at its other end."""

    key: int
    facts: VorgangFacts
    direction: VorgangDirection
    partner: PartyIdentifier
    is_test: bool

    @property
    def own_aktenzeichen(self) -> str:
        """The Aktenzeichen of the side that looks."""
        is_ours = self.direction is VorgangDirection.OUTGOING
        return self.facts.aktenzeichen if is_ours else self.facts.aktenzeichen_reader

    @property
    def partner_aktenzeichen(self) -> str:
        """The Aktenzeichen of the other side."""
        is_ours = self.direction is VorgangDirection.OUTGOING
        return self.facts.aktenzeichen_reader if is_ours else self.facts.aktenzeichen


@dataclass(frozen=True)
class VorgangStep:
    """A Vorgang after something has happened, and the line that says so."""

    vorgang: Vorgang
    entry: VorgangEntry


def open_vorgang(
    vorgang_id: str, mandant_key: int, message: VorgangMessage, moment: datetime
) -> Vorgang:
    """A new Vorgang for a message that belongs to none."""
    return Vorgang(
        vorgang_id,
        mandant_key,
        find_rolle(message),
        message.partner,
        VorgangState.ANGELEGT,
        moment,
        moment,
        message.is_test,
        message.own_aktenzeichen,
        message.partner_aktenzeichen,
        message.facts.process,
    )


def find_rolle(message: VorgangMessage) -> VorgangRolle:
    """The role of the side that looks; a guess where either side may send such a message."""
    sender = guess_sender(message.facts.event)
    return sender if message.direction is VorgangDirection.OUTGOING else sender.other


def follow_message(
    vorgang: Vorgang, message: VorgangMessage, moment: datetime, *, is_new: bool
) -> VorgangStep:
    """Enters a message: it changes the Vorgang where it fits, and is marked where it does not."""
    current = _prepare(vorgang, message, moment)
    sender = _find_sender(current, message.direction)
    decision = _decide(current, message, sender, is_new=is_new)
    changed = replace(vorgang, changed=moment)
    if decision.fits:
        changed = _learn(replace(current, state=decision.state, changed=moment), message)
        waiting = _find_waiting(changed, message.facts, sender, find_local_day(moment))
        changed = replace(changed, waiting=waiting)
    entry = VorgangEntry(
        moment,
        message.direction,
        message.facts.event,
        changed.state,
        describe_message(message.facts, is_test=message.is_test),
        decision.fits,
        _join_hints(
            decision.hint or (_TAKEN_OVER if current.partner != vorgang.partner else ""),
            message.facts.hint,
        ),
        message.key,
    )
    return VorgangStep(changed, entry)


def follow_transport(
    vorgang: Vorgang, message: VorgangMessage, event: VorgangEvent, moment: datetime
) -> VorgangStep:
    """Enters what happened to the Ersuchen on its way."""
    state = decide_transport(vorgang.state, event)
    waiting = vorgang.waiting
    if state is VorgangState.ZUGESTELLT and state is not vorgang.state:
        # The time to answer begins with the delivery.
        waiting = Waiting(VorgangRolle.ERSUCHTER, find_local_day(moment))
    elif state.is_closed or state is VorgangState.ANGELEGT:
        waiting = None
    changed = replace(vorgang, state=state, waiting=waiting, changed=moment)
    return VorgangStep(changed, _make_transport_entry(changed, message, event, moment))


def note_transport(
    vorgang: Vorgang,
    message: VorgangMessage,
    event: VorgangEvent,
    moment: datetime,
    history: Sequence[VorgangEntry],
) -> VorgangStep:
    """Enters that a message which came after the Ersuchen did not arrive.

    One that its sender took back in time has changed nothing after all.
    """
    state = vorgang.state
    if event is VorgangEvent.ZURUECKGEZOGEN:
        state = _find_state_without(history, message.key, vorgang.state)
    changed = replace(vorgang, state=state, changed=moment)
    return VorgangStep(changed, _make_transport_entry(changed, message, event, moment))


def remind(vorgang: Vorgang, due: date, moment: datetime) -> VorgangStep:
    """Enters that the answer due at a day has not come."""
    is_own = vorgang.waiting is not None and vorgang.waiting.owed_by is vorgang.rolle
    entry = VorgangEntry(
        moment,
        VorgangDirection.SYSTEM,
        VorgangEvent.ERINNERUNG,
        vorgang.state,
        describe_reminder(due, find_local_day(moment), is_own=is_own, is_test=vorgang.is_test),
    )
    return VorgangStep(replace(vorgang, changed=moment), entry)


def _prepare(vorgang: Vorgang, message: VorgangMessage, moment: datetime) -> Vorgang:
    """The same Vorgang, or the one that the message makes of it before it is judged.

    An Ersuchen settles the roles; who was named by an Abgabe becomes the new partner.
    """
    if vorgang.state is VorgangState.ANGELEGT and message.facts.event is VorgangEvent.ERSUCHEN:
        return replace(vorgang, rolle=find_rolle(message))
    successor = vorgang.successor
    is_passed_on = vorgang.state is VorgangState.ABGEGEBEN and successor is not None
    if not is_passed_on or not message.partner.is_same_party(successor or vorgang.partner):
        return vorgang
    if vorgang.rolle is not VorgangRolle.ERSUCHENDER:
        return vorgang
    return replace(
        vorgang,
        partner=message.partner,
        partner_aktenzeichen="",
        process=ProcessRef(),
        state=VorgangState.ZUGESTELLT,
        waiting=Waiting(VorgangRolle.ERSUCHTER, find_local_day(moment)),
        successor=None,
    )


def _decide(
    vorgang: Vorgang, message: VorgangMessage, sender: VorgangRolle, *, is_new: bool
) -> VorgangDecision:
    facts = message.facts
    if not message.partner.is_same_party(vorgang.partner):
        return VorgangDecision(vorgang.state, False, _OTHER_PARTNER)
    decision = decide_message(vorgang.state, facts.event, facts.outcome, sender)
    if is_new and not decision.fits:
        return replace(decision, hint=_NO_VORGANG)
    if decision.fits and _is_arriving_ersuchen(message):
        # Who is asked learns of the Ersuchen when it has been delivered.
        return replace(decision, state=decide_transport(decision.state, VorgangEvent.ZUGESTELLT))
    return decision


def _is_arriving_ersuchen(message: VorgangMessage) -> bool:
    is_ersuchen = message.facts.event is VorgangEvent.ERSUCHEN
    return is_ersuchen and message.direction is VorgangDirection.INCOMING


def _find_sender(vorgang: Vorgang, direction: VorgangDirection) -> VorgangRolle:
    return vorgang.rolle if direction is VorgangDirection.OUTGOING else vorgang.rolle.other


def _learn(vorgang: Vorgang, message: VorgangMessage) -> Vorgang:
    """What a fitting message says for the first time; its sender knows its own names best."""
    facts = message.facts
    own = vorgang.own_aktenzeichen or message.own_aktenzeichen
    partner = vorgang.partner_aktenzeichen or message.partner_aktenzeichen
    if message.direction is VorgangDirection.INCOMING and facts.aktenzeichen:
        partner = facts.aktenzeichen
    if message.direction is VorgangDirection.OUTGOING and facts.aktenzeichen:
        own = facts.aktenzeichen
    process = ProcessRef(
        vorgang.process.requester or facts.process.requester,
        vorgang.process.responder or facts.process.responder,
    )
    successor = facts.abgegeben_an or vorgang.successor
    return replace(
        vorgang,
        own_aktenzeichen=own,
        partner_aktenzeichen=partner,
        process=process,
        successor=successor,
        schuldner_list=vorgang.schuldner_list or facts.schuldner_list,
    )


def _find_waiting(
    vorgang: Vorgang, facts: VorgangFacts, sender: VorgangRolle, day: date
) -> Waiting | None:
    """Who owes an answer after a fitting message."""
    if vorgang.state.is_closed:
        return None
    outcome = classify_outcome(facts.event, facts.outcome)
    if facts.event is VorgangEvent.ERSUCHEN or outcome == NOTHING_OPEN:
        return Waiting(VorgangRolle.ERSUCHTER, day)
    if facts.event is VorgangEvent.RUECKFRAGE:
        return Waiting(sender.other, facts.frist or day, facts.frist is not None)
    if vorgang.waiting and vorgang.waiting.owed_by is sender:
        return None
    return vorgang.waiting


def _find_state_without(
    history: Sequence[VorgangEntry], message_key: int, current: VorgangState
) -> VorgangState:
    """The state as if a message had not come, where nothing has changed it since."""
    position = next(
        (number for number, entry in enumerate(history) if entry.message_key == message_key), None
    )
    if position is None or any(entry.state is not current for entry in history[position:]):
        return current
    return history[position - 1].state if position else VorgangState.ANGELEGT


def _join_hints(*hints: str) -> str:
    return " ".join(filter(None, hints))


def _make_transport_entry(
    vorgang: Vorgang, message: VorgangMessage, event: VorgangEvent, moment: datetime
) -> VorgangEntry:
    return VorgangEntry(
        moment,
        VorgangDirection.SYSTEM,
        event,
        vorgang.state,
        describe_transport(message.facts, event, is_test=message.is_test),
        message_key=message.key,
    )
