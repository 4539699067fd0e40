"""What keeps a measure from being taken, and the catalogue of a Mandant."""

import pytest

from server.domain.land import Land
from server.domain.massnahme import (
    ANGABE_NAMES,
    Angabe,
    AskedMassnahme,
    Massnahme,
    Massnahmenkatalog,
    MassnahmeSetting,
    apply_settings,
    find_missing_angaben,
    is_massnahme_key,
)

SACHPFAENDUNG = Massnahme("sachpfaendung", "Sachpfändung", "", ("§ 281 AO",))
LOHNPFAENDUNG = Massnahme(
    "lohnpfaendung", "Lohnpfändung", "", ("§ 309 AO",), (Angabe.DRITTSCHULDNER,)
)
SUCHE = Massnahme(
    "aufenthaltsermittlung",
    "Aufenthaltsermittlung",
    "",
    ("§ 5a VwVG",),
    (Angabe.GEBURTSDATUM, Angabe.GEGENSTAND),
)
NUR_BAYERN = Massnahme(
    "nur-bayern", "Bayerische Maßnahme", "", ("Gesetz",), laender=frozenset({Land.BAYERN})
)
STANDARD = (SACHPFAENDUNG, LOHNPFAENDUNG, SUCHE, NUR_BAYERN)
KATALOG = Massnahmenkatalog(STANDARD)


def ask(key: str, *angaben: Angabe) -> AskedMassnahme:
    return AskedMassnahme(key, frozenset(angaben))


def test_find_missing_angaben_complete_message_has_no_problem() -> None:
    asked = [
        ask("sachpfaendung"),
        ask("lohnpfaendung", Angabe.DRITTSCHULDNER, Angabe.GEBURTSDATUM),
    ]
    assert find_missing_angaben(asked, KATALOG) == ()
    assert find_missing_angaben([], KATALOG) == ()


def test_find_missing_angaben_all_problems_are_told_together() -> None:
    asked = [ask("lohnpfaendung"), ask("zaubern"), ask("aufenthaltsermittlung")]
    assert find_missing_angaben(asked, KATALOG) == (
        "Zur Maßnahme „Lohnpfändung“ fehlt: Drittschuldner (Name und Anschrift).",
        "Die Maßnahme „zaubern“ steht nicht im Maßnahmenkatalog der ersuchten Behörde.",
        "Zur Maßnahme „Aufenthaltsermittlung“ fehlt: Geburtsdatum des Schuldners.",
        "Zur Maßnahme „Aufenthaltsermittlung“ fehlt: Gegenstand der Maßnahme.",
    )


def test_find_missing_angaben_firm_needs_no_date_of_birth() -> None:
    asked = [ask("aufenthaltsermittlung")]
    assert find_missing_angaben(asked, KATALOG, is_natural_person=False) == (
        "Zur Maßnahme „Aufenthaltsermittlung“ fehlt: Gegenstand der Maßnahme.",
    )


@pytest.mark.parametrize(("land", "number"), [(Land.BAYERN, 0), (Land.HESSEN, 1), (None, 0)])
def test_find_missing_angaben_measure_that_the_land_does_not_know(
    land: Land | None, number: int
) -> None:
    problems = find_missing_angaben([ask("nur-bayern")], KATALOG, land=land)
    assert len(problems) == number
    assert all("kennt das Recht von Hessen nicht" in problem for problem in problems)


def test_find_missing_angaben_disabled_measure_is_refused_with_the_note() -> None:
    settings = {"lohnpfaendung": MassnahmeSetting(True, "Bitte unmittelbar pfänden.")}
    katalog = apply_settings(STANDARD, settings, ())
    assert find_missing_angaben([ask("lohnpfaendung")], katalog) == (
        "Die Maßnahme „Lohnpfändung“ nimmt die ersuchte Behörde nicht an. "
        "Bitte unmittelbar pfänden.",
    )


def test_apply_settings_disables_notes_and_adds() -> None:
    own = Massnahme("hausbesuch", "Hausbesuch", "", ("Satzung",))
    settings = {
        "sachpfaendung": MassnahmeSetting(True),
        "lohnpfaendung": MassnahmeSetting(note="Nur mit Personalnummer."),
    }
    katalog = apply_settings(STANDARD, settings, [own])
    assert [item.key for item in katalog.massnahmen] == [
        "lohnpfaendung",
        "aufenthaltsermittlung",
        "nur-bayern",
        "hausbesuch",
    ]
    found = katalog.find("lohnpfaendung")
    assert found is not None
    assert found.note == "Nur mit Personalnummer."
    assert katalog.find("sachpfaendung") is None
    assert katalog.find_disabled("sachpfaendung") == SACHPFAENDUNG


def test_list_for_land_leaves_out_what_it_does_not_know() -> None:
    assert NUR_BAYERN in KATALOG.list_for(Land.BAYERN)
    assert KATALOG.list_for(Land.HESSEN) == STANDARD[:-1]
    assert KATALOG.list_for(None) == STANDARD


@pytest.mark.parametrize(
    ("text", "is_key"),
    [
        ("kfz-stilllegung", True),
        ("a" * 64, True),
        ("a" * 65, False),
        ("", False),
        ("Sachpfändung", False),
        ("zwei worte", False),
    ],
)
def test_is_massnahme_key_has_the_letters_of_a_message(text: str, is_key: bool) -> None:
    assert is_massnahme_key(text) == is_key


def test_every_angabe_has_a_name() -> None:
    assert set(ANGABE_NAMES) == set(Angabe)
