"""The Vorgänge of a Mandant, for itself alone; and the reminders that the worker writes."""

import logging
from dataclasses import dataclass
from datetime import date

from persistence.database import Database
from persistence.stores.vorgaenge import Overdue
from server.domain.local_time import find_local_day
from server.domain.mandant import Caller
from server.domain.vorgang import Vorgang, VorgangCriteria, VorgangEntry
from server.domain.vorgang_course import remind
from server.services.clock import Clock

logger = logging.getLogger(__name__)

MAX_FOUND = 100
_BATCH = 100


@dataclass(frozen=True)
class VorgangView:
    """A Vorgang with its history; `due` is the day by which an answer is owed."""

    vorgang: Vorgang
    entries: tuple[VorgangEntry, ...]
    due: date | None
    is_overdue: bool


@dataclass(frozen=True)
class FoundVorgaenge:
    """What was found, changed last first; `remaining` counts what was left out."""

    views: tuple[VorgangView, ...]
    remaining: int


class Vorgaenge:
    """Shows Vorgänge. Days are German ones."""

    def __init__(self, database: Database, clock: Clock, answer_days: int) -> None:
        self._database = database
        self._clock = clock
        self._answer_days = answer_days

    def find(
        self, caller: Caller, criteria: VorgangCriteria, maximum: int = MAX_FOUND
    ) -> FoundVorgaenge:
        """The caller's own Vorgänge that fit, at most a hundred; those of others do not exist."""
        today, mandant_key = find_local_day(self._clock()), caller.mandant.key
        overdue = Overdue(today, self._answer_days)
        with self._database.reading() as stores:
            found = stores.vorgaenge.list_found(
                mandant_key, criteria, overdue, min(maximum, MAX_FOUND)
            )
            total = stores.vorgaenge.count_found(mandant_key, criteria, overdue)
            histories = stores.vorgaenge.list_entries([vorgang.key for vorgang in found])
        views = tuple(self._view(vorgang, histories[vorgang.key], today) for vorgang in found)
        return FoundVorgaenge(views, total - len(views))

    def remind_overdue(self) -> bool:
        """Enters one reminder for each deadline that has passed; False where there is none.

        At most a hundred at once, so that no transaction takes long.
        """
        moment = self._clock()
        overdue = Overdue(find_local_day(moment), self._answer_days)
        with self._database.reading() as stores:
            if not stores.vorgaenge.has_to_remind(overdue):
                return False
        with self._database.writing() as stores:
            vorgaenge = stores.vorgaenge.list_to_remind(overdue, _BATCH)
            for vorgang in vorgaenge:
                if vorgang.waiting:
                    step = remind(vorgang, vorgang.waiting.due(self._answer_days), moment)
                    stores.vorgaenge.record(vorgang, step.vorgang, [step.entry])
                    stores.vorgaenge.mark_reminded(vorgang.key)
        for vorgang in vorgaenge:
            logger.info("%s: its answer is overdue", vorgang.vorgang_id)
        return bool(vorgaenge)

    def _view(
        self, vorgang: Vorgang, entries: tuple[VorgangEntry, ...], today: date
    ) -> VorgangView:
        due = vorgang.waiting.due(self._answer_days) if vorgang.waiting else None
        return VorgangView(vorgang, entries, due, due is not None and due < today)
