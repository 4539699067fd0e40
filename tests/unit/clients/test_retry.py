"""What is repeated, how often, and with which patience."""

import time

import pytest

from clients.xta import RetryPolicy, XtaError, XtaFault, XtaUnreachable, XtaUnreadable
from clients.xta.retry import Repeating, call_repeatedly, may_repeat

QUICK = RetryPolicy(attempts=4, first_seconds=0.001, longest_seconds=0.002)
LOST = XtaUnreachable("the connection broke", may_have_arrived=True)
NEVER_SENT = XtaUnreachable("no connection", may_have_arrived=False)


class Failing:
    """Fails as often as it has errors, then gives a result."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_call_repeatedly_passing_failures_gives_the_result(failures: int) -> None:
    call = Failing(*[LOST] * failures)
    outcome = call_repeatedly(QUICK, call, Repeating.ALWAYS)
    assert (outcome.result, outcome.attempts, call.calls) == ("done", failures + 1, failures + 1)


def test_call_repeatedly_attempts_used_up_raises_the_last_error() -> None:
    last = XtaFault("9030", "", "", "the last one")
    call = Failing(LOST, LOST, LOST, last, LOST)
    with pytest.raises(XtaFault) as caught:
        call_repeatedly(QUICK, call, Repeating.ALWAYS)
    assert caught.value is last
    assert call.calls == QUICK.attempts


def test_call_repeatedly_policy_of_one_attempt_repeats_nothing() -> None:
    call = Failing(LOST)
    with pytest.raises(XtaUnreachable):
        call_repeatedly(RetryPolicy(attempts=1), call, Repeating.ALWAYS)
    assert call.calls == 1


def test_call_repeatedly_total_time_used_up_begins_no_attempt() -> None:
    policy = RetryPolicy(attempts=1000, first_seconds=0.05, longest_seconds=0.1, total_seconds=0.3)
    call = Failing(*[LOST] * 1000)
    started = time.monotonic()
    with pytest.raises(XtaUnreachable):
        call_repeatedly(policy, call, Repeating.ALWAYS)
    # The first wait has at least 0.05 seconds, the others 0.1.
    assert 1 < call.calls <= 4
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize(
    ("error", "always", "unsent_only"),
    [
        (LOST, True, False),
        (NEVER_SENT, True, True),
        (XtaUnreachable("tls", may_have_arrived=False, is_retryable=False), False, False),
        (XtaFault("9030", "", "", ""), True, False),
        (XtaFault("9031", "", "", ""), True, False),
        (XtaFault("9032", "", "", ""), False, False),
        (XtaFault("9024", "", "", ""), False, False),
        (XtaFault("9070", "", "", ""), False, False),
        (XtaUnreadable("html"), False, False),
        (XtaError("some other"), False, False),
        (FileNotFoundError("bescheid.pdf"), False, False),
    ],
)
def test_may_repeat_only_what_passes_and_does_no_harm(
    error: Exception, always: bool, unsent_only: bool
) -> None:
    assert may_repeat(error, Repeating.ALWAYS) is always
    assert may_repeat(error, Repeating.UNSENT_ONLY) is unsent_only
