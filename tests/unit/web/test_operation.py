"""The pages of the operator about deliveries and batches."""

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.letter_news import BatchNews
from server.domain.batch import BatchState
from server.domain.destination import Destination, DestinationKind
from server.domain.letter import LetterState
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.reconciliation import NOT_COUNTED
from server.domain.rights import Role
from server.services import list_cutting
from server.services.delivery_control import DeliveryControl
from server.web.places import read_key
from tests.support.audit import list_actions, list_audit
from tests.support.delivering import OUTPUT
from tests.support.lettering import find_letter, find_state, list_batches
from tests.support.web import Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.batching.test_submitting import Shop, be_away, refuse
from tests.unit.services.test_delivery_control import Desk
from tests.unit.services.test_sending import COCHEM, INSPECTOR

QUEUE = "/betrieb/zustellung"
PRINT = "/betrieb/druck"
STATUS = "/betrieb/lage"
MANDANTEN = "/betrieb/mandanten"


@pytest.fixture
def desk(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> Desk:
    return Desk(database, tmp_path, clock, author)


@pytest.fixture
def shop(database: Database, tmp_path: Path, author: Caller, clock: FixedClock) -> Shop:
    return Shop(database, tmp_path, author, clock)


@pytest.fixture
def site(database: Database, clock: FixedClock, tmp_path: Path) -> WebSite:
    outputs = {OUTPUT: {"plugin": "folder", "options": {"folder": str(tmp_path / "druck")}}}
    sections = {"printing": {"output": OUTPUT, "outputs": outputs}}
    return make_site(database, clock, blobs=FolderBlobs(tmp_path / "inhalte"), sections=sections)


@pytest.fixture
def operator(site: WebSite) -> Browser:
    return site.sign_in(Role.OPERATOR, None, "jo")


def message_page(message_id: str) -> str:
    return f"/betrieb/nachricht?id={message_id}"


def test_queue_shows_what_is_parked_with_its_cause(desk: Desk, operator: Browser) -> None:
    desk.park("urn:x:1")
    desk.send("urn:x:2")
    page = operator.get(QUEUE).text
    assert "urn:x:1" in page and "urn:x:2" not in page
    assert desk.control.show("urn:x:1").orders[0].cause in page
    waiting = operator.get(f"{QUEUE}?stand=offen").text
    assert "urn:x:2" in waiting and "urn:x:1" not in waiting


def test_queue_is_filtered_by_mandant_and_kind(
    desk: Desk, operator: Browser, author: Caller
) -> None:
    desk.park("urn:x:1")
    assert "urn:x:1" in operator.get(f"{QUEUE}?mandant={author}").text
    assert "urn:x:1" not in operator.get(f"{QUEUE}?mandant=xoev:ags:99999999").text
    kind = desk.control.show("urn:x:1").orders[0].destination.kind
    for found in (DestinationKind.LETTER, DestinationKind.OPEN, DestinationKind.MAILBOX):
        shown = "urn:x:1" in operator.get(f"{QUEUE}?art={found}").text
        assert shown is (found is kind)


def test_queue_is_filtered_by_names_and_identifiers_as_pages_write_them(
    desk: Desk, operator: Browser, author: Caller
) -> None:
    desk.park("urn:x:1")
    identifier, name = author.mandant.identifier, author.mandant.name
    for typed in (identifier.value, str(identifier), f"{name} ({identifier.value})", name.upper()):
        assert "urn:x:1" in operator.get(f"{QUEUE}?mandant={quote(typed)}").text, typed
    for typed, told in (("nirgends", "Kein Mandant heißt so."), ("ags:nirgends", "")):
        page = operator.get(f"{QUEUE}?mandant={typed}", **{"HX-Request": "true"}).text
        assert "urn:x:1" not in page and told in page


def test_queue_tells_which_mandanten_fit_a_name_of_several(
    site: WebSite, desk: Desk, operator: Browser, clock: FixedClock
) -> None:
    desk.park("urn:x:1")
    for name in ("neustadt-nord", "neustadt-sued"):
        add_caller(site.database, name, clock)
    page = operator.get(f"{QUEUE}?mandant=neustadt").text
    assert "Mehrere Mandanten passen: " in page and "ags:neustadt-sued" in page
    assert "urn:x:1" not in page


def test_queue_goes_on_page_by_page(
    desk: Desk, operator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_cutting, "PAGE_ENTRIES", 2)
    for number in range(5):
        desk.park(f"urn:x:{number}")
    address, seen = QUEUE, []
    while address:
        page = operator.get(address, **{"HX-Request": "true"}).text
        assert "<html" not in page
        seen.append(re.findall(r">urn:x:(\d)</a>", page))
        found = re.search(r'href="([^"]*ab=\d+[^"]*)"', page)
        address = found.group(1).replace("&amp;", "&") if found else ""
    assert seen == [["0", "1"], ["2", "3"], ["4"]]


@pytest.mark.parametrize("query", ["ab=x", "ab=-1", "stand=quer", "art=quer"])
def test_queue_with_senseless_parameters_is_the_first_page(
    desk: Desk, operator: Browser, query: str
) -> None:
    desk.park("urn:x:1")
    answer = operator.get(f"{QUEUE}?{query}")
    assert answer.status_code == 200 and "urn:x:1" in answer.text


@pytest.mark.parametrize(("text", "key"), [("", 0), ("12", 12), ("²", 0), ("9" * 30, 0)])
def test_key_that_is_none_is_the_beginning(text: str, key: int) -> None:
    assert read_key(text) == key


def test_parked_message_is_delivered_again(site: WebSite, desk: Desk, operator: Browser) -> None:
    desk.park("urn:x:1")
    answer = operator.submit(message_page("urn:x:1"), f"{QUEUE}/fortsetzen", message_id="urn:x:1")
    assert answer.status_code == 303
    page = operator.get(answer.headers["Location"]).text
    assert "wird sofort wieder zugestellt" in page
    assert "Name von jo (jo)" in page and "wieder aufgenommen" in page
    assert ("zustellung-fortgesetzt", "urn:x:1", "") in list_audit(site.database)
    desk.deliver()
    assert desk.find_state("urn:x:1") is not MessageState.PARKED


def test_parked_message_becomes_a_letter(site: WebSite, desk: Desk, operator: Browser) -> None:
    desk.park("urn:x:1")
    operator.submit(message_page("urn:x:1"), f"{QUEUE}/umleiten")
    assert desk.control.show("urn:x:1").orders[0].is_redirected
    assert ("zustellung-umgeleitet", "urn:x:1", "") in list_audit(site.database)
    page = operator.get(message_page("urn:x:1")).text
    assert "Sofort wieder zustellen" in page and "Als Brief senden" not in page


def test_cancelling_needs_a_reason_and_tells_it(
    site: WebSite, desk: Desk, operator: Browser
) -> None:
    desk.park("urn:x:1")
    path = f"{QUEUE}/abbrechen"
    refused = operator.submit(message_page("urn:x:1"), path)
    assert refused.status_code == 422 and 'aria-invalid="true"' in refused.text
    assert desk.find_state("urn:x:1") is MessageState.PARKED
    operator.submit(message_page("urn:x:1"), path, grund="doppelt erfasst")
    assert desk.find_state("urn:x:1") is MessageState.RETURNED
    assert ("zustellung-abgebrochen", "urn:x:1", "doppelt erfasst") in list_audit(site.database)


def test_change_that_cannot_be_says_why_and_is_not_in_the_audit(
    site: WebSite, desk: Desk, operator: Browser
) -> None:
    desk.park("urn:x:1")
    desk.control.cancel("urn:x:1", "doppelt")
    page = operator.get(message_page("urn:x:1")).text
    assert "Eingreifen" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = operator.post(f"{QUEUE}/fortsetzen", csrf_token=token.group(1), message_id="urn:x:1")
    assert "Die Nachricht ist im Zustand" in operator.get(answer.headers["Location"]).text
    assert "zustellung-fortgesetzt" not in {action for action, _, _ in list_audit(site.database)}


def test_cancelling_without_a_reason_says_what_to_type(desk: Desk, operator: Browser) -> None:
    desk.park("urn:x:1")
    refused = operator.submit(message_page("urn:x:1"), f"{QUEUE}/abbrechen")
    assert "Bitte geben Sie an, warum." in refused.text


def test_reader_without_a_name_is_told_by_its_identifier(desk: Desk, operator: Browser) -> None:
    # Nobody knows it while the directory is away.
    desk.directory.is_down = True
    desk.send("urn:x:1")
    page = operator.get(message_page("urn:x:1")).text
    assert f">{COCHEM}</dd>" in page
    desk.directory.is_down = False
    desk.send("urn:x:2")
    assert f">Stadt Cochem ({COCHEM})</dd>" in operator.get(message_page("urn:x:2")).text


def test_message_without_orders_is_told(operator: Browser) -> None:
    answer = operator.get(message_page("urn:x:9"))
    assert answer.status_code == 303
    told = operator.get(answer.headers["Location"]).text
    assert "Eine Nachricht urn:x:9 gibt es nicht." in told


def test_all_that_is_parked_goes_on(site: WebSite, desk: Desk, operator: Browser) -> None:
    for number in range(2):
        desk.park(f"urn:x:{number}")
    operator.submit(QUEUE, "/betrieb/ziele/fortsetzen")
    assert "Kein Auftrag" in operator.get(QUEUE).text
    resumed = [
        name for action, name, _ in list_audit(site.database) if action == "zustellung-fortgesetzt"
    ]
    assert sorted(resumed) == ["urn:x:0", "urn:x:1"]


def test_destination_that_failed_is_shown_and_tried(
    site: WebSite, shop: Shop, database: Database, clock: FixedClock
) -> None:
    shop.output.before = be_away
    shop.add(1)
    for _ in range(10):
        shop.room.work_off()
        clock.advance(hours=1)
    (busy,) = DeliveryControl(database, shop.blobs, INSPECTOR, clock, actor="x").list_destinations()
    assert busy.state.destination == Destination(DestinationKind.OUTPUT, OUTPUT)
    page = site.sign_in(Role.OPERATOR, None).get("/betrieb/ziele").text
    assert busy.state.cause in page and "gestört" in page


def test_destinations_that_are_well_are_not_shown(operator: Browser) -> None:
    assert "Kein Ziel ist gestört." in operator.get("/betrieb/ziele").text


def test_destination_of_no_kind_is_refused(operator: Browser) -> None:
    answer = operator.submit(QUEUE, "/betrieb/ziele/fortsetzen", ziel="mond:x")
    assert answer.status_code == 400


def test_batches_are_closed_and_shown_with_their_letters(
    site: WebSite, shop: Shop, operator: Browser
) -> None:
    shop.add(3)
    assert "3 Briefe warten" in operator.get(PRINT).text
    operator.submit(PRINT, f"{PRINT}/schliessen")
    (batch,) = list_batches(site.database)
    page = operator.get(PRINT).text
    assert batch.batch_id in page and "Ein Stapel ist geschlossen und wird gleich" in page
    assert ("stapel-geschlossen", batch.batch_id, "3 Briefe") in list_audit(site.database)
    page = operator.get(f"{PRINT}/{batch.batch_id}").text
    assert "3 im Stapel" in page and page.count("brief-000") >= 3
    assert "Noch keine Auskunft" in page


def test_batch_that_was_refused_is_set_anew(site: WebSite, shop: Shop, operator: Browser) -> None:
    (message_id,) = shop.add(1)
    shop.output.before = refuse
    shop.room.work_off()
    (batch,) = list_batches(site.database)
    assert batch.state is BatchState.REFUSED
    path = f"{PRINT}/{batch.batch_id}"
    listed = operator.get(f"{PRINT}?stand=probleme").text
    assert batch.batch_id in listed and "Papier „gold“ gibt es nicht." in listed
    operator.submit(path, f"{path}/uebergeben")
    assert "Ein Brief wird neu gesetzt." in operator.get(path).text
    assert ("stapel-neu-gesetzt", batch.batch_id, "1 Brief") in list_audit(site.database)
    assert find_state(site.database, message_id) is MessageState.WAITING_FOR_DELIVERY


def test_batch_that_waits_is_given_up(site: WebSite, shop: Shop, operator: Browser) -> None:
    shop.add(1)
    operator.submit(PRINT, f"{PRINT}/schliessen")
    (batch,) = list_batches(site.database)
    path = f"{PRINT}/{batch.batch_id}"
    operator.submit(path, f"{path}/uebergeben")
    operator.submit(path, f"{path}/aufgeben")
    (batch,) = list_batches(site.database)
    assert batch.state is BatchState.REFUSED and "Name von jo" in batch.cause
    assert ("stapel-aufgegeben", batch.batch_id, "") in list_audit(site.database)
    assert "Briefe neu setzen" in operator.get(path).text


def test_batch_with_the_output_is_asked_for_news(
    site: WebSite, shop: Shop, clock: FixedClock, operator: Browser
) -> None:
    shop.add(1)
    shop.room.work_off()
    (batch,) = list_batches(site.database)
    path = f"{PRINT}/{batch.batch_id}"
    assert operator.submit(path, f"{path}/abfragen").status_code == 303
    (batch,) = list_batches(site.database)
    assert batch.next_poll == clock.now
    hidden = operator.submit(path, f"{path}/abfragen")
    assert hidden.status_code == 303


def test_letter_is_recalled_by_its_message(site: WebSite, shop: Shop, operator: Browser) -> None:
    (message_id,) = shop.add(1)
    operator.submit(PRINT, f"{PRINT}/zurueckziehen", brief=message_id)
    assert find_letter(site.database, message_id).state is LetterState.WITHDRAWN
    letter_id = find_letter(site.database, message_id).letter.letter_id
    assert ("brief-zurueckgezogen", message_id, letter_id) in list_audit(site.database)
    answer = operator.submit(PRINT, f"{PRINT}/zurueckziehen", brief="gibt-es-nicht")
    assert "gibt es nicht" in operator.get(answer.headers["Location"]).text


def test_unknown_batch_is_not_found(operator: Browser) -> None:
    assert operator.get(f"{PRINT}/20260101-1600-000001-x").status_code == 404


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_pages_of_the_operator_are_for_nobody_else(
    site: WebSite, author: Caller, role: Role
) -> None:
    browser = site.sign_in(role, author.mandant.key)
    for path in (QUEUE, PRINT, "/betrieb/ziele", message_page("urn:x:1"), f"{PRINT}/x"):
        assert browser.get(path).status_code == 403


def test_mandant_is_registered_confirmed_and_deactivated(site: WebSite, operator: Browser) -> None:
    given = {"kennung": "xoev:ags:16052000", "name": "Stadt Gera", "kontakt": "Eva Ahorn"}
    answer = operator.submit(MANDANTEN, MANDANTEN, **given)
    assert answer.status_code == 303
    path = f"{MANDANTEN}/xoev:ags:16052000"
    assert answer.headers["Location"] == path
    page = operator.get(path).text
    assert "angemeldet, noch nicht bestätigt" in page and "Name von jo (jo)" in page
    operator.submit(path, f"{path}/zugang", ereignis="confirmed")
    assert "Testzugang" in operator.get(path).text
    operator.submit(path, f"{path}/zugang", ereignis="deactivated")
    assert "Der Zugang ist zu Ende." in operator.get(path).text
    actions = list_actions(site.database)
    assert actions.count("zugang-geaendert") == 2 and "mandant-angemeldet" in actions
    assert "Stadt Gera" in operator.get(MANDANTEN).text


@pytest.mark.parametrize(
    "values", [{"kennung": "ohne"}, {"name": ""}, {"kontakt": ""}, {"kennung": "xoev:a b"}]
)
def test_mandant_that_does_not_fit_is_refused_at_its_field(
    site: WebSite, operator: Browser, values: dict[str, str]
) -> None:
    given = {"kennung": "xoev:ags:1", "name": "Gera", "kontakt": "Eva", **values}
    answer = operator.submit(MANDANTEN, MANDANTEN, **given)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert "mandant-angemeldet" not in [action for action, _, _ in list_audit(site.database)]


def test_mandant_gets_another_contact_and_refuses_unknown_schemas(
    site: WebSite, operator: Browser, author: Caller
) -> None:
    path = f"{MANDANTEN}/{author}"
    operator.submit(path, f"{path}/kontakt", kontakt="Max Birke")
    operator.submit(path, f"{path}/schemata")
    with site.database.reading() as stores:
        mandant = stores.mandanten.find_by_key(author.mandant.key)
        entries = [entry for _, entry in stores.audit.list_newest(author.mandant.key, 9)]
    assert mandant.access.contact == "Max Birke" and not mandant.carries_unknown
    # The authority finds in its own audit what the operator did.
    assert [entry.action for entry in entries] == ["unbekannte-schemata", "kontaktperson-geaendert"]
    assert operator.submit(path, f"{path}/kontakt", kontakt="").status_code == 422


def test_access_change_that_cannot_come_is_told(operator: Browser, author: Caller) -> None:
    path = f"{MANDANTEN}/{author}"
    answer = operator.submit(path, f"{path}/zugang", ereignis="confirmed")
    assert "hat den Zugang verbindlich bestellt" in operator.get(answer.headers["Location"]).text
    assert operator.submit(path, f"{path}/zugang", ereignis="run-out").status_code == 400
    assert operator.submit(path, f"{path}/zugang", ereignis="x").status_code == 400


def test_unknown_mandant_is_not_found(operator: Browser) -> None:
    assert operator.get(f"{MANDANTEN}/xoev:ags:1").status_code == 404


def test_access_of_the_administrator_ends_where_no_mandanten_are_managed(
    site: WebSite, author: Caller
) -> None:
    browser = site.sign_in(Role.ADMINISTRATOR, author.mandant.key)
    assert browser.get(MANDANTEN).status_code == 403
    assert browser.get(f"{MANDANTEN}/{author}").status_code == 403


def test_status_is_quiet_where_nothing_waits(operator: Browser) -> None:
    page = operator.get(STATUS).text
    assert "Nichts wartet auf Sie." in page and "Kein Ziel ist gestört." in page


def test_status_names_what_waits(
    site: WebSite, shop: Shop, desk: Desk, clock: FixedClock, operator: Browser, author: Caller
) -> None:
    desk.park("urn:x:geparkt")
    shop.output.before = refuse
    shop.add(1)
    shop.room.work_off()
    given = {"kennung": "xoev:ags:16052000", "name": "Stadt Gera", "kontakt": "Eva Ahorn"}
    operator.submit(MANDANTEN, MANDANTEN, **given)
    with site.database.writing() as stores:
        end = clock.now + timedelta(days=10)
        stores.mandanten.limit_certificate(author.certificate_fingerprint, end)
    page = operator.get(STATUS).text
    assert f'href="{message_page("urn:x:geparkt")}"' in page and "Nichts wartet" not in page
    assert "1 Stapel abgelehnt." in page
    assert "Stadt Gera" in page and str(author) in page


def test_status_counts_all_that_is_parked_not_one_page_of_it(desk: Desk, operator: Browser) -> None:
    for number in range(27):
        desk.park(f"urn:x:{number}")
    assert "27 Nachrichten sind angehalten." in operator.get(STATUS).text


def test_status_is_for_the_operator_alone(site: WebSite, author: Caller) -> None:
    assert site.sign_in(Role.ADMINISTRATOR, author.mandant.key).get(STATUS).status_code == 403


def test_differences_are_acknowledged_with_a_reason(
    shop: Shop, site: WebSite, operator: Browser
) -> None:
    shop.add(1)
    operator.submit(PRINT, f"{PRINT}/schliessen")
    (batch,) = list_batches(site.database)
    lines = ("Erste <Zeile>.", "Zweite.")
    with site.database.writing() as stores:
        news = BatchNews(shop.clock(), "", NOT_COUNTED, lines, 2, open_count=2)
        stores.letter_news.save_batch_news(batch.key, news)
    path = f"{PRINT}/{batch.batch_id}"
    target = f"{path}/geklaert"
    assert "2 ungeklärte Abweichungen" in operator.get(path).text
    assert "1 Stapel mit ungeklärten Abweichungen" in operator.get(STATUS).text
    operator.submit(path, target, grund="nachgezählt")
    assert "Bitte wählen" in operator.get(path).text
    operator.submit(path, target, abweichung=lines[0], grund="nachgezählt")
    page = operator.get(path).text
    assert "1 Abweichung ist als geklärt vermerkt." in page
    assert "1 ungeklärte Abweichung" in page and "Geklärte Abweichungen" in page
    assert list_audit(site.database)[0] == (
        "abweichung-geklaert",
        batch.batch_id,
        "1: nachgezählt",
    )
    operator.submit(path, target, umfang="alle", grund="auch das")
    assert "ungeklärte" not in operator.get(path).text
    assert "ungeklärten" not in operator.get(STATUS).text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPERATOR])
def test_differences_are_acknowledged_by_the_operator_alone(
    site: WebSite, author: Caller, role: Role
) -> None:
    browser = site.sign_in(role, author.mandant.key)
    token = find_hidden(browser.get("/profil").text, "/abmelden")
    answer = browser.post(f"{PRINT}/x/geklaert", **{**token, "umfang": "alle", "grund": "x"})
    assert answer.status_code == 403


def test_next_cut_off_and_free_days_are_shown(operator: Browser) -> None:
    assert f"{OUTPUT}: nächster Annahmeschluss Mo 23.11.2026, 16:00 Uhr" in operator.get(PRINT).text
