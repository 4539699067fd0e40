"""Signing in at a real OpenID provider."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.bootstrap_parts import MessageParts
from server.bootstrap_web import assemble_web_client
from server.domain.behoerde import PartyIdentifier
from server.domain.rights import Role
from server.services.clock import read_clock
from server.settings import Settings
from server.web.pages.oidc import RETURN_PATH
from tests.support.installation import Installation
from tests.support.oidc_provider import (
    CLIENT,
    SECRET,
    OidcProvider,
    find_reason_to_skip,
    running_provider,
)
from tests.support.web import HOST, Browser, WebSite

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())


@dataclass
class Scene:
    """A Web-Client with a provider, and Eva who is a user of Jena."""

    site: WebSite
    provider: OidcProvider
    mandant_key: int

    def go(self, browser: Browser) -> str:
        """To the provider: its address."""
        return browser.get("/anmelden/openid").headers["Location"]

    def come_back(self, browser: Browser, values: dict[str, str]) -> Any:
        """From the provider."""
        return browser.client.get(RETURN_PATH, base_url=HOST, query_string=values)

    def sign_in(self, login: str) -> tuple[Browser, str]:
        """All the way; the address to which the last page leads."""
        browser = self.site.open_browser()
        answer = self.provider.sign_in(self.go(browser), login)
        return browser, self.target(self.come_back(browser, answer).text)

    def target(self, page: str) -> str:
        found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page)
        assert found, page
        return found.group(1)


@pytest.fixture(scope="module")
def provider(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OidcProvider]:
    folder = tmp_path_factory.mktemp("oidc")
    with running_provider(installation.folder / "pki", folder, HOST + RETURN_PATH) as running:
        yield running


@pytest.fixture
def scene(provider: OidcProvider, tmp_path: Path) -> Scene:
    url = f"sqlite:///{tmp_path}/web.sqlite"
    engine = make_engine(url, 4)
    upgrade_schema(engine, DatabaseKind.XTA)
    database = Database(engine)
    with database.writing() as stores:
        mandant_key = stores.mandanten.add(PartyIdentifier("ags:1", "xoev"), "Jena", True)
    oidc = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "ca": str(provider.ca),
    }
    settings = Settings.model_validate({"web": {"public_url": HOST}, "web_oidc": oidc})
    site = WebSite(
        assemble_web_client(settings, MessageParts(settings, 1, database=database)),
        database,
        read_clock,
    )
    site.add_user("eva", Role.SACHBEARBEITER, mandant_key)
    provider.set_account("konto-eva", "EVA@behoerde.example")
    return Scene(site, provider, mandant_key)


def test_user_is_found_by_address_first_and_by_subject_then(scene: Scene) -> None:
    browser, target = scene.sign_in("konto-eva")
    assert target == "/"
    assert "Name von eva" in browser.get("/").text
    scene.provider.set_account("konto-eva", "neue.adresse@behoerde.example")
    browser, target = scene.sign_in("konto-eva")
    assert "Name von eva" in browser.get("/").text


def test_account_without_user_is_refused(scene: Scene) -> None:
    scene.provider.set_account("fremd", "fremd@anderswo.example")
    browser, target = scene.sign_in("fremd")
    assert target == "/anmelden"
    assert "gibt es hier keinen Benutzer" in browser.get("/anmelden").text
    assert browser.get("/").status_code == 303


def test_address_that_is_not_confirmed_proves_nothing(scene: Scene) -> None:
    scene.provider.set_account("dieb", "eva@behoerde.example", is_verified=False)
    assert scene.sign_in("dieb")[1] == "/anmelden"


def test_another_account_cannot_take_over_a_user(scene: Scene) -> None:
    scene.sign_in("konto-eva")
    scene.provider.set_account("dieb", "eva@behoerde.example")
    assert scene.sign_in("dieb")[1] == "/anmelden"


def test_second_factor_is_asked_for_after_the_provider(scene: Scene) -> None:
    with scene.site.database.writing() as stores:
        user = stores.web_users.find_by_login("eva")
        assert user is not None
        stores.web_users.change(user.key, totp_secret="A" * 32)
    browser, target = scene.sign_in("konto-eva")
    assert target == "/anmelden/code"
    assert browser.get("/").headers["Location"] == "/anmelden/code"


def test_answer_counts_once(scene: Scene) -> None:
    browser = scene.site.open_browser()
    answer = scene.provider.sign_in(scene.go(browser), "konto-eva")
    cookie = browser.client.get_cookie("__Host-oidc", domain="localhost")
    assert cookie is not None
    assert scene.target(scene.come_back(browser, answer).text) == "/"
    browser.client.set_cookie("__Host-oidc", cookie.value, domain="localhost", secure=True)
    assert scene.target(scene.come_back(browser, answer).text) == "/anmelden"


def test_answer_in_another_browser_is_refused(scene: Scene) -> None:
    answer = scene.provider.sign_in(scene.go(scene.site.open_browser()), "konto-eva")
    other = scene.site.open_browser()
    scene.go(other)
    assert scene.target(scene.come_back(other, answer).text) == "/anmelden"


@pytest.mark.parametrize("column", ["nonce", "code_verifier"])
def test_answer_to_another_request_is_refused(scene: Scene, column: str) -> None:
    browser = scene.site.open_browser()
    answer = scene.provider.sign_in(scene.go(browser), "konto-eva")
    with scene.site.database.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE web_oidc_request SET {column} = '{'x' * 43}'")
    assert scene.target(scene.come_back(browser, answer).text) == "/anmelden"


def test_answer_of_another_provider_is_refused(scene: Scene) -> None:
    browser = scene.site.open_browser()
    answer = scene.provider.sign_in(scene.go(browser), "konto-eva")
    assert answer["iss"] == scene.provider.issuer
    forged = {**answer, "iss": "https://boese.example"}
    assert scene.target(scene.come_back(browser, forged).text) == "/anmelden"


def test_answer_that_comes_too_late_is_refused(scene: Scene) -> None:
    browser = scene.site.open_browser()
    answer = scene.provider.sign_in(scene.go(browser), "konto-eva")
    with scene.site.database.writing() as stores:
        stores.web_sessions.remove_expired(read_clock() + timedelta(minutes=11))
    assert scene.target(scene.come_back(browser, answer).text) == "/anmelden"


def test_first_password_no_longer_counts_after_the_provider(scene: Scene) -> None:
    with scene.site.database.writing() as stores:
        user = stores.web_users.find_by_login("eva")
        assert user is not None
        stores.web_users.change(user.key, must_change_password=True)
    browser, _ = scene.sign_in("konto-eva")
    assert browser.get("/").status_code == 200
    assert scene.site.open_browser().sign_in("eva").status_code == 403


def test_request_to_the_provider_has_pkce_nonce_and_state(scene: Scene) -> None:
    url = scene.go(scene.site.open_browser())
    assert url.startswith(scene.provider.issuer)
    for part in ("code_challenge=", "code_challenge_method=S256", "nonce=", "state="):
        assert part in url


def test_provider_that_is_away_is_told(tmp_path: Path, scene: Scene) -> None:
    oidc = {"issuer": "https://localhost:9", "client_id": CLIENT}
    settings = Settings.model_validate({"web": {"public_url": HOST}, "web_oidc": oidc})
    app = assemble_web_client(settings, MessageParts(settings, 1, database=scene.site.database))
    browser = WebSite(app, scene.site.database, read_clock).open_browser()
    assert scene.target(browser.get("/anmelden/openid").text) == "/anmelden"
    assert "Der Provider antwortet nicht" in browser.get("/anmelden").text
