"""What is seen of deliveries: the orders of a message, and destinations that are away."""

from dataclasses import dataclass

from persistence.database import Stores
from persistence.stores.order_desk import OrderView
from persistence.stores.orders import Attempt
from server.domain.circuit_breaker import DestinationState
from server.domain.destination import Destination, DestinationKind


@dataclass(frozen=True)
class MessageOrders:
    """The orders of a message and what was done about them, oldest first."""

    orders: tuple[OrderView, ...]
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class BusyDestination:
    """A destination that failed lately, and how many orders (or batches) wait for it."""

    state: DestinationState
    waiting: int


def list_busy_destinations(stores: Stores) -> tuple[BusyDestination, ...]:
    """Destinations that failed lately."""
    batches = stores.batches.count_closed()

    def count(destination: Destination) -> int:
        if destination.kind is DestinationKind.OUTPUT:
            return batches.get(destination.name, 0)
        return stores.order_desk.count_held(destination)

    states = stores.destinations.list_all()
    return tuple(BusyDestination(state, count(state.destination)) for state in states)
