"""The Python client against the real server: typed answers, lost connections, contents on disk."""

import hashlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from clients.xta import (
    MailboxRefusal,
    MessageHead,
    ProcessRef,
    ReportStatus,
    RetryPolicy,
    Selection,
    Severity,
    WirePart,
    WireParty,
    XtaAccess,
    XtaClient,
    XtaError,
    XtaFault,
    XtaUnreachable,
)
from server.xmlio.contract_files import XTA_WSDL
from tests.support.installation import (
    REPOSITORY,
    Installation,
    make_installation,
    port_of,
    serving,
)
from tests.support.relay import Cut, Relay, relaying

MEBIBYTE = 1024 * 1024
QUICK = RetryPolicy(attempts=3, first_seconds=0.05, longest_seconds=0.1)


def base_of(installation: Installation) -> str:
    return installation.url("management").rpartition("/")[0]


def connect(base: str, installation: Installation, name: str) -> XtaClient:
    certificate, ca = installation.certificate(name), installation.ca
    made = XtaAccess.for_server(base, certificate, ca, str(XTA_WSDL))
    return XtaClient(replace(made, retries=QUICK), installation.party(name))


@pytest.fixture
def relay(installation: Installation) -> Iterator[Relay]:
    with relaying(port_of(installation.url("send"))) as made:
        yield made


def connect_through(relay: Relay, installation: Installation, name: str) -> XtaClient:
    base = base_of(installation).replace(str(port_of(base_of(installation))), str(relay.port))
    return connect(base, installation, name)


@pytest.fixture
def author(installation: Installation) -> XtaClient:
    return installation.xta("potsdam")


@pytest.fixture
def reader(installation: Installation) -> Iterator[XtaClient]:
    """The reader, whose mailbox is empty before and after."""
    client = installation.xta("jena")
    empty(client)
    yield client
    empty(client)


def empty(client: XtaClient) -> None:
    fetched = client.fetch()
    while fetched:
        client.close(fetched.request_id, [fetched.message_id])
        fetched = client.fetch()


def send(installation: Installation, client: XtaClient, **changes: Any) -> str:
    return client.send(installation.outgoing("", "jena", **changes)).message_id


# Typed answers


def test_send_without_message_id_creates_one(
    installation: Installation, author: XtaClient, reader: XtaClient
) -> None:
    receipt = author.send(installation.outgoing("", "jena"))
    assert receipt.attempts == 1
    assert receipt.message_id.startswith("urn:de:xta:messageid:")
    assert reader.list_message_ids() == [receipt.message_id]


def test_head_of_a_message_tells_what_its_author_said(
    installation: Installation, author: XtaClient, reader: XtaClient
) -> None:
    started = datetime.now(UTC) - timedelta(seconds=5)
    outgoing = installation.outgoing(
        "",
        "jena",
        is_test=True,
        in_reply_to=["urn:x:eins", "urn:x:zwei"],
        process=ProcessRef("V-2026/17", "J 4711"),
        obsolete_after=date.today() + timedelta(days=30),
        reply_to=WireParty("ags:12054000", "xoev", "Vollstreckungsstelle", "Behörde"),
        subject="Hundesteuer",
    )
    message_id = author.send(outgoing).message_id
    (listed,) = reader.list_mailbox().heads
    fetched = reader.fetch()
    assert fetched is not None
    assert (fetched.pending, fetched.message_id) == (0, message_id)
    for head in (listed, fetched.head):
        check_head(head, outgoing)
        assert head.author.value == installation.party("potsdam").value
        assert head.times.obsolete_after == outgoing.obsolete_after
        assert head.times.delivery is not None
        assert head.times.delivery >= started
        assert head.times.not_before is head.times.reception is None
    assert listed.times.initial_fetch is None
    assert fetched.head.times.initial_fetch is not None


def check_head(head: MessageHead, outgoing: Any) -> None:
    for name in (
        "reader",
        "reply_to",
        "service",
        "message_type",
        "message_type_list",
        "payload_schema",
        "subject",
        "process",
        "is_test",
    ):
        assert getattr(head, name) == getattr(outgoing, name), name
    assert list(head.in_reply_to) == outgoing.in_reply_to


def test_list_mailbox_in_parts_counts_what_is_pending(
    installation: Installation, author: XtaClient, reader: XtaClient
) -> None:
    message_ids = [send(installation, author) for _ in range(3)]
    first = reader.list_mailbox(max_items=2)
    assert (list(first.message_ids), first.pending) == (message_ids[:2], 1)
    second = reader.list_next(first.request_id)
    assert (list(second.message_ids), second.pending) == (message_ids[2:], 0)
    third = reader.list_next(first.request_id)
    assert (third.heads, third.pending) == ((), 0)


def test_list_mailbox_by_relates_to_finds_answers(
    installation: Installation, author: XtaClient, reader: XtaClient
) -> None:
    answer = send(installation, author, in_reply_to=["urn:x:frage"])
    send(installation, author)
    selection = Selection(relates_to=["urn:x:frage"])
    assert reader.list_mailbox(selection).message_ids == (answer,)


def test_find_report_tells_severity_and_time_of_each_entry(
    installation: Installation, author: XtaClient, reader: XtaClient
) -> None:
    message_id = send(installation, author)
    fetched = reader.fetch()
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])
    report = author.find_report(message_id)
    assert report.status == ReportStatus.GREEN
    assert report.head.message_id == message_id
    assert report.codes == (
        "angenommen",
        "elektronisch-zugestellt",
        "abgeholt",
        "empfang-bestaetigt",
    )
    assert {entry.severity for entry in report.entries} == {Severity.INFO}
    times = [entry.time for entry in report.entries]
    assert times == sorted(times)
    assert times[-1] == report.times["Reception"] <= report.written
    assert [item.kind for item in report.additional] == ["inhaltsnachweis"]
    assert hashlib.sha256(installation.payload()).hexdigest().encode() in report.additional[0].data


def test_find_service_gives_certificates(installation: Installation, author: XtaClient) -> None:
    found = author.find_service(installation.party("jena"), "urn:x:dienst")
    assert found.is_available is True
    certificates = [x509.load_der_x509_certificate(der) for der in found.list_data()]
    assert len(certificates) == 1
    unknown = author.find_service(WireParty("ags:00000000", "xoev"), "urn:x:dienst")
    assert (unknown.is_available, unknown.parameters) == (None, ())


def test_cancel_repeated_succeeds(installation: Installation, author: XtaClient) -> None:
    message_id = send(installation, author, not_before=datetime.now(UTC) + timedelta(days=1))
    for _ in range(2):
        author.cancel(message_id)
    assert author.find_report(message_id).codes[-1] == "zurueckgezogen"


# Refusals


def test_refusals_have_code_name_and_exception(
    installation: Installation, author: XtaClient, reader: XtaClient
) -> None:
    unknown = f"urn:x:{uuid.uuid4()}"
    message_id = send(installation, author)
    for call, code, exception in (
        (lambda: reader.fetch(unknown), "9070", "InvalidMessageIDException"),
        (lambda: author.find_report(unknown), "9070", "InvalidMessageIDException"),
        (lambda: author.cancel(message_id), "9101", "CancelDeniedException"),
        (lambda: reader.close("urn:x:1", []), "9070", "InvalidMessageIDException"),
        (
            lambda: author.send(installation.outgoing(message_id, "jena", attachments=[])),
            "9024",
            "ParameterIsNotValidException",
        ),
    ):
        with pytest.raises(XtaFault) as caught:
            call()
        fault = caught.value
        assert (fault.code, fault.exception) == (code, exception)
        assert fault.reason.startswith(f"{code}: ")
        assert fault.name
        assert fault.is_unknown_message_id is (code == "9070")
        assert not fault.is_retryable


def test_refusal_of_a_package_comes_as_a_fault(
    installation: Installation, author: XtaClient, reader: XtaClient, tmp_path: Path
) -> None:
    # Who sends a package gets one, faults included.
    path = tmp_path / "ersuchen.xml"
    path.write_bytes(installation.payload().replace(b"</", b"<", 1))
    outgoing = installation.outgoing("", "jena", message=WirePart(path, "application/xml"))
    with pytest.raises(XtaFault) as caught:
        author.send(outgoing)
    assert caught.value.code == "9050"
    assert caught.value.message_id


def test_too_large_message_is_refused_while_it_is_being_sent(
    installation: Installation, author: XtaClient, tmp_path: Path
) -> None:
    path = tmp_path / "akte.bin"
    path.write_bytes(bytes(20 * MEBIBYTE))
    with pytest.raises(XtaFault) as caught:
        send(installation, author, attachments=[WirePart.from_file(path)])
    assert caught.value.code == "9023"


@pytest.mark.parametrize("operation", ["list_next", "fetch_next"])
def test_unknown_iterator_is_refused(reader: XtaClient, operation: str) -> None:
    with pytest.raises(MailboxRefusal) as caught:
        getattr(reader, operation)("urn:x:1")
    assert caught.value.reason == "RequestIdInvalid"


def test_contradictory_selection_is_refused(reader: XtaClient) -> None:
    now = datetime.now(UTC)
    selection = Selection(entry_from=now, entry_to=now - timedelta(days=1))
    with pytest.raises(MailboxRefusal) as caught:
        reader.fetch(selection)
    assert caught.value.reason == "SearchArgsInvalid"


def test_foreign_server_certificate_is_unreachable_and_not_repeated(
    installation: Installation, tmp_path: Path
) -> None:
    other = make_installation(tmp_path / "demo")
    wrong = Installation(installation.folder, {**installation.facts, "ca": str(other.ca)})
    client = connect(base_of(installation), wrong, "potsdam")
    with pytest.raises(XtaUnreachable) as caught:
        client.check_account_active()
    assert not caught.value.is_retryable
    assert not caught.value.may_have_arrived


# Lost connections


def test_send_answer_lost_is_repeated_and_booked_once(
    installation: Installation, relay: Relay, reader: XtaClient, tmp_path: Path
) -> None:
    path = tmp_path / "akte.bin"
    path.write_bytes(os.urandom(MEBIBYTE))
    client = connect_through(relay, installation, "potsdam")
    outgoing = installation.outgoing(
        client.create_message_id(), "jena", attachments=[WirePart.from_file(path)]
    )
    # The whole attachment is on the other side when the answer begins, and gets lost.
    relay.arm(Cut(after_upload=MEBIBYTE), Cut(after_upload=MEBIBYTE))
    receipt = client.send(outgoing)
    assert (receipt.message_id, receipt.attempts, relay.lost) == (outgoing.message_id, 3, 2)
    assert reader.list_message_ids() == [receipt.message_id]
    assert client.find_report(receipt.message_id).codes == (
        "angenommen",
        "elektronisch-zugestellt",
    )
    fetched = reader.fetch()
    assert fetched is not None
    assert fetched.attachments[0].content == path.read_bytes()


def test_send_answer_always_lost_can_be_sent_again_later(
    installation: Installation, relay: Relay, reader: XtaClient
) -> None:
    client = connect_through(relay, installation, "potsdam")
    content = WirePart(os.urandom(MEBIBYTE), "application/octet-stream", "akte.bin")
    outgoing = installation.outgoing("", "jena", attachments=[content])
    relay.arm(*(Cut(after_upload=MEBIBYTE) for _ in range(QUICK.attempts)))
    with pytest.raises(XtaUnreachable) as caught:
        client.send(outgoing)
    message_id = caught.value.message_id
    assert caught.value.may_have_arrived
    assert reader.list_message_ids() == [message_id]
    again = installation.outgoing(message_id, "jena", attachments=[content])
    assert client.send(again).message_id == message_id
    assert reader.list_message_ids() == [message_id]


def test_fetch_answer_lost_is_repeated_without_a_trace(
    installation: Installation, relay: Relay, author: XtaClient, reader: XtaClient, tmp_path: Path
) -> None:
    content = os.urandom(2 * MEBIBYTE)
    part = WirePart(content, "application/octet-stream", "akte.bin")
    message_id = send(installation, author, attachments=[part])
    client = connect_through(relay, installation, "jena")
    relay.arm(Cut(after_download=MEBIBYTE + MEBIBYTE // 2))
    fetched = client.fetch(folder=tmp_path)
    assert relay.lost == 1
    assert fetched is not None
    assert fetched.message_id == message_id
    assert [path.name for path in tmp_path.iterdir()] == ["akte.bin"]
    assert (tmp_path / "akte.bin").read_bytes() == content


def test_fetch_next_answer_lost_message_stays_in_the_mailbox(
    installation: Installation, relay: Relay, author: XtaClient, reader: XtaClient, tmp_path: Path
) -> None:
    part = WirePart(os.urandom(MEBIBYTE), "application/octet-stream", "akte.bin")
    first, second, third = (send(installation, author, attachments=[part]) for _ in range(3))
    client = connect_through(relay, installation, "jena")
    fetched = client.fetch()
    assert fetched is not None
    relay.arm(Cut(after_download=MEBIBYTE // 2))
    with pytest.raises(XtaUnreachable):
        client.fetch_next(fetched.request_id, [first], tmp_path)
    assert list(tmp_path.iterdir()) == []
    # The first one is confirmed; the iterator has passed the second, which a new fetch finds.
    following = client.fetch_next(fetched.request_id)
    assert following is not None
    assert following.message_id == third
    again = client.fetch()
    assert again is not None
    assert again.message_id == second
    assert client.list_message_ids() == [second, third]


def test_fetch_of_new_messages_answer_lost_is_not_repeated(
    installation: Installation, relay: Relay, author: XtaClient, reader: XtaClient
) -> None:
    part = WirePart(os.urandom(MEBIBYTE), "application/octet-stream", "akte.bin")
    first, second = (send(installation, author, attachments=[part]) for _ in range(2))
    client = connect_through(relay, installation, "jena")
    relay.arm(Cut(after_download=MEBIBYTE // 2))
    with pytest.raises(XtaError):
        client.fetch(Selection(is_new=True))
    assert client.list_mailbox(Selection(is_new=True)).message_ids == (second,)
    assert client.list_message_ids() == [first, second]


# Contents on disk


def test_threads_share_a_client_without_mixing_contents(
    installation: Installation, author: XtaClient, reader: XtaClient, tmp_path: Path
) -> None:
    def exchange(number: int) -> tuple[bytes, bytes]:
        content = bytes([number]) * (200_000 + number)
        part = WirePart(content, "application/octet-stream", "akte.bin")
        message_id = send(installation, author, attachments=[part])
        fetched = reader.fetch(message_id, tmp_path)
        assert fetched is not None
        return content, fetched.attachments[0].content

    with ThreadPoolExecutor(4) as threads:
        exchanged = list(threads.map(exchange, range(12)))
    assert [fetched for _, fetched in exchanged] == [content for content, _ in exchanged]
    assert len(list(tmp_path.iterdir())) == len(exchanged)


@pytest.fixture(scope="module")
def roomy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server with the limits that it has where nobody changes them."""
    made = make_installation(tmp_path_factory.mktemp("roomy") / "demo")
    with serving(made, part="xta"):
        yield made


def test_attachment_of_30_megabytes_passes_through_little_memory(
    roomy: Installation, tmp_path: Path
) -> None:
    source, folder, task_path = (tmp_path / name for name in ("akte.bin", "eingang", "task.json"))
    source.write_bytes(os.urandom(30 * MEBIBYTE))
    folder.mkdir()
    task = {
        "base": base_of(roomy),
        "wsdl": str(XTA_WSDL),
        "ca": str(roomy.ca),
        "author": roomy.mandant("potsdam"),
        "reader": roomy.mandant("jena"),
        "service": "urn:beispiel:dienst",
        "file": str(source),
        "folder": str(folder),
    }
    task_path.write_text(json.dumps(task), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "tests.support.transfer", str(task_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    outcome = json.loads(result.stdout)
    expected = hashlib.sha256(source.read_bytes()).hexdigest()
    paths = [Path(path) for path in outcome["paths"]]
    assert [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] == [expected] * 2
    assert {path.name for path in folder.iterdir()} == {"akte.bin", "kopie.bin"}
    # Held once in memory, it would be 30 MB; as base64 it would be 40.
    assert max(outcome["growth"].values()) < 12 * MEBIBYTE, outcome["growth"]
