"""Measures of an authority's own: added, changed, retired and deleted."""

import pytest

from server.domain.land import Land
from server.domain.mandant import Caller
from server.domain.massnahme import Angabe, Massnahme
from server.domain.rights import Role
from tests.support.audit import list_audit
from tests.support.web import Browser, WebSite, find_hidden

MEASURES = "/massnahmen"
NEW = "/eigene-massnahme"
ONE = f"{MEASURES}/hausbesuch"
CHANGE = f"{ONE}/aendern"
REMOVE = f"{ONE}/loeschen"
GIVEN = {
    "schluessel": "hausbesuch",
    "name": "Hausbesuch",
    "erlaeuterung": "Gespräch mit dem Schuldner.",
    "rechtsgrundlagen": "§ 258 AO\n\n Satzung der Stadt \n",
    "angaben": ["gegenstand"],
    "laender": ["TH", "SN"],
}


@pytest.fixture
def administrator(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.ADMINISTRATOR, author.mandant.key, "anna")


def list_own(site: WebSite, caller: Caller) -> tuple[Massnahme, ...]:
    with site.database.reading() as stores:
        return stores.massnahmen.list_own(caller.mandant.key)


def test_own_measure_is_added_changed_retired_and_deleted(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller
) -> None:
    assert NEW in administrator.get(MEASURES).text
    assert administrator.submit(NEW, NEW, **GIVEN).status_code == 303
    (own,) = list_own(site, author)
    assert own == Massnahme(
        "hausbesuch",
        "Hausbesuch",
        "Gespräch mit dem Schuldner.",
        ("§ 258 AO", "Satzung der Stadt"),
        (Angabe.GEGENSTAND,),
        frozenset({Land.THUERINGEN, Land.SACHSEN}),
    )
    assert list_own(site, reader) == ()
    assert "eigene Maßnahme" in administrator.get(MEASURES).text

    page = administrator.get(CHANGE).text
    assert "Satzung der Stadt" in page and page.count(" checked") == 3
    administrator.submit(CHANGE, CHANGE, name="Besuch", rechtsgrundlagen="§ 258 AO")
    (own,) = list_own(site, author)
    assert own == Massnahme("hausbesuch", "Besuch", "", ("§ 258 AO",))

    administrator.submit(ONE, ONE, hinweis="Nicht mehr.")
    page = administrator.get(MEASURES).text
    assert ">nicht angenommen<" in page and "Nicht mehr." in page

    administrator.submit(ONE, REMOVE)
    assert list_own(site, author) == ()
    assert administrator.get(ONE).status_code == 404
    key = author.mandant.key
    assert list_audit(site.database, "action", "subject", "mandant_key", about="massnahme") == [
        ("eigene-massnahme-geloescht", "hausbesuch", key),
        ("massnahme-geaendert", "hausbesuch", key),
        ("eigene-massnahme-geaendert", "hausbesuch", key),
        ("eigene-massnahme-angelegt", "hausbesuch", key),
    ]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"schluessel": "Haus Besuch"}, "ist kein Schlüssel"),
        ({"schluessel": "sachpfaendung"}, "gibt es schon"),
        ({"schluessel": ""}, "Bitte geben Sie einen Schlüssel an."),
        ({"name": ""}, "Bitte geben Sie eine Bezeichnung an."),
        ({"name": "Haus\x07besuch"}, "Steuerzeichen"),
        ({"rechtsgrundlagen": ""}, "mindestens eine Rechtsgrundlage"),
        ({"rechtsgrundlagen": " \n "}, "mindestens eine Rechtsgrundlage"),
        ({"erlaeuterung": "x" * 1001}, "1000"),
    ],
)
def test_measure_that_cannot_be_is_refused_at_its_field(
    site: WebSite, administrator: Browser, author: Caller, values: dict[str, str], text: str
) -> None:
    answer = administrator.submit(NEW, NEW, **{**GIVEN, **values})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert text in answer.text
    # What was typed stays.
    assert "Satzung der Stadt" in answer.text or "rechtsgrundlagen" in values
    assert (
        list_own(site, author) == ()
        and list_audit(site.database, "action", "subject", "mandant_key", about="massnahme") == []
    )


def test_measure_of_the_standard_is_not_changed_as_an_own_one(
    site: WebSite, administrator: Browser
) -> None:
    hidden = find_hidden(administrator.get(NEW).text, NEW)
    standard = f"{MEASURES}/sachpfaendung"
    assert "Löschen" not in administrator.get(standard).text
    assert administrator.get(f"{standard}/aendern").status_code == 404
    assert administrator.post(f"{standard}/aendern", **hidden, **GIVEN).status_code == 404
    assert administrator.post(f"{standard}/loeschen", **hidden).status_code == 404
    assert list_audit(site.database, "action", "subject", "mandant_key", about="massnahme") == []


def test_own_measure_of_another_authority_is_not_found(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller
) -> None:
    other = site.sign_in(Role.ADMINISTRATOR, reader.mandant.key)
    other.submit(NEW, NEW, **GIVEN)
    hidden = find_hidden(administrator.get(NEW).text, NEW)
    # Another Mandant in the form changes nothing: the own one counts.
    hidden["mandant"] = str(reader.mandant.identifier)
    for path in (ONE, CHANGE):
        assert administrator.get(f"{path}?mandant={hidden['mandant']}").status_code == 404
    for path in (ONE, CHANGE, REMOVE):
        assert administrator.post(path, **hidden, **GIVEN).status_code == 404
    assert len(list_own(site, reader)) == 1 and list_own(site, author) == ()


def test_operator_adds_a_measure_for_the_authority_that_was_chosen(
    site: WebSite, author: Caller, reader: Caller
) -> None:
    operator = site.sign_in(Role.OPERATOR, None)
    chosen = f"{NEW}?mandant={author.mandant.identifier}"
    answer = operator.submit(chosen, NEW, **GIVEN)
    assert f"mandant={author.mandant.identifier}" in answer.headers["Location"]
    assert len(list_own(site, author)) == 1 and list_own(site, reader) == ()
    assert list_audit(site.database, "action", "subject", "mandant_key", about="massnahme") == [
        ("eigene-massnahme-angelegt", "hausbesuch", author.mandant.key)
    ]
    assert operator.get(NEW).status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SACHBEARBEITER, Role.READ_ONLY])
def test_own_measures_are_not_for_case_workers(site: WebSite, author: Caller, role: Role) -> None:
    browser = site.sign_in(role, author.mandant.key)
    assert [browser.get(path).status_code for path in (NEW, ONE, CHANGE)] == [403] * 3
