"""The life of a Mandant's access: every state with every event, days, reminders."""

import itertools
from datetime import date, timedelta

import pytest

from server.domain.mandant_access import (
    CHANGES,
    AccessEvent,
    AccessState,
    ImpossibleAccessChange,
    MandantAccess,
    change_access,
    explain_inactive,
    find_due_reminder,
)

TODAY = date(2026, 11, 23)
TEST_DAYS = 30
ACTIVE = {AccessState.TESTING, AccessState.ORDERED, AccessState.CANCELLED}
ENDING = {AccessState.TESTING, AccessState.CANCELLED}


def access_in(state: AccessState, days_left: int = 10) -> MandantAccess:
    last_day = TODAY + timedelta(days=days_left) if state in ENDING else None
    return MandantAccess(state, last_day, "Frau Ahorn")


def change(access: MandantAccess, event: AccessEvent, today: date = TODAY) -> MandantAccess:
    return change_access(access, event, today, TEST_DAYS)


@pytest.mark.parametrize(
    ("state", "event"),
    [pair for pair in itertools.product(AccessState, AccessEvent) if pair not in CHANGES],
)
def test_change_access_event_out_of_place_is_impossible(
    state: AccessState, event: AccessEvent
) -> None:
    with pytest.raises(ImpossibleAccessChange) as caught:
        change(access_in(state, -1 if event is AccessEvent.RUN_OUT else 10), event)
    assert caught.value.event is event


@pytest.mark.parametrize(
    ("state", "event"), [pair for pair in CHANGES if pair[1] is not AccessEvent.RUN_OUT]
)
def test_change_access_event_in_place_leads_on_and_keeps_the_contact(
    state: AccessState, event: AccessEvent
) -> None:
    changed = change(access_in(state), event)
    assert (changed.state, changed.contact) == (CHANGES[state, event][0], "Frau Ahorn")
    assert changed.is_active(TODAY) is (changed.state in ACTIVE)


def test_every_state_is_reached_and_none_is_a_dead_end() -> None:
    assert {state for state, _ in CHANGES} == set(AccessState)
    assert {state for state, _ in CHANGES.values()} == set(AccessState)


def test_confirmed_access_is_active_for_thirty_days_and_no_longer() -> None:
    access = change(MandantAccess(AccessState.REGISTERED), AccessEvent.CONFIRMED)
    days = [TODAY + timedelta(days=number) for number in range(-1, 40)]
    assert sum(access.is_active(day) for day in days if day >= TODAY) == TEST_DAYS
    assert not access.is_active(TODAY + timedelta(days=TEST_DAYS))
    assert access.is_over(TODAY + timedelta(days=TEST_DAYS))


@pytest.mark.parametrize("event", [AccessEvent.ORDERED, AccessEvent.CANCELLED])
def test_change_access_after_the_last_day_is_impossible_even_if_nobody_noted_it(
    event: AccessEvent,
) -> None:
    with pytest.raises(ImpossibleAccessChange, match="beendet"):
        change(access_in(AccessState.TESTING, -1), event)


def test_access_that_ran_out_can_be_registered_again_before_it_was_noted() -> None:
    changed = change(access_in(AccessState.CANCELLED, -1), AccessEvent.REGISTERED)
    assert (changed.state, changed.last_day) == (AccessState.REGISTERED, None)


@pytest.mark.parametrize("state", sorted(ENDING))
def test_run_out_comes_after_the_last_day_and_not_on_it(state: AccessState) -> None:
    with pytest.raises(ImpossibleAccessChange):
        change(access_in(state, 0), AccessEvent.RUN_OUT)
    ended = change(access_in(state, -1), AccessEvent.RUN_OUT)
    assert (ended.state, ended.last_day) == (AccessState.ENDED, TODAY - timedelta(days=1))


@pytest.mark.parametrize(
    ("today", "last_day"),
    [
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2027, 1, 31), date(2027, 1, 31)),
        (date(2027, 2, 3), date(2027, 2, 28)),
        (date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_cancelled_access_ends_with_the_month(today: date, last_day: date) -> None:
    access = change(MandantAccess(AccessState.ORDERED), AccessEvent.CANCELLED, today)
    assert access.last_day == last_day
    assert access.is_active(last_day)
    assert not access.is_active(last_day + timedelta(days=1))


def test_cancelled_test_access_does_not_become_longer() -> None:
    access = change(access_in(AccessState.TESTING, 2), AccessEvent.CANCELLED)
    assert access.last_day == TODAY + timedelta(days=2)


def test_cancellation_is_taken_back_by_an_order() -> None:
    access = change(access_in(AccessState.CANCELLED), AccessEvent.ORDERED)
    assert (access.state, access.last_day) == (AccessState.ORDERED, None)


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_deactivated_access_is_over_at_once(state: AccessState) -> None:
    access = change(access_in(state), AccessEvent.DEACTIVATED)
    assert not access.is_active(TODAY)
    assert access.is_over(TODAY)


def test_registered_access_is_neither_active_nor_over() -> None:
    access = MandantAccess(AccessState.REGISTERED)
    assert not access.is_active(TODAY)
    assert not access.is_over(TODAY)


@pytest.mark.parametrize(
    ("left", "given", "due"),
    [
        (11, None, None),
        (10, None, 10),
        (10, 10, None),
        (4, 10, None),
        (3, 10, 3),
        (2, None, 3),
        (0, 3, 1),
        (0, 1, None),
        (-1, None, None),
    ],
)
def test_find_due_reminder_each_is_given_once(
    left: int, given: int | None, due: int | None
) -> None:
    access = MandantAccess(AccessState.TESTING, TODAY + timedelta(days=left), "", given)
    assert find_due_reminder(access, TODAY, (10, 3, 1)) == due


@pytest.mark.parametrize("state", sorted(set(AccessState) - {AccessState.TESTING}))
def test_find_due_reminder_is_for_test_accesses_only(state: AccessState) -> None:
    access = MandantAccess(state, TODAY)
    assert find_due_reminder(access, TODAY, (10, 3, 1)) is None


@pytest.mark.parametrize(
    ("access", "words"),
    [
        (MandantAccess(AccessState.REGISTERED), "noch nicht bestätigt"),
        (MandantAccess(AccessState.TESTING, date(2026, 11, 1)), "Testzugang von Jena endete am 01"),
        (MandantAccess(AccessState.CANCELLED, date(2026, 10, 31)), "endete am 31.10.2026"),
        (MandantAccess(AccessState.ENDED, date(2026, 10, 31)), "endete am 31.10.2026"),
        (MandantAccess(AccessState.DEACTIVATED, TODAY), "deaktiviert, seit dem 23.11.2026"),
        (MandantAccess(AccessState.DEACTIVATED), "ist deaktiviert."),
    ],
)
def test_explain_inactive_says_which(access: MandantAccess, words: str) -> None:
    assert not access.is_active(TODAY)
    assert words in explain_inactive("Jena", access)
