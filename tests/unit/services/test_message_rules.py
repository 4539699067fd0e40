"""The rules of our own messages, with the shipped code lists and the standard catalogue."""

import pytest
from lxml import etree

from server.domain.behoerde import PartyIdentifier
from server.services.message_rules import MessageRules, MessageUnderRules
from tests.support.installation import read_sample

JENA = PartyIdentifier("ags:16053000", "xoev")
BESCHEID = {"bescheid.pdf": "0" * 64}


def read(name: str, *changes: tuple[str, str]) -> MessageUnderRules:
    text = read_sample("valid", name).decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return MessageUnderRules(etree.fromstring(text.encode()), JENA, BESCHEID)


@pytest.mark.parametrize(
    "name",
    [
        "ersuchen.xml",
        "ersuchen-firma.xml",
        "ersuchen-vollstaendig.xml",
        "forderungsaenderung.xml",
        "sachstand.xml",
        "antrag.xml",
    ],
)
def test_find_violations_valid_sample_has_none(rules: MessageRules, name: str) -> None:
    assert rules.find_violations(read(name)) == ()


def test_find_violations_unknown_einnahmeart_is_told_once(rules: MessageRules) -> None:
    message = read(
        "ersuchen-vollstaendig.xml",
        ("<einnahmeart>gewerbesteuer<", "<einnahmeart>zauberei<"),
        ("<einnahmeart>hundesteuer<", "<einnahmeart>zauberei<"),
    )
    (problem,) = rules.find_violations(message)
    assert "Die Einnahmeart „zauberei“ steht nicht in der Codeliste" in problem


def test_find_violations_unknown_measure_is_told(rules: MessageRules) -> None:
    message = read("ersuchen.xml", ("<art>sachpfaendung<", "<art>teeren-und-federn<"))
    (problem,) = rules.find_violations(message)
    assert "teeren-und-federn" in problem


@pytest.mark.parametrize(
    ("art", "words"),
    [
        ("kontopfaendung", "IBAN"),
        ("lohnpfaendung", "Drittschuldner"),
        ("sicherungshypothek", "Grundstück"),
        ("kfz-stilllegung", "Kennzeichen"),
    ],
)
def test_find_violations_measure_without_what_it_needs_is_told(
    rules: MessageRules, art: str, words: str
) -> None:
    (problem,) = rules.find_violations(
        read("ersuchen.xml", ("<art>sachpfaendung<", f"<art>{art}<"))
    )
    assert words in problem


def test_find_violations_birth_date_counts_only_if_all_persons_have_one(
    rules: MessageRules,
) -> None:
    search = ("<art>sachpfaendung<", "<art>aufenthaltsermittlung<")
    assert rules.find_violations(read("ersuchen.xml", search)) == ()
    without = ("<geburtsdatum>1980-02-03</geburtsdatum>", "")
    (problem,) = rules.find_violations(read("ersuchen.xml", search, without))
    assert "Geburtsdatum" in problem


def test_find_violations_change_of_claims_has_its_rules_too(rules: MessageRules) -> None:
    message = read(
        "forderungsaenderung.xml",
        ("<gesamtbetrag>48.00<", "<gesamtbetrag>49.00<"),
        ("<einnahmeart>hundesteuer<", "<einnahmeart>zauberei<"),
    )
    wrong_sum, unknown = rules.find_violations(message)
    assert "48,00" in wrong_sum
    assert "zauberei" in unknown


def test_find_violations_named_attachment_must_lie_beside_any_message(
    rules: MessageRules,
) -> None:
    anlage = "<anlage><dateiname>protokoll.pdf</dateiname><art>protokoll</art></anlage>"
    message = read("ergebnis.xml", ("</ergebnis>", f"{anlage}</ergebnis>"))
    (problem,) = rules.find_violations(message)
    assert "protokoll.pdf" in problem
