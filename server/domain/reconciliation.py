"""Reconciliation: what a print output counted and told, against what it was given."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.letter import LetterState
from server.domain.letter_news import LetterProgress, is_contradiction

# What the output does not count: these are not printed, or not to their end.
_UNCOUNTED = (LetterState.FAILED, LetterState.WITHDRAWN)


@dataclass(frozen=True)
class Counts:
    """What the output says it counted; None where it does not say it."""

    letters: int | None = None
    pages: int | None = None
    sheets: int | None = None


NOT_COUNTED = Counts()


@dataclass(frozen=True)
class ToldLetter:
    """A letter as it was handed over, and what the output told of it; `counted` has no letters."""

    number: int
    letter_id: str
    state: LetterState
    pages: int
    sheets: int
    counted: Counts
    told: frozenset[LetterProgress]


@dataclass(frozen=True)
class Acknowledgement:
    """A difference (its line) that somebody has looked into, and what came out (German)."""

    line: str
    reason: str
    actor: str
    moment: datetime


def count_open(lines: Iterable[str], acknowledged: Iterable[Acknowledgement]) -> int:
    """How many differences nobody has acknowledged."""
    known = {item.line for item in acknowledged}
    return sum(line not in known for line in lines)


def find_differences(
    letters: Sequence[ToldLetter], counted: Counts, *, is_over: bool
) -> tuple[str, ...]:
    """What does not agree, as German lines, the sums first.

    Once the news are over, a letter of which no end was told is a difference too.
    """
    return (
        *_compare_sums(letters, counted),
        *(line for letter in letters for line in _compare_letter(letter, is_over=is_over)),
    )


def _compare_sums(letters: Iterable[ToldLetter], counted: Counts) -> Iterator[str]:
    expected = [letter for letter in letters if letter.state not in _UNCOUNTED]
    for name, ours, theirs in (
        ("Briefe", len(expected), counted.letters),
        ("Seiten", sum(letter.pages for letter in expected), counted.pages),
        ("Blätter", sum(letter.sheets for letter in expected), counted.sheets),
    ):
        if theirs is not None and theirs != ours:
            yield f"{name} im Stapel: übergeben {ours}, gezählt {theirs}."


def _compare_letter(letter: ToldLetter, *, is_over: bool) -> Iterator[str]:
    name = f"Brief {letter.number} ({letter.letter_id})"
    for unit, ours, theirs in (
        ("Seiten", letter.pages, letter.counted.pages),
        ("Blätter", letter.sheets, letter.counted.sheets),
    ):
        if theirs is not None and theirs != ours:
            yield f"{name}: {unit} übergeben {ours}, gezählt {theirs}."
    conflicting = sorted(item for item in letter.told if is_contradiction(letter.state, item))
    if conflicting:
        told = ", ".join(f"„{item}“" for item in conflicting)
        yield f"{name}: widersprüchlich gemeldet, auch {told}."
    if is_over and letter.state.is_with_output:
        yield f"{name}: nicht gemeldet, ob er versandt ist."
