"""The public holidays of the Länder."""

from datetime import date

import pytest

from server.domain.land import Land
from server.services.batching.public_holidays import find_public_holidays


@pytest.mark.parametrize("land", list(Land))
def test_find_public_holidays_every_land_has_those_of_germany(land: Land) -> None:
    holidays = find_public_holidays(f"DE-{land}")
    for day in (date(2026, 4, 3), date(2026, 5, 1), date(2026, 10, 3), date(2027, 1, 1)):
        assert day in holidays
    # No holidays by law.
    assert date(2026, 12, 24) not in holidays
    assert date(2026, 12, 31) not in holidays


@pytest.mark.parametrize(
    ("land", "day", "is_free"),
    [
        ("DE-TH", date(2026, 9, 20), True),  # Weltkindertag
        ("DE-TH", date(2026, 6, 4), False),  # Fronleichnam in some Gemeinden only
        ("DE-BY", date(2026, 6, 4), True),
        ("DE-SN", date(2026, 11, 18), True),  # Buß- und Bettag
        ("DE-BE", date(2026, 11, 18), False),
        ("DE-BE", date(2026, 3, 8), True),  # Frauentag
    ],
)
def test_find_public_holidays_knows_those_of_a_land(land: str, day: date, is_free: bool) -> None:
    assert (day in find_public_holidays(land)) is is_free


def test_find_public_holidays_without_land_knows_none() -> None:
    assert date(2026, 12, 25) not in find_public_holidays("")
