"""Which message may come when in a Vorgang, and what it changes (docs/vorgang.md has the table).

A message that does not fit is carried all the same: the decision marks it and leaves the state as
it is. This module decides; it reads no clock and stores nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from server.domain.vorgang import VorgangRolle, VorgangState
from server.domain.vorgang_facts import VorgangEvent

# What a Zahlungsmitteilung says that leaves nothing to pay.
NOTHING_OPEN = "nichts-offen"


@dataclass(frozen=True)
class MessageRule:
    """Who may send a message, and from which state it leads where; in no other does it fit."""

    senders: frozenset[VorgangRolle]
    moves: Mapping[VorgangState, VorgangState]


@dataclass(frozen=True)
class VorgangDecision:
    """The state after a message; where it does not fit, `hint` says why (a German sentence)."""

    state: VorgangState
    fits: bool = True
    hint: str = ""


_S, _E = VorgangState, VorgangEvent
_ASKING = frozenset({VorgangRolle.ERSUCHENDER})
_ASKED = frozenset({VorgangRolle.ERSUCHTER})
_BOTH = _ASKING | _ASKED

_ON_THE_WAY = (_S.GESENDET, _S.ZUGESTELLT, _S.EMPFANGEN)
_RUNNING = (*_ON_THE_WAY, _S.ANGENOMMEN, _S.IN_BEARBEITUNG, _S.TEILWEISE_BEZAHLT)


def _lead(states: Iterable[VorgangState], target: VorgangState) -> dict[VorgangState, VorgangState]:
    return dict.fromkeys(states, target)


def _keep(*states: VorgangState) -> dict[VorgangState, VorgangState]:
    return {state: state for state in states}


# Work that goes on does not hide that something has been paid.
_GO_ON = {
    **_lead((*_ON_THE_WAY, _S.ANGENOMMEN, _S.IN_BEARBEITUNG), _S.IN_BEARBEITUNG),
    **_keep(_S.TEILWEISE_BEZAHLT),
}

# By event and outcome; the rule with an empty outcome is for every outcome without one of its own.
MESSAGE_RULES: dict[tuple[VorgangEvent, str], MessageRule] = {
    (_E.ERSUCHEN, ""): MessageRule(_ASKING, {_S.ANGELEGT: _S.GESENDET}),
    (_E.EINGANGSBESTAETIGUNG, ""): MessageRule(
        _ASKED, {**_lead(_ON_THE_WAY, _S.EMPFANGEN), **_keep(_S.TEILWEISE_BEZAHLT)}
    ),
    (_E.ABGABE, ""): MessageRule(_ASKED, _lead(_RUNNING, _S.ABGEGEBEN)),
    (_E.RUECKFRAGE, ""): MessageRule(_BOTH, _keep(*_RUNNING, _S.ABGEGEBEN)),
    (_E.ANTWORT, ""): MessageRule(_BOTH, _keep(*_RUNNING, _S.ABGEGEBEN)),
    (_E.FORDERUNGSAENDERUNG, ""): MessageRule(_ASKING, _keep(*_RUNNING)),
    (_E.RATENZAHLUNG, ""): MessageRule(_ASKED, _keep(*_RUNNING)),
    (_E.ZAHLUNGSMITTEILUNG, ""): MessageRule(
        _BOTH, {**_lead(_RUNNING, _S.TEILWEISE_BEZAHLT), **_keep(_S.ABGEGEBEN)}
    ),
    (_E.ZAHLUNGSMITTEILUNG, NOTHING_OPEN): MessageRule(_BOTH, _keep(*_RUNNING, _S.ABGEGEBEN)),
    (_E.SACHSTAND, ""): MessageRule(_ASKED, _GO_ON),
    (_E.SACHSTAND, "angenommen"): MessageRule(
        _ASKED,
        {
            **_lead((*_ON_THE_WAY, _S.ANGENOMMEN), _S.ANGENOMMEN),
            **_keep(_S.TEILWEISE_BEZAHLT),
        },
    ),
    (_E.ERGEBNIS, ""): MessageRule(_ASKED, _GO_ON),
    (_E.RUECKNAHME, ""): MessageRule(_ASKING, _lead((*_RUNNING, _S.ABGEGEBEN), _S.ZURUECKGENOMMEN)),
    (_E.ERLEDIGUNG, ""): MessageRule(_ASKED, _lead(_RUNNING, _S.ERLEDIGT)),
    (_E.ERLEDIGUNG, "fruchtlos"): MessageRule(_ASKED, _lead(_RUNNING, _S.FRUCHTLOS)),
    (_E.ERLEDIGUNG, "zurueckgenommen"): MessageRule(
        _ASKED, _lead((*_RUNNING, _S.ZURUECKGENOMMEN), _S.ZURUECKGENOMMEN)
    ),
    (_E.ZURUECKWEISUNG, ""): MessageRule(_ASKED, _lead(_RUNNING, _S.ZURUECKGEWIESEN)),
    (_E.SONSTIGE, ""): MessageRule(_BOTH, _keep(*_S)),
}

# What happens to the Ersuchen on its way; in every other state it changes nothing.
TRANSPORT_MOVES: dict[VorgangEvent, Mapping[VorgangState, VorgangState]] = {
    _E.ZUGESTELLT: {_S.GESENDET: _S.ZUGESTELLT},
    _E.BRIEF_AUSGEGEBEN: {_S.GESENDET: _S.ZUGESTELLT},
    _E.EMPFANGEN: _lead((_S.GESENDET, _S.ZUGESTELLT), _S.EMPFANGEN),
    _E.ZURUECKGEZOGEN: {_S.GESENDET: _S.ZURUECKGENOMMEN},
    # No Ersuchen is under way any more: the next one fits.
    _E.VERFALLEN: _lead((_S.GESENDET, _S.ZUGESTELLT), _S.ANGELEGT),
    _E.ZURUECKGEGEBEN: _lead((_S.GESENDET, _S.ZUGESTELLT), _S.ANGELEGT),
    _E.BRIEF_ZURUECKGEKOMMEN: _lead((_S.GESENDET, _S.ZUGESTELLT), _S.ANGELEGT),
    _E.TEST_BEENDET: {_S.GESENDET: _S.ANGELEGT},
    _E.SCHADSOFTWARE: {_S.GESENDET: _S.ANGELEGT},
    _E.ANGEHALTEN: {},
    _E.ERSATZBRIEF: {},
}

_STATE_HINTS = {
    _S.ANGELEGT: "Zu diesem Vorgang liegt kein Ersuchen vor.",
    _S.ABGEGEBEN: "Der Vorgang ist bereits abgegeben.",
    _S.ERLEDIGT: "Der Vorgang ist bereits erledigt.",
    _S.FRUCHTLOS: "Der Vorgang ist bereits als fruchtlos beendet.",
    _S.ZURUECKGENOMMEN: "Das Ersuchen ist bereits zurückgenommen.",
    _S.ZURUECKGEWIESEN: "Das Ersuchen ist bereits zurückgewiesen.",
}
_SENDER_NAMES = {VorgangRolle.ERSUCHENDER: "Ersuchende", VorgangRolle.ERSUCHTER: "Ersuchte"}


def find_rule(event: VorgangEvent, outcome: str) -> MessageRule:
    """The rule for a message; raises KeyError where the event is none of a message."""
    return MESSAGE_RULES.get((event, outcome)) or MESSAGE_RULES[event, ""]


def decide_message(
    state: VorgangState, event: VorgangEvent, outcome: str, sender: VorgangRolle
) -> VorgangDecision:
    """What a message changes; `outcome` is what it says, `sender` the side that wrote it."""
    rule = find_rule(event, classify_outcome(event, outcome))
    if sender not in rule.senders:
        hint = f"Diese Nachricht kann nur der {_SENDER_NAMES[sender.other]} senden."
        return VorgangDecision(state, False, hint)
    if state not in rule.moves:
        return VorgangDecision(state, False, _explain_misfit(state, event))
    return VorgangDecision(rule.moves[state])


def decide_transport(state: VorgangState, event: VorgangEvent) -> VorgangState:
    """The state after something has happened to the Ersuchen on its way."""
    return TRANSPORT_MOVES[event].get(state, state)


def classify_outcome(event: VorgangEvent, outcome: str) -> str:
    """The outcome as the table knows it: of a payment counts only whether something is left."""
    if event is not VorgangEvent.ZAHLUNGSMITTEILUNG:
        return outcome
    return NOTHING_OPEN if read_amount(outcome) == 0 else ""


def read_amount(text: str) -> Decimal | None:
    """An amount in euro; None where the text is none."""
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def guess_sender(event: VorgangEvent) -> VorgangRolle:
    """The side that usually sends a message, where no Vorgang tells it."""
    if event in _USUALLY_ASKING:
        return VorgangRolle.ERSUCHENDER
    return VorgangRolle.ERSUCHTER


_USUALLY_ASKING = frozenset({_E.ERSUCHEN, _E.ANTWORT, _E.FORDERUNGSAENDERUNG, _E.RUECKNAHME})


def _explain_misfit(state: VorgangState, event: VorgangEvent) -> str:
    if state in _STATE_HINTS:
        return _STATE_HINTS[state]
    if event is VorgangEvent.ERSUCHEN:
        return "Zu diesem Vorgang gibt es bereits ein Ersuchen."
    return "Der Vorgang ist bereits weiter."
