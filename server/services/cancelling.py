"""Taking back a message whose time has not come, or whose letter is not in a batch yet; for another
data centre, one that is unread.
"""

from persistence.database import Besides, Database, Stores, nothing_besides
from server.domain.destination import DestinationKind
from server.domain.german import format_german_moment
from server.domain.mandant import AnyCaller, CentreCaller
from server.domain.message import MessageEvent, MessageState
from server.domain.stored_message import StoredMessage
from server.errors import AmtshilfeError, Faults
from server.services.batching.withdrawing import take_back
from server.services.clock import Clock
from server.services.message_events import record_event
from server.services.peers import is_author

_LETTER_GONE = frozenset(
    {
        MessageState.LETTER_HANDED_OVER,
        MessageState.LETTER_POSTED,
        MessageState.LETTER_UNCONFIRMED,
        MessageState.LETTER_RETURNED,
    }
)
_TAKEN_BACK = frozenset({MessageState.CANCELLED, MessageState.LETTER_WITHDRAWN})


class Cancelling:
    """Cancels messages that wait for their NotBefore, and letters until their batch closes.

    Unread messages it recalls for the data centre that forwarded them (ADR 0013).
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def cancel(
        self, caller: AnyCaller, message_id: str, besides: Besides = nothing_besides
    ) -> None:
        """Takes a message back; repeating it changes nothing. `besides` writes along with it.

        Raises 9022 where the caller has not sent it (cancelMessage declares no
        InvalidMessageID), 9101 where NotBefore was never set, 9100 where it has passed or the
        letter is in a batch.
        """

        def change(stores: Stores) -> None:
            message = stores.messages.find_named_for_change(message_id)
            if message is None or not is_author(caller, message):
                raise AmtshilfeError(
                    Faults.PARAMETER_COMBINATION,
                    f"Für diesen Account gibt es keine gesendete Nachricht {message_id}.",
                )
            if message.state in _TAKEN_BACK:
                return
            self._cancel(stores, caller, message)
            besides(stores)

        self._database.write(change)

    def _cancel(self, stores: Stores, caller: AnyCaller, message: StoredMessage) -> None:
        if message.state == MessageState.LETTER_READY:
            self._take_letter_back(stores, message)
            return
        event = MessageEvent.RECALLED
        if not _is_recallable(caller, message):
            event = MessageEvent.CANCELLED
            if not _becomes_letter(stores, message):
                self._require_time(message)
        record_event(stores, message, event, self._clock())
        stores.orders.cancel(message.key)

    def _take_letter_back(self, stores: Stores, message: StoredMessage) -> None:
        if not take_back(stores, message, self._clock()):
            raise AmtshilfeError(
                Faults.NOT_BEFORE_PASSED,
                "Der Annahmeschluss ist verstrichen, der Brief ist in einem Stapel.",
            )

    def _require_time(self, message: StoredMessage) -> None:
        not_before = message.head.not_before
        if message.state in _LETTER_GONE:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_PASSED, "Der Brief ist schon an die Druckausgabe übergeben."
            )
        if not_before is None:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_UNSET, "Die Nachricht wurde ohne NotBefore gesendet."
            )
        is_waiting = message.state == MessageState.WAITING_FOR_DELIVERY
        if not_before <= self._clock() or not is_waiting:
            raise AmtshilfeError(
                Faults.NOT_BEFORE_PASSED,
                f"Der Termin, {format_german_moment(not_before)}, ist verstrichen.",
            )


def _is_recallable(caller: AnyCaller, message: StoredMessage) -> bool:
    """True where another data centre gets back what it forwarded and nobody has fetched."""
    return isinstance(caller, CentreCaller) and message.state is MessageState.DELIVERED


def _becomes_letter(stores: Stores, message: StoredMessage) -> bool:
    """A letter that is not set yet can be taken back as one that is."""
    if message.state != MessageState.WAITING_FOR_DELIVERY:
        return False
    active = stores.order_desk.lock_active(message.key)
    return any(order.destination.kind is DestinationKind.LETTER for order in active)
