"""What the calendar brings to the access of Mandanten, noted by the worker.

That an access is over is decided by its last day and waits for nobody; here it is written down,
a test access is reminded of, and what lies in a closed mailbox goes back.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from persistence.database import Database, Stores
from server.domain.local_time import find_local_day
from server.domain.mandant import AccessEntry, Mandant
from server.domain.mandant_access import (
    AccessEvent,
    MandantAccess,
    change_access,
    describe_days_left,
    explain_inactive,
    find_current_state,
    find_due_reminder,
)
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, FallBack, find_no_fallback
from server.services.fallback import apply_fallback, find_outcome_after_end
from server.services.mandanten import record_access
from server.services.pause import Pause

logger = logging.getLogger(__name__)

_ACTOR = "Kalender"
_BATCH = 100
_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class CalendarRules:
    """In days: how long before its end a test access is reminded of, when messages go back."""

    reminder_days: Sequence[int]
    return_days: int


class AccessCalendar:
    """The daily work around accesses. Days are German ones."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rules: CalendarRules,
        fall_back: FallBack = find_no_fallback,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules
        self._fall_back = fall_back
        self._pause = Pause(clock, _PAUSE)

    def note_changes(self) -> bool:
        """Notes ends and reminders that have come; False where there is none."""
        today = find_local_day(self._clock())
        with self._database.reading() as stores:
            mandanten = stores.mandanten.list_all()
        due = [mandant.key for mandant in mandanten if self._find_change(mandant, today)]
        for key in due:
            with self._database.writing() as stores:
                self._note(stores, stores.mandanten.find_for_change(key), today)
        return bool(due)

    def return_messages(self) -> bool:
        """Gives back what has been in closed mailboxes for too long; False where nothing has.

        Where the author's rules want it, it becomes a letter. At most a hundred at once, each in
        a transaction of its own.
        """
        if self._pause.is_on:
            return False
        today = find_local_day(self._clock())
        ended_before = today - timedelta(days=self._rules.return_days)
        with self._database.reading() as stores:
            left = stores.messages.list_left_behind(ended_before, _BATCH)
        try:
            returned = [message for message in left if self._return(message, today)]
        except DependencyDown as error:
            logger.warning("messages in closed mailboxes wait: %s", error)
            self._pause.begin()
            return False
        return bool(returned)

    def _find_change(self, mandant: Mandant, today: date) -> tuple[MandantAccess, str] | None:
        """The access after what has come, and how the history tells it (German)."""
        access = mandant.access
        if find_current_state(access, today) is not access.state:
            ended = change_access(access, AccessEvent.RUN_OUT, today, 0)
            return ended, explain_inactive(mandant.name, access)
        reminder = find_due_reminder(access, today, self._rules.reminder_days)
        if reminder is None:
            return None
        return replace(access, reminded_days=reminder), describe_days_left(access, today)

    def _note(self, stores: Stores, mandant: Mandant, today: date) -> None:
        change = self._find_change(mandant, today)
        if change is None:
            return
        access, text = change
        entry = AccessEntry(self._clock(), _ACTOR, text, access.state, access.last_day)
        record_access(stores, mandant.key, access, entry)
        logger.warning("mandant %s: the access ends on %s", mandant.identifier, access.last_day)

    def _return(self, message: StoredMessage, today: date) -> bool:
        with self._database.reading() as stores:
            reader = stores.mandanten.find(message.head.reader)
        if reader is None:
            return False
        reason = explain_inactive(reader.name, reader.access)
        outcome = find_outcome_after_end(self._fall_back, message, reason)
        with self._database.writing() as stores:
            current = stores.messages.find_for_change(message.key)
            reader = stores.mandanten.find(message.head.reader)
            if current is None or reader is None or current.state is not message.state:
                return False
            if not reader.access.is_over(today):
                return False
            apply_fallback(stores, current, outcome, self._clock())
        return True
