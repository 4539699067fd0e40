"""The connector as a process: between two Mandanten of the demo, and with everything that fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.test_conversation import CONVERSATION, OTHER
from tests.support.connecting import (
    Site,
    connecting,
    make_site,
    read_document,
    read_log,
    wait_until,
)
from tests.support.installation import Installation, read_sample

SiteMaker = Callable[..., Site]


@pytest.fixture
def sites(installation: Installation, tmp_path: Path) -> SiteMaker:
    def make(name: str, **outbox: object) -> Site:
        return make_site(tmp_path / name, installation, name, **outbox)

    return make


def await_arrival(site: Site, content: bytes) -> Path:
    """The folder of the inbox that brings this message."""

    def find() -> list[Path]:
        return [
            folder
            for folder in site.folders.inbox.glob("[!.]*")
            if (folder / "nachricht.xml").read_bytes() == content
        ]

    wait_until(lambda: find() != [])
    return find()[0]


def test_connector_message_with_attachment_arrives_and_is_reported(
    installation: Installation, sites: SiteMaker
) -> None:
    potsdam, jena = sites("potsdam"), sites("jena")
    potsdam.put("VS 0815", installation.payload(), bescheid_pdf=installation.attachment())
    with connecting(potsdam), connecting(jena):
        wait_until(lambda: jena.visible(jena.folders.inbox) != [])
        report = potsdam.folders.reports / "VS 0815.report.xml"
        wait_until(lambda: report.exists() and read_document(report)["status"] == "gruen")
    receipt = read_document(potsdam.folders.receipts / "VS 0815.quittung.xml")
    assert receipt["auftrag"] == "VS 0815"
    (arrived,) = jena.folders.inbox.glob("[!.]*")
    head = read_document(arrived / "kopf.xml")
    assert head["messageId"] == receipt["messageId"]
    assert (arrived / "nachricht.xml").read_bytes() == installation.payload()
    assert (arrived / "anlagen" / "bescheid.pdf").read_bytes() == installation.attachment()
    assert potsdam.visible(potsdam.folders.outbox) == []
    (sent,) = potsdam.folders.sent.glob("[!.]*")
    assert (sent / "auftrag" / "VS 0815.xml").read_bytes() == installation.payload()
    assert "accepted" in read_log(potsdam)


def test_connector_whole_conversation_runs_between_two_fachverfahren(
    installation: Installation, sites: SiteMaker
) -> None:
    both = {name: sites(name) for name in OTHER}
    with connecting(both["potsdam"]), connecting(both["jena"]):
        for number, (sender, sample, message_type) in enumerate(CONVERSATION):
            content = read_sample("valid", f"{sample}.xml")
            both[sender].put(f"{number}-{sample}", content)
            folder = await_arrival(both[OTHER[sender]], content)
            assert read_document(folder / "kopf.xml")["nachrichtentyp"] == message_type
    for site in both.values():
        assert site.under_way() == site.visible(site.folders.failed) == []
