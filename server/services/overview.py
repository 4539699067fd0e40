"""What waits for the users of an authority: a few numbers, each counted up to a limit."""

from dataclasses import dataclass
from datetime import timedelta

from persistence.database import Database
from persistence.stores.vorgaenge import Overdue
from server.domain.draft import DraftState
from server.domain.local_time import find_local_day
from server.domain.outbox import OutboxState
from server.domain.vorgang_list import OverdueSide
from server.domain.web_user import Actor
from server.services.clock import Clock

# More than that are told as this number.
MAX_COUNTED = 1_000
# What came back longer ago has been seen.
RETURNED_DAYS = 30


@dataclass(frozen=True)
class WorkSummary:
    """What waits; a number is MAX_COUNTED where there are as many or more.

    `own_overdue` are answers that the Mandant owes, `foreign_overdue` those it waits for;
    `returned` came back within RETURNED_DAYS; `parked` waits for the operator; `drafts` are begun,
    `releases` of them wait for a second user.
    """

    unread: int
    own_overdue: int
    foreign_overdue: int
    returned: int
    parked: int
    drafts: int
    releases: int


class Overview:
    """Counts for the actor's Mandant."""

    def __init__(self, database: Database, clock: Clock, answer_days: int) -> None:
        self._database = database
        self._clock = clock
        self._answer_days = answer_days

    def summarise(self, actor: Actor) -> WorkSummary:
        """What waits now."""
        mandant, today = actor.mandant_key, find_local_day(self._clock())
        overdue = Overdue(today, self._answer_days)
        since = today - timedelta(days=RETURNED_DAYS)
        with self._database.reading() as stores:
            lists, outbox = stores.vorgang_lists, stores.outbox
            return WorkSummary(
                stores.inbox.count_unread(mandant, MAX_COUNTED),
                lists.count_overdue(mandant, OverdueSide.OWN, overdue, MAX_COUNTED),
                lists.count_overdue(mandant, OverdueSide.PARTNER, overdue, MAX_COUNTED),
                outbox.count(mandant, OutboxState.RETURNED, MAX_COUNTED, since),
                outbox.count(mandant, OutboxState.PARKED, MAX_COUNTED),
                stores.drafts.count(mandant, MAX_COUNTED),
                stores.drafts.count(mandant, MAX_COUNTED, DraftState.WAITS_FOR_RELEASE),
            )
