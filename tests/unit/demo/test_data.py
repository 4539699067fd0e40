"""The demo directory: real places, and an authority where one is promised."""

import csv
from datetime import date

import pytest

from server.demo.data import (
    ANFRAGE_NONE,
    ANFRAGE_SEVERAL,
    DEMO_MANDANTEN,
    DemoMandant,
    read_behoerden,
    read_gemeinden,
    read_regeln,
)
from server.demo.sample import make_attachment, make_ersuchen
from server.domain.address_normalisation import fold_ort
from server.domain.behoerde import Kanal
from server.domain.codeliste import EINNAHMEART_URI
from server.domain.eintrag import Eintrag
from server.domain.zustaendigkeit import Place, ZustaendigkeitAnfrage, decide_place
from server.printing.attachments import find_print_problem
from server.xmlio.shipped_codelisten import read_shipped_codelisten
from tests.support.installation import SHARED

PLACES = SHARED / "data" / "gemeinden-plz.csv"


def find(anfrage: ZustaendigkeitAnfrage) -> set[str]:
    anschrift = anfrage.anschrift
    places = {
        Place(item.ags, item.plz)
        for item in read_gemeinden()
        if item.plz == anschrift.plz and fold_ort(item.ort) == fold_ort(anschrift.ort)
    }
    eintraege = {
        (item.identifier.value, item.identifier.type): Eintrag(item)
        for item in read_behoerden().values()
    }
    question = (anfrage.einnahmeart, date(2026, 11, 25))
    return {
        identifier.value
        for place in places
        for identifier in decide_place(place, question, read_regeln(), eintraege).behoerden
    }


def test_directory_has_about_30_gemeinden_in_several_laender() -> None:
    gemeinden = read_gemeinden()
    assert 25 <= len({item.ags for item in gemeinden}) <= 35
    assert len({item.ags[:2] for item in gemeinden}) >= 8


@pytest.mark.parametrize("mandant", DEMO_MANDANTEN, ids=lambda mandant: mandant.key)
def test_address_of_a_mandant_belongs_to_it(mandant: DemoMandant) -> None:
    found = find(ZustaendigkeitAnfrage(mandant.einnahmeart, mandant.address))
    behoerde = read_behoerden()[mandant.key]
    assert found == {behoerde.identifier.value}
    assert behoerde.kanal == (Kanal.ELEKTRONISCH if mandant.is_electronic else Kanal.BRIEF)


def test_special_addresses_have_nobody_or_several() -> None:
    assert find(ANFRAGE_NONE) == set()
    assert len(find(ANFRAGE_SEVERAL)) == 2
    # Real places, so that the answer rests on the rules and not on a wrong address.
    places = {(item.plz, item.ort) for item in read_gemeinden()}
    for anfrage in (ANFRAGE_NONE, ANFRAGE_SEVERAL):
        assert (anfrage.anschrift.plz, anfrage.anschrift.ort) in places


def test_rules_name_known_places_and_kinds_of_claims() -> None:
    ags = {item.ags for item in read_gemeinden()}
    (kinds,) = [
        set(item.entries) for item in read_shipped_codelisten() if item.uri == EINNAHMEART_URI
    ]
    for rule in read_regeln():
        assert rule.region.ags in ags
        assert set(rule.einnahmearten) <= kinds
    assert {mandant.einnahmeart for mandant in DEMO_MANDANTEN} <= kinds


@pytest.mark.skipif(not PLACES.exists(), reason="the list of all places is not at hand here")
def test_places_are_real() -> None:
    with PLACES.open(encoding="utf-8") as file:
        known = {(row["ags"], row["plz"], row["ort"], row["kreis"]) for row in csv.DictReader(file)}
    assert {(item.ags, item.plz, item.ort, item.kreis) for item in read_gemeinden()} <= known


def test_attachment_of_the_sample_can_be_printed() -> None:
    behoerden = read_behoerden()
    ersuchen = make_ersuchen(behoerden["potsdam"], behoerden["cochem"], DEMO_MANDANTEN[2])
    attachment = make_attachment(ersuchen)
    assert find_print_problem("bescheid.pdf", attachment) is None
    assert b"CreationDate" not in attachment, "the same text gives the same bytes at any time"
