"""What an Ersuchen must fulfil beyond its schema."""

import pytest
from lxml import etree

from server.services.ersuchen_rules import find_violations
from server.xmlio.ersuchen import read_ersuchen
from tests.support.installation import read_sample

IBAN = "DE02120300000000202051"
BANK = (
    "<bankverbindung><kontoinhaber>Stadt Potsdam</kontoinhaber>"
    f"<iban>{IBAN}</iban></bankverbindung>"
)


def check(*changes: tuple[str, str]) -> tuple[str, ...]:
    text = read_sample("valid", "ersuchen.xml").decode()
    text = text.replace("</vollstreckungshilfeersuchen>", f"{BANK}</vollstreckungshilfeersuchen>")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return find_violations(read_ersuchen(etree.fromstring(text.encode())))


def test_find_violations_valid_sample_has_none() -> None:
    assert check() == ()


@pytest.mark.parametrize(
    "wrong", ["DE03120300000000202051", "DE0212030000000020205", "XX02120300000000202051"]
)
def test_find_violations_wrong_iban_is_named(wrong: str) -> None:
    (problem,) = check((IBAN, wrong))
    assert wrong in problem


def test_find_violations_several_are_told_together() -> None:
    street = "      <strasse>Saalstraße</strasse>\n"
    place = "<plz>07743</plz>\n      <ort>Jena</ort>\n    </anschrift>\n  </schuldner>"
    without = "<plz>07743</plz>\n    </anschrift>\n  </schuldner>"
    problems = check((IBAN, "DE03120300000000202051"), (street, ""), (place, without))
    assert len(problems) == 2
    assert "keine Anschrift" in problems[1]
