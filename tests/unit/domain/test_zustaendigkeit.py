"""Who is responsible."""

import pytest

from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.zustaendigkeit import (
    Regel,
    ZustaendigkeitAnfrage,
    choose_zustaendigkeit,
    fold_ort,
)


def behoerde(name: str) -> Behoerde:
    identifier = PartyIdentifier(name, "xoev")
    return Behoerde(identifier, name, Anschrift("", "", "07743", "Jena"), Kanal.BRIEF)


CITY, OTHER = behoerde("stadt"), behoerde("kasse")
ANFRAGE = ZustaendigkeitAnfrage("hundesteuer", Anschrift("", "", "07743", "Jena"))


@pytest.mark.parametrize(
    ("regeln", "expected"),
    [
        ([], []),
        ([Regel("1", "grundsteuer", CITY)], []),
        ([Regel("1", "", CITY)], [CITY]),
        ([Regel("1", "", CITY), Regel("1", "hundesteuer", OTHER)], [OTHER]),
        ([Regel("1", "", CITY), Regel("1", "", OTHER)], [CITY, OTHER]),
        ([Regel("1", "", CITY), Regel("2", "", OTHER)], [CITY, OTHER]),
        ([Regel("1", "", CITY), Regel("2", "", CITY)], [CITY]),
        ([Regel("1", "hundesteuer", CITY), Regel("2", "", OTHER)], [CITY, OTHER]),
    ],
    ids=[
        "no rule",
        "other kind of claim",
        "rule for all",
        "specific beats general",
        "two equal",
        "two Gemeinden",
        "same authority twice",
        "specific does not beat the other Gemeinde",
    ],
)
def test_choose_zustaendigkeit_finds_the_authorities(
    regeln: list[Regel], expected: list[Behoerde]
) -> None:
    found = choose_zustaendigkeit(ANFRAGE, regeln)
    assert list(found.behoerde_list) == expected
    assert found.is_unambiguous == (len(expected) == 1)


def test_fold_ort_case_spaces_and_composition_do_not_count() -> None:
    assert fold_ort("  MÜNCHEN ") == fold_ort("Mu\u0308nchen")
    assert fold_ort("Bad  Hersfeld") == fold_ort("bad hersfeld")
    assert fold_ort("Weimar") != fold_ort("Wismar")
