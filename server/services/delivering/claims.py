"""Claims: which orders belong to this worker, and for how long.

A claim takes what is due longest. What would go to a destination that is open is held on the way:
it leaves the queue of due orders once, so that thousands of them delay no other.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from persistence.database import Database, Stores
from persistence.stores.orders import DeliveryOrder, Lease
from server.domain.circuit_breaker import start_probe
from server.domain.destination import Destination, DestinationKind
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.services.clock import Clock

# The author learns that it takes longer; the technical cause is for the operator.
CAUSE_FOR_AUTHOR = "Ein beteiligtes System ist zurzeit nicht erreichbar."
# So many due orders are looked at in one transaction while some destination is open.
_LOOKED_AT = 500

Claim = tuple[DeliveryOrder, StoredMessage]


class Claims:
    """Claims orders, keeps their leases, gives them back."""

    def __init__(self, database: Database, clock: Clock, lease: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        # Destinations that failed lately, as of the last claim.
        self.failing: frozenset[Destination] = frozenset()

    def claim(self, limit: int) -> tuple[Claim, ...]:
        """Up to `limit` orders with their messages; empty where nothing is due."""
        probe = self._claim_probe()
        if probe:
            return (probe,)
        while True:
            with self._database.writing() as stores:
                orders, is_exhausted = self._claim_some(stores, limit)
                claims = _with_messages(stores, orders)
            if claims or is_exhausted:
                return claims

    def keep(self, claims: Iterable[Claim]) -> tuple[Claim, ...]:
        """The same claims with a lease that is long enough for the next; lost ones are left out."""
        kept = tuple(claims)
        limit = self._clock() + self._lease / 2
        if all(order.lease.until > limit for order, _ in kept):
            return kept
        return self._renew(kept)

    def give_back(self, claims: Sequence[Claim]) -> None:
        """Claims that were not tried are free again."""
        with self._database.writing() as stores:
            for order, _ in claims:
                stores.orders.give_back([order.key], order.lease.token)

    def _renew(self, claims: Sequence[Claim]) -> tuple[Claim, ...]:
        renewed: list[Claim] = []
        with self._database.writing() as stores:
            for order, message in claims:
                lease = Lease(order.lease.token, self._clock() + self._lease)
                if stores.orders.renew([order.key], lease):
                    renewed.append((replace(order, lease=lease), message))
        return tuple(renewed)

    def _claim_probe(self) -> Claim | None:
        """One order to a destination that is half open; for others it stays open meanwhile."""
        moment = self._clock()
        with self._database.reading() as stores:
            # Outputs have no orders: whether one is well is tried with a batch.
            states = [
                state
                for state in stores.destinations.list_all()
                if state.destination.kind is not DestinationKind.OUTPUT
            ]
        self.failing = frozenset(state.destination for state in states)
        for state in states:
            if state.is_half_open(moment):
                with self._database.writing() as stores:
                    probe = self._take_probe(stores, state.destination)
                    if probe:
                        return _with_messages(stores, [probe])[0]
        return None

    def _take_probe(self, stores: Stores, destination: Destination) -> DeliveryOrder | None:
        moment = self._clock()
        state = stores.destinations.try_lock(destination)
        if state is None or not state.is_half_open(moment):
            return None
        order = stores.orders.lock_held(destination)
        if order is None:
            # Nothing waits any more: the next order is the try.
            stores.destinations.remove(destination)
            return None
        lease = self._make_lease(moment)
        stores.destinations.save(start_probe(state, lease.until))
        return replace(_take(stores, [order], lease)[0], is_probe=True)

    def _claim_some(self, stores: Stores, limit: int) -> tuple[list[DeliveryOrder], bool]:
        """Orders that are ours now, and whether there was nothing more to look at."""
        moment = self._clock()
        states = stores.destinations.list_for_claim() if self.failing else ()
        causes = {state.destination: state.cause for state in states if state.open_until}
        looked_at = _LOOKED_AT if causes else limit
        due = stores.orders.lock_due(moment, looked_at)
        _hold(stores, due, causes, moment)
        free = [order for order in due if order.destination not in causes]
        return _take(stores, free[:limit], self._make_lease(moment)), len(due) < looked_at

    def _make_lease(self, moment: datetime) -> Lease:
        return Lease(uuid.uuid4().hex, moment + self._lease)


def _take(stores: Stores, orders: Sequence[DeliveryOrder], lease: Lease) -> list[DeliveryOrder]:
    if orders:
        stores.orders.take([order.key for order in orders], lease)
    return [replace(order, lease=lease, attempts=order.attempts + 1) for order in orders]


def _with_messages(stores: Stores, orders: Sequence[DeliveryOrder]) -> tuple[Claim, ...]:
    messages = stores.messages.find_many([order.message_key for order in orders])
    return tuple((order, messages[order.message_key]) for order in orders)


def _hold(
    stores: Stores,
    due: Sequence[DeliveryOrder],
    causes: Mapping[Destination, str],
    moment: datetime,
) -> None:
    """Orders to destinations that are open leave the queue; authors hear of it once."""
    entry = make_entry(ReportCode.DELIVERY_DELAYED, moment, CAUSE_FOR_AUTHOR)
    for destination, cause in causes.items():
        orders = [order for order in due if order.destination == destination]
        if orders:
            stores.orders.hold([order.key for order in orders], cause)
        for order in orders:
            if not order.is_delay_told:
                stores.messages.add_entries(order.message_key, [entry])
