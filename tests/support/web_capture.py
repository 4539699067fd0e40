"""What a clerk types to capture an Ersuchen in a real browser."""

import re

from playwright.sync_api import Page, expect


def go_on(page: Page) -> None:
    """To the next step."""
    page.get_by_role("button", name="Weiter", exact=True).click()


def type_debtor(page: Page, place: str = "Jena", postal_code: str = "07743") -> None:
    """Step 1: Erika Beispiel, who lives there."""
    page.get_by_label("Ihr Aktenzeichen").fill("VS-2026-4711")
    page.get_by_label("Familienname").fill("Beispiel")
    page.get_by_label("Vorname").fill("Erika")
    page.locator("[name=schuldner-0-plz]").fill(postal_code)
    page.locator("[name=schuldner-0-ort]").fill(place)


def type_claim(page: Page) -> None:
    """Step 2: one claim, and who certifies it."""
    page.get_by_label("Einnahmeart").select_option("hundesteuer")
    page.locator("[name=forderungen-0-bezeichnung]").fill("1. Rate")
    page.locator("[name=forderungen-0-betrag]").fill("1.184,50")
    page.locator("[name=forderungen-0-faelligkeit]").fill("15.02.2026")
    page.get_by_label("Bescheinigt am").fill("02.11.2026")
    page.get_by_label("Bescheinigt von").fill("Im Auftrag, Ahorn")


def add_measure(page: Page, key: str) -> None:
    """Step 3: one measure more."""
    page.get_by_label("Weitere Maßnahme").select_option(key)
    page.get_by_role("button", name="Maßnahme hinzufügen").click()


def capture_until_attachments(page: Page, place: str = "Jena", postal_code: str = "07743") -> None:
    """From the list of drafts to step 4."""
    page.get_by_role("button", name="Neues Ersuchen").click()
    type_debtor(page, place, postal_code)
    go_on(page)
    type_claim(page)
    go_on(page)
    add_measure(page, "sachpfaendung")
    go_on(page)
    expect(page).to_have_url(re.compile("/anlagen$"))
