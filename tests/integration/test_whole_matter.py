"""One matter from the Ersuchen to its closing, with real processes, whichever way it is sent.

Potsdam asks Jena about two claims; Jena has a question, gets an answer, tells of a part that was
paid; Potsdam changes the claims; Jena ends the matter. Both Vorgänge tell the same story.
"""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from clients.fachverfahren import Attachment
from clients.xta import WirePart
from tests.support.connecting import Site, connecting, make_site, read_document, wait_until
from tests.support.installation import Installation, read_sample

OTHER = {"potsdam": "jena", "jena": "potsdam"}
BESCHEID = "bescheid.pdf"
STEPS = (
    ("potsdam", "ersuchen-vollstaendig"),
    ("jena", "rueckfrage"),
    ("potsdam", "antwort"),
    ("jena", "zahlungsmitteilung"),
    ("potsdam", "forderungsaenderung"),
    ("jena", "erledigung"),
)
SEEN_BY_POTSDAM = [
    ("ausgang", "ersuchen", "gesendet"),
    ("system", "zugestellt", "zugestellt"),
    ("system", "empfangen", "empfangen"),
    ("eingang", "rueckfrage", "empfangen"),
    ("ausgang", "antwort", "empfangen"),
    ("eingang", "zahlungsmitteilung", "teilweise-bezahlt"),
    ("ausgang", "forderungsaenderung", "teilweise-bezahlt"),
    ("eingang", "erledigung", "erledigt"),
]
SEEN_BY_JENA = [
    ("eingang", "ersuchen", "zugestellt"),
    ("system", "empfangen", "empfangen"),
    ("ausgang", "rueckfrage", "empfangen"),
    ("eingang", "antwort", "empfangen"),
    ("ausgang", "zahlungsmitteilung", "teilweise-bezahlt"),
    ("eingang", "forderungsaenderung", "teilweise-bezahlt"),
    ("ausgang", "erledigung", "erledigt"),
]


class Way(Protocol):
    """How messages go between the two."""

    def send(self, sender: str, content: bytes, attached: dict[str, bytes]) -> str:
        """Sends to the other side, where the same arrives and is confirmed; the MessageID."""
        ...


class XtaWay:
    """Both sides speak XTA."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    def send(self, sender: str, content: bytes, attached: dict[str, bytes]) -> str:
        attachments = [WirePart(data, "application/pdf", name) for name, data in attached.items()]
        message = self._installation.outgoing(
            "",
            OTHER[sender],
            message=WirePart(content, "application/xml"),
            attachments=attachments,
        )
        message_id = self._installation.xta(sender).send(message).message_id
        reader = self._installation.xta(OTHER[sender])
        fetched = reader.fetch(message_id)
        assert fetched is not None
        assert fetched.message.content == content
        assert {part.filename: part.content for part in fetched.attachments} == attached
        reader.close(fetched.request_id, [message_id])
        return message_id


class FacadeAndFilesWay:
    """Potsdam's Fachverfahren speaks SOAP with the façade, Jena's exchanges files."""

    def __init__(self, installation: Installation, jena: Site) -> None:
        self._potsdam = installation.fachverfahren("potsdam")
        self._jena = jena

    def send(self, sender: str, content: bytes, attached: dict[str, bytes]) -> str:
        if sender == "potsdam":
            return self._send_by_facade(content, attached)
        return self._send_by_files(content)

    def _send_by_facade(self, content: bytes, attached: dict[str, bytes]) -> str:
        attachments = [Attachment(name, "application/pdf", data) for name, data in attached.items()]
        assert self._potsdam.check(None, content, attachments).versandbereit
        message_id = str(self._potsdam.send(None, content, attachments).messageId)
        folder = self._await_folder(message_id)
        assert (folder / "nachricht.xml").read_bytes() == content
        for name, data in attached.items():
            assert (folder / "anlagen" / name).read_bytes() == data
        return message_id

    def _send_by_files(self, content: bytes) -> str:
        name = f"auftrag-{uuid.uuid4()}"
        self._jena.put(name, content)
        receipt = self._jena.folders.receipts / f"{name}.quittung.xml"
        wait_until(receipt.exists)
        message_id = read_document(receipt)["messageId"]
        fetched = self._potsdam.receive(message_id).nachricht
        assert fetched.inhalt == content
        self._potsdam.confirm(message_id)
        return message_id

    def _await_folder(self, message_id: str) -> Path:
        def find() -> list[Path]:
            return [
                folder
                for folder in self._jena.folders.inbox.glob("[!.]*")
                if read_document(folder / "kopf.xml")["messageId"] == message_id
            ]

        wait_until(lambda: find() != [])
        # It is there before it is confirmed: the Vorgang is told of the confirmation only.
        wait_until(lambda: self._potsdam.find_report(message_id).status == "gruen")
        return find()[0]


@pytest.fixture(params=["xta", "facade-and-files"])
def way(
    request: pytest.FixtureRequest, installation: Installation, tmp_path: Path
) -> Iterator[Way]:
    with ExitStack() as stack:
        if request.param == "xta":
            yield XtaWay(installation)
            return
        jena = make_site(tmp_path / "jena", installation, "jena")
        stack.enter_context(connecting(jena))
        yield FacadeAndFilesWay(installation, jena)


def write(sample: str, aktenzeichen: dict[str, str], first: str) -> bytes:
    """A sample with the Aktenzeichen of this matter, about its first message."""
    text = read_sample("valid", f"{sample}.xml").decode()
    for old, new in (
        ("VS-2026-0815", aktenzeichen["potsdam"]),
        ("VS-2026-0816", aktenzeichen["potsdam"]),
        ("J 4711/26", aktenzeichen["jena"]),
        ("J 4712/26", aktenzeichen["jena"]),
        ("urn:de:xta:messageid:beispiel:1", first),
        ("<offen>0.00<", "<offen>48.00<"),
    ):
        text = text.replace(old, new)
    return text.encode()


def find_vorgang(installation: Installation, name: str, aktenzeichen: str) -> Any:
    (vorgang,) = installation.fachverfahren(name).find_vorgaenge(aktenzeichen=aktenzeichen).vorgang
    return vorgang


def tell(vorgang: Any) -> list[tuple[str, str, str]]:
    assert all(entry.passend for entry in vorgang.ereignis)
    return [(entry.richtung, entry.art, entry.stand) for entry in vorgang.ereignis]


def test_whole_matter_both_sides_tell_the_same_story(installation: Installation, way: Way) -> None:
    mark = uuid.uuid4().hex[:10]
    aktenzeichen = {"potsdam": f"VS-{mark}", "jena": f"J-{mark}"}
    message_ids: list[str] = []
    for sender, sample in STEPS:
        content = write(sample, aktenzeichen, message_ids[0] if message_ids else "urn:x:keine")
        attached = {BESCHEID: installation.attachment()} if sample == STEPS[0][1] else {}
        message_ids.append(way.send(sender, content, attached))

    potsdam = find_vorgang(installation, "potsdam", aktenzeichen["potsdam"])
    jena = find_vorgang(installation, "jena", aktenzeichen["potsdam"])
    assert (tell(potsdam), potsdam.rolle) == (SEEN_BY_POTSDAM, "ersuchender")
    assert (tell(jena), jena.rolle) == (SEEN_BY_JENA, "ersuchter")
    for vorgang in (potsdam, jena):
        assert vorgang.stand == "erledigt"
        named = [entry.messageId for entry in vorgang.ereignis if entry.richtung != "system"]
        assert named == message_ids
    assert potsdam.fremdesAktenzeichen == jena.eigenesAktenzeichen == aktenzeichen["jena"]
