"""The life of a Mandant's access as a table: which change may come in which state.

An access is always in exactly one named state. Whether it is active is decided by the day, not by
when somebody notes that the day has come. This module reads no clock and stores nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum


class AccessState(StrEnum):
    """Where an access is."""

    REGISTERED = "angemeldet"
    TESTING = "testzugang"
    ORDERED = "bestellt"
    CANCELLED = "gekuendigt"
    ENDED = "beendet"
    DEACTIVATED = "deaktiviert"


class AccessEvent(StrEnum):
    """What can happen to an access; `run-out` comes by itself when its last day has passed."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    ORDERED = "ordered"
    CANCELLED = "cancelled"
    DEACTIVATED = "deactivated"
    RUN_OUT = "run-out"


class AccessEnd(StrEnum):
    """Which day becomes the last one."""

    OPEN = "open"
    AFTER_TEST = "after-test"
    END_OF_MONTH = "end-of-month"
    TODAY = "today"
    KEPT = "kept"


@dataclass(frozen=True)
class MandantAccess:
    """The access of a Mandant.

    `last_day` is the last day of the access (None: open); of one that was deactivated, that day.
    `reminded_days` is the shortest reminder that was given: so many days before the end.
    """

    state: AccessState
    last_day: date | None = None
    contact: str = ""
    reminded_days: int | None = None

    def is_active(self, today: date) -> bool:
        """True where the Mandant may use the server on this day."""
        return self.state in _ACTIVE_STATES and not self._has_run_out(today)

    def is_over(self, today: date) -> bool:
        """True where there was an access once, and no more on this day."""
        has_ended = self.state in (AccessState.ENDED, AccessState.DEACTIVATED)
        return has_ended or (self.state in _ACTIVE_STATES and self._has_run_out(today))

    def _has_run_out(self, today: date) -> bool:
        return self.last_day is not None and self.last_day < today


# The access of who needs none of this: of a demo, and of those who were there before it.
ORDERED_ACCESS = MandantAccess(AccessState.ORDERED)

_ACTIVE_STATES = frozenset({AccessState.TESTING, AccessState.ORDERED, AccessState.CANCELLED})
_S, _E, _L = AccessState, AccessEvent, AccessEnd

CHANGES: dict[tuple[AccessState, AccessEvent], tuple[AccessState, AccessEnd]] = {
    (_S.REGISTERED, _E.CONFIRMED): (_S.TESTING, _L.AFTER_TEST),
    (_S.REGISTERED, _E.DEACTIVATED): (_S.DEACTIVATED, _L.TODAY),
    (_S.TESTING, _E.ORDERED): (_S.ORDERED, _L.OPEN),
    (_S.TESTING, _E.CANCELLED): (_S.CANCELLED, _L.END_OF_MONTH),
    (_S.TESTING, _E.DEACTIVATED): (_S.DEACTIVATED, _L.TODAY),
    (_S.TESTING, _E.RUN_OUT): (_S.ENDED, _L.KEPT),
    (_S.ORDERED, _E.CANCELLED): (_S.CANCELLED, _L.END_OF_MONTH),
    (_S.ORDERED, _E.DEACTIVATED): (_S.DEACTIVATED, _L.TODAY),
    # Who orders before the end takes the cancellation back.
    (_S.CANCELLED, _E.ORDERED): (_S.ORDERED, _L.OPEN),
    (_S.CANCELLED, _E.DEACTIVATED): (_S.DEACTIVATED, _L.TODAY),
    (_S.CANCELLED, _E.RUN_OUT): (_S.ENDED, _L.KEPT),
    # Who comes back begins anew.
    (_S.ENDED, _E.REGISTERED): (_S.REGISTERED, _L.OPEN),
    (_S.DEACTIVATED, _E.REGISTERED): (_S.REGISTERED, _L.OPEN),
}


class ImpossibleAccessChange(Exception):
    """The change cannot come in this state."""

    def __init__(self, state: AccessState, event: AccessEvent) -> None:
        super().__init__(f"{event} is impossible in state {state}")
        self.state = state
        self.event = event


def find_current_state(access: MandantAccess, today: date) -> AccessState:
    """The state on this day, also where nobody has noted yet that the last day has passed."""
    is_over = access.state in _ACTIVE_STATES and not access.is_active(today)
    return AccessState.ENDED if is_over else access.state


def change_access(
    access: MandantAccess, event: AccessEvent, today: date, test_days: int
) -> MandantAccess:
    """The access after the event; raises ImpossibleAccessChange where it cannot come.

    A test access lasts `test_days` days, today included. What has run out is over, whether or not
    that was noted: it cannot be ordered any more.
    """
    state = access.state if event is AccessEvent.RUN_OUT else find_current_state(access, today)
    try:
        following, end = CHANGES[state, event]
    except KeyError:
        raise ImpossibleAccessChange(state, event) from None
    if event is AccessEvent.RUN_OUT and access.is_active(today):
        raise ImpossibleAccessChange(state, event)
    last_day = _find_last_day(end, access, today, test_days)
    return replace(access, state=following, last_day=last_day, reminded_days=None)


def find_due_reminder(
    access: MandantAccess, today: date, reminder_days: Sequence[int]
) -> int | None:
    """How many days before its end a test access has now to be reminded; None where it has not.

    Of reminders that were missed only the latest is given.
    """
    if access.state is not AccessState.TESTING or not access.is_active(today):
        return None
    if access.last_day is None:
        return None
    left = (access.last_day - today).days
    reached = min((days for days in reminder_days if left <= days), default=None)
    given = access.reminded_days
    return reached if reached is not None and (given is None or reached < given) else None


def explain_inactive(name: str, access: MandantAccess) -> str:
    """Why the Mandant of this name has no access any more or not yet (German)."""
    day = f"{access.last_day:%d.%m.%Y}" if access.last_day else ""
    if access.state is AccessState.REGISTERED:
        return f"Der Zugang von {name} ist angemeldet, aber noch nicht bestätigt."
    if access.state is AccessState.DEACTIVATED:
        return f"Der Zugang von {name} ist deaktiviert{f', seit dem {day}' if day else ''}."
    if access.state is AccessState.TESTING:
        return f"Der Testzugang von {name} endete am {day}."
    return f"Der Zugang von {name} endete am {day}."


def describe_days_left(access: MandantAccess, today: date) -> str:
    """When a test access ends (German); empty where it is none, or is over."""
    if access.state is not AccessState.TESTING or access.last_day is None:
        return ""
    days = (access.last_day - today).days
    if days < 0:
        return ""
    left = {0: "heute", 1: "morgen"}.get(days, f"in {days} Tagen")
    return f"Der Testzugang endet {left}, am {access.last_day:%d.%m.%Y}."


def _find_last_day(
    end: AccessEnd, access: MandantAccess, today: date, test_days: int
) -> date | None:
    if end is AccessEnd.OPEN:
        return None
    if end is AccessEnd.AFTER_TEST:
        return today + timedelta(days=test_days - 1)
    if end is AccessEnd.END_OF_MONTH:
        last_of_month = _find_end_of_month(today)
        return min(last_of_month, access.last_day) if access.last_day else last_of_month
    return today if end is AccessEnd.TODAY else access.last_day


def _find_end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
