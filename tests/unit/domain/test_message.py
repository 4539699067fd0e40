"""The state table of a message."""

import itertools

import pytest

from server.domain.message import (
    TRANSITIONS,
    ImpossibleTransition,
    MessageEvent,
    MessageState,
    TimeStamp,
    decide,
)
from server.domain.transport_report import ReportCode


def test_decide_electronic_way_ends_closed_with_all_times() -> None:
    state = MessageState.NEW
    stamps: list[TimeStamp] = []
    for event in (MessageEvent.SENT_TO_MAILBOX, MessageEvent.FETCHED, MessageEvent.CLOSED):
        transition = decide(state, event)
        state = transition.state
        stamps += transition.stamps
    assert state == MessageState.CLOSED
    assert stamps == list(TimeStamp)


@pytest.mark.parametrize("repeated", [MessageEvent.FETCHED, MessageEvent.CLOSED])
def test_decide_repeated_event_of_a_reader_changes_nothing(repeated: MessageEvent) -> None:
    state = {
        MessageEvent.FETCHED: MessageState.FETCHED,
        MessageEvent.CLOSED: MessageState.CLOSED,
    }[repeated]
    transition = decide(state, repeated)
    assert (transition.state, transition.stamps, transition.report_codes) == (state, (), ())


@pytest.mark.parametrize(
    ("state", "event"),
    [pair for pair in itertools.product(MessageState, MessageEvent) if pair not in TRANSITIONS],
)
def test_decide_event_out_of_place_is_impossible(state: MessageState, event: MessageEvent) -> None:
    with pytest.raises(ImpossibleTransition, match=state.value):
        decide(state, event)


def test_every_state_is_reached_and_every_open_state_can_be_left() -> None:
    reached = {transition.state for transition in TRANSITIONS.values()}
    assert reached == set(MessageState) - {MessageState.NEW}
    left = {state for (state, _), transition in TRANSITIONS.items() if transition.state != state}
    open_states = {state for state in MessageState if not state.is_final}
    # A letter that was posted may come back, and late news tell more than none.
    assert left - open_states == {MessageState.LETTER_POSTED, MessageState.LETTER_UNCONFIRMED}
    assert open_states <= left


def test_every_way_of_sending_says_that_the_message_was_accepted() -> None:
    for (state, _), transition in TRANSITIONS.items():
        if state == MessageState.NEW:
            assert transition.report_codes[0] == ReportCode.ACCEPTED
            assert TimeStamp.INITIAL_SEND in transition.stamps


@pytest.mark.parametrize(
    ("events", "state", "codes"),
    [
        (("LETTER_HANDED_OVER", "LETTER_PRINTED", "LETTER_POSTED"), "LETTER_POSTED", 4),
        (("LETTER_HANDED_OVER", "LETTER_POSTED", "LETTER_PRINTED"), "LETTER_POSTED", 3),
        (("LETTER_HANDED_OVER", "LETTER_POSTED", "LETTER_POSTED"), "LETTER_POSTED", 3),
        (("LETTER_HANDED_OVER", "NEWS_ENDED", "LETTER_POSTED"), "LETTER_POSTED", 4),
        (("LETTER_HANDED_OVER", "LETTER_RETURNED", "LETTER_POSTED"), "LETTER_RETURNED", 3),
        (("LETTER_HANDED_OVER_FOR_GOOD", "LETTER_RETURNED"), "LETTER_RETURNED", 3),
        (("LETTER_HANDED_OVER_FOR_GOOD", "NEWS_ENDED"), "LETTER_UNCONFIRMED", 2),
        (("LETTER_HANDED_OVER", "LETTER_WITHDRAWN", "LETTER_WITHDRAWN"), "LETTER_WITHDRAWN", 3),
        (("LETTER_FAILED", "RESUMED", "LETTER_SET", "LETTER_HANDED_OVER"), "LETTER_HANDED_OVER", 5),
        (("CANCELLED",), "CANCELLED", 2),
    ],
)
def test_decide_news_of_a_letter_in_any_order_never_lead_back(
    events: tuple[str, ...], state: str, codes: int
) -> None:
    current, told = MessageState.WAITING_FOR_DELIVERY, 0
    for event in (MessageEvent.LETTER_SET, *(MessageEvent[name] for name in events)):
        transition = decide(current, event)
        current, told = transition.state, told + len(transition.report_codes)
    assert (current, told) == (MessageState[state], codes)
