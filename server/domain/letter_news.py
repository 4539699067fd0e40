"""What a print output tells of a letter, and what that changes, in whatever order it comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.domain.letter import LetterState
from server.domain.message import MessageEvent


class LetterProgress(StrEnum):
    """What became of a letter; the values stand in return files.

    The order is the one in which news that come together are told: what says that a letter went
    out counts before what says that it did not.
    """

    ACCEPTED = "angenommen"
    PRINTED = "gedruckt"
    POSTED = "versandt"
    FAILED = "fehler"
    WITHDRAWN = "zurueckgezogen"
    RETURNED = "zurueckgekommen"


RANKS: Mapping[LetterProgress, int] = {
    progress: rank for rank, progress in enumerate(LetterProgress)
}


@dataclass(frozen=True)
class LetterStep:
    """The next state of a letter, and what happens to its message."""

    state: LetterState
    event: MessageEvent


_S, _P, _E = LetterState, LetterProgress, MessageEvent
_WITH_OUTPUT = (_S.HANDED_OVER, _S.PRINTED)
_STEPS: Mapping[tuple[LetterState, LetterProgress], LetterStep] = {
    (_S.HANDED_OVER, _P.PRINTED): LetterStep(_S.PRINTED, _E.LETTER_PRINTED),
    **{(state, _P.POSTED): LetterStep(_S.POSTED, _E.LETTER_POSTED) for state in _WITH_OUTPUT},
    **{(state, _P.FAILED): LetterStep(_S.FAILED, _E.LETTER_FAILED) for state in _WITH_OUTPUT},
    **{
        (state, _P.WITHDRAWN): LetterStep(_S.WITHDRAWN, _E.LETTER_WITHDRAWN)
        for state in _WITH_OUTPUT
    },
    **{
        (state, _P.RETURNED): LetterStep(_S.RETURNED, _E.LETTER_RETURNED)
        for state in (*_WITH_OUTPUT, _S.POSTED)
    },
}
_WENT_OUT, _STAYED = (_S.POSTED, _S.RETURNED), (_S.FAILED, _S.WITHDRAWN)
_TELLS_GOING, _TELLS_STAYING = (_P.POSTED, _P.RETURNED), (_P.FAILED, _P.WITHDRAWN)


def decide_news(state: LetterState, progress: LetterProgress) -> LetterStep | None:
    """What news changes; None where it is old, repeats what is known, or contradicts it."""
    return _STEPS.get((state, progress))


def is_contradiction(state: LetterState, progress: LetterProgress) -> bool:
    """True where a letter is said to have gone out that did not, or the other way round.

    A person has to look: the letter may have gone out twice, or not at all.
    """
    went_after_all = state in _STAYED and progress in _TELLS_GOING
    return went_after_all or (state in _WENT_OUT and progress in _TELLS_STAYING)
