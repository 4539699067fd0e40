"""Taking back a message whose time has not come; for another data centre, one that is unread."""

from persistence.database import Database, Stores
from server.domain.mandant import AnyCaller, CentreCaller
from server.domain.message import MessageEvent, MessageState
from server.domain.stored_message import StoredMessage
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.message_events import record_event
from server.services.peers import is_author


class Cancelling:
    """Cancels messages that wait for their NotBefore, and recalls unread ones (ADR 0013)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def cancel(self, caller: AnyCaller, message_id: str) -> None:
        """Takes a message back; repeating it changes nothing.

        Raises 9022 where the caller has not sent it (cancelMessage declares no
        InvalidMessageID), 9101 where NotBefore was never set, 9100 where it has passed.
        """

        def change(stores: Stores) -> None:
            message = stores.messages.find_named_for_change(message_id)
            if message is None or not is_author(caller, message):
                raise AmtshilfeError(
                    Faults.PARAMETER_COMBINATION,
                    f"Für diesen Account gibt es keine gesendete Nachricht {message_id}.",
                )
            if message.state == MessageState.CANCELLED:
                return
            event = MessageEvent.RECALLED
            if not _is_recallable(caller, message):
                event = MessageEvent.CANCELLED
                self._require_time(message)
            record_event(stores, message, event, self._clock())
            stores.orders.cancel(message.key)

        self._database.write(change)

    def _require_time(self, message: StoredMessage) -> None:
        not_before = message.head.not_before
        if not_before is None:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_UNSET, "Die Nachricht wurde ohne NotBefore gesendet."
            )
        is_waiting = message.state == MessageState.WAITING_FOR_DELIVERY
        if not_before <= self._clock() or not is_waiting:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_PASSED,
                f"Der Termin {not_before:%d.%m.%Y %H:%M} (UTC) ist verstrichen.",
            )


def _is_recallable(caller: AnyCaller, message: StoredMessage) -> bool:
    """True where another data centre gets back what it forwarded and nobody has fetched."""
    return isinstance(caller, CentreCaller) and message.state is MessageState.DELIVERED
