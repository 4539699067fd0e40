"""The main job against real processes, told step by step.

Every step is checked; the walk ends at the first one that does not hold.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf

from clients.fachverfahren import FachverfahrenAccess, FachverfahrenClient
from clients.xta import (
    IncomingMessage,
    OutgoingMessage,
    ReportView,
    WirePart,
    WireParty,
    XtaAccess,
    XtaClient,
)
from server.demo.data import (
    ANFRAGE_NONE,
    ANFRAGE_SEVERAL,
    DEMO_MANDANTEN,
    read_behoerden,
)
from server.demo.sample import make_ersuchen
from server.domain.anschrift import Anschrift
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.running.installation import InstallationPlan, install
from server.running.ports import find_free_ports
from server.xmlio.contract_files import XTA_WSDL
from server.xmlio.ersuchen import write_ersuchen

Say = Callable[[str], None]

_TIMES = ("Origin", "InitialSend", "Delivery", "InitialFetch", "Reception")
_READY_SECONDS = 60
_LETTER_SECONDS = 60
_GREEN = 1


class StepFailed(Exception):
    """A step of the main job did not hold; the text is German."""


@dataclass(frozen=True)
class _Demo:
    """A demo installation and its three Mandanten."""

    folder: Path
    facts: dict[str, Any]

    def mandant(self, name: str) -> dict[str, Any]:
        return next(item for item in self.facts["mandanten"] if item["name"] == name)

    def party(self, name: str) -> WireParty:
        return WireParty(**self.mandant(name)["identifier"])

    def xta(self, name: str) -> XtaClient:
        ports, mandant = self.facts["ports"], self.mandant(name)
        access = XtaAccess(
            str(XTA_WSDL),
            ports["management"],
            ports["send"],
            ports["msgbox"],
            Path(mandant["certificate"]),
            Path(self.facts["ca"]),
        )
        return XtaClient(access, self.party(name))

    def fachverfahren(self, name: str) -> FachverfahrenClient:
        certificate = Path(self.mandant(name)["certificate"])
        return FachverfahrenClient(
            FachverfahrenAccess(self.facts["ports"]["amtshilfe"], certificate, self._ca())
        )

    def _ca(self) -> Path:
        return Path(self.facts["ca"])


def walk_through(folder: Path | None, say: Say, *, stays_open: bool = False) -> None:
    """Installs the demo, runs it, does the main job and ends it; raises StepFailed.

    With `stays_open` it ends when somebody interrupts it.
    """
    target = folder or Path(tempfile.mkdtemp(prefix="damtshilfe-demo-"))
    port, authority_port, web_port = find_free_ports(3)
    plan = InstallationPlan(target, port, authority_port, True, web_port=web_port)
    config = install(plan, datetime.now(UTC))
    facts = json.loads((target / "demo.json").read_text(encoding="utf-8"))
    say(f"Installation      {target}")
    with _serving(config, target / "serve.log"):
        demo = _Demo(target.resolve(), facts)
        _ask_who_is_responsible(demo, say)
        say("2. Potsdam sendet ein Vollstreckungshilfeersuchen mit Anlage")
        message_id, attachment = _send(demo, "jena", say)
        _receive(demo, message_id, attachment, say)
        _check_green_report(demo, message_id, say)
        _send_letter(demo, say)
        say("Alle Schritte sind geprüft.")
        if stays_open:
            say("6. Für den Web-Client: ein weiteres Ersuchen an Jena")
            _send(demo, "jena", say)
        _show_web_client(facts["web"], say)
        if stays_open:
            say("Geöffnet bis Strg-C.")
            _await_interrupt()


def _show_web_client(web: dict[str, Any], say: Say) -> None:
    say(f"Web-Client        {web['url']}/ (Zertifizierungsstelle {web['ca']})")
    for user in web["users"]:
        whose = f", {user['behoerde']}" if user["behoerde"] else ""
        say(f"   {user['login']}: {user['role']}{whose}")
    say(f"   Kennwort für alle: {web['password']}")


def _await_interrupt() -> None:
    with suppress(KeyboardInterrupt):
        while True:
            time.sleep(1)


def _ask_who_is_responsible(demo: _Demo, say: Say) -> None:
    asker = demo.fachverfahren("potsdam")
    say("1. Zuständigkeit: Potsdam fragt den Authority-Server")
    for mandant in DEMO_MANDANTEN[1:]:
        anfrage = ZustaendigkeitAnfrage(mandant.einnahmeart, mandant.address)
        kanal = "elektronisch" if mandant.is_electronic else "brief"
        answer = _ask(asker, anfrage)
        expected = read_behoerden()[mandant.key]
        _require(answer.eindeutig and len(answer.behoerde) == 1, "Die Antwort ist nicht eindeutig.")
        behoerde = answer.behoerde[0]
        _require(behoerde.name == expected.name, "Es antwortet die falsche Behörde.")
        _require(behoerde.kanal == kanal, "Der Zustellweg stimmt nicht.")
        say(f"   {_join(mandant.address)}: {behoerde.name}, Weg: {behoerde.kanal}")
    _require(not _ask(asker, ANFRAGE_NONE).behoerde, "Hier ist niemand zuständig.")
    say(f"   {_join(ANFRAGE_NONE.anschrift)}: niemand ist zuständig")
    several = _ask(asker, ANFRAGE_SEVERAL)
    _require(len(several.behoerde) > 1 and not several.eindeutig, "Es fehlen die Kandidaten.")
    names = " oder ".join(behoerde.name for behoerde in several.behoerde)
    say(f"   {_join(ANFRAGE_SEVERAL.anschrift)}: {names}")


def _ask(asker: FachverfahrenClient, anfrage: ZustaendigkeitAnfrage) -> Any:
    return asker.ask_zustaendigkeit(anfrage.einnahmeart, vars(anfrage.anschrift))


def _send(demo: _Demo, reader: str, say: Say) -> tuple[str, bytes]:
    client = demo.xta("potsdam")
    sample = demo.facts["sample"]
    attachment = Path(sample["attachment"]).read_bytes()
    message_id = client.create_message_id()
    client.send(
        OutgoingMessage(
            message_id=message_id,
            reader=demo.party(reader),
            service=sample["service"],
            message_type=sample["message_type"],
            message_type_list=(
                sample["message_type_list_uri"],
                sample["message_type_list_version"],
            ),
            payload_schema=sample["schema"],
            message=WirePart(_make_payload(reader), "application/xml", "ersuchen.xml"),
            attachments=[WirePart(attachment, "application/pdf", "bescheid.pdf")],
        )
    )
    say(f"   gesendet über XTA 2.1.1: {message_id}")
    return message_id, attachment


def _make_payload(reader: str) -> bytes:
    behoerden = read_behoerden()
    mandant = next(item for item in DEMO_MANDANTEN if item.key == reader)
    return write_ersuchen(make_ersuchen(behoerden["potsdam"], behoerden[reader], mandant))


def _receive(demo: _Demo, message_id: str, attachment: bytes, say: Say) -> None:
    say("3. Jena ruft ab")
    client = demo.xta("jena")
    _require(client.list_message_ids() == [message_id], "Im Postfach liegt nicht die Nachricht.")
    _fetch(client, message_id, attachment)
    again = _fetch(client, message_id, attachment)
    say(f"   zweimal abgerufen, Anlage gleich in allen {len(attachment)} Bytes")
    client.close(again.request_id, [message_id])
    _require(client.list_message_ids() == [], "Das Postfach ist nach close nicht leer.")
    say("   bestätigt, das Postfach ist leer")


def _fetch(client: XtaClient, message_id: str, attachment: bytes) -> IncomingMessage:
    fetched = client.fetch()
    if fetched is None:
        raise StepFailed("Die Nachricht lässt sich nicht abrufen.")
    _require(fetched.message_id == message_id, "Es kam eine andere Nachricht.")
    _require(fetched.message.content == _make_payload("jena"), "Die Nachricht ist verändert.")
    _require(fetched.attachments[0].content == attachment, "Die Anlage ist verändert.")
    return fetched


def _check_green_report(demo: _Demo, message_id: str, say: Say) -> None:
    say("4. Potsdam liest den TransportReport")
    report = demo.xta("potsdam").find_report(message_id)
    _require(report.status == _GREEN, "Der Report ist nicht grün.")
    missing = [name for name in _TIMES if name not in report.times]
    _require(not missing, f"Im Report fehlen Zeiten: {missing}.")
    _require(_has_entry(report, "elektronisch-zugestellt"), "Der Zustellweg fehlt im Report.")
    _tell_report(demo, "report-jena.txt", report, say)


def _send_letter(demo: _Demo, say: Say) -> None:
    say("5. Dasselbe für Cochem, das nicht elektronisch teilnimmt")
    message_id, attachment = _send(demo, "cochem", say)
    report = _await_letter(demo.xta("potsdam"), message_id)
    _require(report.status == _GREEN, "Der Report ist nicht grün.")
    letters = list((demo.folder / "druck").glob("*/*.pdf"))
    _require(len(letters) == 1, "Es gibt nicht genau einen Brief.")
    tickets = list(letters[0].parent.glob("*.xml"))
    _require(len(tickets) == 1, "Der Auftragszettel fehlt.")
    with pikepdf.open(letters[0]) as letter, pikepdf.open(_as_file(demo, attachment)) as behind:
        _require(len(letter.pages) > len(behind.pages), "Dem Anschreiben fehlt die Anlage.")
        say(f"   Brief             {letters[0]} ({len(letter.pages)} Seiten)")
    say(f"   Auftragszettel    {tickets[0]}")
    _tell_report(demo, "report-cochem.txt", report, say)


def _as_file(demo: _Demo, attachment: bytes) -> Path:
    path = demo.folder / "demo" / "bescheid.pdf"
    _require(path.read_bytes() == attachment, "Die Anlage ist verändert.")
    return path


def _await_letter(client: XtaClient, message_id: str) -> ReportView:
    deadline = time.monotonic() + _LETTER_SECONDS
    while time.monotonic() < deadline:
        report = client.find_report(message_id)
        if _has_entry(report, "brief-ausgegeben"):
            return report
        time.sleep(0.2)
    raise StepFailed(f"Nach {_LETTER_SECONDS} Sekunden ist kein Brief ausgegeben.")


def _has_entry(report: ReportView, code: str) -> bool:
    return code in report.codes


def _tell_report(demo: _Demo, name: str, report: ReportView, say: Say) -> None:
    lines = [f"Status {report.status}"]
    lines += [f"{key}: {moment.isoformat()}" for key, moment in report.times.items()]
    lines += [f"{entry.code}: {entry.reason}" for entry in report.entries]
    path = demo.folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    for entry in report.entries:
        say(f"   - {entry.reason}")
    say(f"   Report (grün)     {path}")


def _require(holds: bool, complaint: str) -> None:
    if not holds:
        raise StepFailed(complaint)


def _join(anschrift: Anschrift) -> str:
    return ", ".join(anschrift.lines())


@contextmanager
def _serving(config: Path, log: Path) -> Iterator[None]:
    """`damtshilfe serve` in processes of its own, ended at the end of the block."""
    command = [sys.executable, "-m", "server.cli", "serve", "--config", str(config)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process,  # noqa: S603
    ):
        try:
            _await_ready(process, log)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()
    _require(process.returncode == 0, f"Der Server endete mit {process.returncode}, siehe {log}.")


def _await_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while b"dAmtshilfe ist bereit" not in log.read_bytes():
        _require(process.poll() is None, f"Der Server konnte nicht starten, siehe {log}.")
        _require(time.monotonic() < deadline, f"Der Server ist nicht bereit, siehe {log}.")
        time.sleep(0.1)
