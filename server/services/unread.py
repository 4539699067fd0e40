"""Messages that nobody fetched for too long become letters, where their author wants it.

What lies in a mailbox of another data centre is asked back first (services/recalls.py).
"""

import logging
from datetime import datetime, timedelta

from persistence.database import Database, Stores
from server.domain.fallback import FallbackReason, describe_unread
from server.domain.message import UNREAD_STATES, MessageState
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, FallBack, Outcome
from server.services.fallback import apply_fallback
from server.services.pause import Pause

logger = logging.getLogger(__name__)

_BATCH = 100
_PAUSE = timedelta(minutes=1)


class UnreadMessages:
    """Takes messages out of mailboxes and orders letters. A fetch at the same moment wins or loses:

    both lock the message, and who comes second finds it in another state.
    """

    def __init__(self, database: Database, fall_back: FallBack, clock: Clock) -> None:
        self._database = database
        self._fall_back = fall_back
        self._clock = clock
        self._pause = Pause(clock, _PAUSE)

    def order_letters(self) -> bool:
        """Orders letters for at most a hundred messages, or asks them back.

        False where there was nothing to do. Each message has a transaction of its own.
        """
        if self._pause.is_on:
            return False
        with self._database.reading() as stores:
            due = _list_due(stores, self._clock())
            messages = stores.messages.find_many(list(due)) if due else {}
        treated = [self._treat(message, due[key]) for key, message in messages.items()]
        if messages and not any(treated):
            # What cannot be treated now is still there in a minute.
            self._pause.begin()
        return any(treated)

    def _treat(self, message: StoredMessage, days: int) -> bool:
        """False where nothing was changed; what goes wrong with one message delays no other."""
        if self._pause.is_on:
            return False
        try:
            found = self._fall_back(message, FallbackReason.UNREAD, describe_unread(days))
            if found.outcome:
                return self._order_letter(message, found.outcome)
            return self._note_problem(message, found.problem) if found.problem else False
        except DependencyDown as error:
            logger.warning("unread messages wait: %s", error)
            self._pause.begin()
        except Exception:
            logger.exception("message %s cannot fall back", message.head.message_id)
        return False

    def _order_letter(self, message: StoredMessage, outcome: Outcome) -> bool:
        with self._database.writing() as stores:
            current = stores.messages.find_for_change(message.key)
            if current is None or current.state is not message.state:
                return False
            if current.state is MessageState.DELIVERED:
                apply_fallback(stores, current, outcome, self._clock())
            else:
                stores.forwarded.ask_back(current.key, outcome.detail, self._clock())
        return True

    def _note_problem(self, message: StoredMessage, problem: str) -> bool:
        """Once: afterwards the message is not looked at any more."""
        with self._database.writing() as stores:
            current = stores.messages.find_for_change(message.key)
            if current is None or current.state not in UNREAD_STATES:
                return False
            if stores.fallback_rules.is_noted(message.key):
                return False
            entry = make_entry(ReportCode.FALLBACK_IMPOSSIBLE, self._clock(), problem)
            stores.messages.add_entries(message.key, [entry])
            stores.fallback_rules.mark_noted(message.key)
        logger.warning("message %s stays unread: %s", message.head.message_id, problem)
        return True


def _list_due(stores: Stores, moment: datetime) -> dict[int, int]:
    """Messages by their keys, and after how many days their authors want a letter."""
    due: dict[int, int] = {}
    for mandant_key, days in stores.fallback_rules.list_unread_days():
        before = moment - timedelta(days=days)
        keys = stores.fallback_rules.list_unread(mandant_key, before, _BATCH - len(due))
        due.update(dict.fromkeys(keys, days))
    return due
