"""Recalls: a message that nobody fetched at another data centre comes back and becomes a letter.

That it is asked back is committed before the other side hears of it. So whatever breaks in between,
it is asked again, and what it has given back becomes a letter once (ADR 0013).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from clients.xta import WireParty, XtaClient, XtaFault
from persistence.database import Database, Stores
from persistence.stores.forwarded import ForwardedMessage
from server.domain.forwarding import ForeignReport, RecallState, judge_recall
from server.domain.message import MessageState
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.services.clock import Clock
from server.services.delivering.centre_faults import is_passing
from server.services.delivering.channel import Outcome
from server.services.fallback import apply_fallback

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RecallAnswer:
    """What the other data centre said; `refusal` (German) is empty while it may still agree."""

    is_given_back: bool
    refusal: str = ""


class Recalls:
    """Asks messages back, and orders the letters of those that were given back."""

    def __init__(
        self, database: Database, order_letter: Callable[[str], Outcome], clock: Clock
    ) -> None:
        self._database = database
        self._order_letter = order_letter
        self._clock = clock

    def ask(
        self, item: ForwardedMessage, message: StoredMessage, client: XtaClient, author: WireParty
    ) -> RecallAnswer:
        """Asks for the message, again and again the same; raises XtaError where nobody answers."""
        try:
            client.cancel(message.head.message_id, author)
        except XtaFault as error:
            logger.warning("message %s is not given back: %s", message.head.message_id, error)
            if is_passing(error):
                return RecallAnswer(False)
            return RecallAnswer(False, f"{item.centre.title} gibt sie nicht zurück: {error.reason}")
        with self._database.writing() as stores:
            self._end_as_letter(stores, item, item.recall_cause)
        return RecallAnswer(True)

    def settle(
        self, stores: Stores, item: ForwardedMessage, report: ForeignReport, refusal: str
    ) -> bool:
        """Enters what the report says of a recall; True where the message has become a letter.

        The caller's transaction locks the message. A refusal counts where the message is still
        there: the answer to an earlier question may have been lost.
        """
        cause = stores.forwarded.find_recall(item.message_key)
        if not cause:
            return False
        state = judge_recall(report)
        if state is RecallState.TAKEN_BACK:
            self._end_as_letter(stores, item, cause)
            return True
        if state is RecallState.FETCHED:
            self._end(stores, item, ReportCode.FALLBACK_NEEDLESS, item.centre.title)
        elif refusal:
            self._end(stores, item, ReportCode.FALLBACK_IMPOSSIBLE, refusal)
        return False

    def _end_as_letter(self, stores: Stores, item: ForwardedMessage, cause: str) -> None:
        message = stores.messages.find_for_change(item.message_key)
        if message and message.state is MessageState.DELIVERED_ELSEWHERE:
            detail = f"{cause} {item.centre.title} hat sie zurückgegeben."
            apply_fallback(stores, message, self._order_letter(detail), self._clock())
        stores.forwarded.end_recall(item.message_key)
        stores.forwarded.end(item.message_key)

    def _end(self, stores: Stores, item: ForwardedMessage, code: ReportCode, detail: str) -> None:
        """The message stays with its reader; that is told once and not looked at again."""
        entry = make_entry(code, self._clock(), detail)
        stores.messages.add_entries(item.message_key, [entry])
        stores.fallback_rules.mark_noted(item.message_key)
        stores.forwarded.end_recall(item.message_key)
