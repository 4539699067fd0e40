"""Fallback: from the rules of the author's Mandant to a letter, or back to the sender.

What a letter needs (an address in the directory, contents that can be printed) is asked before a
transaction begins; `apply_fallback` then writes within the caller's.
"""

from datetime import datetime

from persistence.blobs import Blobs
from persistence.database import Database, Stores
from server.domain.destination import LETTER
from server.domain.fallback import FallbackAction, FallbackReason, decide_fallback
from server.domain.message import MessageEvent, MessageState
from server.domain.stored_message import StoredMessage
from server.printing.attachment_guard import CheckUnavailable
from server.services.clock import Clock
from server.services.delivering.channel import (
    DependencyDown,
    FallBack,
    Fallback,
    FurtherOrder,
    Outcome,
)
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import find_stored_obstacle
from server.services.message_events import record_event
from server.xmlio.payloads import PayloadInspector


class Fallbacks:
    """Decides by the rules of the author's Mandant; writes nothing."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        directory: Directory,
        inspector: PayloadInspector,
        clock: Clock,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._directory = directory
        self._inspector = inspector
        self._clock = clock

    def find(self, message: StoredMessage, reason: FallbackReason, cause: str) -> Fallback:
        """What becomes of the message; `cause` is a German sentence for the report.

        Raises DependencyDown while the directory is away.
        """
        with self._database.reading() as stores:
            rules = stores.fallback_rules.find(message.author_mandant)
        action = decide_fallback(rules, reason, is_test=message.head.is_test)
        if action is FallbackAction.RETURN:
            return Fallback(Outcome(MessageEvent.RETURNED, cause))
        if action is not FallbackAction.LETTER:
            return Fallback()
        problem = self._find_problem(message)
        if problem:
            return Fallback(problem=problem)
        return Fallback(self.order_letter(cause))

    def order_letter(self, cause: str) -> Outcome:
        """A letter whatever the rules want; `cause` is a German sentence for the report."""
        further = (FurtherOrder(LETTER, self._clock()),)
        return Outcome(MessageEvent.FALLBACK_TO_LETTER, cause, further=further)

    def _find_problem(self, message: StoredMessage) -> str:
        try:
            behoerde = self._directory.find_behoerde(message.head.reader)
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error
        if behoerde is None:
            return f"Das Verzeichnis nennt keine Anschrift von {message.head.reader}."
        try:
            return find_stored_obstacle(self._blobs, message, self._inspector) or ""
        except CheckUnavailable as error:
            raise DependencyDown("Prüfung der Anlagen", str(error)) from error


def find_outcome_after_end(fall_back: FallBack, message: StoredMessage, cause: str) -> Outcome:
    """What becomes of a message to a reader whose access has ended; raises DependencyDown.

    Without a rule it goes back, and so does what was fetched: that never becomes a letter.
    """
    if message.state is MessageState.FETCHED:
        return Outcome(MessageEvent.RETURNED, cause)
    found = fall_back(message, FallbackReason.ACCESS_ENDED, cause)
    if found.outcome:
        return found.outcome
    return Outcome(MessageEvent.RETURNED, f"{cause} {found.problem}".rstrip())


def apply_fallback(
    stores: Stores, message: StoredMessage, outcome: Outcome, moment: datetime
) -> None:
    """Writes an outcome of `Fallbacks.find` within the caller's transaction, which locks `message`.

    All orders of the message end; the letter is ordered once. Raises ImpossibleTransition.
    """
    if outcome.event:
        record_event(stores, message, outcome.event, moment, detail=outcome.detail)
    stores.orders.cancel(message.key)
    for further in outcome.further:
        is_new = stores.orders.add(
            message.key, further.destination, moment, further.due, is_redirected=True
        )
        if not is_new:
            raise RuntimeError(f"message {message.head.message_id} has had a letter before")
