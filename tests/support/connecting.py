"""Connectors of a demo installation, as processes, and the folders that they work on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lxml import etree

from clients.fachverfahren.settings import (
    CONFIG_NAME,
    ConnectorSettings,
    FacadeSettings,
    FolderSettings,
    OutboxSettings,
    RhythmSettings,
    read_settings,
    render_settings,
)
from clients.fachverfahren.workspace import create_folders
from server.xmlio.contract_files import XSD_FOLDER
from tests.support.installation import Installation

CONNECTOR_XSD = XSD_FOLDER / "connector-1" / "connector.xsd"


@dataclass(frozen=True)
class Site:
    """The folders of one Fachverfahren and the settings file of its connector."""

    config: Path
    settings: ConnectorSettings

    @property
    def folders(self) -> FolderSettings:
        return self.settings.folders

    def put(self, name: str, message: bytes, **attachments: bytes) -> None:
        """Lays a job into the outbox, as a simple exporter does; `a_pdf` is named `a.pdf`."""
        if attachments:
            (self.folders.outbox / name).mkdir()
        for attachment, content in attachments.items():
            path = self.folders.outbox / name / attachment.replace("_", ".")
            path.write_bytes(content)
        (self.folders.outbox / f"{name}.xml").write_bytes(message)

    def visible(self, folder: Path) -> list[str]:
        """What the Fachverfahren sees in a folder."""
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))

    def under_way(self) -> list[str]:
        """The jobs that the connector has taken and not yet put anywhere."""
        return os.listdir(self.folders.state / "jobs")

    def receipt_ids(self) -> list[str]:
        """The MessageIDs of all receipts."""
        return [
            read_document(path)["messageId"] for path in sorted(self.folders.receipts.glob("*.xml"))
        ]


def make_site(folder: Path, installation: Installation, name: str, **outbox: Any) -> Site:
    """A connector for a Mandant of the demo, in a hurry."""
    settings = ConnectorSettings(
        FacadeSettings(
            installation.url("amtshilfe"), installation.certificate(name), installation.ca, 20
        ),
        outbox=replace(OutboxSettings(settle_seconds=1), **outbox),
        rhythm=RhythmSettings(poll_seconds=1, report_seconds=1, longest_wait_seconds=1),
    )
    folder.mkdir(parents=True)
    config = folder / CONFIG_NAME
    config.write_text(render_settings(settings), encoding="utf-8")
    site = Site(config, read_settings(config))
    create_folders(site.folders)
    return site


def read_document(path: Path) -> dict[str, str]:
    """The texts of a document by their names; fails where it does not follow its schema."""
    document = etree.parse(str(path))
    etree.XMLSchema(file=str(CONNECTOR_XSD)).assertValid(document)
    return {etree.QName(item).localname: item.text or "" for item in document.getroot().iter()}


def start_connector(site: Site) -> subprocess.Popen[bytes]:
    """`damtshilfe connect`; its log is `connect.log` beside the settings."""
    with (site.config.parent / "connect.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "server.cli", "connect", "--config", str(site.config)],
            stdout=log,
            stderr=log,
        )


@contextmanager
def connecting(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """A connector until the end of the block; it must end cleanly."""
    process = start_connector(site)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0, read_log(site)


def read_log(site: Site) -> str:
    """What the connectors of this site have logged so far."""
    path = site.config.parent / "connect.log"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Returns when the condition holds; fails where it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
