"""The commands `damtshilfe user`, and what they do to somebody who is signed in."""

import json
import re
from pathlib import Path

import pytest

from persistence.database import Database
from persistence.engine import make_engine
from server.services.clock import read_clock
from server.settings_file import load_settings
from tests.support.installation import Installation, make_installation, run_cli
from tests.support.web import Browser, WebSite, make_site

JENA = "xoev:ags:16053000"
_PASSWORD = re.compile(r"Erstes Kennwort: (\S+)")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return make_installation(tmp_path_factory.mktemp("benutzer") / "demo")


@pytest.fixture
def site(installed: Installation) -> WebSite:
    database = Database(make_engine(load_settings(installed.config, {}).database.url, 4))
    return make_site(database, read_clock)


def user(installed: Installation, *arguments: str, expected: int = 0) -> str:
    result = run_cli("user", *arguments, "--config", str(installed.config), expected=expected)
    return result.stdout + result.stderr


def add(installed: Installation, login: str, role: str, *options: str) -> str:
    """The first password."""
    texts = ("--name", "Ina Eibe", "--email", f"{login}@jena.example")
    output = user(installed, "add", login, *texts, "--role", role, *options)
    found = _PASSWORD.search(output)
    assert found, output
    return found.group(1)


def sign_in(site: WebSite, login: str, password: str) -> Browser | None:
    browser = site.open_browser()
    return browser if browser.sign_in(login, password).status_code == 303 else None


def test_first_operator_is_added_and_signs_in(installed: Installation, site: WebSite) -> None:
    password = add(installed, "rz", "betreiber")
    browser = sign_in(site, "rz", password)
    assert browser is not None
    assert browser.get("/").headers["Location"] == "/profil/kennwort"
    assert "rz: Ina Eibe, rz@jena.example, Betreiber, aktiv" in user(installed, "list")


def test_user_is_locked_unlocked_reset_and_given_a_role(
    installed: Installation, site: WebSite
) -> None:
    password = add(installed, "ina", "sachbearbeiter", "--mandant", JENA)
    browser = sign_in(site, "ina", password)
    assert browser is not None
    assert "gesperrt" in user(installed, "lock", "ina")
    assert browser.get("/").headers["Location"].startswith("/anmelden")
    assert sign_in(site, "ina", password) is None
    assert "aktiv" in user(installed, "unlock", "INA")
    assert sign_in(site, "ina", password)
    assert "Manager" in user(installed, "role", "ina", "manager")
    changed = user(installed, "change", "ina", "--name", "Ina Ulme", "--email", "u@jena.example")
    assert "ina: Ina Ulme, u@jena.example" in changed
    found = _PASSWORD.search(user(installed, "reset", "ina"))
    assert found
    assert sign_in(site, "ina", password) is None
    assert sign_in(site, "ina", found.group(1))


def test_list_shows_those_of_one_mandant(installed: Installation) -> None:
    shown = user(installed, "list", "--mandant", JENA)
    assert "leitung.jena" in shown
    assert "leitung.potsdam" not in shown
    assert "betreiber:" not in shown


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("lock", "niemand"), "gibt es hier nicht"),
        (("role", "lesen.jena", "betreiber"), "Nur Betreiber gehören zu keinem Mandanten"),
        (("change", "lesen.jena", "--name", "x", "--email", "x"), "Die E-Mail-Adresse fehlt"),
        (("list", "--mandant", "xoev:ags:0"), "gibt es hier nicht"),
        (
            ("add", "x", "--name", "x", "--email", "x@y", "--role", "manager"),
            "Nur Betreiber gehören zu keinem Mandanten",
        ),
    ],
)
def test_what_is_impossible_is_told(
    installed: Installation, arguments: tuple[str, ...], complaint: str
) -> None:
    assert complaint in user(installed, *arguments, expected=1)


def test_secret_of_a_second_factor_that_stands_plain_is_encrypted_by_the_rotation(
    installed: Installation, site: WebSite
) -> None:
    add(installed, "uta", "sachbearbeiter", "--mandant", JENA)
    with site.database.writing() as stores:
        before = stores.web_users.find_by_login("uta")
        assert before is not None
        stores.web_users.change(before.key, totp_secret="A" * 32)
    shown = run_cli("blobs", "rotate", "--rewrite", "--config", str(installed.config)).stdout
    assert "1 zweite Faktoren umgeschrieben" in shown
    with site.database.reading() as stores:
        after = stores.web_users.find_by_login("uta")
    assert after is not None and after.totp_secret.startswith("s1-")


def test_demo_tells_its_users(installed: Installation) -> None:
    facts = json.loads((Path(installed.folder) / "demo.json").read_text(encoding="utf-8"))
    logins = [item["login"] for item in facts["web"]["users"]]
    assert logins[0] == "betreiber"
    assert len(logins) == 9
    listed = user(installed, "list")
    assert all(f"{login}:" in listed for login in logins)
