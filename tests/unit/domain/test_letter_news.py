"""News of a letter: what each changes, whatever came before."""

from itertools import permutations

import pytest

from server.domain.letter import LetterState
from server.domain.letter_news import LetterProgress, decide_news, is_contradiction
from server.domain.message import MessageEvent

ENDS = {
    LetterState.POSTED,
    LetterState.FAILED,
    LetterState.RETURNED,
    LetterState.WITHDRAWN,
}


def follow(*news: LetterProgress) -> LetterState:
    state = LetterState.HANDED_OVER
    for progress in news:
        step = decide_news(state, progress)
        state = step.state if step else state
    return state


@pytest.mark.parametrize(
    ("news", "state"),
    [
        ({LetterProgress.ACCEPTED}, LetterState.HANDED_OVER),
        ({LetterProgress.ACCEPTED, LetterProgress.PRINTED}, LetterState.PRINTED),
        ({LetterProgress.PRINTED, LetterProgress.POSTED}, LetterState.POSTED),
        (
            {LetterProgress.PRINTED, LetterProgress.POSTED, LetterProgress.RETURNED},
            LetterState.RETURNED,
        ),
        ({LetterProgress.PRINTED, LetterProgress.FAILED}, LetterState.FAILED),
        ({LetterProgress.ACCEPTED, LetterProgress.WITHDRAWN}, LetterState.WITHDRAWN),
    ],
)
def test_follow_any_order_comes_to_the_same(news: set[LetterProgress], state: LetterState) -> None:
    assert {follow(*order) for order in permutations(news)} == {state}


@pytest.mark.parametrize("state", LetterState)
@pytest.mark.parametrize("progress", LetterProgress)
def test_decide_repeated_news_change_nothing(state: LetterState, progress: LetterProgress) -> None:
    step = decide_news(state, progress)
    if step:
        assert decide_news(step.state, progress) is None
        assert not is_contradiction(step.state, progress)


@pytest.mark.parametrize("state", [LetterState.READY, LetterState.BATCHED])
@pytest.mark.parametrize("progress", LetterProgress)
def test_decide_letter_that_is_not_handed_over_stays(
    state: LetterState, progress: LetterProgress
) -> None:
    assert decide_news(state, progress) is None


def test_decide_after_the_end_only_a_posted_letter_comes_back() -> None:
    steps = {
        (state, progress): step
        for state in ENDS
        for progress in LetterProgress
        if (step := decide_news(state, progress))
    }
    assert list(steps) == [(LetterState.POSTED, LetterProgress.RETURNED)]
    assert {step.event for step in steps.values()} == {MessageEvent.LETTER_RETURNED}


@pytest.mark.parametrize(
    ("state", "progress", "expected"),
    [
        (LetterState.FAILED, LetterProgress.POSTED, True),
        (LetterState.WITHDRAWN, LetterProgress.RETURNED, True),
        (LetterState.POSTED, LetterProgress.FAILED, True),
        (LetterState.RETURNED, LetterProgress.WITHDRAWN, True),
        (LetterState.POSTED, LetterProgress.PRINTED, False),
        (LetterState.FAILED, LetterProgress.PRINTED, False),
        (LetterState.PRINTED, LetterProgress.FAILED, False),
    ],
)
def test_is_contradiction(state: LetterState, progress: LetterProgress, expected: bool) -> None:
    assert is_contradiction(state, progress) is expected
