"""A batch: letters that are handed over together."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.local_time import LOCAL_ZONE
from server.domain.print_settings import Handling


class BatchState(StrEnum):
    """Where a batch is.

    CLOSED: its letters are settled, and it waits to be handed over. SUBMITTED: the output has it
    and is asked what became of its letters. SETTLED: nothing more is expected. REFUSED: the output
    will not take it; its letters have failed.
    """

    CLOSED = "closed"
    SUBMITTED = "submitted"
    SETTLED = "settled"
    REFUSED = "refused"


@dataclass(frozen=True)
class BatchGroup:
    """What letters of one batch have in common; `cut_off` None goes with the next batch."""

    output: str
    handling: Handling
    cut_off: datetime | None


@dataclass(frozen=True)
class BatchSums:
    """How much a batch holds."""

    letters: int
    pages: int
    sheets: int


@dataclass(frozen=True)
class StoredBatch:
    """A batch; times in UTC, `cause` in German.

    `reference` is what the output calls it. `is_told`: every letter follows the state of the batch.
    `lease_token` is that of who is handing it over.
    """

    key: int
    batch_id: str
    group: BatchGroup
    sums: BatchSums
    state: BatchState
    closed: datetime
    submitted: datetime | None
    reference: str
    attempts: int
    due: datetime
    cause: str
    is_told: bool
    lease_token: str
    next_poll: datetime | None
    news_until: datetime | None

    @property
    def cut_off(self) -> datetime:
        """The cut-off whose batch this is; where that was not waited for, when it was closed."""
        return min(self.group.cut_off or self.closed, self.closed)


def name_batch(cut_off: datetime, key: int, token: str) -> str:
    """The name of a batch: when it was cut off (local time), its number here, and a random token.

    The token keeps batches of different databases apart that go to the same output: it would take
    one for the other, and not print it.
    """
    return f"{cut_off.astimezone(LOCAL_ZONE):%Y%m%d-%H%M}-{key:06d}-{token}"
