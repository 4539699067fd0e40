"""What is generated is valid, realistic, and special where it says so."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from unicodedata import combining

import pytest
from lxml import etree

from server.demo.data import read_behoerden
from server.domain.behoerde import PartyIdentifier
from server.domain.codeliste import EINNAHMEART_URI
from server.domain.content import InlineContent
from server.domain.ersuchen import Ersuchen, Firma, Forderung, Person, Schuldner
from server.services.ersuchen_rules import find_violations, find_wrong_anlagen
from server.services.message_rules import MessageRules, MessageUnderRules
from server.testdata.attachments import render_anlagen
from server.testdata.authorities import PartiesInvalid
from server.testdata.cases import SpecialCase, count_case
from server.testdata.claim_kinds import read_claim_kinds
from server.testdata.claims import find_saeumniszuschlag
from server.testdata.drawing import read_words
from server.testdata.generator import GeneratedErsuchen, Generator, Plan
from server.testdata.people import LONGEST_NAME
from server.testdata.places import Places, load_places
from server.xmlio.ersuchen import read_ersuchen, write_ersuchen
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.installation import SHARED

INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
ALL_PLACES = SHARED / "data" / "gemeinden-plz.csv"
PLACES = load_places()
POTSDAM = PartyIdentifier("ags:12054000", "xoev")
JENA = PartyIdentifier("ags:16053000", "xoev")
NEEDS_DETAILS = {
    "kontopfaendung": ("drittschuldner", "iban"),
    "lohnpfaendung": ("drittschuldner",),
    "forderungspfaendung": ("drittschuldner", "gegenstand"),
    "kfz-stilllegung": ("kennzeichen",),
    "sicherungshypothek": ("grundstueck",),
}


def generate(count: int = 300, places: Places = PLACES, seed: int = 7) -> list[GeneratedErsuchen]:
    return list(Generator(Plan(count, seed, places)).generate())


@pytest.fixture(scope="module")
def generated() -> list[GeneratedErsuchen]:
    return generate()


def list_forderungen(generated: Sequence[GeneratedErsuchen]) -> list[tuple[date, Forderung]]:
    return [
        (item.ersuchen.datum, forderung)
        for item in generated
        for forderung in item.ersuchen.forderung_list
    ]


def check_valid(ersuchen: Ersuchen) -> None:
    message = write_ersuchen(ersuchen)
    assert INSPECTOR.find_problem(InlineContent(message), "urn:damtshilfe:amtshilfe:1") is None
    read = read_ersuchen(etree.fromstring(message))
    assert find_violations(read) == ()
    assert read.gesamtbetrag == ersuchen.gesamtbetrag
    assert read.schuldner_list == ersuchen.schuldner_list


def test_generate_every_message_is_valid(generated: list[GeneratedErsuchen]) -> None:
    assert len(generated) == 300
    for item in generated:
        check_valid(item.ersuchen)


@pytest.mark.skipif(not ALL_PLACES.exists(), reason="the list of all places is not at hand here")
def test_generate_all_of_germany_is_valid() -> None:
    places = load_places(ALL_PLACES)
    known = {(place.plz, place.ort) for place in places.all}
    for item in generate(places=places):
        check_valid(item.ersuchen)
        address = item.ersuchen.schuldner_list[0].anschrift
        if address and item.case != SpecialCase.ORTSTEIL:
            assert (address.plz, address.ort) in known


@pytest.mark.skipif(not ALL_PLACES.exists(), reason="the list of all places is not at hand here")
def test_shipped_places_are_real() -> None:
    known = {(place.ags, place.plz, place.ort) for place in load_places(ALL_PLACES).all}
    assert {(place.ags, place.plz, place.ort) for place in PLACES.all} <= known


def test_words_are_valid_names_each(generated: list[GeneratedErsuchen]) -> None:
    words = read_words()
    lists = (words.first_names, words.family_names, words.sequences)
    names = [name for found in lists for names in found.values() for name in names]
    address = generated[0].ersuchen.ersuchter.anschrift
    debtors = tuple(Schuldner(Person(name), address) for name in names)
    assert len(debtors) > 120
    check_valid(replace(generated[0].ersuchen, schuldner_list=debtors))


def test_generate_same_seed_gives_the_same() -> None:
    assert generate(60) == generate(60)
    assert generate(60) != generate(60, seed=8)


def test_generate_an_ersuchen_does_not_depend_on_those_before_it() -> None:
    few, many = generate(10), generate(30)
    same = [(a, b) for a, b in zip(few, many, strict=False) if a.case == b.case]
    assert same
    assert all(a == b for a, b in same)


def test_generate_cases_have_their_exact_share(generated: list[GeneratedErsuchen]) -> None:
    found = Counter(item.case for item in generated if item.case)
    assert found == {case: count_case(case, 300) for case in SpecialCase}


def test_generate_debtor_lives_in_the_gemeinde_that_is_asked(
    generated: list[GeneratedErsuchen],
) -> None:
    for item in generated:
        ersuchen = item.ersuchen
        asked = ersuchen.ersuchter.identifier
        assert not ersuchen.ersuchender.identifier.is_same_party(asked)
        postal_codes = {p.plz for p in PLACES.of_gemeinde(asked.value.removeprefix("ags:"))}
        for schuldner in ersuchen.schuldner_list:
            assert schuldner.anschrift is None or schuldner.anschrift.plz in postal_codes


def test_generate_an_authority_is_the_same_in_all(generated: list[GeneratedErsuchen]) -> None:
    seen: dict[str, set[tuple[object, ...]]] = {}
    for item in generated:
        for akteur in (item.ersuchen.ersuchender, item.ersuchen.ersuchter):
            facts = (akteur.name, akteur.anschrift)
            seen.setdefault(str(akteur.identifier), set()).add(facts)
    assert {len(found) for found in seen.values()} == {1}
    known = [item for item in read_behoerden().values() if str(item.identifier) in seen]
    assert known
    for behoerde in known:
        assert seen[str(behoerde.identifier)] == {(behoerde.name, behoerde.anschrift)}


def test_generate_given_authorities_are_used() -> None:
    plan = Plan(40, 1, PLACES, (POTSDAM, JENA), (JENA,))
    for item in Generator(plan).generate():
        assert item.ersuchen.ersuchender.identifier.is_same_party(POTSDAM)
        assert item.ersuchen.ersuchter.name == "Stadt Jena, Vollstreckungsstelle"
        assert item.case != SpecialCase.PLZ_MEHRERER_GEMEINDEN


def test_generate_unknown_authority_is_invented() -> None:
    office = PartyIdentifier("4711", "probe")
    items = list(Generator(Plan(5, 1, PLACES, (office,), (JENA,))).generate())
    assert {str(item.ersuchen.ersuchender.identifier) for item in items} == {"probe:4711"}
    assert len({item.ersuchen.ersuchender.anschrift for item in items}) == 1


def test_generate_authority_that_would_ask_itself_is_refused() -> None:
    with pytest.raises(PartiesInvalid, match="verschiedene Behörden"):
        Generator(Plan(1, 1, PLACES, (JENA,), (JENA,)))


def test_impossible_cases_without_shared_postal_codes_names_it() -> None:
    generator = Generator(Plan(100, 1, PLACES, (POTSDAM,), (JENA,)))
    assert generator.impossible_cases == {SpecialCase.PLZ_MEHRERER_GEMEINDEN}
    assert len(list(generator.generate())) == 100


def test_generate_days_follow_each_other(generated: list[GeneratedErsuchen]) -> None:
    for day, forderung in list_forderungen(generated):
        bescheid = forderung.bescheid
        assert bescheid
        assert bescheid.zustellung
        assert bescheid.unanfechtbar_seit
        assert bescheid.datum < bescheid.zustellung.datum < bescheid.unanfechtbar_seit <= day
        assert (day - forderung.faelligkeit).days >= 60
        for beside in forderung.nebenforderung_list:
            assert beside.faelligkeit is None or beside.faelligkeit <= day


def test_generate_letter_arrives_after_four_days_or_three_before_2025(
    generated: list[GeneratedErsuchen],
) -> None:
    days = set()
    for _, forderung in list_forderungen(generated):
        bescheid = forderung.bescheid
        assert bescheid
        assert bescheid.zustellung
        if bescheid.zustellung.art == "einfacher-brief":
            arrived = bescheid.zustellung.datum
            assert arrived.weekday() < 5
            least = 4 if bescheid.datum >= date(2025, 1, 1) else 3
            assert least <= (arrived - bescheid.datum).days <= least + 2
            days.add(least)
    assert days == {3, 4}


def test_generate_saeumniszuschlag_is_what_the_law_says(
    generated: list[GeneratedErsuchen],
) -> None:
    kinds = read_claim_kinds()
    charged = 0
    for day, forderung in list_forderungen(generated):
        charge = forderung.saeumniszuschlag
        if kinds[forderung.einnahmeart].late == "ao" and charge:
            assert charge.betrag == find_saeumniszuschlag(
                forderung.betrag, forderung.faelligkeit, day
            )
            charged += 1
    assert charged > 50


@pytest.mark.parametrize(
    ("amount", "due", "until", "charge"),
    [
        ("1250.00", date(2026, 5, 15), date(2026, 10, 15), "62.50"),
        ("1250.00", date(2026, 5, 15), date(2026, 10, 16), "75.00"),
        ("149.99", date(2026, 5, 15), date(2026, 5, 18), "1.00"),
        ("49.99", date(2026, 5, 15), date(2026, 10, 15), "0.00"),
        # The 15th is a Sunday: the first month begins after Monday.
        ("100.00", date(2026, 2, 15), date(2026, 3, 16), "1.00"),
        ("100.00", date(2026, 2, 15), date(2026, 3, 17), "2.00"),
    ],
)
def test_find_saeumniszuschlag_counts_months_begun_and_whole_fifties(
    amount: str, due: date, until: date, charge: str
) -> None:
    assert find_saeumniszuschlag(Decimal(amount), due, until) == Decimal(charge)


def test_generate_measures_carry_their_details(generated: list[GeneratedErsuchen]) -> None:
    seen = Counter[str]()
    for item in generated:
        for massnahme in item.ersuchen.massnahme_list:
            seen[massnahme.art] += 1
            for name in NEEDS_DETAILS.get(massnahme.art, ()):
                assert getattr(massnahme, name), f"{massnahme.art} without {name}"
            if massnahme.art == "vermoegensauskunft":
                for schuldner in item.ersuchen.schuldner_list:
                    assert isinstance(schuldner.wer, Person)
                    assert schuldner.wer.geburtsdatum
            if massnahme.art == "sicherungshypothek":
                assert item.ersuchen.gesamtbetrag > 750
    assert set(seen) == {*NEEDS_DETAILS, "sachpfaendung", "vermoegensauskunft"} | {
        "aufenthaltsermittlung"
    }


def test_generate_claims_are_different_ones(generated: list[GeneratedErsuchen]) -> None:
    for item in generated:
        periods = [(f.einnahmeart, f.zeitraum) for f in item.ersuchen.forderung_list if f.zeitraum]
        assert len(periods) == len(set(periods))


def test_generate_gesamtschuldner_owe_what_may_be_owed_together(
    generated: list[GeneratedErsuchen],
) -> None:
    joint = [item for item in generated if item.case == SpecialCase.GESAMTSCHULDNER]
    codes = {f.einnahmeart for item in joint for f in item.ersuchen.forderung_list}
    assert codes
    assert codes.isdisjoint({"bussgeld", "hundesteuer", "gewerbesteuer"})


def test_generate_attachments_are_those_that_are_named(
    generated: list[GeneratedErsuchen],
) -> None:
    for item in generated:
        named = item.ersuchen.anlage_list
        files = render_anlagen(named)
        assert len(files) == len(named)
        sums = {name: sha256(content).hexdigest() for name, content in files.items()}
        assert list(find_wrong_anlagen(named, sums)) == []
        assert all(content.startswith(b"%PDF-") for content in files.values())


def test_kinds_of_claims_stand_in_the_shipped_code_list() -> None:
    (einnahmearten,) = (
        item.entries for item in read_shipped_codelisten() if item.uri == EINNAHMEART_URI
    )
    assert read_claim_kinds().keys() <= einnahmearten.keys()


def test_generate_every_message_keeps_the_rules_of_code_lists_and_measures(
    generated: list[GeneratedErsuchen], rules: MessageRules
) -> None:
    for item in generated:
        document = etree.fromstring(write_ersuchen(item.ersuchen))
        files = render_anlagen(item.ersuchen.anlage_list)
        attached = {name: sha256(content).hexdigest() for name, content in files.items()}
        reader = item.ersuchen.ersuchter.identifier
        assert rules.find_violations(MessageUnderRules(document, reader, attached)) == ()


def test_words_stay_below_the_length_of_a_file_name() -> None:
    names = {a.dateiname for i in generate() for a in i.ersuchen.anlage_list}
    assert all(len(name.encode()) < 255 and Path(name).name == name for name in names)


def is_special(item: GeneratedErsuchen) -> bool:
    """Whether an Ersuchen shows what its case promises."""
    ersuchen = item.ersuchen
    first = ersuchen.schuldner_list[0]
    address = first.anschrift
    amounts = [forderung.betrag for forderung in ersuchen.forderung_list]
    names = [anlage.dateiname for anlage in ersuchen.anlage_list]
    owners = {p.ags for p in PLACES.all if address and p.plz == address.plz}
    return {
        SpecialCase.FIRMA: isinstance(first.wer, Firma),
        SpecialCase.GESAMTSCHULDNER: len(ersuchen.schuldner_list) > 1,
        SpecialCase.ANSCHRIFT_UNBEKANNT: address is None,
        SpecialCase.OHNE_HAUSNUMMER: bool(address and address.strasse and not address.hausnummer),
        SpecialCase.OHNE_STRASSE: bool(address and not address.strasse and address.ort),
        SpecialCase.ABGEKUERZTE_STRASSE: bool(address and address.strasse.endswith("str.")),
        SpecialCase.ORTSTEIL: bool(address and " OT " in address.ort),
        SpecialCase.PLZ_MEHRERER_GEMEINDEN: len(owners) > 1,
        SpecialCase.LANGER_NAME: len(first.wer.name) == LONGEST_NAME,
        SpecialCase.DIN_91379_SEQUENZEN: any(map(combining, first.full_name)),
        SpecialCase.VIELE_FORDERUNGEN: len(amounts) == 60,
        SpecialCase.CENTBETRAG: ersuchen.gesamtbetrag == Decimal("0.01"),
        SpecialCase.GROSSER_BETRAG: max(amounts) >= 10_000_000,
        SpecialCase.OHNE_ANLAGE: not names,
        SpecialCase.VIELE_ANLAGEN: len(names) == 20,
        SpecialCase.UMLAUT_DATEINAME: any(not name.isascii() for name in names),
        SpecialCase.LANGE_BEMERKUNG: ersuchen.bemerkung.count("\n") > 30,
    }[item.case or SpecialCase.FIRMA]


def test_generate_special_cases_are_special(generated: list[GeneratedErsuchen]) -> None:
    assert [item.number for item in generated if item.case and not is_special(item)] == []
