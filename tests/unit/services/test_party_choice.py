"""What was typed for the other side of a list."""

import pytest

from server.domain.behoerde import PartyIdentifier
from server.services.party_choice import find_fitting, read_value, write_party

ERFURT = PartyIdentifier("ags:16051000", "xoev", "Stadt Erfurt")
JENA = PartyIdentifier("ags:16053000", "xoev", "Stadt Jena (Thüringen)")
JENA_LAND = PartyIdentifier("ags:16053999", "xoev", "Stadt Jena (Thüringen) Land")
NAMELESS = PartyIdentifier("ags:99", "xoev", "")
ALL = (ERFURT, JENA, JENA_LAND, NAMELESS)


@pytest.mark.parametrize("party", ALL)
def test_suggestion_is_read_as_its_identifier(party: PartyIdentifier) -> None:
    assert read_value(write_party(party)) == party.value


@pytest.mark.parametrize("typed", ["ags:16051000", "Erfurt", "Jena (", "()", ""])
def test_text_without_an_identifier_is_read_as_it_is(typed: str) -> None:
    assert read_value(typed) == typed


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("erfurt", (ERFURT,)),
        ("stadt 16051", (ERFURT,)),
        ("STADT  jena (thüringen)", (JENA,)),
        ("jena", (JENA, JENA_LAND)),
        ("99", (JENA_LAND, NAMELESS)),
        ("weimar", ()),
        ("", ALL),
    ],
)
def test_words_find_those_in_which_all_stand_and_a_whole_name_its_own(
    typed: str, found: tuple[PartyIdentifier, ...]
) -> None:
    assert find_fitting(ALL, typed) == found
