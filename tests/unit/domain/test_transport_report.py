"""Entries and status of a TransportReport."""

from datetime import UTC, datetime

import pytest

from server.domain.transport_report import (
    REPORT_TEXTS,
    ReportCode,
    ReportStatus,
    compute_status,
    make_entry,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("codes", "is_closed", "status"),
    [
        ([], False, ReportStatus.OPEN),
        ([ReportCode.DELIVERY_PARKED], False, ReportStatus.OPEN),
        ([], True, ReportStatus.GREEN),
        ([ReportCode.ACCEPTED, ReportCode.CLOSED], True, ReportStatus.GREEN),
        ([ReportCode.ACCEPTED, ReportCode.DELIVERY_DELAYED], True, ReportStatus.YELLOW),
        ([ReportCode.DELIVERY_PARKED, ReportCode.DELIVERY_DELAYED], True, ReportStatus.RED),
    ],
)
def test_compute_status_is_open_or_the_highest_weight(
    codes: list[ReportCode], is_closed: bool, status: ReportStatus
) -> None:
    assert compute_status([make_entry(code, NOW) for code in codes], is_closed) == status


def test_make_entry_detail_with_braces_is_taken_as_it_is() -> None:
    entry = make_entry(ReportCode.LETTER_ORDERED, NOW, "{detail} & {0}")
    assert "{detail} & {0} nimmt nicht elektronisch teil" in entry.reason


def test_every_code_has_a_german_text() -> None:
    assert set(REPORT_TEXTS) == set(ReportCode)
