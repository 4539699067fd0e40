"""The table of the Vorgang: document and code say the same about every case."""

import itertools
from collections.abc import Iterator

import pytest

from server.domain.vorgang import VorgangRolle, VorgangState
from server.domain.vorgang_decision import (
    MESSAGE_RULES,
    NOTHING_OPEN,
    TRANSPORT_MOVES,
    decide_message,
    decide_transport,
    guess_sender,
    list_next_messages,
)
from server.domain.vorgang_facts import MESSAGE_EVENTS, TRANSPORT_EVENTS, VorgangEvent
from tests.support.installation import REPOSITORY

ASKING, ASKED = VorgangRolle.ERSUCHENDER, VorgangRolle.ERSUCHTER
DOCUMENT = (REPOSITORY / "docs" / "vorgang.md").read_text(encoding="utf-8")


def read_table(head: str) -> Iterator[list[str]]:
    """The cells of the table in the document that begins with this head."""
    rows = DOCUMENT.partition(f"\n{head}\n")[2].splitlines()[1:]
    for row in itertools.takewhile(lambda line: line.startswith("|"), rows):
        yield [cell.strip() for cell in row.strip("|").split("|")]


def read_states(text: str) -> list[VorgangState]:
    if text == "every state":
        return list(VorgangState)
    return [] if text == "-" else [VorgangState(word.strip()) for word in text.split(",")]


Case = tuple[str, VorgangState, VorgangRolle]


def read_documented() -> dict[Case, VorgangState]:
    """Where each message leads, by its words, the state and the sender; only what fits."""
    found: dict[Case, VorgangState] = {}
    for message, sent_by, states, target in read_table(
        "| Message | Sent by | In state | Leads to |"
    ):
        senders = list(VorgangRolle) if sent_by == "either" else [VorgangRolle(sent_by)]
        for state, sender in itertools.product(read_states(states), senders):
            case = message.replace("`", ""), state, sender
            assert case not in found, "the document says it twice"
            found[case] = state if target == "the same" else VorgangState(target)
    return found


DOCUMENTED = read_documented()


@pytest.mark.parametrize("rule", MESSAGE_RULES, ids=" ".join)
def test_decide_message_every_state_and_sender_is_as_documented(
    rule: tuple[VorgangEvent, str],
) -> None:
    event, outcome = rule
    said = "0.00" if outcome == NOTHING_OPEN else outcome
    for state, sender in itertools.product(VorgangState, VorgangRolle):
        expected = DOCUMENTED.get((" ".join(rule).strip(), state, sender))
        decision = decide_message(state, event, said, sender)
        assert decision.fits == (expected is not None), (state, sender)
        assert decision.state == (expected or state), (state, sender)
        assert bool(decision.hint) == (not decision.fits)


def test_decide_message_every_event_has_a_rule_for_any_outcome() -> None:
    assert {event for event, _ in MESSAGE_RULES} == MESSAGE_EVENTS
    for event in MESSAGE_EVENTS:
        assert (event, "") in MESSAGE_RULES
    assert {words for words, _, _ in DOCUMENTED} == {" ".join(key).strip() for key in MESSAGE_RULES}


@pytest.mark.parametrize("event", sorted(TRANSPORT_EVENTS))
def test_decide_transport_every_state_is_as_documented(event: VorgangEvent) -> None:
    expected = {
        state: VorgangState(target)
        for words, states, target in read_table("| Event | In state | Leads to |")
        if words == f"`{event.value}`"
        for state in read_states(states)
    }
    for state in VorgangState:
        assert decide_transport(state, event) == expected.get(state, state)


def test_decide_transport_knows_every_event_and_so_does_the_document() -> None:
    assert TRANSPORT_MOVES.keys() == TRANSPORT_EVENTS
    written = {row[0].strip("`") for row in read_table("| Event | In state | Leads to |")}
    assert written == {event.value for event in TRANSPORT_EVENTS}


@pytest.mark.parametrize(
    ("state", "event", "outcome", "sender", "hint"),
    [
        ("gesendet", "erledigung", "bezahlt", ASKING, "kann nur der Ersuchte senden"),
        ("empfangen", "ruecknahme", "", ASKED, "kann nur der Ersuchende senden"),
        ("erledigt", "zahlungsmitteilung", "1.00", ASKED, "bereits erledigt"),
        ("fruchtlos", "antwort", "", ASKING, "bereits als fruchtlos beendet"),
        ("zurueckgewiesen", "sachstand", "angenommen", ASKED, "bereits zurückgewiesen"),
        ("zurueckgenommen", "erledigung", "bezahlt", ASKED, "bereits zurückgenommen"),
        ("abgegeben", "ergebnis", "erfolgreich", ASKED, "bereits abgegeben"),
        ("angelegt", "rueckfrage", "", ASKED, "liegt kein Ersuchen vor"),
        ("empfangen", "ersuchen", "", ASKING, "gibt es bereits ein Ersuchen"),
        ("in-bearbeitung", "eingangsbestaetigung", "", ASKED, "bereits weiter"),
    ],
)
def test_decide_message_that_does_not_fit_says_why(
    state: str, event: str, outcome: str, sender: VorgangRolle, hint: str
) -> None:
    decision = decide_message(VorgangState(state), VorgangEvent(event), outcome, sender)
    assert (decision.state, decision.fits) == (state, False)
    assert hint in decision.hint


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("0", "empfangen"),
        ("0.00", "empfangen"),
        ("48.00", "teilweise-bezahlt"),
        ("", "teilweise-bezahlt"),
        ("alles", "teilweise-bezahlt"),
        ("NaN", "teilweise-bezahlt"),
    ],
)
def test_decide_message_payment_depends_on_what_is_left(outcome: str, state: str) -> None:
    event = VorgangEvent.ZAHLUNGSMITTEILUNG
    assert decide_message(VorgangState.EMPFANGEN, event, outcome, ASKED).state == state


def test_guess_sender_is_one_who_may_send_the_message() -> None:
    for event in MESSAGE_EVENTS:
        assert guess_sender(event) in MESSAGE_RULES[event, ""].senders


def test_next_messages_are_those_that_fit() -> None:
    for state in VorgangState:
        for sender in VorgangRolle:
            offered = list_next_messages(state, sender)
            assert VorgangEvent.ERSUCHEN not in offered
            for event in MESSAGE_EVENTS - {VorgangEvent.ERSUCHEN, VorgangEvent.SONSTIGE}:
                outcomes = {outcome for key, outcome in MESSAGE_RULES if key is event}
                said = {"0" if item == NOTHING_OPEN else item for item in outcomes}
                fits = any(decide_message(state, event, item, sender).fits for item in said)
                assert fits is (event in offered), (state, sender, event)
