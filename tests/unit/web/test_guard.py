"""Sessions, changes, headers and cookies."""

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.mandant_access import AccessState, MandantAccess
from server.domain.rights import Role
from server.web.guard import CONTENT_SECURITY_POLICY
from tests.support.members import PASSWORD
from tests.support.web import HOST, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock


def test_pages_carry_all_headers(site: WebSite) -> None:
    answer = site.open_browser().get("/anmelden")
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Cache-Control"] == "no-store"


def test_error_pages_carry_the_policy_too(site: WebSite) -> None:
    answer = site.open_browser().get("/gibt-es-nicht")
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


def test_pages_have_no_inline_script_or_style(site: WebSite, author: Caller) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    for path in ("/", "/eingang", "/profil", "/profil/kennwort", "/profil/zweiter-faktor"):
        text = browser.get(path).text
        assert "<style" not in text and "style=" not in text, path
        assert "<script>" not in text and " onclick=" not in text, path


def test_session_cookie_is_bound_to_host_https_and_site(site: WebSite, author: Caller) -> None:
    user = site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    answer = site.open_browser().sign_in(user.login)
    cookie = next(
        item for item in answer.headers.getlist("Set-Cookie") if item.startswith("__Host-sitzung=")
    )
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_session_token_is_not_in_the_database(site: WebSite, author: Caller) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    cookie = browser.client.get_cookie("__Host-sitzung", domain="localhost")
    assert cookie is not None
    with site.database.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM web_session").all()
    assert len(rows) == 1
    assert cookie.value not in str(rows)


def test_session_ends_when_idle(site: WebSite, author: Caller, clock: FixedClock) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    clock.advance(minutes=29)
    assert browser.get("/").status_code == 200
    clock.advance(minutes=29)
    assert browser.get("/").status_code == 200
    clock.advance(minutes=30)
    assert browser.get("/").status_code == 303


def test_session_ends_after_its_longest_time(
    site: WebSite, author: Caller, clock: FixedClock
) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    for _ in range(29):
        clock.advance(minutes=20)
        assert browser.get("/").status_code == 200
    clock.advance(minutes=20)
    assert browser.get("/").status_code == 303


def test_session_ends_with_the_access_of_its_mandant(
    site: WebSite, database: Database, author: Caller
) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    with database.writing() as stores:
        stores.mandanten.set_access(author.mandant.key, MandantAccess(AccessState.DEACTIVATED))
    assert browser.get("/").status_code == 303


def test_change_without_token_is_refused(site: WebSite, author: Caller) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    assert browser.post("/profil/darstellung", darstellung="dunkel").status_code == 400
    assert browser.post("/abmelden").status_code == 400
    assert browser.get("/").status_code == 200


def test_change_with_the_token_of_another_session_is_refused(site: WebSite, author: Caller) -> None:
    eva = site.sign_in(Role.SACHBEARBEITER, author.mandant.key, "eva")
    ole = site.sign_in(Role.SACHBEARBEITER, author.mandant.key, "ole")
    stolen = find_hidden(eva.get("/profil").text, "/profil/darstellung")
    assert ole.post("/profil/darstellung", **stolen).status_code == 400
    assert eva.post("/profil/darstellung", **stolen).status_code == 303


def test_change_from_another_origin_is_refused(site: WebSite, author: Caller) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    token = find_hidden(browser.get("/profil").text, "/profil/darstellung")
    browser.headers["Origin"] = "https://boese.example"
    assert browser.post("/profil/darstellung", **token).status_code == 403
    browser.headers["Origin"] = HOST
    assert browser.post("/profil/darstellung", **token).status_code == 303


def test_sign_in_without_its_form_is_refused(site: WebSite, author: Caller) -> None:
    site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    answer = site.open_browser().post("/anmelden", login="eva", password=PASSWORD)
    assert answer.status_code == 400


def test_request_to_another_host_is_refused(site: WebSite) -> None:
    answer = site.app.test_client().get("/anmelden", base_url="https://boese.example")
    assert answer.status_code == 400


def test_request_that_is_too_large_is_refused(site: WebSite, author: Caller) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    assert browser.post("/profil/darstellung", darstellung="x" * 300_000).status_code == 413


@pytest.mark.parametrize(
    ("target", "goal"),
    [
        ("/eingang?stand=alle", "/eingang?stand=alle"),
        ("https://boese.example/", "/"),
        ("//boese.example/", "/"),
        ("/\\boese.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_sign_in_leads_to_own_pages_only(
    site: WebSite, author: Caller, target: str, goal: str
) -> None:
    site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    browser = site.open_browser()
    answer = browser.submit("/anmelden", "/anmelden", login="eva", password=PASSWORD, weiter=target)
    assert answer.headers["Location"] == goal


def test_user_with_first_password_sees_nothing_before_changing_it(
    site: WebSite, database: Database, author: Caller
) -> None:
    user = site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    with database.writing() as stores:
        stores.web_users.change(user.key, must_change_password=True)
    browser = site.open_browser()
    browser.sign_in("eva")
    assert browser.get("/eingang").headers["Location"] == "/profil/kennwort"
    new = "ein ganz neues Kennwort"
    values = {"old": PASSWORD, "new": new, "again": new}
    assert browser.submit("/profil/kennwort", "/profil/kennwort", **values).status_code == 303
    assert browser.get("/eingang").status_code == 200


def test_second_factor_that_is_required_comes_before_everything(
    database: Database, author: Caller, clock: FixedClock
) -> None:
    site = make_site(database, clock, second_factor="required")
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    assert browser.get("/eingang").headers["Location"] == "/profil/zweiter-faktor"


def test_part_of_a_page_after_the_session_ended_loads_the_sign_in(site: WebSite) -> None:
    answer = site.open_browser().get("/eingang", **{"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/anmelden")


def test_signed_out_session_holds_no_more(site: WebSite, author: Caller) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    token = browser.client.get_cookie("__Host-sitzung", domain="localhost")
    assert token is not None
    assert browser.submit("/", "/abmelden").status_code == 303
    browser.client.set_cookie("__Host-sitzung", token.value, domain="localhost", secure=True)
    assert browser.get("/").status_code == 303


def try_logins(site: WebSite, number: int, forwarded: str) -> list[int]:
    """The answers to one attempt each at so many logins, behind a proxy."""
    browser = site.open_browser()
    browser.headers["X-Forwarded-For"] = forwarded
    return [browser.sign_in(f"login{index}", "falsch").status_code for index in range(number)]


def test_address_that_tries_many_logins_is_kept_out_and_others_are_not(
    database: Database, clock: FixedClock, author: Caller
) -> None:
    site = make_site(database, clock, address_failures=3, trusted_proxies=["127.0.0.1"])
    site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    assert try_logins(site, 4, "192.0.2.7") == [403] * 4
    browser = site.open_browser()
    browser.headers["X-Forwarded-For"] = "198.51.100.1, 192.0.2.7"
    refused = browser.sign_in("eva")
    assert refused.status_code == 403 and "Von Ihrem Anschluss" in refused.text
    browser.headers["X-Forwarded-For"] = "192.0.2.8"
    assert browser.sign_in("eva").status_code == 303


def test_header_of_nobody_does_not_hide_an_address(
    database: Database, clock: FixedClock, author: Caller
) -> None:
    site = make_site(database, clock, address_failures=3)
    site.add_user("eva", Role.SACHBEARBEITER, author.mandant.key)
    for index in range(4):
        try_logins(site, 1, f"192.0.2.{index}")
    browser = site.open_browser()
    assert "Von Ihrem Anschluss" in browser.sign_in("eva").text


def test_sessions_go_on_while_their_address_has_to_wait(
    database: Database, clock: FixedClock, author: Caller
) -> None:
    site = make_site(database, clock, address_failures=3)
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    try_logins(site, 4, "")
    assert browser.get("/").status_code == 200


ENDED = "Ihre Sitzung ist beendet."


def test_session_that_has_ended_is_told_at_the_sign_in(
    site: WebSite, author: Caller, clock: FixedClock
) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    clock.advance(hours=1)
    answer = browser.get("/ausgang")
    assert answer.headers["Location"] == "/anmelden?weiter=/ausgang"
    page = browser.get(answer.headers["Location"]).text
    assert ENDED in page and "nicht gespeichert" not in page


def test_change_in_a_session_that_has_ended_is_told_as_lost(
    site: WebSite, author: Caller, clock: FixedClock
) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    hidden = find_hidden(browser.get("/entwuerfe").text, "/entwuerfe/neu")
    clock.advance(hours=1)
    assert browser.post("/entwuerfe/neu", **hidden).status_code == 303
    page = browser.get("/anmelden").text
    assert ENDED in page and "Ihre letzte Eingabe ist nicht gespeichert." in page


def test_who_was_not_signed_in_is_told_of_no_session(site: WebSite, author: Caller) -> None:
    browser = site.open_browser()
    browser.get("/eingang")
    assert ENDED not in browser.get("/anmelden").text
    signed_out = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    signed_out.submit("/profil", "/abmelden")
    signed_out.get("/eingang")
    assert ENDED not in signed_out.get("/anmelden").text


def test_session_of_somebody_who_types_stays_open(
    site: WebSite, author: Caller, clock: FixedClock
) -> None:
    browser = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    for _ in range(3):
        clock.advance(minutes=20)
        assert browser.get("/profil/sitzung", **{"HX-Request": "true"}).status_code == 204
    assert browser.get("/eingang").status_code == 200
    clock.advance(minutes=31)
    ended = browser.get("/profil/sitzung", **{"HX-Request": "true"})
    assert ended.headers["HX-Redirect"].startswith("/anmelden")
