"""What the report of another data centre means."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from server.domain.forwarding import (
    FollowPlan,
    ForeignReport,
    find_events,
    find_new_entries,
)
from server.domain.message import ELSEWHERE_STATES, MessageEvent, MessageState, TimeStamp, decide
from server.domain.transport_report import ReportCode, ReportEntry, ReportStatus, Severity

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
_R, _S, _E = ReportCode, ReportStatus, MessageEvent


def told(*codes: ReportCode) -> tuple[ReportEntry, ...]:
    return tuple(
        ReportEntry(NOW + timedelta(minutes=number), code, f"Ost: {code}", "ost", Severity.INFO)
        for number, code in enumerate(codes)
    )


def report(status: ReportStatus, *codes: ReportCode, **times: datetime) -> ForeignReport:
    stamps: Mapping[TimeStamp, datetime] = {TimeStamp[name]: at for name, at in times.items()}
    return ForeignReport(status, told(*codes), stamps)


@pytest.mark.parametrize(
    ("state", "said", "expected"),
    [
        (MessageState.FORWARDED, report(_S.OPEN, _R.ACCEPTED), ()),
        (
            MessageState.FORWARDED,
            report(_S.OPEN, _R.ACCEPTED, DELIVERY=NOW),
            (_E.DELIVERED_ELSEWHERE,),
        ),
        (MessageState.DELIVERED_ELSEWHERE, report(_S.OPEN, DELIVERY=NOW, INITIAL_FETCH=NOW), ()),
        (
            MessageState.FORWARDED,
            report(_S.GREEN, _R.FETCHED, _R.CLOSED, DELIVERY=NOW, RECEPTION=NOW),
            (_E.DELIVERED_ELSEWHERE, _E.CLOSED),
        ),
        (MessageState.DELIVERED_ELSEWHERE, report(_S.YELLOW, _R.OBSOLETE), (_E.OBSOLETE,)),
        (MessageState.FORWARDED, report(_S.RED, _R.RETURNED), (_E.RETURNED,)),
        (MessageState.FORWARDED, report(_S.OPEN, _R.DELIVERY_PARKED), ()),
        (MessageState.FORWARDED, report(_S.OPEN, _R.LETTER_HANDED_OVER), ()),
        *(
            (
                MessageState.FORWARDED,
                report(_S.YELLOW, _R.LETTER_HANDED_OVER, code, DELIVERY=NOW),
                (_E.DELIVERED_ELSEWHERE, event),
            )
            for code, event in (
                (_R.LETTER_HANDED_OVER, _E.LETTER_HANDED_OVER_FOR_GOOD),
                (_R.LETTER_POSTED, _E.LETTER_POSTED),
                (_R.LETTER_UNCONFIRMED, _E.NEWS_ENDED),
                (_R.LETTER_WITHDRAWN, _E.LETTER_WITHDRAWN),
                (_R.LETTER_RETURNED, _E.LETTER_RETURNED),
            )
        ),
        (MessageState.DELIVERED_ELSEWHERE, report(_S.GREEN, _R.ELSEWHERE), (_E.ENDED_ELSEWHERE,)),
        (MessageState.DELIVERED_ELSEWHERE, report(_S.GREEN, RECEPTION=NOW), (_E.CLOSED,)),
        (MessageState.FORWARDED, report(_S.RED, _R.ELSEWHERE), (_E.RETURNED,)),
    ],
)
def test_find_events_of_a_report_move_the_message(
    state: MessageState, said: ForeignReport, expected: tuple[MessageEvent, ...]
) -> None:
    assert find_events(state, said) == expected
    for event in expected:
        state = decide(state, event).state
    assert (state in ELSEWHERE_STATES) == (said.status is ReportStatus.OPEN)


def test_find_new_entries_tells_each_entry_as_often_as_it_was_told() -> None:
    first, second = told(_R.ACCEPTED, _R.FETCHED)
    own = ReportEntry(NOW, _R.ACCEPTED, "hier")
    assert find_new_entries([own, first], [first, second]) == (second,)
    assert find_new_entries([own, first], [first, first]) == (first,)
    assert find_new_entries([own], [first]) == (first,)
    assert find_new_entries([own, first, second], [first, second]) == ()


def test_follow_plan_distance_doubles_up_to_the_longest() -> None:
    plan = FollowPlan(
        timedelta(seconds=10), timedelta(minutes=15), timedelta(hours=4), timedelta(minutes=5)
    )
    waits = [plan.wait_after(polls).total_seconds() for polls in (0, 1, 2, 7, 5000)]
    assert waits == [10, 20, 40, 900, 900]
