"""Why a message is refused, as a value: what a check finds before anyone decides about it."""

from dataclasses import dataclass

from server.errors import AmtshilfeError, Fault


@dataclass(frozen=True)
class Violation:
    """`reason` is a German sentence, `line` is that of the message where it has one."""

    fault: Fault
    reason: str
    line: int | None = None


def to_error(violations: tuple[Violation, ...]) -> AmtshilfeError:
    """The first fault, with every reason that leads to it."""
    fault = violations[0].fault
    reasons = [violation.reason for violation in violations if violation.fault is fault]
    return AmtshilfeError(fault, " ".join(reasons))
