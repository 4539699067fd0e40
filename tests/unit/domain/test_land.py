"""The Länder and the authorities within them."""

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.land import LAND_NAMES, Land, find_land


def test_land_names_are_sixteen() -> None:
    assert set(LAND_NAMES) == set(Land)
    assert len(set(LAND_NAMES.values())) == 16


@pytest.mark.parametrize(
    ("value", "land"),
    [
        ("ags:12054000", Land.BRANDENBURG),
        ("ags:16053000", Land.THUERINGEN),
        ("ags:07135020", Land.RHEINLAND_PFALZ),
        ("ags:05758012", Land.NORDRHEIN_WESTFALEN),
        ("ags:99000000", None),
        ("ags:", None),
        ("12054000", None),
    ],
)
def test_find_land_is_that_of_the_ags(value: str, land: Land | None) -> None:
    assert find_land(PartyIdentifier(value, "xoev")) == land
