"""Addresses as people write them: the right Gemeinde, its candidates, or nothing."""

import csv
import random
from collections import Counter
from collections.abc import Iterator

import pytest

from server.demo.data import read_gemeinden
from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Aufloesung, Certainty, Mark
from server.domain.gemeinde import Gemeinde, Ortsteil
from server.services.address_resolution import AddressResolver
from server.services.gemeinde_index import GemeindeIndex
from server.services.shipped_ortsteile import read_shipped_ortsteile
from server.settings import AuthorityServerSettings
from tests.support.directory import read_gemeinden_file
from tests.support.installation import SAMPLES, SHARED

PLACES = SHARED / "data" / "gemeinden-plz.csv"
NEEDS_PLACES = pytest.mark.skipif(
    not PLACES.exists(), reason="the list of all places is not at hand here"
)
THRESHOLD = AuthorityServerSettings().ort_similarity
UNSURE = "?"


def make_resolver(
    gemeinden: tuple[Gemeinde, ...],
    ortsteile: tuple[Ortsteil, ...] = (),
    threshold: int = THRESHOLD,
) -> AddressResolver:
    index = GemeindeIndex(gemeinden, (*ortsteile, *read_shipped_ortsteile()))
    return AddressResolver(index, threshold)


@pytest.fixture(scope="module")
def germany() -> AddressResolver:
    return make_resolver(read_gemeinden_file(PLACES))


@pytest.fixture(scope="module")
def demo() -> AddressResolver:
    return make_resolver(read_gemeinden())


def resolve(resolver: AddressResolver, plz: str, ort: str) -> Aufloesung:
    return resolver.resolve(Anschrift("", "", plz, ort))


def list_ags(found: Aufloesung) -> set[str]:
    return {item.gemeinde.ags for item in found.candidates}


def read_variants() -> Iterator[dict[str, str]]:
    with (SAMPLES / "addresses" / "variants.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def judge(found: Aufloesung, expected: str) -> str:
    """right, missed (not sure, though it could be), or wrong (sure, though it is not)."""
    wanted = set(expected.split("|"))
    if found.certainty is Certainty.CERTAIN:
        return "right" if list_ags(found) == wanted else "wrong"
    if expected == UNSURE:
        return "wrong" if found.certainty is Certainty.AMBIGUOUS else "right"
    is_complete = len(wanted) > 1 and list_ags(found) == wanted
    return "right" if is_complete and found.certainty is Certainty.AMBIGUOUS else "missed"


@NEEDS_PLACES
def test_every_pair_of_plz_and_ort_gives_its_gemeinde_or_exactly_the_candidates(
    germany: AddressResolver,
) -> None:
    expected: dict[tuple[str, str], set[str]] = {}
    for item in read_gemeinden_file(PLACES):
        if not item.is_deprecated:
            expected.setdefault((item.plz, item.ort), set()).add(item.ags)
    assert len(expected) > 12_000
    wrong = {}
    for (plz, ort), ags in expected.items():
        found = resolve(germany, plz, ort)
        certainty = Certainty.CERTAIN if len(ags) == 1 else Certainty.AMBIGUOUS
        if (list_ags(found), found.certainty) != (ags, certainty):
            wrong[plz, ort] = found
    assert wrong == {}


@NEEDS_PLACES
def test_deprecated_gemeinde_is_never_a_certain_answer(germany: AddressResolver) -> None:
    places = read_gemeinden_file(PLACES)
    current = {(item.plz, item.ort) for item in places if not item.is_deprecated}
    old = [item for item in places if item.is_deprecated and (item.plz, item.ort) not in current]
    assert old
    for item in old:
        found = resolve(germany, item.plz, item.ort)
        assert item.ags not in list_ags(found) or found.certainty is Certainty.UNCERTAIN
        assert found.certainty is not Certainty.CERTAIN or found.marks


@NEEDS_PLACES
def test_variants_are_resolved_and_none_wrongly(germany: AddressResolver) -> None:
    judged = {
        (row["plz"], row["ort"]): judge(resolve(germany, row["plz"], row["ort"]), row["expected"])
        for row in read_variants()
    }
    assert len(judged) >= 200
    assert [address for address, verdict in judged.items() if verdict == "wrong"] == []
    missed = [address for address, verdict in judged.items() if verdict == "missed"]
    assert len(missed) <= 0.03 * len(judged), missed


@NEEDS_PLACES
def test_one_typing_error_never_makes_a_certain_answer_wrong(germany: AddressResolver) -> None:
    chance = random.Random(2026)
    wrong, certain = [], 0
    places = [item for item in read_gemeinden_file(PLACES) if not item.is_deprecated]
    for item in places:
        written = mistype(item.ort, chance)
        found = resolve(germany, item.plz, written)
        certain += found.certainty is Certainty.CERTAIN
        if found.certainty is Certainty.CERTAIN and list_ags(found) != {item.ags}:
            wrong.append((item.plz, item.ort, written))
    assert wrong == []
    assert certain > 0.85 * len(places)


def mistype(name: str, chance: random.Random) -> str:
    """A letter left out, added, replaced, or in the place of its neighbour."""
    spot, letter = chance.randrange(len(name)), chance.choice("abcdefghijklmnopqrstuvwxyz")
    before, here, after = name[:spot], name[spot], name[spot + 1 :]
    return chance.choice(
        (
            before + after,
            before + letter + here + after,
            before + letter + after,
            before + after[:1] + here + after[1:],
        )
    )


def test_variants_of_demo_places_are_resolved_and_none_wrongly(demo: AddressResolver) -> None:
    known = {item.ags for item in read_gemeinden()}
    rows = [row for row in read_variants() if row["expected"] in known]
    judged = [(judge(resolve(demo, row["plz"], row["ort"]), row["expected"]), row) for row in rows]
    assert len(judged) >= 25
    assert [row for verdict, row in judged if verdict != "right"] == []


def test_variants_cover_every_kind_of_writing_at_least_twice() -> None:
    kinds = Counter(row["kind"] for row in read_variants())
    for kind in (
        "abbreviation",
        "transcription",
        "typing error",
        "part of town",
        "title",
        "hyphen",
    ):
        assert kinds[kind] >= 2, kind


@pytest.mark.parametrize(
    ("plz", "ort", "certainty", "mark"),
    [
        ("07743", "Jena", Certainty.CERTAIN, None),
        ("07743", "", Certainty.CERTAIN, Mark.ORT_MISSING),
        ("07743", "Potsdam", Certainty.UNCERTAIN, Mark.PLZ_MISMATCH),
        ("99999", "Jena", Certainty.UNCERTAIN, Mark.PLZ_UNKNOWN),
        ("", "Jena", Certainty.UNCERTAIN, Mark.PLZ_MISSING),
        ("7743", "Jena", Certainty.UNCERTAIN, Mark.PLZ_INVALID),
        ("07743", "Entenhausen", Certainty.UNCERTAIN, Mark.ORT_UNKNOWN),
        ("99999", "Entenhausen", Certainty.UNKNOWN, Mark.ORT_UNKNOWN),
        ("99999", "", Certainty.UNKNOWN, Mark.PLZ_UNKNOWN),
        ("", "", Certainty.UNKNOWN, Mark.NO_ADDRESS),
        ("A-1010", "Wien", Certainty.UNKNOWN, Mark.FOREIGN),
        ("07743", "Wien (Österreich)", Certainty.UNKNOWN, Mark.FOREIGN),
        ("35037", "Marbrug", Certainty.CERTAIN, Mark.SIMILAR),
        ("14482", "Babelsberg", Certainty.CERTAIN, Mark.TEIL),
    ],
)
def test_resolve_tells_how_sure_it_is_and_what_is_odd(
    demo: AddressResolver, plz: str, ort: str, certainty: Certainty, mark: Mark | None
) -> None:
    found = resolve(demo, plz, ort)
    assert found.certainty is certainty
    assert (mark in found.marks) if mark else found.marks == ()
    assert (len(found.candidates) == 1) >= (certainty is Certainty.CERTAIN)


def test_similar_below_the_threshold_is_no_answer() -> None:
    strict = make_resolver(read_gemeinden(), threshold=90)
    assert resolve(strict, "35037", "Marbrug").certainty is Certainty.UNCERTAIN


def test_two_similar_names_in_one_plz_are_candidates() -> None:
    resolver = make_resolver(
        (Gemeinde("16000001", "07999", "Rosbach"), Gemeinde("16000002", "07999", "Rossbach"))
    )
    assert resolve(resolver, "07999", "Rosbach").certainty is Certainty.CERTAIN
    assert resolve(resolver, "07999", "Rosbch").certainty is Certainty.AMBIGUOUS


def test_typing_error_that_is_the_name_of_another_place_is_not_corrected() -> None:
    resolver = make_resolver(
        (Gemeinde("16000001", "07999", "Rossbach"), Gemeinde("16000002", "07888", "Rosbach"))
    )
    found = resolve(resolver, "07999", "Rosbach")
    assert found.certainty is Certainty.UNCERTAIN
    assert list_ags(found) == {"16000001", "16000002"}


def test_unterdorf_is_no_typing_error_for_oberdorf() -> None:
    resolver = make_resolver((Gemeinde("16000001", "07999", "Oberschleißheim"),))
    assert resolve(resolver, "07999", "Unterschleißheim").certainty is Certainty.UNCERTAIN


def test_typing_error_is_not_corrected_where_the_nearest_name_contradicts() -> None:
    resolver = make_resolver(
        (
            Gemeinde("16000001", "07999", "Untershausen"),
            Gemeinde("16000002", "07999", "Nentershausen"),
        )
    )
    assert resolve(resolver, "07999", "Ucntershausen").certainty is Certainty.UNCERTAIN


def test_name_beside_a_town_is_not_a_part_of_it() -> None:
    places = (Gemeinde("16000001", "07999", "Kirn"), Gemeinde("16000002", "07888", "Steinau"))
    resolver = make_resolver(places)
    assert resolve(resolver, "07999", "Oberhausen bei Kirn").certainty is Certainty.UNCERTAIN
    assert resolve(resolver, "07999", "Oberhausen (Kirn)").certainty is Certainty.CERTAIN


def test_merged_gemeinde_gives_candidates_and_a_mark() -> None:
    resolver = make_resolver(
        (
            Gemeinde("16000001", "07999", "Neuland"),
            Gemeinde("16000002", "07999", "Althausen", is_deprecated=True),
        )
    )
    found = resolve(resolver, "07999", "Althausen")
    assert found.certainty is Certainty.UNCERTAIN
    assert Mark.GEMEINDE_DEPRECATED in found.marks
    assert list_ags(found) == {"16000001", "16000002"}


def test_imported_ortsteil_counts_in_its_plz_only() -> None:
    places = (Gemeinde("16000001", "07999", "Neuland"), Gemeinde("16000001", "07998", "Neuland"))
    resolver = make_resolver(places, (Ortsteil("Hinterwald", "16000001", "07999"),))
    assert resolve(resolver, "07999", "Hinterwald").certainty is Certainty.CERTAIN
    assert resolve(resolver, "07998", "Hinterwald").certainty is Certainty.UNCERTAIN


@NEEDS_PLACES
def test_shipped_ortsteile_belong_to_real_gemeinden() -> None:
    known = {item.ags for item in read_gemeinden_file(PLACES)}
    assert {item.ags for item in read_shipped_ortsteile()} <= known


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("Je", [("07743", "Jena"), ("07745", "Jena")]),
        ("0774", [("07743", "Jena"), ("07745", "Jena")]),
        ("07745 Je", [("07745", "Jena")]),
        ("JENA", [("07743", "Jena"), ("07745", "Jena")]),
        ("Weim", []),
        ("", []),
        ("  ", []),
    ],
)
def test_suggest_finds_what_begins_so(term: str, expected: list[tuple[str, str]]) -> None:
    gemeinden = (
        Gemeinde("16053000", "07743", "Jena"),
        Gemeinde("16053000", "07745", "Jena"),
        Gemeinde("16055000", "99423", "Weimar", is_deprecated=True),
    )
    found = make_resolver(gemeinden).suggest(term)
    assert [(item.plz, item.ort) for item in found] == expected


def test_suggest_ends_after_twenty() -> None:
    many = tuple(Gemeinde(f"{number:08}", f"{number:05}", "Neustadt") for number in range(30))
    assert len(make_resolver(many).suggest("Neu")) == 20
