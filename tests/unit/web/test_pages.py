"""What pages show and do, as a person sees it."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from urllib.parse import quote

import pyotp
import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.rights import Role
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.services import list_cutting
from server.services.message_events import record_event
from server.web.places import read_place
from server.web.texts import write_moment, write_size
from tests.support.web import Browser, WebSite
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import new_message


def send(
    site: WebSite,
    author: Caller,
    reader: Caller,
    number: int,
    name: str = "",
    *,
    is_test: bool = False,
) -> None:
    facts = VorgangFacts(VorgangEvent.ERSUCHEN, aktenzeichen=f"AZ-{number}")
    new = replace(new_message(author, reader, f"urn:x:{number}"), facts=facts)
    new = replace(new, head=replace(new.head, is_test=is_test))
    if name:
        party = replace(author.mandant.identifier, name=name)
        new = replace(new, head=replace(new.head, author=party))
    with site.database.writing() as stores:
        key = stores.messages.add(new, site.clock())
        message = stores.messages.find_for_change(key)
        assert message is not None
        record_event(stores, message, MessageEvent.SENT_TO_MAILBOX, site.clock())


@pytest.fixture
def clerk(site: WebSite, reader: Caller) -> Browser:
    return site.sign_in(Role.SACHBEARBEITER, reader.mandant.key, "eva")


def list_numbers(page: str) -> list[str]:
    return re.findall(r"AZ-(\d+)", page)


def test_inbox_shows_own_messages_page_by_page(
    site: WebSite,
    clerk: Browser,
    author: Caller,
    reader: Caller,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(list_cutting, "PAGE_ENTRIES", 2)
    for number in range(5):
        clock.advance(seconds=1)
        send(site, author, reader, number)
    send(site, reader, author, 9)
    page = clerk.get("/eingang?stand=alle&sortierung=aelteste").text
    seen = [list_numbers(page)]
    while links := re.findall(r'href="(/eingang[^"]*)"[^>]*>\s*<span[^>]*chevron-right', page):
        page = clerk.get(links[0].replace("&amp;", "&")).text
        seen.append(list_numbers(page))
    assert seen == [["0", "1"], ["2", "3"], ["4"]]


def test_inbox_marks_test_messages(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    send(site, author, reader, 1)
    assert ">Test<" not in clerk.get("/eingang").text
    send(site, author, reader, 2, is_test=True)
    assert clerk.get("/eingang").text.count(">Test<") == 1


def test_inbox_asked_by_a_script_gives_the_list_alone(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    send(site, author, reader, 1)
    part = clerk.get("/eingang", **{"HX-Request": "true"}).text
    assert "<html" not in part
    assert list_numbers(part) == ["1"]


def test_inbox_with_senseless_parameters_is_the_first_page(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    send(site, author, reader, 1)
    for query in ("ab=x", "ab=W10", "sortierung=quer", "stand=offen&alter=ewig", "suche=&ab="):
        answer = clerk.get(f"/eingang?{query}")
        assert answer.status_code == 200
        assert list_numbers(answer.text) == ["1"], query


def test_other_side_is_found_by_name_identifier_and_suggestion(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    send(site, author, reader, 1, name="Stadt <Potsdam>")
    value = author.mandant.identifier.value
    for typed in ("potsdam", value, f"Stadt <Potsdam> ({value})"):
        page = clerk.get(f"/eingang?behoerde={quote(typed)}").text
        assert list_numbers(page) == ["1"], typed
        assert f'value="Stadt &lt;Potsdam&gt; ({value})"' in page
    page = clerk.get("/eingang?behoerde=weimar").text
    assert list_numbers(page) == []
    assert "gibt es keine Behörde" in page
    suggested = clerk.get("/eingang/absender?behoerde=pots").text
    assert f'<option value="Stadt &lt;Potsdam&gt; ({value})">' in suggested
    assert "Potsdam" in clerk.get("/vorgaenge/behoerden").text
    assert "<option" not in clerk.get("/ausgang/empfaenger").text


def test_unclear_other_side_offers_those_that_fit(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    send(site, author, reader, 1, name="Stadt Potsdam")
    send(site, reader, reader, 2, name="Stadt Cochem")
    part = clerk.get("/eingang?behoerde=stadt", **{"HX-Request": "true"}).text
    assert list_numbers(part) == []
    offered = re.findall(r'href="([^"]*)">Stadt (?:Potsdam|Cochem)<', part)
    assert len(offered) == 2
    for address in offered:
        assert len(list_numbers(clerk.get(unescape(address)).text)) == 1


def test_page_has_25_entries_or_as_many_as_chosen(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    for number in range(27):
        send(site, author, reader, number)
    page = clerk.get("/eingang").text
    assert len(list_numbers(page)) == 25
    chosen = re.findall(r'href="(/eingang[^"]*zeilen=50)"', page)
    assert len(list_numbers(clerk.get(unescape(chosen[0])).text)) == 27
    assert len(list_numbers(clerk.get("/eingang?zeilen=999999").text)) == 25


def test_names_from_messages_are_shown_as_text(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    send(site, author, reader, 1, name="<script>alert(1)</script>")
    page = clerk.get("/eingang").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("text", ["", "W10", "WzEsMiwzLDRd", "ÄÖ", "x" * 5000])
def test_place_that_is_none_is_the_beginning(text: str) -> None:
    assert read_place(text) is None


def count_unread(clerk: Browser) -> str:
    """The first card of the overview."""
    text = " ".join(re.sub("<[^>]*>", " ", clerk.get("/").text).split())
    found = re.search(r"\d+ ungelesene Nachricht(?:en)?", text)
    return found.group() if found else ""


def test_overview_counts_what_is_unread(
    site: WebSite, clerk: Browser, author: Caller, reader: Caller
) -> None:
    assert count_unread(clerk) == "0 ungelesene Nachrichten"
    send(site, author, reader, 1)
    assert count_unread(clerk) == "1 ungelesene Nachricht"
    send(site, author, reader, 2)
    assert count_unread(clerk) == "2 ungelesene Nachrichten"


def test_operator_has_no_inbox(site: WebSite) -> None:
    operator = site.sign_in(Role.OPERATOR, None)
    assert "Eingang" not in operator.get("/").text
    assert operator.get("/eingang").status_code == 403


def test_second_factor_is_set_up_and_asked_for(clerk: Browser, clock: FixedClock) -> None:
    page = clerk.get("/profil/zweiter-faktor").text
    found = re.search(r'<code class="da-code">([A-Z2-7]{32})</code>', page)
    assert found and "<svg" in page
    totp = pyotp.TOTP(found.group(1))
    path = "/profil/zweiter-faktor"
    wrong = clerk.submit(path, path, secret=totp.secret, code="000000")
    assert wrong.status_code == 422
    # The same secret is shown again: the app has it already.
    assert totp.secret in wrong.text
    done = clerk.submit(path, path, secret=totp.secret, code=totp.at(clock.now))
    codes = re.findall(r'<code class="da-code">([0-9A-F-]{11})</code>', done.text)
    assert len(codes) == 10
    clerk.submit("/profil", "/abmelden")
    clock.advance(minutes=1)
    assert clerk.sign_in("eva").headers["Location"].startswith("/anmelden/code")
    assert clerk.get("/").headers["Location"] == "/anmelden/code"
    answer = clerk.submit("/anmelden/code", "/anmelden/code", code="000000")
    assert answer.status_code == 403
    answer = clerk.submit("/anmelden/code", "/anmelden/code", code=totp.at(clock.now))
    assert answer.status_code == 303
    assert clerk.get("/").status_code == 200


def test_sign_in_with_missing_code_can_be_given_up(
    site: WebSite, database: Database, reader: Caller
) -> None:
    user = site.add_user("eva", Role.READ_ONLY, reader.mandant.key)
    with database.writing() as stores:
        stores.web_users.change(user.key, totp_secret="A" * 32)
    browser = site.open_browser()
    browser.sign_in("eva")
    assert browser.submit("/anmelden/code", "/anmelden/abbrechen").status_code == 303
    assert browser.get("/anmelden/code").headers["Location"].startswith("/anmelden")


def test_password_form_tells_what_is_wrong_at_its_field(clerk: Browser) -> None:
    path = "/profil/kennwort"
    answer = clerk.submit(path, path, old="falsch", new="ein neuer Satz", again="ein anderer")
    assert answer.status_code == 422
    assert "Die beiden neuen Kennwörter sind verschieden." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "ein neuer Satz" not in answer.text


def test_flash_is_shown_once(clerk: Browser) -> None:
    clerk.submit("/", "/abmelden")
    assert "Sie sind abgemeldet." in clerk.get("/anmelden").text
    assert "Sie sind abgemeldet." not in clerk.get("/anmelden").text


@pytest.mark.parametrize("value", ["x", "W1sxLDJdXQ==", "bnVsbA==", "WyJhIl0="])
def test_flash_cookie_that_is_none_is_ignored(site: WebSite, value: str) -> None:
    browser = site.open_browser()
    browser.client.set_cookie("__Host-hinweise", value, domain="localhost", secure=True)
    assert browser.get("/anmelden").status_code == 200


def test_values_are_written_in_german(clock: FixedClock) -> None:
    assert write_moment(clock.now) == "23.11.2026, 13:00 Uhr"
    assert [write_size(size) for size in (0, 999, 1000, 17_540, 40_000_000)] == [
        "0 Bytes",
        "999 Bytes",
        "1,0 kB",
        "17,5 kB",
        "40,0 MB",
    ]


@pytest.mark.parametrize("path", ["/eingang", "/ausgang"])
def test_lists_are_filtered_by_german_days(
    site: WebSite, author: Caller, reader: Caller, clock: FixedClock, path: str
) -> None:
    # Half past midnight of the 23rd in Germany, and still the 22nd in UTC.
    clock.now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    send(site, author, reader, 1)
    clock.now = datetime(2026, 11, 30, 12, tzinfo=UTC)
    whose = reader if path == "/eingang" else author
    for hour, newer, older in ((12, ["1"], []), (23, [], ["1"])):
        clock.now = datetime(2026, 11, 30, hour, 30, tzinfo=UTC)
        browser = site.sign_in(Role.SACHBEARBEITER, whose.mandant.key, f"um-{hour}")
        assert list_numbers(browser.get(f"{path}?stand=alle&alter=7").text) == newer
        assert list_numbers(browser.get(f"{path}?stand=alle&alter=aelter-7").text) == older
