"""German words for what the domain calls by a key."""

import re

import pytest

from server.domain.message import STATE_NAMES, MessageState
from server.domain.vorgang import VorgangState
from server.domain.vorgang_facts import VorgangEvent
from server.web.texts import VORGANG_STATES, name_author_state, write_action
from tests.unit.web.test_audited_routes import CHANGES


def test_name_author_state_uses_the_words_of_all_users() -> None:
    assert {state: name_author_state(state)[0] for state in MessageState} == STATE_NAMES


def test_name_author_state_what_needs_the_author_is_marked() -> None:
    assert name_author_state(MessageState.LETTER_RETURNED) == ("Brief zurückgekommen", "danger")
    assert name_author_state(MessageState.WAITING_FOR_DELIVERY)[1] == "info"


def test_vorgang_states_every_state_has_a_word() -> None:
    assert set(VORGANG_STATES) == set(VorgangState)


ACTIONS = sorted(
    {action for case in CHANGES for action in case.actions}
    | {f"{event.value}-gesendet" for event in VorgangEvent}
)


@pytest.mark.parametrize("action", ACTIONS)
def test_action_of_the_audit_is_written_with_umlauts_and_capitals(action: str) -> None:
    written = write_action(action)
    assert not re.search("ae|oe|(?<![aeq])ue|-", written), written
    assert written[0].isupper()


@pytest.mark.parametrize(
    ("action", "written"),
    [
        ("benutzer-zurueckgesetzt", "Benutzer zurückgesetzt"),
        ("rolle-geaendert", "Rolle geändert"),
        ("nachricht-geoeffnet", "Nachricht geöffnet"),
        ("rueckfrage-gesendet", "Rückfrage gesendet"),
        ("eigene-massnahme-angelegt", "Eigene Maßnahme angelegt"),
        ("entwurf-anlagen", "Anlagen des Entwurfs geändert"),
        ("zweiter-faktor", "Zweiter Faktor"),
    ],
)
def test_action_of_the_audit_is_written_as_words(action: str, written: str) -> None:
    assert write_action(action) == written
