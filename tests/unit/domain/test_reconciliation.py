"""What an output counted, against what it was given."""

from dataclasses import replace

import pytest

from server.domain.letter import LetterState
from server.domain.letter_news import LetterProgress
from server.domain.reconciliation import NOT_COUNTED, Counts, ToldLetter, find_differences

LETTER = ToldLetter(
    1, "b1", LetterState.POSTED, 4, 2, NOT_COUNTED, frozenset({LetterProgress.POSTED})
)


def make_letters(*states: LetterState) -> list[ToldLetter]:
    return [replace(LETTER, number=number, state=state) for number, state in enumerate(states, 1)]


@pytest.mark.parametrize(
    "counted", [NOT_COUNTED, Counts(2), Counts(None, 8), Counts(None, None, 4), Counts(2, 8, 4)]
)
def test_find_differences_what_agrees_or_is_not_told_is_none(counted: Counts) -> None:
    letters = make_letters(
        LetterState.POSTED, LetterState.WITHDRAWN, LetterState.FAILED, LetterState.RETURNED
    )
    letters = [replace(letter, told=frozenset()) for letter in letters]
    assert find_differences(letters, counted, is_over=True) == ()


def test_find_differences_sums_come_first() -> None:
    letters = [replace(LETTER, counted=Counts(None, 3, 1))]
    assert find_differences(letters, Counts(2, 5, 9), is_over=True) == (
        "Briefe im Stapel: übergeben 1, gezählt 2.",
        "Seiten im Stapel: übergeben 4, gezählt 5.",
        "Blätter im Stapel: übergeben 2, gezählt 9.",
        "Brief 1 (b1): Seiten übergeben 4, gezählt 3.",
        "Brief 1 (b1): Blätter übergeben 2, gezählt 1.",
    )


@pytest.mark.parametrize("is_over", [False, True])
def test_find_differences_letter_without_end_counts_once_news_are_over(is_over: bool) -> None:
    letters = make_letters(LetterState.HANDED_OVER, LetterState.PRINTED)
    told = find_differences(letters, NOT_COUNTED, is_over=is_over)
    assert len(told) == (2 if is_over else 0)


def test_find_differences_contradicting_news_are_named() -> None:
    told = frozenset({LetterProgress.POSTED, LetterProgress.RETURNED, LetterProgress.FAILED})
    failed = replace(LETTER, state=LetterState.FAILED, told=told)
    assert find_differences([failed], NOT_COUNTED, is_over=False) == (
        "Brief 1 (b1): widersprüchlich gemeldet, auch „versandt“, „zurueckgekommen“.",
    )
