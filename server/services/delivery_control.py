"""What a person does about deliveries: look, resume, redirect to a letter, end.

Every change is written in one transaction with the message's state and report, so that the author
hears of it, and with its entry in the audit. It is refused with its reason where it cannot be.
Repeating it changes nothing.
"""

from collections.abc import Iterable, Iterator

from persistence.blobs import Blobs
from persistence.database import Database, Stores
from persistence.stores.order_desk import OrderFilter, OrderView
from persistence.stores.orders import ACTIVE_STATES, Attempt, AttemptEvent, OrderState
from server.domain.circuit_breaker import start_probe
from server.domain.destination import LETTER, Destination, DestinationKind
from server.domain.german import format_german_moment
from server.domain.message import MessageEvent, MessageState
from server.domain.stored_message import StoredMessage
from server.domain.web_user import AuditEntry
from server.printing.attachment_guard import CheckUnavailable
from server.services.clock import Clock
from server.services.delivery_sight import (
    BusyDestination,
    MessageOrders,
    list_busy_destinations,
)
from server.services.letters import find_stored_obstacle
from server.services.message_events import record_event
from server.xmlio.payloads import PayloadInspector

_PAGE = 100
_ON_THE_WAY = frozenset({MessageState.WAITING_FOR_DELIVERY, MessageState.PARKED})


class DeliveryRefused(Exception):
    """A change that cannot be; the text is German and says why."""


class DeliveryControl:
    """Acts for `actor`, who stands in the history and in the audit."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        inspector: PayloadInspector,
        clock: Clock,
        *,
        actor: str,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._inspector = inspector
        self._clock = clock
        self._actor = actor

    def list_orders(self, chosen: OrderFilter, maximum: int) -> tuple[tuple[OrderView, ...], int]:
        """The first orders, and how many there are."""
        with self._database.reading() as stores:
            return stores.order_desk.list_orders(chosen, maximum), stores.order_desk.count(chosen)

    def list_destinations(self) -> tuple[BusyDestination, ...]:
        """Destinations that failed lately."""
        with self._database.reading() as stores:
            return list_busy_destinations(stores)

    def show(self, message_id: str) -> MessageOrders:
        """Everything about the deliveries of a message; raises DeliveryRefused."""
        with self._database.reading() as stores:
            orders = stores.order_desk.list_of_message(message_id)
            if not orders:
                raise DeliveryRefused(_explain_no_order(stores, message_id))
            attempts = stores.order_desk.list_attempts([order.key for order in orders])
        return MessageOrders(orders, attempts)

    def retry(self, message_id: str) -> str:
        """The message is delivered again at once; says (German) what changed."""
        with self._database.writing() as stores:
            message = _lock(stores, message_id)
            active = stores.order_desk.lock_active(message.key)
            if not active:
                raise DeliveryRefused(_explain_end(message))
            if message.head.not_before and message.head.not_before > self._clock():
                raise DeliveryRefused(
                    f"{message.head.message_id}: Der Absender hat NotBefore auf "
                    f"{format_german_moment(message.head.not_before)} gesetzt."
                )
            resumed = [order for order in active if self._resume(stores, message, order)]
            if resumed:
                self._audit(stores, "zustellung-fortgesetzt", message.head.message_id)
        if not resumed:
            return f"{message.head.message_id}: ist schon an der Reihe."
        self._try_destinations({order.destination for order in resumed})
        return f"{message.head.message_id}: wird sofort wieder zugestellt."

    def retry_all(self, destination: Destination | None = None) -> Iterator[int]:
        """Resumes parked orders, with a destination also what waits for it or was postponed.

        Yields how many orders there were so far, after each hundred. At last the destinations of
        `find_tried` are tried at once.
        """
        chosen = self._choose_resumable(destination)
        done = after = 0
        while True:
            with self._database.reading() as stores:
                page = stores.order_desk.list_orders(chosen, _PAGE, after)
            if not page:
                break
            done += sum(self._resume_listed(order) for order in page)
            after = page[-1].key
            yield done
        if destination:
            self._try_destinations(self.find_tried(destination))

    def count_resumable(self, destination: Destination | None = None) -> int:
        """How many orders `retry_all` would resume."""
        with self._database.reading() as stores:
            return stores.order_desk.count(self._choose_resumable(destination))

    def find_tried(self, destination: Destination) -> tuple[Destination, ...]:
        """What is meant by a destination and is away, or has batches that wait."""
        with self._database.reading() as stores:
            failing = [state.destination for state in stores.destinations.list_all()]
            outputs = stores.batches.count_closed()
        waiting = [Destination(DestinationKind.OUTPUT, output) for output in outputs]
        known = dict.fromkeys((*failing, *waiting))
        return tuple(found for found in known if destination.means(found))

    def _choose_resumable(self, destination: Destination | None) -> OrderFilter:
        if destination is None:
            return OrderFilter((OrderState.PARKED,))
        return OrderFilter(ACTIVE_STATES, destination, postponed_at=self._clock())

    def redirect(self, message_id: str) -> str:
        """The message becomes a letter; says (German) what changed."""
        with self._database.writing() as stores:
            message, order = self._lock_for_change(stores, message_id)
            is_letter = order.destination.kind is DestinationKind.LETTER
            if is_letter and (order.is_redirected or order.state is not OrderState.PARKED):
                return f"{message.head.message_id}: geht bereits als Brief."
            if message.is_unscanned:
                raise DeliveryRefused(
                    f"{message.head.message_id}: Die Prüfung auf Schadsoftware steht noch aus."
                )
            self._require_printable(message)
            _require_no_other(stores, order, LETTER)
            stores.order_desk.redirect(order.key, LETTER)
            # Also a letter comes no sooner than its author wants.
            due = message.head.find_due(self._clock())
            stores.order_desk.resume(order.key, due)
            self._note(stores, order, AttemptEvent.REDIRECTED, f"→ {LETTER}")
            record_event(stores, message, MessageEvent.REDIRECTED, self._clock())
            self._audit(stores, "zustellung-umgeleitet", message.head.message_id)
        return f"{message.head.message_id}: geht jetzt als Brief."

    def cancel(self, message_id: str, reason: str) -> str:
        """Ends the delivery for good; says (German) what changed."""
        with self._database.writing() as stores:
            message = _lock(stores, message_id)
            if message.state is MessageState.RETURNED:
                return f"{message.head.message_id}: ist bereits zurückgegeben."
            message, order = self._lock_for_change(stores, message_id)
            detail = f"Der Betreiber hat die Zustellung abgebrochen. {reason}"
            stores.orders.cancel(message.key)
            self._note(stores, order, AttemptEvent.CANCELLED, reason)
            record_event(stores, message, MessageEvent.RETURNED, self._clock(), detail=detail)
            self._audit(stores, "zustellung-abgebrochen", message.head.message_id, reason)
        return f"{message.head.message_id}: ist an den Absender zurückgegeben."

    def _lock_for_change(self, stores: Stores, message_id: str) -> tuple[StoredMessage, OrderView]:
        """The message on its way with its order, in nobody's hands."""
        message = _lock(stores, message_id)
        active = stores.order_desk.lock_active(message.key)
        if message.state not in _ON_THE_WAY or not active:
            raise DeliveryRefused(_explain_end(message))
        if any(order.is_being_delivered(self._clock()) for order in active):
            raise DeliveryRefused(
                f"{message.head.message_id}: wird gerade zugestellt. Bitte gleich noch einmal."
            )
        parked = [order for order in active if order.state is OrderState.PARKED]
        return message, (parked or list(active))[0]

    def _resume_listed(self, order: OrderView) -> bool:
        with self._database.writing() as stores:
            message = _lock(stores, order.message_id)
            active = stores.order_desk.lock_active(message.key)
            current = [found for found in active if found.key == order.key]
            is_resumed = any(self._resume(stores, message, found) for found in current)
            if is_resumed:
                self._audit(stores, "zustellung-fortgesetzt", message.head.message_id)
        return is_resumed

    def _resume(self, stores: Stores, message: StoredMessage, order: OrderView) -> bool:
        """False where the order is at work or due already."""
        moment = self._clock()
        is_next = order.state is OrderState.DUE and order.due <= moment
        if is_next or order.is_being_delivered(moment):
            return False
        if order.state is not OrderState.HELD:
            stores.order_desk.resume(order.key, moment)
        self._note(stores, order, AttemptEvent.RESUMED, order.cause)
        record_event(stores, message, MessageEvent.RESUMED, moment)
        return True

    def _try_destinations(self, destinations: Iterable[Destination]) -> None:
        """Breakers that are open are half open now: the next order, or batch, is tried."""
        for destination in destinations:
            with self._database.writing() as stores:
                state = stores.destinations.lock(destination)
                if state and state.open_until:
                    stores.destinations.save(start_probe(state, self._clock()))
                if destination.kind is DestinationKind.OUTPUT:
                    stores.batches.release(destination.name, self._clock())

    def _require_printable(self, message: StoredMessage) -> None:
        try:
            problem = find_stored_obstacle(self._blobs, message, self._inspector)
        except CheckUnavailable as error:
            raise DeliveryRefused(
                f"{message.head.message_id}: Die Anlagen lassen sich zurzeit nicht prüfen."
            ) from error
        if problem:
            raise DeliveryRefused(f"{message.head.message_id}: {problem}")

    def _audit(self, stores: Stores, action: str, subject: str, text: str = "") -> None:
        """Of no Mandant: what the operator does is for the operator to read."""
        entry = AuditEntry(self._clock(), self._actor, None, action, subject, text)
        stores.audit.add(entry)

    def _note(self, stores: Stores, order: OrderView, event: AttemptEvent, detail: str) -> None:
        attempt = Attempt(self._clock(), event, self._actor, detail)
        stores.orders.add_attempt(order.key, attempt)


def _require_no_other(stores: Stores, order: OrderView, destination: Destination) -> None:
    """The destination has one order of a message."""
    for other in stores.order_desk.list_of_message(order.message_id):
        if other.destination == destination and other.key != order.key:
            raise DeliveryRefused(
                f"{order.message_id}: Einen Auftrag für {destination} gibt es schon."
            )


def _lock(stores: Stores, message_id: str) -> StoredMessage:
    message = stores.messages.find_named_for_change(message_id)
    if message is None:
        raise DeliveryRefused(f"Eine Nachricht {message_id} gibt es nicht.")
    return message


def _explain_no_order(stores: Stores, message_id: str) -> str:
    message = stores.messages.find(message_id)
    if message is None:
        return f"Eine Nachricht {message_id} gibt es nicht."
    return f"{_explain_end(message)} Sie brauchte keinen Zustellauftrag."


def _explain_end(message: StoredMessage) -> str:
    return f"{message.head.message_id}: Die Nachricht ist im Zustand „{message.state}“."
