"""The pages of administrators: users, audit."""

import re

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.web_user import AuditEntry
from server.services.web_access import audit as audit_service
from tests.support.audit import list_actions
from tests.support.web import Browser, WebSite
from tests.unit.conftest import FixedClock

USERS = "/benutzer"


@pytest.fixture
def administrator(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.ADMINISTRATOR, author.mandant.key, "anna")


@pytest.fixture
def operator(site: WebSite) -> Browser:
    return site.sign_in(Role.OPERATOR, None, "jo")


def read_password(page: str) -> str:
    found = re.search(r'<code class="da-code">([^<]+)</code>', page)
    assert found
    return found.group(1)


def find_token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def invite(browser: Browser, **values: str) -> str:
    given = {
        "login": "eva",
        "name": "Eva Ahorn",
        "email": "eva@amt.example",
        "rolle": Role.SACHBEARBEITER.value,
        **values,
    }
    return browser.submit(USERS, USERS, **given).text


def test_invited_user_signs_in_with_the_first_password(
    site: WebSite, administrator: Browser
) -> None:
    password = read_password(invite(administrator))
    browser = site.open_browser()
    assert browser.sign_in("eva", password).status_code == 303
    assert browser.get("/").headers["Location"] == "/profil/kennwort"
    assert "Eva Ahorn" in administrator.get(USERS).text
    assert "benutzer-angelegt" in list_actions(site.database)
    assert password not in administrator.get(USERS).text


@pytest.mark.parametrize(
    "values", [{"login": "ä"}, {"login": ""}, {"email": "x"}, {"rolle": "betreiber"}]
)
def test_invitation_that_does_not_fit_is_shown_again(
    site: WebSite, administrator: Browser, values: dict[str, str]
) -> None:
    given = {"login": "eva", "name": "Eva", "email": "e@x.example", "rolle": "manager", **values}
    answer = administrator.submit(USERS, USERS, **given)
    assert answer.status_code == 422
    assert "benutzer-angelegt" not in list_actions(site.database)


def test_login_that_is_taken_is_refused(administrator: Browser) -> None:
    invite(administrator)
    assert "Den Anmeldenamen eva gibt es schon." in invite(administrator)


def test_administrator_sees_users_of_the_own_mandant_alone(
    site: WebSite, administrator: Browser, reader: Caller
) -> None:
    foreign = site.add_user("fremd", Role.SACHBEARBEITER, reader.mandant.key)
    page = administrator.get(USERS).text
    assert "anna" in page and "fremd" not in page
    assert 'name="mandant"' not in page
    token = find_token(page)
    assert administrator.get(f"{USERS}/{foreign.key}").status_code == 404
    for action in ("sperren", "entsperren", "zuruecksetzen", "rolle"):
        answer = administrator.post(
            f"{USERS}/{foreign.key}/{action}", csrf_token=token, rolle="manager"
        )
        assert answer.status_code == 404, action
    with site.database.reading() as stores:
        assert stores.web_users.find(foreign.key) == foreign


def test_mandant_of_an_invitation_by_an_administrator_is_the_own_one(
    site: WebSite, administrator: Browser, author: Caller, reader: Caller
) -> None:
    invite(administrator, mandant=str(reader.mandant.key))
    with site.database.reading() as stores:
        user = stores.web_users.find_by_login("eva")
    assert user and user.mandant_key == author.mandant.key


def test_operator_invites_for_every_mandant_and_other_operators(
    site: WebSite, operator: Browser, reader: Caller
) -> None:
    read_password(invite(operator, mandant=str(reader.mandant.key)))
    read_password(invite(operator, login="kim", rolle=Role.OPERATOR.value, mandant=""))
    refused = invite(operator, login="max", rolle=Role.MANAGER.value, mandant="")
    assert "Nur Betreiber gehören zu keinem Mandanten" in refused
    page = operator.get(USERS).text
    assert reader.mandant.name in page and "kim" in page


def test_locked_user_is_out_until_unlocked(site: WebSite, administrator: Browser) -> None:
    with site.database.reading() as stores:
        anna = stores.web_users.find_by_login("anna")
    assert anna
    eva = site.add_user("eva", Role.SACHBEARBEITER, anna.mandant_key)
    browser = site.open_browser()
    browser.sign_in("eva")
    path = f"{USERS}/{eva.key}"
    administrator.submit(path, f"{path}/sperren")
    assert browser.get("/").headers["Location"].startswith("/anmelden")
    assert "gesperrt" in administrator.get(USERS).text
    administrator.submit(path, f"{path}/entsperren")
    assert browser.sign_in("eva").status_code == 303
    assert list_actions(site.database).count("benutzer-gesperrt") == 1


def test_details_of_a_user_are_changed_or_told_at_their_field(
    site: WebSite, administrator: Browser
) -> None:
    with site.database.reading() as stores:
        anna = stores.web_users.find_by_login("anna")
    assert anna
    path = f"{USERS}/{site.add_user('eva', Role.SACHBEARBEITER, anna.mandant_key).key}"
    fresh = {"name": "Eva Linde", "email": "linde@amt.example"}
    assert administrator.submit(path, f"{path}/angaben", **fresh).status_code == 303
    assert "linde@amt.example" in administrator.get(USERS).text
    for name, email, told in (
        ("", "linde@amt.example", 'aria-invalid="true"'),
        ("Eva Ulme", "keine", "Die E-Mail-Adresse fehlt oder ist keine."),
    ):
        refused = administrator.submit(path, f"{path}/angaben", name=name, email=email)
        assert refused.status_code == 422 and told in refused.text
    assert "Eva Linde" in administrator.get(path).text


def test_reset_gives_a_new_first_password(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    eva = site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    path = f"{USERS}/{eva.key}"
    password = read_password(administrator.submit(path, f"{path}/zuruecksetzen").text)
    browser = site.open_browser()
    assert browser.sign_in("eva").status_code != 303
    assert browser.sign_in("eva", password).status_code == 303


def test_role_is_changed_within_the_authority(
    site: WebSite, administrator: Browser, author: Caller
) -> None:
    eva = site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    path = f"{USERS}/{eva.key}"
    administrator.submit(path, f"{path}/rolle", rolle=Role.MANAGER.value)
    administrator.submit(path, f"{path}/rolle", rolle=Role.OPERATOR.value)
    with site.database.reading() as stores:
        user = stores.web_users.find(eva.key)
    assert user and user.role is Role.MANAGER
    assert administrator.submit(path, f"{path}/rolle", rolle="kaiser").status_code == 400


def test_nobody_locks_oneself_out(site: WebSite, administrator: Browser) -> None:
    with site.database.reading() as stores:
        anna = stores.web_users.find_by_login("anna")
    assert anna
    path = f"{USERS}/{anna.key}"
    page = administrator.get(path).text
    assert "Das sind Sie selbst." in page and f"{path}/sperren" not in page
    token = find_token(page)
    for action in ("sperren", "zuruecksetzen", "rolle"):
        answer = administrator.post(f"{path}/{action}", csrf_token=token, rolle="nur-lesen")
        assert answer.status_code == 303, action
    with site.database.reading() as stores:
        assert stores.web_users.find(anna.key) == anna
    assert administrator.get(USERS).status_code == 200


def note(database: Database, clock: FixedClock, mandant: Caller, subject: str) -> None:
    entry = AuditEntry(clock.now, "Eva", mandant.mandant.key, "benutzer-zurueckgesetzt", subject)
    with database.writing() as stores:
        stores.audit.add(entry)


def test_audit_shows_the_own_mandant_alone(
    site: WebSite, administrator: Browser, clock: FixedClock, author: Caller, reader: Caller
) -> None:
    note(site.database, clock, author, "eigener-gegenstand")
    note(site.database, clock, reader, "fremder-gegenstand")
    page = administrator.get("/protokoll").text
    assert "eigener-gegenstand" in page and "fremder-gegenstand" not in page
    assert "Benutzer zurückgesetzt" in page


def test_audit_of_the_operator_shows_all_page_by_page(
    site: WebSite,
    operator: Browser,
    clock: FixedClock,
    author: Caller,
    reader: Caller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_service, "_PAGE", 2)
    for number, mandant in enumerate((author, reader, author)):
        note(site.database, clock, mandant, f"nr-{number}")
    first = operator.get("/protokoll").text
    assert re.findall(r">nr-(\d)<", first) == ["2", "1"]
    assert reader.mandant.name in first
    found = re.search(r'href="(/protokoll\?vor=\d+)"', first)
    assert found
    assert re.findall(r">nr-(\d)<", operator.get(found.group(1)).text) == ["0"]


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SACHBEARBEITER, Role.READ_ONLY])
def test_pages_of_administrators_are_for_nobody_else(
    site: WebSite, author: Caller, role: Role
) -> None:
    browser = site.sign_in(role, author.mandant.key)
    for path in (USERS, f"{USERS}/1", "/protokoll"):
        assert browser.get(path).status_code == 403
