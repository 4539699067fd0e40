"""The pages of capturing: own drafts alone, nothing typed is lost, rows without scripts."""

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.demo.sample import render_page
from server.domain.draft import Step
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.services.capture import drafts
from server.services.directory import Directory
from tests.support.capturing import CONTENT, WirelessAuthority, fill_with_places
from tests.support.directory import open_directory
from tests.support.web import HOST, Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock

PDF = render_page("Bescheid", ["Text"])


@pytest.fixture
def site(database: Database, clock: FixedClock, blobs: FolderBlobs, tmp_path: Path) -> WebSite:
    opened = open_directory(tmp_path / "verzeichnis.sqlite")
    fill_with_places(opened)
    wireless: Any = WirelessAuthority(opened, clock)
    return make_site(database, clock, Directory(wireless), blobs)


@pytest.fixture
def browser(site: WebSite, author: Caller) -> Browser:
    return site.sign_in(Role.SACHBEARBEITER, author.mandant.key)


def begin(browser: Browser) -> str:
    """The address of a new draft without its step."""
    answer = browser.submit("/entwuerfe", "/entwuerfe/neu")
    assert answer.status_code == 303
    return answer.headers["Location"].removesuffix("/schuldner")


def flatten(values: Any, prefix: str = "") -> dict[str, str]:
    """Values of a step as the fields of its form."""
    if isinstance(values, str):
        return {prefix: values}
    pairs = values.items() if isinstance(values, dict) else enumerate(values)
    return {
        name: text
        for key, value in pairs
        for name, text in flatten(value, f"{prefix}-{key}" if prefix else str(key)).items()
    }


def fill(browser: Browser, draft: str, step: Step, **more: str) -> TestResponse:
    path = f"{draft}/{step}"
    return browser.submit(path, path, **{**flatten(CONTENT[step]), **more})


def complete(browser: Browser) -> str:
    draft = begin(browser)
    for step in (Step.SCHULDNER, Step.FORDERUNGEN, Step.MASSNAHMEN):
        answer = fill(browser, draft, step, aktion="weiter")
        assert answer.status_code == 303, answer.text
    return draft


def test_steps_lead_on_to_a_sent_message(
    browser: Browser, reader: Caller, database: Database
) -> None:
    draft = complete(browser)
    page = browser.get(f"{draft}/senden").text
    assert "Stadt Jena" in page and "in das Postfach der Behörde" in page
    assert "Zuständig ist: Stadt Jena." in page
    preview = browser.get(f"{draft}/vorschau").text
    assert "Erika Beispiel" in preview and "1.189,50" in preview and "Hundesteuer" in preview
    letter = browser.get(f"{draft}/vorschau.pdf")
    assert letter.mimetype == "application/pdf" and letter.data.startswith(b"%PDF-")
    hidden = find_hidden(page, f"{draft}/senden")
    sent = browser.post(f"{draft}/absenden", **hidden)
    assert sent.status_code == 303
    shown = browser.get(sent.headers["Location"]).text
    assert "zugestellt" in shown and "Zurückziehen" not in shown
    assert browser.get(f"{draft}/schuldner").status_code == 404
    with database.reading() as stores:
        assert stores.inbox.count_unread(reader.mandant.key, 5) == 1


def test_click_that_is_repeated_leads_to_what_was_sent(
    site: WebSite, browser: Browser, reader: Caller
) -> None:
    draft = complete(browser)
    hidden = find_hidden(browser.get(f"{draft}/senden").text, f"{draft}/senden")
    sent = browser.post(f"{draft}/absenden", **hidden)
    again = browser.post(f"{draft}/absenden", **hidden)
    assert (again.status_code, again.location) == (303, sent.location)
    assert "Das Ersuchen ist schon gesendet." in browser.get(sent.headers["Location"]).text
    stranger = site.sign_in(Role.SACHBEARBEITER, reader.mandant.key)
    token = find_hidden(stranger.get("/profil").text, "/abmelden")
    assert stranger.post(f"{draft}/absenden", **{**hidden, **token}).status_code == 404


def test_mistakes_are_saved_and_stand_at_their_fields(browser: Browser) -> None:
    draft = begin(browser)
    answer = fill(
        browser, draft, Step.SCHULDNER, aktion="weiter", **{"schuldner-0-geburtsdatum": "morgen"}
    )
    assert answer.status_code == 422
    assert (
        'aria-describedby="schuldner-0-geburtsdatum-hinweis schuldner-0-geburtsdatum-fehler"'
        in (answer.text)
    )
    again = browser.get(f"{draft}/schuldner").text
    assert 'value="morgen"' in again and "Bitte geben Sie ein Datum" not in again
    assert "Bitte geben Sie ein Datum" in browser.get(f"{draft}/schuldner?pruefen=ja").text
    assert "Bitte geben Sie ein Datum" in browser.get(f"{draft}/senden").text


def test_rows_are_added_and_removed_without_scripts(browser: Browser) -> None:
    draft = begin(browser)
    step = f"{draft}/forderungen"
    added = fill(browser, draft, Step.FORDERUNGEN, hinzufuegen="forderungen")
    assert added.status_code == 303
    page = browser.get(step).text
    assert 'name="forderungen-1-betrag"' in page and 'value="1.184,50"' in page
    more = fill(browser, draft, Step.FORDERUNGEN, hinzufuegen="forderungen-0-nebenforderungen")
    assert more.headers["Location"].endswith("#liste-forderungen-0-nebenforderungen")
    assert 'name="forderungen-0-nebenforderungen-1-betrag"' in browser.get(step).text
    fill(browser, draft, Step.FORDERUNGEN, entfernen="forderungen-0")
    assert 'name="forderungen-0-betrag"' not in browser.get(step).text
    for path in ("forderungen-7", "gibt-es-nicht-0", "x", "forderungen-0-nebenforderungen"):
        assert fill(browser, draft, Step.FORDERUNGEN, entfernen=path).status_code == 303


def test_every_button_of_the_list_of_steps_saves_and_leads_there(browser: Browser) -> None:
    draft = begin(browser)
    for step in Step:
        path = f"{draft}/{step}"
        action = f"{path}/arten" if step is Step.ANLAGEN else path
        for target in Step:
            if target is step:
                continue
            values = flatten(CONTENT.get(step, {}))
            answer = browser.submit(path, action, aktion=f"zu-{target}", **values)
            assert (answer.status_code, answer.headers["Location"]) == (303, f"{draft}/{target}")
    assert 'value="1.184,50"' in browser.get(f"{draft}/forderungen").text
    fill(browser, draft, Step.MASSNAHMEN, aktion="zu-senden")
    assert "noch nicht geprüft" not in browser.get("/entwuerfe", **{"HX-Request": "true"}).text
    assert fill(browser, draft, Step.SCHULDNER, aktion="zu-nirgends").status_code == 303


def test_template_has_no_button_to_a_step_that_it_does_not_have(
    site: WebSite, author: Caller
) -> None:
    manager = site.sign_in(Role.MANAGER, author.mandant.key)
    draft = begin(manager)
    made = manager.submit("/entwuerfe", f"{draft}/als-vorlage").headers["Location"]
    page = manager.get(made).text
    assert 'value="zu-massnahmen"' in page and 'value="zu-senden"' not in page
    answer = manager.submit(made, made, vorlage="Hundesteuer", aktion="zu-massnahmen")
    assert answer.headers["Location"] == made.replace("schuldner", "massnahmen")


def test_measure_that_was_chosen_is_added_by_every_button_once(browser: Browser) -> None:
    draft = begin(browser)
    step = f"{draft}/massnahmen"
    chosen = browser.submit(step, step, neue_massnahme="kontopfaendung", aktion="weiter")
    assert chosen.status_code == 422 and "Hierzu fehlt" in chosen.text
    hidden = find_hidden(chosen.text, step)
    assert hidden["massnahmen-0-art"] == "kontopfaendung"
    assert 'selected value="kontopfaendung"' not in chosen.text
    browser.post(step, **hidden, aktion="speichern", neue_massnahme="sachpfaendung")
    page = browser.get(step).text
    assert 'name="massnahmen-1-art"' in page and 'name="massnahmen-2-art"' not in page


def test_second_of_two_keeps_what_was_typed(
    site: WebSite, browser: Browser, author: Caller
) -> None:
    draft = begin(browser)
    other = site.sign_in(Role.MANAGER, author.mandant.key)
    path = f"{draft}/schuldner"
    stale = find_hidden(other.get(path).text, path)
    fill(browser, draft, Step.SCHULDNER, aktion="speichern")
    answer = other.post(path, **{**stale, "aktenzeichen": "Meines", "schuldner-0-name": "Anders"})
    assert answer.status_code == 409
    assert 'value="Meines"' in answer.text and "inzwischen geändert" in answer.text
    fresh = find_hidden(answer.text, path)
    saved = other.post(path, **{**fresh, "aktenzeichen": "Meines", "schuldner-0-name": "Anders"})
    assert saved.status_code == 303
    assert 'value="Meines"' in browser.get(path).text


def test_odd_address_is_asked_about_once(browser: Browser) -> None:
    draft = begin(browser)
    typed = {"schuldner-0-ort": "Jenna", "aktion": "weiter"}
    asked = fill(browser, draft, Step.SCHULDNER, **typed)
    assert asked.status_code == 422 and "Meinten Sie" in asked.text
    hidden = find_hidden(asked.text, f"{draft}/schuldner")
    taken = browser.post(
        f"{draft}/schuldner",
        **{**hidden, **flatten(CONTENT[Step.SCHULDNER]), "uebernehmen": "0|07743|Jena"},
    )
    assert taken.status_code == 303
    assert 'value="Jena"' in browser.get(f"{draft}/schuldner").text
    insisted = fill(browser, draft, Step.SCHULDNER, gelesen=hidden["gelesen"], **typed)
    assert insisted.status_code == 303


def test_places_are_suggested(browser: Browser) -> None:
    path = "/orte?feld=schuldner-0-&nach=ort&schuldner-0-plz=077&schuldner-0-ort=je"
    assert 'data-plz="07743"' in browser.get(path).text
    assert "option" not in browser.get("/orte").text


def test_drafts_of_another_mandant_are_not_found(
    site: WebSite, browser: Browser, reader: Caller
) -> None:
    draft = complete(browser)
    stranger = site.sign_in(Role.MANAGER, reader.mandant.key)
    token = find_hidden(stranger.get("/entwuerfe").text, "/entwuerfe/neu")
    for name in ("schuldner", "anlagen", "senden", "vorschau", "vorschau.pdf", "anlagen/1"):
        assert stranger.get(f"{draft}/{name}").status_code == 404, name
    for name in (
        "schuldner",
        "anlagen",
        "anlagen/arten",
        "senden",
        "absenden",
        "freigeben",
        "kopieren",
        "loeschen",
        "als-vorlage",
    ):
        assert stranger.post(f"{draft}/{name}", **token).status_code == 404, name
    assert draft not in stranger.get("/entwuerfe").text


def test_draft_is_removed_after_a_question(browser: Browser) -> None:
    draft = begin(browser)
    assert "Endgültig löschen" in browser.get(f"{draft}/loeschen").text
    assert browser.get(f"{draft}/schuldner").status_code == 200
    assert browser.submit(f"{draft}/loeschen", f"{draft}/loeschen").status_code == 303
    assert browser.get(f"{draft}/schuldner").status_code == 404


def test_attachments_come_in_are_refused_and_go(browser: Browser) -> None:
    draft = begin(browser)
    path = f"{draft}/anlagen"
    hidden = find_hidden(browser.get(path).text, path)
    taken = upload(browser, path, hidden, ("bescheid.pdf", PDF), ("x.exe", b"MZ"))
    assert taken.status_code == 422
    assert "bescheid.pdf" in taken.text and "von einer Art" in taken.text
    key = re.search(r'name="art-(\d+)"', taken.text)
    assert key is not None
    fetched = browser.get(f"{path}/{key.group(1)}")
    assert fetched.data == PDF
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    removed = browser.post(f"{path}/arten", **hidden, entfernen=key.group(1))
    assert removed.status_code == 303
    assert "Noch keine Anlage" in browser.get(path).text
    assert browser.get(f"{path}/{key.group(1)}").status_code == 404


def test_files_that_were_chosen_go_with_the_step_and_stay_there_where_one_is_refused(
    browser: Browser,
) -> None:
    step = f"{begin(browser)}/anlagen"
    action = f"{step}/arten"
    nothing = browser.submit(step, action, aktion="hochladen")
    assert (nothing.status_code, nothing.location) == (303, step)
    assert "Bitte wählen Sie zuerst eine Datei aus." in browser.get(step).text
    one = browser.submit(step, action, aktion="weiter", dateien=(BytesIO(PDF), "bescheid.pdf"))
    assert one.location == step.replace("anlagen", "senden")
    assert "Die Datei ist angehängt." in browser.get(step).text
    others = [(BytesIO(PDF), "nachweis.pdf"), (BytesIO(b"MZ"), "x.exe"), (BytesIO(PDF), "n2.pdf")]
    some = browser.submit(step, action, aktion="weiter", dateien=others)
    assert some.location == step
    page = browser.get(step).text
    assert "2 Dateien sind angehängt." in page and "von einer Art" in page
    assert all(f">{name}.pdf</a>" in page for name in ("bescheid", "nachweis", "n2"))


def test_attachments_of_a_draft_that_others_change_all_the_time_are_tried_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = begin(browser)
    step = f"{draft}/anlagen"
    browser.submit(step, step, dateien=(BytesIO(PDF), "bescheid.pdf"))
    # As if others had been faster each time.
    monkeypatch.setattr(drafts, "_ATTEMPTS", 0)
    answer = browser.submit(step, step, dateien=(BytesIO(PDF), "nachweis.pdf"))
    assert answer.status_code == 422
    assert "„nachweis.pdf“ ist nicht angehängt: Andere ändern" in answer.text
    hidden = re.findall(r'name="(art-\d+)"', answer.text)
    named = browser.submit(step, f"{step}/arten", **{hidden[0]: "bescheid"}, aktion="weiter")
    assert (named.status_code, named.location) == (303, step)
    assert "Andere ändern den Entwurf gerade." in browser.get(step).text


def test_script_gets_the_list_of_attachments_alone(browser: Browser) -> None:
    path = f"{begin(browser)}/anlagen"
    hidden = find_hidden(browser.get(path).text, path)
    script = Browser(browser.client, {"HX-Request": "true"})
    answer = upload(script, path, hidden, ("bescheid.pdf", PDF))
    assert answer.status_code == 200
    assert "bescheid.pdf" in answer.text and "<html" not in answer.text


def test_message_for_later_is_withdrawn_and_copied(browser: Browser, reader: Caller) -> None:
    draft = complete(browser)
    hidden = find_hidden(browser.get(f"{draft}/senden").text, f"{draft}/senden")
    sent = browser.post(f"{draft}/absenden", **hidden, fruehestens_am="1.12.2026")
    shown = sent.headers["Location"]
    message_id = shown.removeprefix("/gesendet/")
    page = browser.get(shown).text
    assert "wartet auf Zustellung" in page and "wird ab 01.12.2026, 00:00 Uhr zugestellt" in page
    link = re.search(r'"(/nachrichten/\d+)"', page)
    assert link is not None
    message = browser.get(link.group(1)).text
    assert "Endgültig zurückziehen" in message and "Als neuen Entwurf kopieren" in message
    browser.submit(shown, f"/zurueckziehen/{message_id}")
    assert "zurückgezogen" in browser.get(shown).text
    copied = browser.submit(shown, f"/gesendet-kopieren/{message_id}")
    assert 'value="VS-2026-17"' in browser.get(copied.headers["Location"]).text


def test_other_recipient_is_shown_before_sending(browser: Browser, reader: Caller) -> None:
    draft = complete(browser)
    hidden = find_hidden(browser.get(f"{draft}/senden").text, f"{draft}/senden")
    answer = browser.post(f"{draft}/absenden", **hidden, empfaenger="andere", kennung="ags:cochem")
    assert answer.headers["Location"] == f"{draft}/senden"
    page = browser.get(f"{draft}/senden").text
    assert "Stadt Cochem" in page and "als Brief" in page


@pytest.mark.parametrize(
    "typed", ["ags:cochem", "xoev:ags:cochem", "Stadt Cochem (ags:cochem)", "56812 Cochem"]
)
def test_other_recipient_is_found_by_identifier_and_place(browser: Browser, typed: str) -> None:
    path = f"{complete(browser)}/senden"
    browser.submit(path, path, empfaenger="andere", kennung=typed)
    page = browser.get(path).text
    assert "Stadt Cochem" in page and "als Brief" in page


@pytest.mark.parametrize("typed", ["ags:99999999", "Nirgendwo", "00000", "x:y:z", "<b>", "|"])
def test_other_recipient_that_nobody_knows_is_told(browser: Browser, typed: str) -> None:
    path = f"{complete(browser)}/senden"
    browser.submit(path, path, empfaenger="andere", kennung=typed)
    page = browser.get(path).text
    assert "Das Verzeichnis kennt keine Behörde" in page and "Ersuchen senden" not in page


def test_template_is_made_used_and_changed_by_permission(
    site: WebSite, browser: Browser, author: Caller
) -> None:
    draft = complete(browser)
    manager = site.sign_in(Role.MANAGER, author.mandant.key)
    made = manager.submit("/entwuerfe", f"{draft}/als-vorlage").headers["Location"]
    saved = manager.submit(
        made, made, **flatten(CONTENT[Step.SCHULDNER]), vorlage="Hundesteuer", aktion="speichern"
    )
    assert saved.status_code == 303
    template = made.removesuffix("/schuldner")
    assert "Hundesteuer" in browser.get("/vorlagen").text
    assert browser.get(made).status_code == 403
    assert browser.get(made.replace("/vorlagen/", "/entwuerfe/")).status_code == 404
    used = browser.submit("/vorlagen", f"{template}/benutzen").headers["Location"]
    assert 'value="VS-2026-17"' in browser.get(used).text
    manager.submit(f"{template}/loeschen", f"{template}/loeschen")
    assert "Es gibt noch keine Vorlage." in browser.get("/vorlagen").text


def test_changed_bank_details_are_released_by_another(
    site: WebSite, browser: Browser, author: Caller, reader: Caller
) -> None:
    administrator = site.sign_in(Role.ADMINISTRATOR, author.mandant.key)
    settings = "/einstellungen/bankverbindungen"
    administrator.submit(settings, f"{settings}/freigabe", freigabe="y")
    wrong = administrator.submit(settings, settings, kontoinhaber="Stadtkasse", iban="DE03")
    assert wrong.status_code == 422 and "Diese IBAN gibt es nicht" in wrong.text
    draft = complete(browser)
    page = browser.get(f"{draft}/senden").text
    assert "muss freigegeben werden" in page and "Ersuchen senden" not in page
    hidden = find_hidden(page, f"{draft}/senden")
    assert browser.post(f"{draft}/absenden", **hidden).status_code == 422
    other = site.sign_in(Role.MANAGER, author.mandant.key)
    assert "Freigaben" not in other.get("/").text
    browser.submit(f"{draft}/senden", f"{draft}/senden", aktion="speichern")
    waiting = other.get("/").text
    assert "Bankverbindung wartet auf Freigabe" in waiting
    assert "/entwuerfe?stand=freigabe" in waiting
    assert "Ein Entwurf auf dieser Seite." in other.get("/entwuerfe?stand=freigabe").text
    released = other.submit(f"{draft}/senden", f"{draft}/freigeben")
    assert released.status_code == 303
    hidden = find_hidden(browser.get(f"{draft}/senden").text, f"{draft}/senden")
    assert browser.post(f"{draft}/absenden", **hidden).status_code == 303
    assert "DE02120300000000202051" in administrator.get(settings).text


def test_reader_sees_drafts_and_changes_none(
    site: WebSite, browser: Browser, author: Caller
) -> None:
    draft = complete(browser)
    looking = site.sign_in(Role.READ_ONLY, author.mandant.key)
    page = looking.get("/entwuerfe").text
    assert f"{draft}/vorschau" in page and "Neues Ersuchen" not in page
    assert looking.get(f"{draft}/vorschau").status_code == 200
    assert looking.get(f"{draft}/senden").status_code == 403


def upload(
    browser: Browser, path: str, hidden: dict[str, str], *files: tuple[str, bytes]
) -> TestResponse:
    content = [(BytesIO(data), name) for name, data in files]
    return browser.client.post(
        path, base_url=HOST, data={**hidden, "dateien": content}, headers=browser.headers
    )


def test_drafts_are_found_by_debtor_and_aktenzeichen_for_scripts_too(
    site: WebSite, browser: Browser, author: Caller
) -> None:
    complete(browser)
    begin(browser)
    everything = browser.get("/entwuerfe").text
    assert "2 Entwürfe auf dieser Seite." in everything
    found = browser.get("/entwuerfe?schuldner=beisp&sortierung=aktenzeichen&wer=ich&alter=7").text
    assert "Ein Entwurf auf dieser Seite." in found and "Beispiel" in found
    assert "Kein Entwurf entspricht" in browser.get("/entwuerfe?suche=gibt-es-nicht").text
    part = browser.get("/entwuerfe?alter=aelter-7", **{"HX-Request": "true"}).text
    assert "Kein Entwurf entspricht" in part and "<html" not in part
    assert "2 Entwürfe" in browser.get("/entwuerfe?sortierung=quer&ab=unsinn").text
    other = site.sign_in(Role.SACHBEARBEITER, author.mandant.key, "ole")
    assert "Kein Entwurf entspricht" in other.get("/entwuerfe?wer=ich").text


def test_drafts_are_found_by_what_the_last_check_found(
    site: WebSite, browser: Browser, author: Caller, reader: Caller
) -> None:
    draft = complete(browser)
    begin(browser)
    browser.submit(f"{draft}/anlagen", f"{draft}/anlagen/arten", aktion="weiter")
    for chosen in ("stand=bereit", "weg=elektronisch", "behoerde=ags:jena"):
        found = browser.get(f"/entwuerfe?{chosen}").text
        assert "Ein Entwurf auf dieser Seite." in found and "Beispiel, Erika" in found, chosen
    for chosen in ("stand=ungeprueft", "weg=offen", "behoerde=offen"):
        found = browser.get(f"/entwuerfe?{chosen}").text
        assert "Ein Entwurf auf dieser Seite." in found and "Beispiel, Erika" not in found, chosen
    assert "Kein Entwurf entspricht" in browser.get("/entwuerfe?stand=freigabe").text
    assert "2 Entwürfe" in browser.get("/entwuerfe?stand=quatsch&weg=quatsch").text
    assert "Kein Entwurf entspricht" in browser.get("/entwuerfe?behoerde=quatsch").text
    stranger = site.sign_in(Role.SACHBEARBEITER, reader.mandant.key)
    assert "Stadt Jena" not in stranger.get("/entwuerfe").text
