"""The circuit breakers of all destinations, in transactions of their own.

None of them locks orders before the state of a destination, so that workers never wait for each
other in a circle.
"""

import logging

from persistence.database import Database, Stores
from server.domain.circuit_breaker import BreakerPlan, DestinationState, count_failure, start_probe
from server.domain.destination import Destination
from server.services.clock import Clock

logger = logging.getLogger(__name__)


class Breakers:
    """Counts failures and successes of destinations."""

    def __init__(self, database: Database, clock: Clock, plan: BreakerPlan) -> None:
        self._database = database
        self._clock = clock
        self._plan = plan

    def report_failure(self, destination: Destination, cause: str, *, is_probe: bool) -> bool:
        """Counts a failure that says that a destination is away; True where it is open now."""
        moment = self._clock()
        with self._database.writing() as stores:
            before = _lock_or_add(stores, DestinationState(destination, 0, moment, None, cause))
            after = count_failure(before, self._plan, moment, is_probe=is_probe)
            stores.destinations.save(after)
            if after.is_open(moment):
                stores.orders.hold_postponed(destination)
        if after.open_until and before.open_until is None:
            logger.error(
                "Ziel %s gestört: %s. Nächster Versuch nach %s UTC.",
                destination,
                cause,
                f"{after.open_until:%d.%m.%Y %H:%M:%S}",
            )
        return after.is_open(moment)

    def end_probe(self, destination: Destination) -> None:
        """The probe told nothing of the destination: the next order is tried."""
        with self._database.writing() as stores:
            state = stores.destinations.lock(destination)
            if state:
                stores.destinations.save(start_probe(state, self._clock()))

    def report_success(self, destination: Destination) -> None:
        """The destination is well: what waited for it is due."""
        with self._database.writing() as stores:
            state = stores.destinations.lock(destination)
            if state is None:
                return
            stores.destinations.remove(destination)
            released = stores.orders.release(destination, self._clock())
        if state.open_until:
            logger.warning(
                "Ziel %s wieder erreichbar; %s Aufträge gehen weiter.", destination, released
            )


def _lock_or_add(stores: Stores, first: DestinationState) -> DestinationState:
    """The state, locked; written where there was none."""
    state = stores.destinations.lock(first.destination)
    if state is None and not stores.destinations.add(first):
        state = stores.destinations.lock(first.destination)
    return state or first
