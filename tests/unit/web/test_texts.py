"""German words for what the domain calls by a key."""

from server.domain.message import MessageState
from server.domain.vorgang import VorgangState
from server.web.texts import AUTHOR_STATES, VORGANG_STATES


def test_author_states_every_state_of_a_sent_message_has_a_word() -> None:
    assert set(AUTHOR_STATES) == set(MessageState) - {MessageState.NEW}


def test_vorgang_states_every_state_has_a_word() -> None:
    assert set(VORGANG_STATES) == set(VorgangState)
