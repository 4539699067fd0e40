"""An administrator invites somebody and locks them out again, adds a measure and retires it, in a
real browser.
"""

import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import OpenWindow, Screen, find_reason_to_skip

pytestmark = pytest.mark.skipif(bool(find_reason_to_skip()), reason=find_reason_to_skip())

ADMINISTRATOR = "verwaltung.jena"
OWN_PASSWORD = "blauer Ahorn am Fluss"


def test_user_is_invited_changes_the_password_and_is_locked_out(open_window: OpenWindow) -> None:
    login = f"neu.{uuid.uuid4().hex[:8]}"
    administrator, invited = open_window(), open_window()
    administrator.sign_in(ADMINISTRATOR)
    first_password = invite(administrator, login)

    invited.sign_in(login, first_password)
    expect(invited.page.get_by_text("Bitte ersetzen Sie das erste Kennwort")).to_be_visible()
    invited.open("/eingang")
    expect(invited.page.get_by_role("heading", name="Kennwort ändern")).to_be_visible()
    change_password(invited.page, first_password)
    invited.open("/eingang")
    expect(invited.page.get_by_role("heading", name="Eingang")).to_be_visible()

    find_user(administrator, "Ina Eibe", login)
    administrator.page.get_by_role("button", name="Sperren").click()
    expect(administrator.page.get_by_role("status")).to_contain_text("ist gesperrt")
    invited.open("/eingang")
    expect(invited.page.get_by_role("heading", name="Anmelden")).to_be_visible()
    assert invited.complaints == administrator.complaints == []
    invited.try_to_sign_in(login, OWN_PASSWORD)
    expect(invited.page.get_by_role("alert")).to_contain_text("gesperrt")
    require_audit(administrator, login)


def test_own_measure_is_added_changed_retired_and_deleted(open_window: OpenWindow) -> None:
    screen, key = open_window(), f"hausbesuch-{uuid.uuid4().hex[:6]}"
    page = screen.page
    screen.sign_in(ADMINISTRATOR)
    screen.go_to("Maßnahmen")
    page.get_by_role("link", name="Eigene Maßnahme hinzufügen").click()
    page.get_by_label("Schlüssel").fill(key)
    page.get_by_role("textbox", name="Bezeichnung").fill(f"Gespräch {key}")
    page.get_by_label("Rechtsgrundlagen").fill("§ 258 AO\nSatzung der Stadt")
    page.get_by_label("Thüringen").check()
    page.get_by_role("button", name="Hinzufügen").click()
    expect(page.get_by_role("status")).to_contain_text("steht jetzt im Katalog")

    open_measure(screen, key)
    page.get_by_role("link", name="Ändern", exact=True).click()
    expect(page.get_by_label("Thüringen")).to_be_checked()
    page.get_by_role("textbox", name="Bezeichnung").fill(f"Besuch {key}")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_contain_text(f"Besuch {key} ist geändert.")

    open_measure(screen, key)
    page.get_by_label("Unsere Behörde nimmt diese Maßnahme an").uncheck()
    page.get_by_label("Hinweis für ersuchende Behörden").fill("Seit 2027 nicht mehr.")
    page.get_by_role("button", name="Speichern").click()
    row = page.get_by_role("row").filter(has_text=f"Besuch {key}")
    expect(row).to_contain_text("nicht angenommen")

    open_measure(screen, key)
    page.get_by_text("Löschen …").click()
    page.get_by_role("button", name="Endgültig löschen").click()
    expect(page.get_by_role("status")).to_contain_text("ist gelöscht")
    expect(row).to_have_count(0)
    assert screen.complaints == []


def open_measure(screen: Screen, key: str) -> None:
    screen.open("/massnahmen")
    screen.page.get_by_role("table").get_by_role("link", name=key).click()


def invite(screen: Screen, login: str) -> str:
    """Returns the first password, which is shown once."""
    page = screen.page
    screen.go_to("Benutzer")
    page.get_by_label("Anmeldename").fill(login)
    page.get_by_label("Vor- und Nachname").fill("Ina Eibe")
    page.get_by_label("E-Mail-Adresse").fill(f"{login}@jena.example")
    page.get_by_label("Rolle").select_option("sachbearbeiter")
    page.get_by_role("button", name="Einladen").click()
    expect(page.get_by_role("heading", name="Erstes Kennwort für Ina Eibe")).to_be_visible()
    password = page.locator("code").inner_text()
    find_user(screen, "Ina Eibe", login)
    expect(page.get_by_text("eingeladen")).to_be_visible()
    return password


def find_user(screen: Screen, name: str, login: str) -> None:
    """Opens the page of a user from the list."""
    screen.open("/benutzer")
    row = screen.page.get_by_role("table").get_by_role("row").filter(has_text=login)
    row.get_by_role("link", name=name).click()
    expect(screen.page.get_by_role("heading", name=name)).to_be_visible()


def change_password(page: Page, old: str) -> None:
    page.get_by_label("Bisheriges Kennwort").fill(old)
    page.get_by_label("Neues Kennwort", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("Neues Kennwort wiederholen").fill(OWN_PASSWORD)
    page.get_by_role("button", name="Kennwort ändern").click()
    expect(page.get_by_role("status")).to_contain_text("Ihr Kennwort ist geändert.")


def require_audit(screen: Screen, login: str) -> None:
    """Who did what to whom."""
    screen.open("/")
    screen.go_to("Protokoll")
    rows = screen.page.get_by_role("table").get_by_role("row").filter(has_text=login)
    for action, actor in (
        ("Benutzer angelegt", ADMINISTRATOR),
        ("Kennwort geändert", login),
        ("Benutzer gesperrt", ADMINISTRATOR),
    ):
        expect(rows.filter(has_text=action)).to_contain_text(actor)
