"""Who is responsible: the table of rules, the table of bad input, and history."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from persistence.authority_database import AuthorityDatabase
from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Certainty, Mark
from server.domain.behoerde import Behoerde
from server.domain.eintrag import Eintrag, EintragState
from server.domain.erklaerung import _MARK_SENTENCES, _VERDICT_TEXTS, Erklaerung
from server.domain.gemeinde import Gemeinde
from server.domain.hausnummer import Parity
from server.domain.regel import Regel, Region
from server.domain.zustaendigkeit import Verdict, ZustaendigkeitAnfrage
from server.services.directory_cache import DirectoryCache
from server.services.zustaendigkeit import ZustaendigkeitFinder
from tests.support.directory import fill_directory, make_behoerde, open_directory

TODAY = date(2026, 11, 25)
YESTERDAY = date(2026, 11, 24)
LAND, KREIS, STADT, ORT, WEG, NEU = map(
    make_behoerde, ("land", "kreis", "stadt", "ort", "weg", "neu")
)
NORD, SUED = Gemeinde("16077001", "07700", "Nordheim"), Gemeinde("16077002", "07700", "Südheim")
FAR = Gemeinde("16077003", "07799", "Fernheim")
TWIN = Gemeinde("15077001", "07799", "Fernheim", "Landkreis Anderswo")
STREET = Region(plz="07700", strasse="Lange Straße")


def rule(region: Region, behoerde: Behoerde, *einnahmearten: str, **days: date) -> Regel:
    return Regel(region, einnahmearten, behoerde.identifier, **days)


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[AuthorityDatabase]:
    """Four places, six authorities, no rule."""
    made = open_directory(tmp_path / "authority.sqlite")
    eintraege = [Eintrag(item) for item in (LAND, KREIS, STADT, ORT, WEG, NEU)]
    fill_directory(made, (NORD, SUED, FAR, TWIN), eintraege)
    yield made
    made.engine.dispose()


def ask(
    directory: AuthorityDatabase,
    *regeln: Regel,
    einnahmeart: str = "bussgeld",
    stichtag: date | None = None,
    **anschrift: str,
) -> Erklaerung:
    """Adds the rules and asks for Lange Straße 7, 07700 Nordheim, or what is named instead."""
    fill_directory(directory, regeln=regeln)
    parts = {
        "strasse": "Lange Straße",
        "hausnummer": "7",
        "plz": "07700",
        "ort": "Nordheim",
        **anschrift,
    }
    finder = ZustaendigkeitFinder(directory, DirectoryCache(directory, 80, ()))
    return finder.explain(ZustaendigkeitAnfrage(einnahmeart, Anschrift(**parts), stichtag), TODAY)


def names(erklaerung: Erklaerung) -> list[str]:
    return [item.behoerde.identifier.value for item in erklaerung.candidates]


def on_wire(erklaerung: Erklaerung) -> list[str]:
    return [item.identifier.value for item in erklaerung.to_zustaendigkeit().behoerde_list]


def verdicts(erklaerung: Erklaerung) -> dict[str, Verdict]:
    return {item.regel.behoerde.value: item.verdict for item in erklaerung.list_considered()}


LADDER = (
    rule(Region(land="16"), LAND),
    rule(Region(kreis="16077"), KREIS),
    rule(Region(ags="16077001"), STADT),
    rule(Region(plz="07700", ort="Nordheim"), ORT),
    rule(replace(STREET, number_from="1", number_to="9"), WEG),
    rule(replace(STREET, number_from="1", number_to="9", parity=Parity.ODD), NEU),
)


@pytest.mark.parametrize("length", range(1, len(LADDER) + 1))
def test_smallest_region_wins_and_the_others_are_told(
    directory: AuthorityDatabase, length: int
) -> None:
    found = ask(directory, *LADDER[:length])
    assert names(found) == on_wire(found) == [LADDER[length - 1].behoerde.value]
    assert found.is_unambiguous
    told = verdicts(found)
    assert told.pop(LADDER[length - 1].behoerde.value) is Verdict.WINS
    assert set(told.values()) <= {Verdict.OUTRANKED}
    assert len(told) == length - 1


def test_rule_for_the_einnahmeart_beats_a_smaller_region_for_all(
    directory: AuthorityDatabase,
) -> None:
    found = ask(
        directory, rule(STREET, WEG), rule(Region(land="16"), LAND, "bussgeld", "grundsteuer")
    )
    assert names(found) == ["land"]
    assert names(ask(directory, rule(Region(land="16"), NEU, "bussgeld"))) == ["neu"]


def test_equal_rules_are_an_ambiguity_with_both_candidates(directory: AuthorityDatabase) -> None:
    found = ask(directory, rule(STREET, WEG), rule(STREET, NEU), rule(Region(land="16"), LAND))
    assert names(found) == on_wire(found) == ["weg", "neu"]
    assert not found.is_certain
    assert Mark.EQUAL_RULES in found.marks


def test_equal_rules_for_the_same_authority_are_no_ambiguity(directory: AuthorityDatabase) -> None:
    found = ask(directory, rule(STREET, WEG), rule(STREET, WEG, valid_from=YESTERDAY))
    assert on_wire(found) == ["weg"]


def test_overlapping_house_numbers_are_an_ambiguity(directory: AuthorityDatabase) -> None:
    first = rule(replace(STREET, number_from="1", number_to="9"), WEG)
    second = rule(replace(STREET, number_from="7", number_to="20"), NEU)
    assert names(ask(directory, first, second)) == ["weg", "neu"]
    assert names(ask(directory, hausnummer="10")) == ["neu"]
    assert names(ask(directory, hausnummer="6-8")) == ["weg", "neu"]


def test_gap_between_rules_falls_to_the_larger_region_or_to_nobody(
    directory: AuthorityDatabase,
) -> None:
    odd = rule(replace(STREET, number_from="1", number_to="9", parity=Parity.ODD), WEG)
    found = ask(directory, odd, hausnummer="8")
    assert names(found) == []
    assert Mark.NO_RULE in found.marks
    assert verdicts(found) == {"weg": Verdict.OTHER_HAUSNUMMER}
    assert names(ask(directory, rule(Region(land="16"), LAND), hausnummer="8")) == ["land"]


@pytest.mark.parametrize(
    ("missing", "mark"),
    [
        ({"hausnummer": ""}, Mark.HAUSNUMMER_MISSING),
        ({"strasse": "", "hausnummer": ""}, Mark.STRASSE_MISSING),
        ({"hausnummer": "ohne"}, Mark.HAUSNUMMER_UNREADABLE),
    ],
)
def test_missing_detail_that_rules_ask_for_is_an_ambiguity(
    directory: AuthorityDatabase, missing: dict[str, Any], mark: Mark
) -> None:
    street = rule(replace(STREET, number_from="1", number_to="9"), WEG)
    found = ask(directory, street, rule(Region(land="16"), LAND), **missing)
    assert sorted(names(found)) == ["land", "weg"]
    assert not found.is_certain
    assert mark in found.marks


def test_missing_detail_that_changes_nothing_is_no_ambiguity(directory: AuthorityDatabase) -> None:
    street = rule(replace(STREET, number_from="1", number_to="9"), LAND)
    assert on_wire(ask(directory, street, rule(Region(land="16"), LAND), hausnummer="")) == ["land"]


def test_missing_detail_with_one_candidate_is_not_told_as_sure(
    directory: AuthorityDatabase,
) -> None:
    found = ask(directory, rule(replace(STREET, number_from="1"), WEG), hausnummer="")
    assert (names(found), on_wire(found)) == (["weg"], [])


def test_unknown_einnahmeart_fits_rules_for_all_only(directory: AuthorityDatabase) -> None:
    found = ask(directory, rule(STREET, WEG, "bussgeld"), einnahmeart="erfunden")
    assert names(found) == []
    assert verdicts(found) == {"weg": Verdict.OTHER_EINNAHMEART}
    assert names(ask(directory, rule(Region(land="16"), LAND), einnahmeart="erfunden")) == ["land"]


@pytest.mark.parametrize(
    ("anschrift", "mark"),
    [
        ({"strasse": "", "hausnummer": "", "plz": "", "ort": ""}, Mark.NO_ADDRESS),
        ({"plz": "A-1010", "ort": "Wien"}, Mark.FOREIGN),
        ({"plz": "07700", "ort": "Wien, Österreich"}, Mark.FOREIGN),
        ({"plz": "67000", "ort": "Strasbourg"}, Mark.ORT_UNKNOWN),
    ],
)
def test_no_address_or_one_abroad_has_nobody(
    directory: AuthorityDatabase, anschrift: dict[str, Any], mark: Mark
) -> None:
    found = ask(directory, rule(Region(land="16"), LAND), **anschrift)
    assert (names(found), found.decisions) == ([], ())
    assert mark in found.marks
    assert found.list_sentences()[-1] == "Zuständig ist nach dem Verzeichnis niemand."


def test_expired_authority_leaves_nobody_rather_than_a_larger_region(
    directory: AuthorityDatabase,
) -> None:
    ended = Eintrag(make_behoerde("alt"), EintragState.ENDED, valid_to=YESTERDAY)
    fill_directory(directory, eintraege=[ended])
    street = rule(STREET, ended.behoerde)
    found = ask(directory, street, rule(Region(land="16"), LAND))
    assert names(found) == []
    assert Mark.BEHOERDE_INVALID in found.marks
    assert verdicts(found)["alt"] is Verdict.BEHOERDE_INVALID
    assert names(ask(directory, stichtag=YESTERDAY)) == ["alt"]
    assert names(ask(directory, rule(STREET, NEU))) == ["neu"]


def test_unconfirmed_authority_is_no_answer(directory: AuthorityDatabase) -> None:
    registered = Eintrag(make_behoerde("offen"), EintragState.REGISTERED)
    fill_directory(directory, eintraege=[registered])
    assert names(ask(directory, rule(STREET, registered.behoerde))) == []


def test_doubtful_authority_is_answered_and_marked(directory: AuthorityDatabase) -> None:
    with directory.writing() as store:
        store.behoerden.mark_doubtful(WEG.identifier, "Brief kam zurück.")
    found = ask(directory, rule(STREET, WEG))
    assert on_wire(found) == ["weg"]
    assert found.marks == (Mark.BEHOERDE_DOUBTFUL,)


def test_stichtag_asks_for_the_rules_of_that_day(directory: AuthorityDatabase) -> None:
    old, new = rule(STREET, WEG, valid_to=YESTERDAY), rule(STREET, NEU, valid_from=TODAY)
    assert names(ask(directory, old, new)) == ["neu"]
    found = ask(directory, stichtag=YESTERDAY)
    assert names(found) == ["weg"]
    assert verdicts(found) == {"weg": Verdict.WINS, "neu": Verdict.OTHER_DAY}


def test_plz_of_two_gemeinden_without_ort_has_both_candidates(directory: AuthorityDatabase) -> None:
    regeln = (rule(Region(ags=NORD.ags), WEG), rule(Region(ags=SUED.ags), NEU))
    found = ask(directory, *regeln, ort="")
    assert found.aufloesung.certainty is Certainty.AMBIGUOUS
    assert on_wire(found) == ["weg", "neu"]
    assert on_wire(ask(directory, ort="Suedheim")) == ["neu"]


def test_ambiguous_address_with_the_same_authority_everywhere_is_sure(
    directory: AuthorityDatabase,
) -> None:
    found = ask(directory, rule(Region(kreis="16077"), KREIS), ort="")
    assert found.is_unambiguous


def test_ambiguous_address_with_an_authority_at_one_place_only_is_not_sure(
    directory: AuthorityDatabase,
) -> None:
    found = ask(directory, rule(Region(ags=NORD.ags), WEG), ort="")
    assert (names(found), on_wire(found)) == (["weg"], [])


def test_kreis_in_the_address_decides_between_twins(directory: AuthorityDatabase) -> None:
    regeln = (rule(Region(land="16"), LAND), rule(Region(land="15"), NEU))
    found = ask(directory, *regeln, plz="07799", ort="Fernheim")
    assert names(found) == ["land", "neu"]
    assert on_wire(ask(directory, plz="07799", ort="Fernheim (Kr. Anderswo)")) == ["neu"]


def test_wrong_plz_has_candidates_and_no_sure_answer(directory: AuthorityDatabase) -> None:
    found = ask(directory, rule(Region(land="16"), LAND), plz="07799", ort="Nordheim")
    assert Mark.PLZ_MISMATCH in found.marks
    assert found.aufloesung.candidates[0].gemeinde == NORD
    assert (names(found), on_wire(found)) == (["land"], [])


def test_rule_for_a_part_of_the_town_wants_its_name(directory: AuthorityDatabase) -> None:
    regeln = (rule(Region(ags=NORD.ags, ort="Altdorf"), ORT), rule(Region(ags=NORD.ags), STADT))
    assert names(ask(directory, *regeln)) == ["stadt"]
    assert names(ask(directory, ort="Nordheim-Altdorf")) == ["ort"]
    assert names(ask(directory, ort="Nordheim OT Altdorf")) == ["ort"]


def test_street_and_number_in_one_field_are_understood(directory: AuthorityDatabase) -> None:
    regeln = (rule(replace(STREET, number_from="1", number_to="9"), WEG),)
    assert on_wire(ask(directory, *regeln, strasse="lange str. 7", hausnummer="")) == ["weg"]


def test_sentences_tell_address_rules_and_answer(directory: AuthorityDatabase) -> None:
    found = ask(directory, rule(STREET, WEG), rule(Region(land="16"), LAND, "grundsteuer"))
    assert found.list_sentences() == (
        "Gefragt ist nach der Anschrift Lange Straße 7, 07700 Nordheim am 25.11.2026.",
        "Sie liegt in 07700 Nordheim (AGS 16077001).",
        "Die Regel für Straße Lange Straße (07700) (alle Einnahmearten) nennt weg: "
        "sie ist maßgeblich.",
        "Die Regel für Land 16 (grundsteuer) nennt land: sie gilt für andere Einnahmearten.",
        "Zuständig ist: Kasse weg.",
    )


def test_every_mark_and_verdict_has_a_german_text() -> None:
    assert set(_MARK_SENTENCES) == set(Mark)
    assert set(_VERDICT_TEXTS) == set(Verdict)


def test_cache_sees_a_change_after_some_seconds(directory: AuthorityDatabase) -> None:
    moment = [0.0]
    cache = DirectoryCache(directory, 80, (), lambda: moment[0])
    first = cache.read()
    fill_directory(directory, eintraege=[Eintrag(make_behoerde("spaeter"))])
    assert cache.read() is first
    moment[0] = 3.0
    assert ("spaeter", "xoev") in cache.read().eintraege
    again = cache.read()
    moment[0] = 6.0
    assert cache.read() is again
