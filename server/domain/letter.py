"""A letter from when it is set until the print output has told its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.content import BlobRef
from server.domain.print_settings import Handling


class LetterState(StrEnum):
    """Where a letter is; it goes out once at most.

    READY can be withdrawn here. BATCHED has its number in a batch. From HANDED_OVER on the output
    has it.
    """

    READY = "ready"
    BATCHED = "batched"
    HANDED_OVER = "handed-over"
    PRINTED = "printed"
    POSTED = "posted"
    FAILED = "failed"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"

    @property
    def is_with_output(self) -> bool:
        """True while the output has it and has not told its end."""
        return self in (LetterState.HANDED_OVER, LetterState.PRINTED)


@dataclass(frozen=True)
class LetterDetails:
    """What the job ticket says of a letter; the lines are those of address fields."""

    aktenzeichen: str
    sender: str
    sender_lines: tuple[str, ...]
    recipient_lines: tuple[str, ...]


@dataclass(frozen=True)
class NewLetter:
    """A letter that was set and proved; its PDF lies in the blob store.

    `letter_id` is a safe name for a file. `cut_off` is when its batch closes, None where it goes
    with the next one. `sheets` is how many sheets of paper the pages take with this handling.
    """

    letter_id: str
    output: str
    handling: Handling
    cost_centre: str
    cut_off: datetime | None
    postal_code: str
    pages: int
    sheets: int
    pdf: BlobRef
    details: LetterDetails


@dataclass(frozen=True)
class StoredLetter:
    """A letter with what became of it; `number` counts from 1 within its batch.

    `letter.pdf` is the letter as it goes out: with its marks, once they are drawn.
    """

    key: int
    message_key: int
    order_key: int
    state: LetterState
    created: datetime
    letter: NewLetter
    batch_key: int | None
    number: int | None
    is_marked: bool = False


def name_letter(order_id: str, earlier: int) -> str:
    """The name of the next letter of an order, of which there were so many before."""
    return f"{order_id}-{earlier + 1}" if earlier else order_id
