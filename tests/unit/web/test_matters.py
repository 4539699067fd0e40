"""A matter between two authorities in the Web-Client: read, answered, confirmed, closed."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage, MultiDict

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.vorgaenge import Overdue
from server.domain.aufloesung import Certainty
from server.domain.auskunft import Auskunft
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.inbox import InboxCriteria
from server.domain.mandant import Caller
from server.domain.message import MessageState
from server.domain.outbox import OutboxCriteria
from server.domain.rights import Role
from server.domain.vorgang import VorgangCriteria, VorgangState
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from tests.support.broken_tables import read_all, refusing
from tests.support.installation import read_sample
from tests.support.web import HOST, Browser, WebSite, find_hidden, make_site
from tests.unit.conftest import FixedClock, add_caller
from tests.unit.services.test_sending import ANSCHRIFT, StandInDirectory, command, make_sending

pytestmark = pytest.mark.both_databases

# The names of users in tests have digits, which those of persons have not.
CLERK = "Eva Ahorn"
REPLIES: dict[str, dict[str, str]] = {
    "eingangsbestaetigung": {"eingegangen": "2026-11-23"},
    "abgabe": {"behoerde": "xoev:ags:cochem", "grund": "Der Schuldner ist umgezogen."},
    "rueckfrage": {"frage": "Wo wohnt er?\n\nSeit wann?", "frist": "2026-12-01"},
    "antwort": {"text-0": "In der Gartenstraße."},
    "ratenzahlung": {"betrag": "20,00", "anzahl": "3", "erste": "2027-01-31", "letzte": "8"},
    "zahlungsmitteilung": {"betrag": "1.000,50", "eingegangen": "2026-11-20", "offen": "12"},
    "sachstand": {"stand": "angenommen"},
    "ergebnis": {
        "massnahme": "sachpfaendung",
        "durchgefuehrt": "2026-11-20",
        "ausgang": "fruchtlos",
    },
    "erledigung": {"art": "fruchtlos", "vereinnahmt": "0"},
    "zurueckweisung": {"grund": "Wir dürfen nicht helfen."},
}
OWN_REPLIES: dict[str, dict[str, str]] = {
    "forderungsaenderung": {"grund": "Ein Teil wurde gezahlt."},
    "ruecknahme": {"grund": "Der Schuldner hat gezahlt."},
}


class EverybodyKnown(StandInDirectory):
    """Knows Cochem and all who have a name."""

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        if identifier.value == "ags:unbekannt":
            return None
        return Behoerde(identifier, identifier.value, ANSCHRIFT, Kanal.ELEKTRONISCH)

    def explain_zustaendigkeit(self, anfrage: ZustaendigkeitAnfrage) -> Auskunft:
        """Cochem has one, Neustadt two, all other places none."""
        found = {"Cochem": ("cochem",), "Neustadt": ("nord", "sued")}.get(anfrage.anschrift.ort, ())
        behoerden = tuple(
            Behoerde(PartyIdentifier(f"ags:{name}", "xoev"), name, ANSCHRIFT, Kanal.BRIEF)
            for name in found
        )
        return Auskunft(len(found) == 1, Certainty.CERTAIN, behoerden)


@dataclass
class Matter:
    """Potsdam has asked Jena; a clerk of each is signed in."""

    site: WebSite
    sending: Any
    potsdam: Caller
    jena: Caller
    asking: Browser
    asked: Browser

    def find_vorgang_id(self, caller: Caller) -> str:
        with self.site.database.reading() as stores:
            overdue = Overdue(self.site.clock().date(), 14)
            (found,) = stores.vorgaenge.list_found(
                caller.mandant.key, VorgangCriteria(), overdue, 9
            )
        return found.vorgang_id

    def find_state(self, caller: Caller) -> VorgangState:
        with self.site.database.reading() as stores:
            found = stores.vorgang_lists.find(caller.mandant.key, self.find_vorgang_id(caller))
        assert found is not None
        return found.state

    def find_key(self, message_id: str = "urn:x:1") -> int:
        with self.site.database.reading() as stores:
            found = stores.messages.find(message_id)
        assert found is not None
        return found.key

    def find_message_state(self, message_id: str = "urn:x:1") -> MessageState:
        with self.site.database.reading() as stores:
            found = stores.messages.find(message_id)
        assert found is not None
        return found.state

    def open(self) -> str:
        """Jena opens the Ersuchen; its page afterwards."""
        path = f"/nachrichten/{self.find_key()}"
        assert self.asked.submit(path, f"{path}/oeffnen").status_code == 303
        return self.asked.get(path).text

    def reply(self, browser: Browser, caller: Caller, kind: str, **values: Any) -> Any:
        path = f"/vorgaenge/{self.find_vorgang_id(caller)}/{kind}"
        return browser.submit(path, path, **{"bearbeiter": CLERK, **values})


def write_ersuchen(potsdam: Caller, jena: Caller) -> bytes:
    content = read_sample("valid", "ersuchen.xml")
    for kennung, caller in ((b"ags:12054000", potsdam), (b"ags:16053000", jena)):
        content = content.replace(kennung, caller.mandant.identifier.value.encode())
    return content


@pytest.fixture
def matter(
    database: Database, blobs: FolderBlobs, clock: FixedClock, author: Caller, reader: Caller
) -> Matter:
    directory = EverybodyKnown()
    site = make_site(database, clock, directory, blobs)
    sending = make_sending(database, blobs, directory, clock)
    content = write_ersuchen(author, reader)
    sending.send(command(author, reader.mandant.identifier, b"%PDF-1.7 anlage", message=content))
    asking = site.sign_in(Role.SACHBEARBEITER, author.mandant.key)
    asked = site.sign_in(Role.SACHBEARBEITER, reader.mandant.key)
    return Matter(site, sending, author, reader, asking, asked)


def test_unread_message_shows_its_head_alone(matter: Matter) -> None:
    text = matter.asked.get(f"/nachrichten/{matter.find_key()}").text
    assert "ungelesen" in text
    assert "Beispiel" not in text
    assert "alle.zip" not in text
    assert matter.find_message_state() is MessageState.DELIVERED


def test_opening_counts_as_fetch_and_shows_the_contents(matter: Matter) -> None:
    text = matter.open()
    assert matter.find_message_state() is MessageState.FETCHED
    for shown in ("Beispiel", "Erika", "Hundesteuer", "96,00\N{NO-BREAK SPACE}€", "Sachpfändung"):
        assert shown in text
    assert "Saalstraße 17, 07743 Jena" in text
    assert "abgeholt" in matter.asking.get(f"/nachrichten/{matter.find_key()}").text


def test_author_sees_its_message_before_it_was_opened(matter: Matter) -> None:
    text = matter.asking.get(f"/nachrichten/{matter.find_key()}").text
    assert "Beispiel" in text
    assert matter.find_message_state() is MessageState.DELIVERED


def test_confirming_takes_the_message_out_of_the_mailbox(matter: Matter) -> None:
    matter.open()
    path = f"/nachrichten/{matter.find_key()}"
    answer = matter.asked.submit(path, f"{path}/bestaetigen")
    assert answer.status_code == 303
    assert matter.find_message_state() is MessageState.CLOSED
    assert matter.find_state(matter.potsdam) is VorgangState.EMPFANGEN
    assert "Hundesteuer" in matter.asked.get(path).text


def test_confirming_an_unopened_message_is_refused(matter: Matter) -> None:
    path = f"/nachrichten/{matter.find_key()}"
    hidden = find_hidden(matter.asked.get(path).text, f"{path}/oeffnen")
    answer = matter.asked.post(f"{path}/bestaetigen", **hidden)
    assert answer.status_code == 303
    assert "noch nicht abgeholt" in matter.asked.get(path).text
    assert matter.find_message_state() is MessageState.DELIVERED


def test_fachverfahren_that_leads_the_mailbox_is_not_disturbed(matter: Matter) -> None:
    with matter.site.database.writing() as stores:
        stores.mandanten.set_mailbox_led_by_web(matter.jena.mandant.key, False)
    path = f"/nachrichten/{matter.find_key()}"
    text = matter.asked.get(path).text
    assert "Hundesteuer" in text
    assert f"{path}/bestaetigen" not in text
    hidden = {"csrf_token": re.findall(r'name="csrf-token" content="([^"]*)"', text)[0]}
    for action in ("oeffnen", "bestaetigen"):
        assert matter.asked.post(f"{path}/{action}", **hidden).status_code == 303
    assert matter.find_message_state() is MessageState.DELIVERED


def test_files_are_downloaded_one_by_one_and_as_zip(matter: Matter) -> None:
    matter.open()
    path = f"/nachrichten/{matter.find_key()}"
    one = matter.asked.get(f"{path}/dateien/1")
    assert one.data == b"%PDF-1.7 anlage"
    assert one.headers["Content-Disposition"].startswith("attachment")
    assert one.headers["Content-Type"] == "application/octet-stream"
    everything = matter.asked.get(f"{path}/alle.zip")
    with zipfile.ZipFile(io.BytesIO(everything.data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["nachricht.xml", "Anlage-1"]
        assert archive.read("Anlage-1") == b"%PDF-1.7 anlage"
    assert matter.asked.get(f"{path}/dateien/2").status_code == 404


def test_unopened_message_gives_no_files(matter: Matter) -> None:
    path = f"/nachrichten/{matter.find_key()}"
    assert matter.asked.get(f"{path}/alle.zip").status_code == 404
    assert matter.asked.get(f"{path}/dateien/0").status_code == 404


def test_reader_without_the_right_to_fetch_sees_but_does_not_load(matter: Matter) -> None:
    matter.open()
    reading = matter.site.sign_in(Role.READ_ONLY, matter.jena.mandant.key)
    path = f"/nachrichten/{matter.find_key()}"
    text = reading.get(path).text
    assert "Hundesteuer" in text
    assert "alle.zip" not in text
    assert reading.get(f"{path}/alle.zip").status_code == 403


def test_everything_of_others_does_not_exist(
    matter: Matter, database: Database, clock: FixedClock
) -> None:
    stranger = add_caller(database, "fremd", clock)
    browser = matter.site.sign_in(Role.SACHBEARBEITER, stranger.mandant.key)
    token = re.findall(r'name="csrf-token" content="([^"]*)"', browser.get("/").text)[0]
    key, vorgang = matter.find_key(), matter.find_vorgang_id(matter.jena)
    for path in (
        f"/nachrichten/{key}",
        f"/nachrichten/{key}/dateien/0",
        f"/nachrichten/{key}/alle.zip",
        f"/vorgaenge/{vorgang}",
        f"/vorgaenge/{vorgang}/sachstand",
    ):
        assert browser.get(path).status_code == 404, path
    for path in (
        f"/nachrichten/{key}/oeffnen",
        f"/nachrichten/{key}/bestaetigen",
        f"/nachrichten/{key}/zurueckziehen",
        f"/vorgaenge/{vorgang}/sachstand",
    ):
        assert browser.post(path, csrf_token=token).status_code == 404, path
    # The Vorgang of the other side is not ours either.
    assert matter.asking.get(f"/vorgaenge/{vorgang}").status_code == 404
    assert "Hundesteuer" not in browser.get("/eingang?stand=alle").text
    assert matter.find_message_state() is MessageState.DELIVERED


def test_vorgang_shows_course_documents_and_next_messages(matter: Matter) -> None:
    matter.open()
    text = matter.asked.get(f"/vorgaenge/{matter.find_vorgang_id(matter.jena)}").text
    assert "Beispiel, Erika" in text
    assert "wir sind ersucht" in text
    assert "Zustellweg elektronisch" in text
    assert "Anlage-1" in text
    offered = set(re.findall(r"/vorgaenge/[^/]+/([a-z]+)\"", text))
    assert offered == REPLIES.keys()


def test_matter_with_an_unread_message_is_marked_for_its_reader_until_it_is_opened(
    matter: Matter,
) -> None:
    def is_marked(browser: Browser) -> bool:
        page = browser.get("/vorgaenge?stand=alle", **{"HX-Request": "true"}).text
        assert "VS-2026-0815" in page
        return "da-ungelesen" in page and "ungelesen</span>" in page

    assert is_marked(matter.asked) and not is_marked(matter.asking)
    matter.open()
    assert not is_marked(matter.asked)
    matter.reply(matter.asked, matter.jena, "sachstand", **REPLIES["sachstand"])
    assert is_marked(matter.asking) and not is_marked(matter.asked)


def test_matters_are_limited_to_a_channel(matter: Matter) -> None:
    sent = {
        way: "VS-2026-0815" in matter.asking.get(f"/vorgaenge?stand=alle&weg={way}").text
        for way in ("", "elektronisch", "brief")
    }
    assert sent == {"": True, "elektronisch": True, "brief": False}
    refused = matter.asking.get("/vorgaenge?stand=alle&weg=taube").text
    assert "VS-2026-0815" in refused and "kern-form-input--error" in refused


def test_nothing_is_answered_before_it_was_opened(matter: Matter) -> None:
    path = f"/vorgaenge/{matter.find_vorgang_id(matter.jena)}/sachstand"
    answer = matter.asked.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/nachrichten/")
    assert "Bitte öffnen Sie zuerst" in matter.asked.get(answer.headers["Location"]).text


@pytest.mark.parametrize("art", REPLIES)
def test_reply_of_the_asked_authority_reaches_the_other_side(matter: Matter, art: str) -> None:
    matter.open()
    answer = matter.reply(matter.asked, matter.jena, art, aktenzeichen="J 4711/26", **REPLIES[art])
    assert answer.status_code == 303, answer.text
    with matter.site.database.reading() as stores:
        page = stores.vorgang_lists.find(
            matter.potsdam.mandant.key, matter.find_vorgang_id(matter.potsdam)
        )
        assert page is not None
        entry = stores.vorgaenge.list_entries([page.key])[page.key][-1]
    assert (entry.event.value, entry.fits, entry.hint) == (art, True, "")
    assert page.partner_aktenzeichen == "J 4711/26"


@pytest.mark.parametrize("art", OWN_REPLIES)
def test_reply_of_the_asking_authority_reaches_the_other_side(matter: Matter, art: str) -> None:
    path = f"/vorgaenge/{matter.find_vorgang_id(matter.potsdam)}/{art}"
    values = {**OWN_REPLIES[art], "bearbeiter": CLERK}
    if art == "forderungsaenderung":
        assert 'value="96,00"' in matter.asking.get(path).text
        values["betraege-0"] = "48"
    answer = matter.asking.submit(path, path, **values)
    assert answer.status_code == 303, answer.text
    assert matter.asking.get("/ausgang?suche=VS-2026-0815").text.count("kern-table__row") == 3


def test_answer_after_midnight_bears_the_german_day(matter: Matter, clock: FixedClock) -> None:
    # The session of the fixture would have ended by then.
    clock.now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    matter.asked.sign_in(f"{Role.SACHBEARBEITER}-{matter.jena.mandant.key}")
    matter.open()
    matter.reply(matter.asked, matter.jena, "sachstand", **REPLIES["sachstand"])
    with matter.site.database.reading() as stores:
        ((sent,), _) = stores.outbox.list_entries(
            matter.jena.mandant.key, OutboxCriteria(), None, 9
        )
    assert "24.11.2026" in matter.asked.get(f"/nachrichten/{sent.key}").text.partition("Inhalt")[2]


def test_questions_are_answered_one_by_one(matter: Matter) -> None:
    matter.open()
    matter.reply(matter.asked, matter.jena, "rueckfrage", **REPLIES["rueckfrage"])
    with matter.site.database.reading() as stores:
        entries = stores.inbox.list_entries(matter.potsdam.mandant.key, InboxCriteria(), None, 9)
    ((question,), _) = entries
    path = f"/nachrichten/{question.key}"
    matter.asking.submit(path, f"{path}/oeffnen")
    form = f"/vorgaenge/{matter.find_vorgang_id(matter.potsdam)}/antwort"
    text = matter.asking.get(form).text
    assert "Wo wohnt er?" in text
    assert "Seit wann?" in text
    missing = matter.asking.submit(
        form, form, **{"text-0": "In Jena.", "text-1": "", "bearbeiter": CLERK}
    )
    assert missing.status_code == 422
    sent = matter.asking.submit(
        form, form, **{"text-0": "In Jena.", "text-1": "Seit März.", "bearbeiter": CLERK}
    )
    assert sent.status_code == 303


def attach(matter: Matter, *files: tuple[bytes, str], **more: str) -> Any:
    """Jena tells a result with these files."""
    path = f"/vorgaenge/{matter.find_vorgang_id(matter.jena)}/ergebnis"
    hidden = find_hidden(matter.asked.get(path).text, path)
    values: MultiDict[str, Any] = MultiDict(
        {**hidden, **REPLIES["ergebnis"], "bearbeiter": CLERK, **more}
    )
    values.setlist("anlagen", [FileStorage(io.BytesIO(content), name) for content, name in files])
    return matter.asked.client.post(path, base_url=HOST, data=values)


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"MZ", "rechnung.exe", "von einer Art, die nicht angenommen wird"),
        (b"<html>", "protokoll.pdf", "nicht, was die Endung sagt"),
        (b"%PDF-1.7", "protokoll", "von einer Art, die nicht angenommen wird"),
    ],
)
def test_reply_with_a_file_of_another_kind_is_refused_at_its_field(
    matter: Matter, content: bytes, name: str, told: str
) -> None:
    matter.open()
    answer = attach(matter, (b"%PDF-1.7", "gut.pdf"), (content, name), bemerkung="Getippt.")
    assert answer.status_code == 422
    assert 'id="anlagen-fehler"' in answer.text and told in answer.text
    assert "Bitte wählen Sie die Anlagen noch einmal aus." in answer.text
    assert "Getippt." in answer.text
    assert matter.find_state(matter.jena) is VorgangState.ZUGESTELLT


def test_reply_with_attachments_says_to_choose_them_again_where_it_does_not_fit(
    matter: Matter,
) -> None:
    matter.open()
    answer = attach(matter, (b"%PDF-1.7", "gut.pdf"), durchgefuehrt="gestern")
    assert answer.status_code == 422
    assert "Bitte wählen Sie die Anlagen noch einmal aus." in answer.text
    without = attach(matter, durchgefuehrt="gestern")
    assert "noch einmal aus" not in without.text


def test_reply_with_attachments_carries_them(matter: Matter) -> None:
    matter.open()
    answer = attach(
        matter,
        (b"%PDF-1.7 protokoll", "../../proto:koll.pdf"),
        (b"\x89PNG\r\n\x1a\nzwei", "con.png"),
    )
    assert answer.status_code == 303, answer.text
    with matter.site.database.reading() as stores:
        ((sent,), _) = stores.outbox.list_entries(
            matter.jena.mandant.key, OutboxCriteria(), None, 9
        )
        message = stores.messages.find_by_key(sent.key)
    assert message is not None
    assert [part.attributes.get("filename") for part in message.parts[1:]] == [
        "proto_koll.pdf",
        "_con.png",
    ]


@pytest.mark.parametrize(
    ("art", "values", "field"),
    [
        ("zahlungsmitteilung", {"betrag": "viel"}, "betrag"),
        ("zahlungsmitteilung", {"betrag": "0"}, "betrag"),
        ("zahlungsmitteilung", {"betrag": "1,234"}, "betrag"),
        ("zahlungsmitteilung", {"eingegangen": "gestern"}, "eingegangen"),
        ("erledigung", {"art": "verschenkt"}, "art"),
        ("erledigung", {"vereinnahmt": ""}, "vereinnahmt"),
        ("rueckfrage", {"frage": " "}, "frage"),
        ("ratenzahlung", {"anzahl": "0"}, "anzahl"),
        ("zurueckweisung", {"grund": "x" * 4001}, "grund"),
        ("abgabe", {"behoerde": "xoev:ags:unbekannt"}, "behoerde"),
        ("sachstand", {"bearbeiter": "Eva 2"}, "bearbeiter"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    matter: Matter, art: str, values: dict[str, str], field: str
) -> None:
    matter.open()
    answer = matter.reply(matter.asked, matter.jena, art, **{**REPLIES[art], **values})
    assert answer.status_code == 422
    assert f'id="{field}-fehler"' in answer.text
    assert matter.find_state(matter.jena) is VorgangState.ZUGESTELLT


def test_matter_is_passed_on_by_the_place_after_a_look_at_the_authority(matter: Matter) -> None:
    matter.open()
    asked = matter.reply(
        matter.asked, matter.jena, "abgabe", behoerde="56812 Cochem", grund="Umgezogen."
    )
    assert asked.status_code == 422
    assert 'value="cochem (ags:cochem)"' in asked.text and "senden Sie noch einmal" in asked.text
    assert matter.find_state(matter.jena) is VorgangState.ZUGESTELLT
    sent = matter.reply(
        matter.asked, matter.jena, "abgabe", behoerde="cochem (ags:cochem)", grund="Umgezogen."
    )
    assert sent.status_code == 303
    assert matter.find_state(matter.potsdam) is VorgangState.ABGEGEBEN


@pytest.mark.parametrize(
    ("typed", "told"),
    [("01844 Neustadt", "nord (ags:nord); sued (ags:sued)"), ("1 b Irgendwo", "kennt")],
)
def test_place_without_one_authority_is_told_at_the_field(
    matter: Matter, typed: str, told: str
) -> None:
    matter.open()
    answer = matter.reply(matter.asked, matter.jena, "abgabe", behoerde=typed, grund="Um.")
    assert answer.status_code == 422
    assert 'id="behoerde-fehler"' in answer.text and told in answer.text


def test_reply_that_is_sent_twice_is_stored_once(matter: Matter) -> None:
    matter.open()
    path = f"/vorgaenge/{matter.find_vorgang_id(matter.jena)}/sachstand"
    values = {**find_hidden(matter.asked.get(path).text, path), **REPLIES["sachstand"]}
    values["bearbeiter"] = CLERK
    for _ in range(2):
        assert matter.asked.post(path, **values).status_code == 303
    with matter.site.database.reading() as stores:
        sent, _ = stores.outbox.list_entries(matter.jena.mandant.key, OutboxCriteria(), None, 9)
    assert len(sent) == 1


def test_reply_that_fits_no_more_is_not_offered(matter: Matter) -> None:
    matter.open()
    matter.reply(matter.asked, matter.jena, "erledigung", **REPLIES["erledigung"])
    assert matter.find_state(matter.potsdam) is VorgangState.FRUCHTLOS
    path = f"/vorgaenge/{matter.find_vorgang_id(matter.jena)}"
    assert f"{path}/sachstand" not in matter.asked.get(path).text
    assert matter.asked.get(f"{path}/sachstand").status_code == 303


def test_early_message_is_withdrawn(matter: Matter, clock: FixedClock) -> None:
    not_before = clock.now + timedelta(days=2)
    matter.sending.send(
        command(
            matter.potsdam,
            matter.jena.mandant.identifier,
            message=read_sample("valid", "ruecknahme.xml"),
            message_id="urn:x:2",
            not_before=not_before,
        )
    )
    path = f"/nachrichten/{matter.find_key('urn:x:2')}"
    assert matter.asking.submit(path, f"{path}/zurueckziehen").status_code == 303
    assert matter.find_message_state("urn:x:2") is MessageState.CANCELLED
    assert "zurückgezogen" in matter.asking.get("/ausgang").text


def test_every_change_is_in_the_audit(matter: Matter) -> None:
    matter.open()
    path = f"/nachrichten/{matter.find_key()}"
    matter.asked.submit(path, f"{path}/bestaetigen")
    matter.reply(matter.asked, matter.jena, "sachstand", **REPLIES["sachstand"])
    with matter.site.database.reading() as stores:
        rows = stores.audit.list_newest(matter.jena.mandant.key, 9, None)
    actions = [entry.action for _, entry in rows]
    assert actions[:3] == ["sachstand-gesendet", "empfang-bestaetigt", "nachricht-geoeffnet"]


def test_overview_tells_what_waits(matter: Matter, clock: FixedClock) -> None:
    assert re.search(r">1</span>\s+ungelesene Nachricht<", matter.asked.get("/").text)
    clock.advance(days=20)
    jena = matter.site.open_browser()
    jena.sign_in(f"{Role.SACHBEARBEITER}-{matter.jena.mandant.key}")
    assert re.search(r">1</span>\s+überfällige Antwort", jena.get("/").text)
    potsdam = matter.site.open_browser()
    potsdam.sign_in(f"{Role.SACHBEARBEITER}-{matter.potsdam.mandant.key}")
    assert re.search(r">1</span>\s+Antwort steht aus", potsdam.get("/").text)
    assert "Antwort überfällig" in potsdam.get("/vorgaenge?frist=fremde").text
    assert "Kein Vorgang" in potsdam.get("/vorgaenge?frist=eigene").text


def send_early(matter: Matter) -> None:
    """A message of Potsdam whose time has not come."""
    later = matter.site.clock() + timedelta(days=1)
    content = write_ersuchen(matter.potsdam, matter.jena)
    reader = matter.jena.mandant.identifier
    matter.sending.send(
        command(matter.potsdam, reader, message=content, message_id="urn:x:2", not_before=later)
    )


def act_on_message(matter: Matter, action: str) -> int:
    browser = matter.asking if action == "zurueckziehen" else matter.asked
    key = matter.find_key("urn:x:2" if action == "zurueckziehen" else "urn:x:1")
    path = f"/nachrichten/{key}"
    return browser.submit(path, f"{path}/{action}").status_code


@pytest.mark.parametrize("action", ["oeffnen", "bestaetigen", "zurueckziehen", "antworten"])
@pytest.mark.parametrize("broken", [("web_audit", "INSERT"), ("report_entry", "INSERT")])
def test_change_and_audit_entry_are_there_both_or_neither(
    matter: Matter, database: Database, action: str, broken: tuple[str, str]
) -> None:
    send_early(matter)
    if action in ("bestaetigen", "antworten"):
        matter.open()

    def act() -> int:
        if action == "antworten":
            answer = matter.reply(matter.asked, matter.jena, "sachstand", **REPLIES["sachstand"])
            return int(answer.status_code)
        return act_on_message(matter, action)

    before = read_all(database)
    with refusing(database, *broken):
        assert act() == 500
    assert read_all(database) == before
    assert act() == 303
    assert len(read_all(database)["web_audit"]) == len(before["web_audit"]) + 1
