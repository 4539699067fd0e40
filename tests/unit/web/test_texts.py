"""German words for what the domain calls by a key."""

from server.domain.message import STATE_NAMES, MessageState
from server.domain.vorgang import VorgangState
from server.web.texts import VORGANG_STATES, name_author_state


def test_name_author_state_uses_the_words_of_all_users() -> None:
    assert {state: name_author_state(state)[0] for state in MessageState} == STATE_NAMES


def test_name_author_state_what_needs_the_author_is_marked() -> None:
    assert name_author_state(MessageState.LETTER_RETURNED) == ("Brief zurückgekommen", "danger")
    assert name_author_state(MessageState.WAITING_FOR_DELIVERY)[1] == "info"


def test_vorgang_states_every_state_has_a_word() -> None:
    assert set(VORGANG_STATES) == set(VorgangState)
