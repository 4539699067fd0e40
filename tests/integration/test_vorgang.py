"""The façade's operation `vorgang`: both sides of a matter, whichever way its messages go."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.xta import OutgoingMessage, WirePart
from tests.integration.test_bad_input import new_id
from tests.support.installation import Installation, read_sample

OTHER = {"potsdam": "jena", "jena": "potsdam"}
BOTH_SIDES = re.compile("(<absender>)(.*)(</absender>.*<empfaenger>)(.*)(</empfaenger>)", re.DOTALL)
# How one message goes to the other side: the sender, its content and its MessageID.
Exchange = Callable[[Installation, str, bytes, str], None]


class Matter:
    """A matter with Aktenzeichen of its own; Potsdam asks Jena."""

    def __init__(self, installation: Installation, exchange: Exchange) -> None:
        self.installation = installation
        self._exchange = exchange
        mark = new_id()[-12:]
        self.aktenzeichen = {"potsdam": f"VS-{mark}", "jena": f"J-{mark}"}
        self.message_ids: list[str] = []

    def write(self, sample: str, *changes: tuple[str, str], is_turned: bool = False) -> bytes:
        """A sample with the Aktenzeichen of this matter, about its first message.

        A turned one is from the other side.
        """
        first = self.message_ids[0] if self.message_ids else "urn:x:keine"
        text = read_sample("valid", f"{sample}.xml").decode()
        for old, new in (
            ("VS-2026-0815", self.aktenzeichen["potsdam"]),
            ("J 4711/26", self.aktenzeichen["jena"]),
            ("urn:de:xta:messageid:beispiel:1", first),
            *changes,
        ):
            text = text.replace(old, new)
        return (BOTH_SIDES.sub(r"\1\4\3\2\5", text) if is_turned else text).encode()

    def send(
        self, sender: str, sample: str, *changes: tuple[str, str], is_turned: bool = False
    ) -> str:
        """Sends a sample and has it confirmed; returns its MessageID."""
        message_id = new_id()
        content = self.write(sample, *changes, is_turned=is_turned)
        self._exchange(self.installation, sender, content, message_id)
        self.message_ids.append(message_id)
        return message_id

    def await_reminders(self, name: str) -> list[Any]:
        """The reminders of one side, when there is one."""

        def read() -> list[Any]:
            return [entry for entry in self.find(name).ereignis if entry.art == "erinnerung"]

        found: list[Any] = await_true(read, bool)
        return found

    def find(self, name: str, **criteria: Any) -> Any:
        """The Vorgang of one side, which is the only one that fits."""
        wanted = criteria or {"aktenzeichen": self.aktenzeichen["potsdam"]}
        (vorgang,) = self.installation.fachverfahren(name).find_vorgaenge(**wanted).vorgang
        return vorgang


def exchange_by_xta(
    installation: Installation, sender: str, content: bytes, message_id: str
) -> None:
    message: OutgoingMessage = installation.outgoing(
        message_id, OTHER[sender], message=WirePart(content, "application/xml"), attachments=[]
    )
    installation.xta(sender).send(message)
    reader = installation.xta(OTHER[sender])
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])


def exchange_by_facade(
    installation: Installation, sender: str, content: bytes, message_id: str
) -> None:
    reader = installation.fachverfahren(OTHER[sender])
    installation.fachverfahren(sender).send(None, content, message_id=message_id)
    assert reader.receive(message_id).nachricht is not None
    reader.confirm(message_id)


@pytest.fixture(params=[exchange_by_xta, exchange_by_facade], ids=["xta", "facade"])
def matter(request: pytest.FixtureRequest, installation: Installation) -> Matter:
    """A matter that has not begun."""
    return Matter(installation, request.param)


def await_true(read: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """What is read as soon as it holds; fails where the worker takes too long."""
    deadline = time.monotonic() + 30
    while not holds(found := read()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def tell(vorgang: Any) -> list[tuple[str, str, str, bool]]:
    return [(e.richtung, e.art, e.stand, e.passend) for e in vorgang.ereignis]


def test_vorgang_whole_conversation_is_told_to_both_sides(matter: Matter) -> None:
    ersuchen = matter.send("potsdam", "ersuchen")
    for sender, sample in (
        ("jena", "eingangsbestaetigung"),
        ("jena", "sachstand"),
        ("jena", "rueckfrage"),
        ("potsdam", "antwort"),
    ):
        matter.send(sender, sample)
    matter.send("jena", "zahlungsmitteilung", (">0.00<", ">48.00<"))
    matter.send("potsdam", "forderungsaenderung")
    matter.send("jena", "erledigung")

    potsdam, jena = matter.find("potsdam"), matter.find("jena")
    assert tell(potsdam) == [
        ("ausgang", "ersuchen", "gesendet", True),
        ("system", "zugestellt", "zugestellt", True),
        ("system", "empfangen", "empfangen", True),
        ("eingang", "eingangsbestaetigung", "empfangen", True),
        ("eingang", "sachstand", "in-bearbeitung", True),
        ("eingang", "rueckfrage", "in-bearbeitung", True),
        ("ausgang", "antwort", "in-bearbeitung", True),
        ("eingang", "zahlungsmitteilung", "teilweise-bezahlt", True),
        ("ausgang", "forderungsaenderung", "teilweise-bezahlt", True),
        ("eingang", "erledigung", "erledigt", True),
    ]
    assert tell(jena) == [
        ("eingang", "ersuchen", "zugestellt", True),
        ("system", "empfangen", "empfangen", True),
        ("ausgang", "eingangsbestaetigung", "empfangen", True),
        ("ausgang", "sachstand", "in-bearbeitung", True),
        ("ausgang", "rueckfrage", "in-bearbeitung", True),
        ("eingang", "antwort", "in-bearbeitung", True),
        ("ausgang", "zahlungsmitteilung", "teilweise-bezahlt", True),
        ("eingang", "forderungsaenderung", "teilweise-bezahlt", True),
        ("ausgang", "erledigung", "erledigt", True),
    ]
    for vorgang, rolle, own, partner in (
        (potsdam, "ersuchender", "potsdam", "jena"),
        (jena, "ersuchter", "jena", "potsdam"),
    ):
        assert (vorgang.rolle, vorgang.stand) == (rolle, "erledigt")
        assert vorgang.eigenesAktenzeichen == matter.aktenzeichen[own]
        assert vorgang.fremdesAktenzeichen == matter.aktenzeichen[partner]
        assert (vorgang.antwortBis, vorgang.ueberfaellig) == (None, False)
    assert potsdam.ereignis[0].messageId == ersuchen
    assert "Jena" in potsdam.partnerName
    assert "Potsdam" in jena.partnerName
    assert potsdam.vorgangId != jena.vorgangId


def test_vorgang_impossible_messages_are_delivered_and_marked(matter: Matter) -> None:
    matter.send("potsdam", "ersuchen")
    wrong = matter.send("potsdam", "erledigung", is_turned=True)
    for name in ("potsdam", "jena"):
        vorgang = matter.find(name)
        assert vorgang.stand == "empfangen"
        entry = vorgang.ereignis[-1]
        assert (entry.messageId, entry.art, entry.passend) == (wrong, "erledigung", False)
        assert entry.hinweis == "Diese Nachricht kann nur der Ersuchte senden."

    matter.send("jena", "zurueckweisung")
    late = matter.send("jena", "sachstand")
    for name in ("potsdam", "jena"):
        vorgang = matter.find(name)
        assert vorgang.stand == "zurueckgewiesen"
        entry = vorgang.ereignis[-1]
        assert (entry.messageId, entry.art, entry.passend) == (late, "sachstand", False)
        assert entry.hinweis == "Das Ersuchen ist bereits zurückgewiesen."


def test_vorgang_of_others_is_not_found_by_any_criterion(matter: Matter) -> None:
    message_id = matter.send("potsdam", "ersuchen")
    stranger = matter.installation.fachverfahren("cochem")
    own = matter.find("potsdam")
    for criteria in (
        {"message_id": message_id},
        {"aktenzeichen": matter.aktenzeichen["potsdam"]},
        {"vorgang_id": own.vorgangId},
    ):
        assert matter.find("potsdam", **criteria).vorgangId == own.vorgangId
        found = stranger.find_vorgaenge(**criteria)
        assert (found.vorgang, found.weitere) == ([], 0)
    others = matter.installation.fachverfahren("jena").find_vorgaenge(vorgang_id=own.vorgangId)
    assert others.vorgang == []


def test_vorgang_every_criterion_must_fit_and_the_rest_is_counted(matter: Matter) -> None:
    first = matter.send("potsdam", "ersuchen")
    client = matter.installation.fachverfahren("potsdam")
    az = matter.aktenzeichen["potsdam"]
    assert client.find_vorgaenge(message_id=first, aktenzeichen="anders").vorgang == []
    assert client.find_vorgaenge(message_id=f" {first.upper()} ").vorgang[0].stand == "empfangen"
    assert client.find_vorgaenge(aktenzeichen=az, is_only_overdue=True).vorgang == []
    matter.send("jena", "zurueckweisung")
    matter.send("potsdam", "ersuchen")
    one = client.find_vorgaenge(aktenzeichen=az, maximum=1)
    assert ([item.stand for item in one.vorgang], one.weitere) == (["empfangen"], 1)
    both = client.find_vorgaenge(aktenzeichen=az, maximum=10**20)
    assert [item.stand for item in both.vorgang] == ["empfangen", "zurueckgewiesen"]


def test_vorgang_stated_day_of_a_question_is_told_to_both_sides(matter: Matter) -> None:
    matter.send("potsdam", "ersuchen")
    matter.send("jena", "rueckfrage", ("2026-12-01", "2020-12-01"))
    for name, owed_by in (("potsdam", "eigene"), ("jena", "partner")):
        vorgang = matter.find(name)
        assert (str(vorgang.antwortBis), vorgang.antwortVon) == ("2020-12-01", owed_by)
        assert vorgang.ueberfaellig


def test_vorgang_overdue_answer_is_remembered_once_by_the_worker(matter: Matter) -> None:
    matter.send("potsdam", "ersuchen")
    matter.send("jena", "rueckfrage", ("2026-12-01", "2020-12-01"))
    for name, words in (("potsdam", "Ihre Antwort war bis zum 01.12.2020"), ("jena", "Bis zum")):
        reminders = matter.await_reminders(name)
        assert [(e.richtung, e.stand, e.messageId) for e in reminders] == [
            ("system", "empfangen", None)
        ]
        assert words in reminders[0].text
    matter.send("potsdam", "antwort")
    for name in ("potsdam", "jena"):
        assert not matter.find(name).ueberfaellig
        assert len(matter.await_reminders(name)) == 1


def test_vorgang_letter_is_delivered_when_it_is_handed_over(
    installation: Installation, letters: Path
) -> None:
    message_id = new_id()
    content = read_sample("valid", "ersuchen.xml").replace(
        b"VS-2026-0815", message_id[-12:].encode()
    )
    message = installation.outgoing(
        message_id, "cochem", message=WirePart(content, "application/xml"), attachments=[]
    )
    installation.xta("potsdam").send(message)
    client = installation.fachverfahren("potsdam")

    def find() -> Any:
        (vorgang,) = client.find_vorgaenge(message_id=message_id).vorgang
        return vorgang

    vorgang = await_true(find, lambda found: found.stand == "zugestellt")
    assert tell(vorgang) == [
        ("ausgang", "ersuchen", "gesendet", True),
        ("system", "brief-ausgegeben", "zugestellt", True),
    ]
    assert vorgang.antwortVon == "partner"
    assert installation.fachverfahren("cochem").find_vorgaenge(message_id=message_id).vorgang == []
