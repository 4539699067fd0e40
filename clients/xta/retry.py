"""Repeating calls whose answer got lost, where repeating does no harm."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
    wait_exponential_jitter,
)

from clients.xta.errors import XtaError

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently a call is repeated.

    At most `attempts` (1 repeats nothing), waiting `first_seconds`, then twice as long each time,
    at most `longest_seconds`, with chance in it, so that many clients do not come back at once.
    After `total_seconds` no further attempt begins.
    """

    attempts: int = 5
    first_seconds: float = 0.5
    longest_seconds: float = 10
    total_seconds: float = 120


class Repeating(Enum):
    """When a call may be repeated."""

    ALWAYS = "always"
    # The server remembers where it was: a second call gives what comes after the lost answer.
    UNSENT_ONLY = "only if it never reached the server"


@dataclass(frozen=True)
class Outcome(Generic[_Result]):
    """What a call gave, and how many attempts it took."""

    result: _Result
    attempts: int


def call_repeatedly(
    policy: RetryPolicy, call: Callable[[], _Result], repeating: Repeating
) -> Outcome[_Result]:
    """Calls until there is a result; raises the XtaError of the last attempt."""
    attempts = Retrying(
        stop=stop_any(stop_after_attempt(policy.attempts), stop_before_delay(policy.total_seconds)),
        wait=wait_exponential_jitter(
            multiplier=policy.first_seconds,
            max=policy.longest_seconds,
            jitter=policy.first_seconds,
        ),
        retry=retry_if_exception(lambda error: may_repeat(error, repeating)),
        before_sleep=_log_repetition,
        reraise=True,
    )
    result = attempts(call)
    return Outcome(result, int(attempts.statistics["attempt_number"]))


def may_repeat(error: BaseException, repeating: Repeating) -> bool:
    """True where the same call may succeed, and nothing is lost by trying it."""
    if not isinstance(error, XtaError) or not error.is_retryable:
        return False
    return repeating == Repeating.ALWAYS or not error.may_have_arrived


def _log_repetition(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning(
        "attempt %d failed, again in %.1f seconds: %s",
        state.attempt_number,
        state.upcoming_sleep,
        error,
    )
