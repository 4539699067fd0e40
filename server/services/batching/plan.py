"""When batches close, how large they are, and for how long their outputs are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from server.domain.circuit_breaker import BreakerPlan
from server.domain.cut_off import CutOffPlan
from server.domain.retry_plan import RetryPlan
from server.services.clock import Clock


@dataclass(frozen=True)
class BatchPlan:
    """The rules of all outputs.

    `news` says for how long the output of this name is asked what became of letters; zero means
    that it never tells. `lease` is renewed while a batch is handed over.
    """

    max_letters: int
    lease: timedelta
    retry: RetryPlan
    breaker: BreakerPlan
    poll: timedelta
    news: Mapping[str, timedelta] = field(default_factory=dict)

    def find_news(self, output: str) -> timedelta:
        """For how long the output is asked; one that the settings do not name tells nothing."""
        return self.news.get(output, timedelta())


@dataclass(frozen=True)
class NextCutOff:
    """When an output's next batch closes (None: nothing is waited for), and free days before."""

    output: str
    moment: datetime | None
    left_out: tuple[date, ...]


class CutOffs:
    """Finds when the batch closes with which a letter goes."""

    def __init__(self, plans: Mapping[str, CutOffPlan], clock: Clock) -> None:
        self._plans = plans
        self._clock = clock

    def find_next(self, output: str) -> datetime | None:
        """For a letter that is ready now; None where nothing is waited for."""
        plan = self._plans.get(output)
        return plan.find_next(self._clock()) if plan else None

    def list_next(self) -> tuple[NextCutOff, ...]:
        """The next one of each output, as seen now."""
        now = self._clock()
        return tuple(
            NextCutOff(output, plan.find_next(now), plan.list_left_out(now))
            for output, plan in self._plans.items()
        )
