"""How the worker delivers: leases, retries, breakers, batches."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from server.domain.circuit_breaker import BreakerPlan
from server.domain.destination import DestinationKind, OrderQueue
from server.domain.retry_plan import RetryPlan

_BREAKER = BreakerPlan(5, timedelta(seconds=30), timedelta(minutes=10))


@dataclass(frozen=True)
class DeliveryPlan:
    """How long claimed orders belong to a worker, and how often they are tried.

    `lease` must be longer than any single delivery: it is renewed between two orders, never within
    one. `channels` names the retries of kinds that differ from `retry`. From `queues` orders are
    taken; what is due in an earlier one goes first.
    """

    lease: timedelta
    retry: RetryPlan
    channels: Mapping[DestinationKind, RetryPlan] = field(default_factory=dict)
    breaker: BreakerPlan = _BREAKER
    batch: int = 20
    queues: Collection[OrderQueue] = tuple(OrderQueue)

    def find_retry(self, kind: DestinationKind) -> RetryPlan:
        """When an order to this kind of destination is tried again."""
        return self.channels.get(kind, self.retry)


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Worker:
    """Who delivers: `name` stands in the history, `jitter` draws from 0 to 1 (see RetryPlan).

    A batch ends early where `is_stopping`.
    """

    name: str
    jitter: Callable[[], float]
    is_stopping: Callable[[], bool] = _never
