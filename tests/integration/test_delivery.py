"""Delivery when something is down: held, delivered later, never rejected and never twice."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clients.fachverfahren import Attachment
from clients.xta import ReportView
from tests.support.installation import (
    Installation,
    await_port_closed,
    make_installation,
    run_cli,
    serving,
)

FAST_RETRY = {
    "DAMTSHILFE_DELIVERY__FIRST_RETRY_SECONDS": "1",
    "DAMTSHILFE_DELIVERY__POLL_SECONDS": "0.1",
    "DAMTSHILFE_AUTHORITY_CLIENT__TIMEOUT_SECONDS": "2",
}


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Installation]:
    """An installation of which only the XTA server runs."""
    installation = make_installation(tmp_path / "demo")
    with serving(installation, FAST_RETRY, part="xta"):
        yield installation


def await_code(installation: Installation, message_id: str, code: str) -> ReportView:
    client = installation.xta("potsdam")
    deadline = time.monotonic() + 60
    while True:
        report = client.find_report(message_id)
        if code in report.codes:
            return report
        assert time.monotonic() < deadline, report
        time.sleep(0.1)


def send(installation: Installation, reader: str) -> str:
    client = installation.xta("potsdam")
    message_id = client.create_message_id()
    client.send(installation.outgoing(message_id, reader))
    return message_id


def test_delivery_directory_down_message_is_held_and_printed_later(parts: Installation) -> None:
    message_id = send(parts, "cochem")
    with serving(parts, FAST_RETRY, part="worker"):
        report = await_code(parts, message_id, "zustellung-verzoegert")
        assert report.status == 0
        with serving(parts, part="authority"):
            report = await_code(parts, message_id, "brief-ausgegeben")
    # The delay stands in the report as a warning, so that it ends yellow.
    assert report.status == 2
    assert len(list((parts.folder / "druck").glob("*/*.pdf"))) == 1


def test_delivery_directory_down_unknown_reader_is_parked_with_its_cause(
    parts: Installation,
) -> None:
    message_id = send(parts, "ags:00000000")
    with serving(parts, FAST_RETRY, part="worker"), serving(parts, part="authority"):
        report = await_code(parts, message_id, "zustellung-angehalten")
    assert report.status == 0
    output = run_cli("status", "--config", str(parts.config)).stdout
    assert f"angehalten: {message_id}: Der Leser xoev:ags:00000000 ist nicht bekannt." in output


def test_delivery_electronic_reader_needs_neither_worker_nor_directory(
    parts: Installation,
) -> None:
    message_id = send(parts, "jena")
    reader = parts.xta("jena")
    fetched = reader.fetch()
    assert fetched is not None
    assert fetched.message_id == message_id


def test_delivery_output_folder_not_writable_is_retried(parts: Installation) -> None:
    (parts.folder / "druck").write_text("no folder")
    with serving(parts, part="authority"), serving(parts, FAST_RETRY, part="worker"):
        message_id = send(parts, "cochem")
        await_code(parts, message_id, "zustellung-verzoegert")
        (parts.folder / "druck").unlink()
        await_code(parts, message_id, "brief-ausgegeben")
    assert len(list((parts.folder / "druck").glob("*/*.pdf"))) == 1


def test_delivery_worker_restarted_prints_once(parts: Installation) -> None:
    with serving(parts, part="authority"):
        message_ids = [send(parts, "cochem") for _ in range(3)]
        for _ in range(2):
            with serving(parts, FAST_RETRY, part="worker"):
                for message_id in message_ids:
                    await_code(parts, message_id, "brief-ausgegeben")
    assert len(list((parts.folder / "druck").glob("*/*.pdf"))) == 3


def test_message_survives_a_killed_server(tmp_path: Path) -> None:
    installation = make_installation(tmp_path / "demo")
    with serving(installation, part="xta") as process:
        message_id = send(installation, "jena")
        process.kill()
    # gunicorn's workers notice that their master is gone; until then the port is theirs.
    await_port_closed(installation.url("send"))
    with serving(installation, part="xta"):
        fetched = installation.xta("jena").fetch(message_id)
    assert fetched is not None
    assert fetched.attachments[0].content == installation.attachment()


def test_sending_the_same_ersuchen_again_is_marked_for_author_and_reader(
    parts: Installation,
) -> None:
    first = send(parts, "jena")
    second = send(parts, "jena")
    author, reader = parts.fachverfahren("potsdam"), parts.fachverfahren("jena")
    for client in (author, reader):
        codes = [entry.code for entry in client.find_report(second).eintrag]
        assert codes[-1] == "moegliche-dublette"
        (vorgang,) = client.find_vorgaenge(message_id=second).vorgang
        hints = [line.hinweis for line in vorgang.ereignis if line.messageId == second]
        assert f"enthält die Nachricht {first} vom" in hints[0]
    assert reader.receive(first).nachricht.hinweis is None
    assert f"enthält die Nachricht {first} vom" in reader.receive(second).nachricht.hinweis
    checked = author.check(
        leser={"_value_1": "ags:16053000", "typ": "xoev"},
        message=parts.payload(),
        attachments=[Attachment("bescheid.pdf", "application/pdf", parts.attachment())],
    )
    assert ("warnung", "moegliche-dublette") in [
        (befund.gewicht, befund.code) for befund in checked.befund
    ]
    assert checked.versandbereit


def list_letters(installation: Installation) -> list[Path]:
    return list((installation.folder / "druck").glob("*/*.pdf"))


def operate(installation: Installation, *arguments: str, expected: int = 0) -> str:
    """`damtshilfe delivery` with its output."""
    result = run_cli(
        "delivery", *arguments, "--config", str(installation.config), expected=expected
    )
    return result.stdout + result.stderr


def test_delivery_worker_killed_at_any_moment_prints_every_letter_once(
    parts: Installation,
) -> None:
    settings = {**FAST_RETRY, "DAMTSHILFE_DELIVERY__LEASE_SECONDS": "2"}
    with serving(parts, part="authority"):
        message_ids = [send(parts, "cochem") for _ in range(6)]
        for already_printed in range(0, 6, 2):
            with serving(parts, settings, part="worker") as worker:
                await_letters(parts, already_printed + 1)
                worker.kill()
        with serving(parts, settings, part="worker"):
            for message_id in message_ids:
                await_code(parts, message_id, "brief-ausgegeben")
    assert len(list_letters(parts)) == 6


def await_letters(installation: Installation, number: int) -> None:
    deadline = time.monotonic() + 60
    while len(list_letters(installation)) < number:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_delivery_second_worker_on_sqlite_is_refused(parts: Installation) -> None:
    with serving(parts, FAST_RETRY, part="worker") as worker:
        lock = parts.folder / "daten" / "damtshilfe.sqlite.worker"
        deadline = time.monotonic() + 60
        while not lock.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        arguments = ("serve", "--part", "worker", "--config", str(parts.config))
        refused = run_cli(*arguments, expected=1)
        assert worker.poll() is None
    assert "läuft bereits ein Worker" in refused.stderr


def test_delivery_output_away_is_told_and_everything_goes_on_when_it_is_back(
    parts: Installation,
) -> None:
    settings = {
        **FAST_RETRY,
        "DAMTSHILFE_DELIVERY__BREAKER_FAILURES": "2",
        "DAMTSHILFE_DELIVERY__BREAKER_FIRST_SECONDS": "1",
        "DAMTSHILFE_DELIVERY__BREAKER_LONGEST_SECONDS": "1",
    }
    (parts.folder / "druck").write_text("no folder")
    with serving(parts, part="authority"), serving(parts, settings, part="worker"):
        message_ids = [send(parts, "cochem") for _ in range(4)]
        for message_id in message_ids:
            await_code(parts, message_id, "zustellung-verzoegert")
        deadline = time.monotonic() + 60
        while "gestört" not in operate(parts, "destinations"):
            assert time.monotonic() < deadline
        assert "Stapel warten" in operate(parts, "destinations")
        status = run_cli("status", "--config", str(parts.config)).stdout
        assert "Ziel druckausgabe:folder" in status
        (parts.folder / "druck").unlink()
        for message_id in message_ids:
            await_code(parts, message_id, "brief-ausgegeben")
        assert "Kein Ziel ist gestört." in operate(parts, "destinations")
    assert len(list_letters(parts)) == 4


def test_delivery_parked_message_is_shown_retried_and_given_back(parts: Installation) -> None:
    message_id = send(parts, "ags:00000000")
    with serving(parts, part="authority"):
        with serving(parts, FAST_RETRY, part="worker"):
            await_code(parts, message_id, "zustellung-angehalten")
            assert message_id in operate(parts, "list", "--parked")
            assert "ist nicht bekannt" in operate(parts, "show", message_id)
            listed = json.loads(operate(parts, "list", "--all", "--format", "json"))
            assert [(row["messageId"], row["state"]) for row in listed] == [(message_id, "parked")]
            operate(parts, "retry", "--all-parked", "--yes")
            report = await_code(parts, message_id, "zustellung-fortgesetzt")
            deadline = time.monotonic() + 60
            while report.codes.count("zustellung-angehalten") < 2:
                assert time.monotonic() < deadline, report
                report = parts.xta("potsdam").find_report(message_id)
        refused = operate(parts, "redirect", "urn:x:unbekannt", "--to", "brief", expected=1)
        assert "gibt es nicht" in refused
        operate(parts, "cancel", message_id, "--reason", "Leser unbekannt.")
        report = await_code(parts, message_id, "zurueckgegeben")
    assert report.status == 3
    assert "Keine Aufträge." in operate(parts, "list")


def test_delivery_message_for_a_mailbox_is_redirected_to_a_letter(parts: Installation) -> None:
    client = parts.xta("potsdam")
    message_id = client.create_message_id()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    client.send(parts.outgoing(message_id, "jena", not_before=tomorrow))
    assert "NotBefore" in operate(parts, "retry", message_id, expected=1)
    operate(parts, "redirect", message_id, "--to", "brief")
    assert "Ziel:       brief, umgeleitet" in operate(parts, "show", message_id)
    assert "auf-brief-umgeleitet" in client.find_report(message_id).codes
