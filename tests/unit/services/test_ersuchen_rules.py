"""What an Ersuchen must fulfil beyond its schema."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from server.domain.ersuchen import (
    Anlage,
    Bankverbindung,
    ErbeteneMassnahme,
    Ersuchen,
    Person,
    Schuldner,
    Zeitraum,
)
from server.services.ersuchen_rules import find_violations, find_wrong_anlagen, find_wrong_sum
from server.xmlio.ersuchen import read_ersuchen
from tests.support.installation import read_sample

IBAN = "DE02120300000000202051"


def read(name: str) -> Ersuchen:
    return read_ersuchen(etree.fromstring(read_sample("valid", name)))


ERSUCHEN = read("ersuchen-vollstaendig.xml")
WITHOUT_ADDRESS = (Schuldner(Person("Beispiel", "Erika")),)


@pytest.mark.parametrize(
    "name", ["ersuchen.xml", "ersuchen-firma.xml", "ersuchen-vollstaendig.xml"]
)
def test_find_violations_valid_sample_has_none(name: str) -> None:
    assert find_violations(read(name)) == ()


def test_find_violations_without_certificate_is_told() -> None:
    (problem,) = find_violations(replace(ERSUCHEN, bescheinigung=None))
    assert problem == "Es fehlt die Vollstreckbarkeitsbescheinigung."


def test_find_violations_certificate_after_the_ersuchen_is_told() -> None:
    (problem,) = find_violations(replace(ERSUCHEN, datum=date(2026, 11, 1)))
    assert "vom 02.11.2026 ist jünger als das Ersuchen vom 01.11.2026" in problem


@pytest.mark.parametrize("wrong", [IBAN.replace("DE02", "DE03"), IBAN[:-1], "XX" + IBAN[2:]])
def test_find_violations_wrong_iban_is_named(wrong: str) -> None:
    (problem,) = find_violations(
        replace(ERSUCHEN, bankverbindung=Bankverbindung("Stadt Potsdam", wrong))
    )
    assert wrong in problem


def test_find_violations_wrong_iban_of_a_measure_is_named() -> None:
    measures = (ErbeteneMassnahme("kontopfaendung", iban="DE88370400440532013000"),)
    (problem,) = find_violations(replace(ERSUCHEN, massnahme_list=measures))
    assert "DE88370400440532013000" in problem


def test_find_violations_sum_that_leaves_something_out_is_told() -> None:
    (problem,) = find_violations(replace(ERSUCHEN, gesamtbetrag=Decimal("1346.00")))
    assert "1.346,00" in problem
    assert "1.428,00" in problem


def test_find_violations_debtor_without_address_is_named() -> None:
    (problem,) = find_violations(replace(ERSUCHEN, schuldner_list=WITHOUT_ADDRESS))
    assert "Erika Beispiel fehlt die Anschrift" in problem


def test_find_violations_address_that_is_to_be_found_out_may_be_absent() -> None:
    ersuchen = replace(
        ERSUCHEN,
        schuldner_list=WITHOUT_ADDRESS,
        massnahme_list=(ErbeteneMassnahme("aufenthaltsermittlung"),),
    )
    assert find_violations(ersuchen) == ()


def test_find_violations_period_that_ends_before_it_begins_is_told() -> None:
    wrong = replace(
        ERSUCHEN.forderung_list[0], zeitraum=Zeitraum(date(2025, 12, 31), date(2025, 1, 1))
    )
    (problem,) = find_violations(
        replace(ERSUCHEN, forderung_list=(wrong, ERSUCHEN.forderung_list[1]))
    )
    assert "Gewerbesteuer 2025" in problem


def test_find_violations_several_are_told_together() -> None:
    problems = find_violations(
        replace(
            ERSUCHEN,
            bescheinigung=None,
            schuldner_list=WITHOUT_ADDRESS,
            gesamtbetrag=Decimal("1.00"),
            bankverbindung=Bankverbindung("Stadt Potsdam", "DE03120300000000202051"),
        )
    )
    for problem, word in zip(
        problems, ("bescheinigung", "Anschrift", "Gesamtbetrag", "IBAN"), strict=True
    ):
        assert word in problem


def test_find_wrong_sum_compares_amounts_and_not_digits() -> None:
    assert list(find_wrong_sum(ERSUCHEN.forderung_list, Decimal("1428"))) == []


def test_find_wrong_anlagen_missing_and_changed_ones_are_named() -> None:
    attached = {"a.pdf": "aa", "b.pdf": "bb"}
    named = (Anlage("a.pdf", "bescheid", "aa"), Anlage("b.pdf", "bescheid"))
    assert list(find_wrong_anlagen(named, attached)) == []
    wrong = (Anlage("a.pdf", "bescheid", "bb"), Anlage("c.pdf", "bescheid"))
    changed, missing = find_wrong_anlagen(wrong, attached)
    assert "„a.pdf“ ist nicht die" in changed
    assert "„c.pdf“ ist genannt" in missing
