"""The states of the outbox."""

from server.domain.message import MessageState
from server.domain.outbox import OUTBOX_STATES, OutboxState


def test_outbox_states_every_state_of_a_sent_message_is_found_under_one() -> None:
    listed = [state for states in OUTBOX_STATES.values() for state in states]
    ended_as_test = {MessageState.NEW, MessageState.TEST_ENDED}
    assert set(listed) == set(MessageState) - ended_as_test
    assert len(listed) == len(set(listed))
    assert OUTBOX_STATES[OutboxState.ALL] == ()
