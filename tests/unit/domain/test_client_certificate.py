"""How soon a client certificate ends."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.client_certificate import ClientCertificate

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "rung"),
    [
        (timedelta(days=365), None),
        (timedelta(days=90), None),
        (timedelta(days=90) - timedelta(seconds=1), 90),
        (timedelta(days=60), 90),
        (timedelta(days=59), 60),
        (timedelta(days=29), 30),
        (timedelta(days=13), 14),
        (timedelta(days=6), 7),
        (timedelta(days=1), 7),
        (timedelta(hours=23), 1),
        (timedelta(0), 0),
        (timedelta(days=-3), 0),
    ],
)
def test_find_rung_tells_the_lowest_that_is_reached(left: timedelta, rung: int | None) -> None:
    assert ClientCertificate("ab", "CN=x", NOW + left).find_rung(NOW) == rung
