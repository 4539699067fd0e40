"""The standard catalogue, and what Mandanten make of it."""

import pytest

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.land import Land
from server.domain.mandant import Caller
from server.domain.massnahme import Angabe, AskedMassnahme, Massnahme, is_massnahme_key
from server.errors import AmtshilfeError
from server.services.massnahmenkatalog import KatalogChangeRefused, Massnahmenkataloge
from server.services.standard_massnahmen import read_standard_massnahmen

pytestmark = pytest.mark.both_databases

STANDARD = read_standard_massnahmen()
OWN = Massnahme(
    "hausbesuch",
    "Hausbesuch",
    "Gespräch mit dem Schuldner.",
    ("Satzung der Stadt", "§ 258 AO"),
    (Angabe.GEGENSTAND, Angabe.GEBURTSDATUM),
    frozenset({Land.THUERINGEN, Land.SACHSEN}),
)


@pytest.fixture
def kataloge(database: Database) -> Massnahmenkataloge:
    return Massnahmenkataloge(database, STANDARD)


@pytest.fixture
def mandant(reader: Caller) -> PartyIdentifier:
    return reader.mandant.identifier


def list_keys(kataloge: Massnahmenkataloge, identifier: PartyIdentifier) -> set[str]:
    return {item.key for item in kataloge.find_for(identifier).massnahmen}


def test_standard_has_the_measures_that_messages_name() -> None:
    keys = [item.key for item in STANDARD]
    assert len(keys) == len(set(keys)) >= 18
    assert all(is_massnahme_key(key) for key in keys)
    assert {
        "sachpfaendung",
        "forderungspfaendung",
        "kontopfaendung",
        "lohnpfaendung",
        "vermoegensauskunft",
        "sicherungshypothek",
        "kfz-stilllegung",
        "aufenthaltsermittlung",
    } <= set(keys)


@pytest.mark.parametrize("massnahme", STANDARD, ids=lambda item: item.key)
def test_standard_measure_is_named_explained_and_founded(massnahme: Massnahme) -> None:
    assert massnahme.name
    assert massnahme.explanation.endswith(".")
    assert massnahme.legal_bases
    assert all(text.startswith(("§", "Art. ")) for text in massnahme.legal_bases)


@pytest.mark.parametrize(
    ("key", "angabe"),
    [
        ("lohnpfaendung", Angabe.DRITTSCHULDNER),
        ("forderungspfaendung", Angabe.DRITTSCHULDNER),
        ("kontopfaendung", Angabe.KONTOVERBINDUNG),
        ("sicherungshypothek", Angabe.GRUNDSTUECK),
        ("kfz-stilllegung", Angabe.KENNZEICHEN),
        ("aufenthaltsermittlung", Angabe.GEBURTSDATUM),
    ],
)
def test_find_problems_standard_measure_without_its_angabe(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier, key: str, angabe: Angabe
) -> None:
    assert len(kataloge.find_problems(mandant, [AskedMassnahme(key)])) == 1
    complete = AskedMassnahme(key, frozenset({angabe}))
    assert kataloge.find_problems(mandant, [complete]) == ()


def test_find_for_unknown_behoerde_is_the_standard(kataloge: Massnahmenkataloge) -> None:
    assert kataloge.find_for(PartyIdentifier("ags:00000000", "xoev")).massnahmen == STANDARD


def test_change_disabled_measure_is_refused_by_that_mandant_only(
    kataloge: Massnahmenkataloge, author: Caller, mandant: PartyIdentifier
) -> None:
    kataloge.change(mandant, "sachpfaendung", is_disabled=True, note="Derzeit kein Außendienst.")
    asked = [AskedMassnahme("sachpfaendung")]
    assert kataloge.find_problems(mandant, asked) == (
        "Die Maßnahme „Sachpfändung“ nimmt die ersuchte Behörde nicht an. "
        "Derzeit kein Außendienst.",
    )
    assert kataloge.find_problems(author.mandant.identifier, asked) == ()
    kataloge.change(mandant, "sachpfaendung", is_disabled=False)
    assert kataloge.find_problems(mandant, asked) == ()
    found = kataloge.find_for(mandant).find("sachpfaendung")
    assert found is not None
    assert found.note == "Derzeit kein Außendienst."
    kataloge.change(mandant, "sachpfaendung", note="")
    assert kataloge.find_for(mandant).massnahmen == STANDARD


def test_add_own_measure_is_kept_with_everything_until_removed(
    kataloge: Massnahmenkataloge, author: Caller, mandant: PartyIdentifier
) -> None:
    kataloge.add_own(mandant, OWN)
    assert kataloge.find_for(mandant).massnahmen == (*STANDARD, OWN)
    assert OWN.key not in list_keys(kataloge, author.mandant.identifier)
    kataloge.remove_own(mandant, OWN.key)
    assert kataloge.find_for(mandant).massnahmen == STANDARD


@pytest.mark.parametrize(
    ("massnahme", "words"),
    [
        (Massnahme("Groß", "Name", "", ("§ 1",)), "ist kein Schlüssel"),
        (Massnahme("sachpfaendung", "Name", "", ("§ 1",)), "gibt es schon"),
        (Massnahme("neu", " ", "", ("§ 1",)), "dürfen nicht leer sein"),
        (Massnahme("neu", "Name", "", (" ",)), "dürfen nicht leer sein"),
        (Massnahme("neu", "Na\x07me", "", ("§ 1",)), "Steuerzeichen"),
    ],
)
def test_add_own_unusable_measure_is_refused(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier, massnahme: Massnahme, words: str
) -> None:
    with pytest.raises(KatalogChangeRefused, match=words):
        kataloge.add_own(mandant, massnahme)
    assert kataloge.find_for(mandant).massnahmen == STANDARD


def test_add_own_measure_twice_is_refused(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier
) -> None:
    kataloge.add_own(mandant, OWN)
    with pytest.raises(KatalogChangeRefused, match="gibt es schon"):
        kataloge.add_own(mandant, OWN)


def test_change_what_is_not_there_is_refused(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier
) -> None:
    nobody = PartyIdentifier("ags:00000000", "xoev")
    with pytest.raises(KatalogChangeRefused, match="keine Maßnahme „zaubern“"):
        kataloge.change(mandant, "zaubern", is_disabled=True)
    with pytest.raises(KatalogChangeRefused, match="Einen Mandanten xoev:ags:00000000"):
        kataloge.change(nobody, "sachpfaendung", is_disabled=True)
    with pytest.raises(KatalogChangeRefused, match="keine eigene Maßnahme „sachpfaendung“"):
        kataloge.remove_own(mandant, "sachpfaendung")


def test_list_for_land_filters_and_refuses_unknown_laender(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier
) -> None:
    kataloge.add_own(mandant, OWN)
    assert OWN in kataloge.list_for_land(mandant, "TH")
    assert OWN not in kataloge.list_for_land(mandant, "BY")
    assert OWN in kataloge.list_for_land(mandant, "")
    with pytest.raises(AmtshilfeError, match="9022") as caught:
        kataloge.list_for_land(mandant, "XY")
    assert "Ein Land „XY“ gibt es nicht" in caught.value.reason


def test_own_measure_that_is_not_accepted_any_more_is_refused_with_its_note_and_still_named(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier
) -> None:
    kataloge.add_own(mandant, OWN)
    kataloge.change(mandant, OWN.key, is_disabled=True, note="Seit 2027 nicht mehr.")
    katalog = kataloge.find_for(mandant)
    assert katalog.find(OWN.key) is None
    known = katalog.find_known(OWN.key)
    assert known and known.name == OWN.name
    (problem,) = kataloge.find_problems(mandant, [AskedMassnahme(OWN.key)])
    assert problem.endswith("nicht an. Seit 2027 nicht mehr.")
    # Who takes it away and adds it anew begins without the note.
    kataloge.remove_own(mandant, OWN.key)
    kataloge.add_own(mandant, OWN)
    assert kataloge.find_for(mandant).find(OWN.key) == OWN


def test_change_own_says_it_anew_for_this_mandant_alone(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier, author: Caller
) -> None:
    for identifier in (mandant, author.mandant.identifier):
        kataloge.add_own(identifier, OWN)
    changed = Massnahme(OWN.key, "Besuch", "", ("§ 1",))
    kataloge.change_own(mandant, changed)
    assert kataloge.find_for(mandant).find(OWN.key) == changed
    assert kataloge.find_for(author.mandant.identifier).find(OWN.key) == OWN


@pytest.mark.parametrize(
    "changed",
    [
        Massnahme("gibt-es-nicht", "Besuch", "", ("§ 1",)),
        Massnahme("sachpfaendung", "Besuch", "", ("§ 1",)),
        Massnahme(OWN.key, " ", "", ("§ 1",)),
        Massnahme(OWN.key, "Besuch", "", ()),
        Massnahme(OWN.key, "Besuch", "x" * 1001, ("§ 1",)),
        Massnahme(OWN.key, "Besuch", "", ("§ 1",) * 21),
    ],
    ids=["unknown", "standard", "name", "legal-basis", "long", "many"],
)
def test_change_own_that_cannot_be_is_refused(
    kataloge: Massnahmenkataloge, mandant: PartyIdentifier, changed: Massnahme
) -> None:
    kataloge.add_own(mandant, OWN)
    with pytest.raises(KatalogChangeRefused):
        kataloge.change_own(mandant, changed)
    assert kataloge.find_for(mandant).find(OWN.key) == OWN
