"""The delivery orders that wait, page by page, as the operator looks at them in the Web-Client."""

from dataclasses import dataclass
from enum import StrEnum

from persistence.database import Database
from persistence.stores.order_desk import OrderFilter, OrderView
from persistence.stores.orders import OrderState
from server.domain.behoerde import PartyIdentifier
from server.domain.destination import Destination
from server.services.list_cutting import choose_size

# As pages show it.
QueuedOrder = OrderView


class Waiting(StrEnum):
    """Orders of one sort; the value stands in addresses."""

    PARKED = "angehalten"
    DUE = "offen"
    HELD = "wartend"


_STATES = {
    Waiting.PARKED: OrderState.PARKED,
    Waiting.DUE: OrderState.DUE,
    Waiting.HELD: OrderState.HELD,
}


@dataclass(frozen=True)
class QueueCriteria:
    """Which orders; None leaves open. A destination without a name means all of its kind."""

    waiting: Waiting = Waiting.PARKED
    destination: Destination | None = None
    mandant: PartyIdentifier | None = None


@dataclass(frozen=True)
class QueuePage:
    """Orders, oldest first; `after` is where the next ones follow, None where there are none."""

    orders: tuple[OrderView, ...]
    after: int | None


class DeliveryQueue:
    """Reads what waits. It looks at one state at a time: those that are done are many."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_page(
        self, criteria: QueueCriteria, after: int = 0, entries: int | None = None
    ) -> QueuePage:
        """Orders with a key above `after`, PAGE_ENTRIES if not told; one more is read."""
        size = choose_size(entries)
        chosen = OrderFilter((_STATES[criteria.waiting],), criteria.destination, criteria.mandant)
        with self._database.reading() as stores:
            found = stores.order_desk.list_orders(chosen, size + 1, after)
        shown = found[:size]
        return QueuePage(shown, shown[-1].key if len(found) > size else None)
