"""Regions from large to small, and what a rule may say."""

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.hausnummer import Parity
from server.domain.regel import Regel, Region, find_region_problem

KASSE = PartyIdentifier("ags:16053000", "xoev")

FROM_LARGE_TO_SMALL = (
    Region(land="16"),
    Region(kreis="16053"),
    Region(ags="16053000"),
    Region(plz="07743"),
    Region(ags="16053000", plz="07743"),
    Region(plz="07743", ort="Zwätzen"),
    Region(plz="07743", strasse="Saalstraße"),
    Region(plz="07743", strasse="Saalstraße", parity=Parity.ODD),
    Region(plz="07743", strasse="Saalstraße", number_from="1", number_to="9"),
    Region(plz="07743", strasse="Saalstraße", number_from="1", parity=Parity.ODD),
)


def test_specificity_grows_while_the_region_shrinks() -> None:
    ranks = [region.specificity for region in FROM_LARGE_TO_SMALL]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize("region", FROM_LARGE_TO_SMALL, ids=str)
def test_find_region_problem_of_a_good_region_is_none(region: Region) -> None:
    assert find_region_problem(region) == ""


def test_einnahmeart_comes_before_region() -> None:
    street, land = FROM_LARGE_TO_SMALL[6], FROM_LARGE_TO_SMALL[0]
    for_all = Regel(street, (), KASSE)
    several = Regel(land, ("bussgeld", "grundsteuer"), KASSE)
    one = Regel(land, ("bussgeld",), KASSE)
    assert for_all.specificity < several.specificity < one.specificity


@pytest.mark.parametrize(
    ("region", "other"),
    [
        (Region(plz="07743", strasse="Saalstraße"), Region(plz="07743", strasse="Saalstr.")),
        (Region(plz="07743", strasse="Große Gasse"), Region(plz="07743", strasse="Gr. Gasse")),
        (Region(plz="07743", ort="St. Marien"), Region(plz="07743", ort="Sankt Marien")),
    ],
)
def test_anchor_is_the_same_however_written(region: Region, other: Region) -> None:
    assert region.anchor == other.anchor


@pytest.mark.parametrize(
    ("region", "text"),
    [
        (Region(), "weder"),
        (Region(land="6"), "Das Land hat 2 Ziffern"),
        (Region(ags="1605300"), "8 Ziffern"),
        (Region(plz="0774A"), "5 Ziffern"),
        (Region(kreis="16053", ags="06412000"), "liegt nicht in"),
        (Region(land="16", strasse="Saalstraße"), "brauchen eine Postleitzahl"),
        (Region(land="16", ort="Jena"), "brauchen eine Postleitzahl"),
        (Region(plz="07743", strasse="--"), "kein Straßenname"),
        (Region(plz="07743", number_from="1"), "brauchen eine Straße"),
        (Region(plz="07743", parity=Parity.ODD), "brauchen eine Straße"),
        (Region(plz="07743", strasse="Weg", number_from="x"), "keine Hausnummer"),
        (Region(plz="07743", strasse="Weg", number_from="9", number_to="1"), "vor ihrem Anfang"),
    ],
)
def test_find_region_problem_tells_the_mistake(region: Region, text: str) -> None:
    assert text in find_region_problem(region)
