"""What the connector writes for the Fachverfahren: documents of `xsd/connector-1/connector.xsd`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from clients.fachverfahren.names import is_xml_character

NAMESPACE = "urn:damtshilfe:connector:1"
_TIMES = ("erstellt", "gesendet", "zugestellt", "abgeholt", "bestaetigt")


@dataclass(frozen=True)
class JobName:
    """The name that the Fachverfahren gave, and the MessageID under which it goes."""

    name: str
    message_id: str


@dataclass(frozen=True)
class Failure:
    """Why a job failed, in German; `code` is that of the fault, empty where there was none."""

    code: str
    cause: str
    remedy: str
    moment: datetime


@dataclass(frozen=True)
class StoredFile:
    """An attachment in the inbox: where it lies in the folder, and what the sender said of it."""

    path: str
    original_name: str
    content_type: str
    size: int
    sha256: str


def write_quittung(job: JobName, accepted: datetime) -> bytes:
    """The receipt: the server has the message, durably."""
    root = _start("quittung", job)
    _add(root, "angenommen", _format(accepted))
    return _finish(root)


def write_fehlschlag(job: JobName, failure: Failure) -> bytes:
    """Why a job failed, for a program."""
    root = _start("fehlschlag", job)
    _add(root, "zeitpunkt", _format(failure.moment))
    if failure.code:
        _add(root, "code", failure.code)
    _add(root, "ursache", failure.cause)
    _add(root, "abhilfe", failure.remedy)
    return _finish(root)


def write_grund(job: JobName, failure: Failure) -> bytes:
    """Why a job failed, for a person."""
    code = f"\nFehlercode:  {failure.code}" if failure.code else ""
    text = (
        f"Der Auftrag „{job.name}“ wurde nicht gesendet.\n\n"
        f"Ursache:     {failure.cause}\n"
        f"Abhilfe:     {failure.remedy}\n{code}"
        f"\nMessageID:   {job.message_id}"
        f"\nZeitpunkt:   {failure.moment.astimezone():%d.%m.%Y, %H:%M:%S Uhr}\n\n"
        "Die Dateien liegen unverändert im Ordner „auftrag“. Um erneut zu senden, bitte den\n"
        "Fehler beheben und sie wieder in den Ausgang legen.\n"
    )
    return text.encode("utf-8", "replace")


def write_kopf(nachricht: Any, message: StoredFile, attachments: Sequence[StoredFile]) -> bytes:
    """What is known of a fetched message beside its contents."""
    root = _make_root("kopf")
    _add(root, "messageId", nachricht.messageId)
    _add_kennung(root, "absender", nachricht.absender)
    _add(root, "absenderName", nachricht.absenderName)
    if nachricht.antwortAn is not None:
        _add_kennung(root, "antwortAn", nachricht.antwortAn)
    _add(root, "nachrichtentyp", nachricht.nachrichtentyp)
    _add(root, "zugestellt", _format(nachricht.zugestellt))
    _add(root, "testnachricht", _format_boolean(nachricht.testnachricht))
    _add(root, "verschluesselt", _format_boolean(nachricht.verschluesselt))
    if nachricht.hinweis:
        _add(root, "hinweis", nachricht.hinweis)
    _add_file(root, "nachricht", message)
    for attachment in attachments:
        _add_file(root, "anlage", attachment)
    return _finish(root)


def write_report(job: JobName, report: Any) -> bytes:
    """What became of a message."""
    root = _start("report", job)
    _add(root, "status", report.status)
    for name in _TIMES:
        moment = getattr(report, name)
        if moment is not None:
            _add(root, name, _format(moment))
    for entry in report.eintrag:
        element = _add(root, "eintrag")
        _add(element, "zeitpunkt", _format(entry.zeitpunkt))
        for name in ("gewicht", "code", "text"):
            _add(element, name, getattr(entry, name))
    return _finish(root)


def _start(name: str, job: JobName) -> ElementTree.Element:
    root = _make_root(name)
    _add(root, "auftrag", job.name)
    _add(root, "messageId", job.message_id)
    return root


def _add_file(parent: ElementTree.Element, name: str, file: StoredFile) -> None:
    element = _add(parent, name)
    _add(element, "datei", file.path)
    if file.original_name:
        _add(element, "name", file.original_name)
    if file.content_type:
        _add(element, "contentType", file.content_type)
    _add(element, "groesse", str(file.size))
    _add(element, "sha256", file.sha256)


def _add_kennung(parent: ElementTree.Element, name: str, kennung: Any) -> None:
    attributes = {"typ": kennung.typ}
    if kennung.kategorie:
        attributes["kategorie"] = kennung.kategorie
    _add(parent, name, kennung._value_1, attributes)


def _add(
    parent: ElementTree.Element,
    name: str,
    text: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, dict(attributes or {}))
    if text is not None:
        element.text = "".join(char if is_xml_character(char) else "\ufffd" for char in text)
    return element


def _make_root(name: str) -> ElementTree.Element:
    # ElementTree cannot write a default namespace beside attributes without one.
    return ElementTree.Element(name, {"xmlns": NAMESPACE})


def _finish(root: ElementTree.Element) -> bytes:
    ElementTree.indent(root)
    content: bytes = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def _format(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _format_boolean(value: bool) -> str:
    return "true" if value else "false"
