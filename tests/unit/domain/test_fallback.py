"""What the rules of an author want."""

import pytest

from server.domain.fallback import (
    NO_RULES,
    FallbackAction,
    FallbackReason,
    FallbackRules,
    decide_fallback,
    describe_unread,
)

LETTER = FallbackAction.LETTER
ALL_LETTERS = FallbackRules(14, LETTER, LETTER)


@pytest.mark.parametrize("reason", FallbackReason)
def test_decide_fallback_without_rules_wants_nothing(reason: FallbackReason) -> None:
    assert decide_fallback(NO_RULES, reason, is_test=False) is None


@pytest.mark.parametrize("reason", FallbackReason)
def test_decide_fallback_letter_is_never_for_a_test_message(reason: FallbackReason) -> None:
    assert decide_fallback(ALL_LETTERS, reason, is_test=False) is LETTER
    assert decide_fallback(ALL_LETTERS, reason, is_test=True) is None


@pytest.mark.parametrize(
    ("reason", "action"),
    [
        (FallbackReason.UNREAD, None),
        (FallbackReason.REFUSED, FallbackAction.RETURN),
        (FallbackReason.NO_ENDPOINT, FallbackAction.PARK),
        (FallbackReason.ACCESS_ENDED, None),
    ],
)
def test_decide_fallback_other_actions_hold_for_test_messages_too(
    reason: FallbackReason, action: FallbackAction | None
) -> None:
    rules = FallbackRules(None, FallbackAction.RETURN, FallbackAction.PARK)
    assert decide_fallback(rules, reason, is_test=True) is action


def test_describe_unread_counts_days_as_a_person_would() -> None:
    assert "seit einem Tag" in describe_unread(1)
    assert "seit 14 Tagen" in describe_unread(14)
