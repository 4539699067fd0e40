"""Clients that stop in the middle, or go on slowly, keep nobody else from being served."""

import socket
import ssl
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from clients.xta import WirePart, XtaFault
from tests.support.installation import (
    OSCI_ACTION,
    XTA_ACTION,
    Installation,
    make_installation,
    port_of,
    read_sample,
    serving,
)

THREADS = 3
IDLE_SECONDS = 4
REQUEST_SECONDS = 7
SETTINGS = {
    "DAMTSHILFE_SERVER__WORKERS": "1",
    "DAMTSHILFE_SERVER__THREADS": str(THREADS),
    "DAMTSHILFE_SERVER__IDLE_SECONDS": str(IDLE_SECONDS),
    "DAMTSHILFE_SERVER__REQUEST_SECONDS": str(REQUEST_SECONDS),
}
# For the server's own look at its clock, and for a machine that is busy.
GRACE_SECONDS = 8
LARGE = bytes(20_000_000)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """A server with few threads, and a large message that waits for Jena."""
    installation = make_installation(tmp_path_factory.mktemp("slow") / "demo")
    with serving(installation, SETTINGS, part="xta"):
        message_id = f"urn:uuid:{uuid.uuid4()}"
        attachment = WirePart(LARGE, "application/pdf", "gross.pdf")
        outgoing = installation.outgoing(message_id, "jena", attachments=[attachment])
        installation.xta("potsdam").send(outgoing)
        yield installation, message_id


@contextmanager
def connected(installation: Installation, name: str) -> Iterator[ssl.SSLSocket]:
    """A TLS connection with the certificate of a Mandant."""
    context = ssl.create_default_context(cafile=str(installation.ca))
    context.load_cert_chain(installation.certificate(name))
    with plain_connected(installation) as plain:
        yield context.wrap_socket(plain, server_hostname="localhost")


@contextmanager
def plain_connected(installation: Installation) -> Iterator[socket.socket]:
    with socket.socket() as plain:
        # Small, so that what is not read does not come to lie in the kernel.
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        plain.settimeout(60)
        plain.connect(("127.0.0.1", port_of(installation.url("send"))))
        yield plain


def write_head(path: str, action: str, length: int) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n"
        f'Content-Type: application/soap+xml; charset=utf-8; action="{action}"\r\n\r\n'
    ).encode()


def ask_for_message(connection: ssl.SSLSocket, installation: Installation, message_id: str) -> None:
    reader = installation.party("jena").value
    body = read_sample("valid", "get-message.xml", READER=reader, MESSAGE_ID=message_id)
    head = write_head("/xta/2.1.1/MsgBoxPort", f"{OSCI_ACTION}MsgBoxFetchRequest", len(body))
    connection.sendall(head + body)


def measure_answer(installation: Installation) -> float:
    """Seconds that another client waits for an answer."""
    client = installation.xta("potsdam")
    begun = time.monotonic()
    client.check_account_active()
    return time.monotonic() - begun


def is_cut_off(connection: socket.socket) -> bool:
    """Reads what is there, and says whether the server has ended the connection."""
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_reader_that_takes_nothing_blocks_nobody_and_loses_nothing(
    slow: tuple[Installation, str],
) -> None:
    installation, message_id = slow
    with ExitStack() as stack:
        first = stack.enter_context(connected(installation, "jena"))
        ask_for_message(first, installation, message_id)
        # Two threads are left.
        assert measure_answer(installation) < IDLE_SECONDS - 1
        for _ in range(THREADS - 1):
            other = stack.enter_context(connected(installation, "jena"))
            ask_for_message(other, installation, message_id)
        time.sleep(0.5)
        # None is left until the server gives up the first.
        assert measure_answer(installation) < IDLE_SECONDS + GRACE_SECONDS
        assert is_cut_off(first)
    client = installation.xta("jena")
    assert client.list_message_ids() == [message_id]
    fetched = client.fetch(message_id)
    assert fetched is not None
    assert fetched.attachments[0].content == LARGE


def test_reader_that_takes_little_at_a_time_is_cut_off_after_the_whole_time(
    slow: tuple[Installation, str],
) -> None:
    installation, message_id = slow
    before = count_cut_off(installation)
    with connected(installation, "jena") as reader:
        ask_for_message(reader, installation, message_id)
        begun = time.monotonic()
        while count_cut_off(installation) == before:
            assert time.monotonic() - begun < REQUEST_SECONDS + GRACE_SECONDS
            reader.recv(8192)
            time.sleep(0.05)
        assert time.monotonic() - begun > REQUEST_SECONDS - 1


def count_cut_off(installation: Installation) -> int:
    return read_log(installation).count("took too long and is cut off")


def read_log(installation: Installation) -> str:
    return "".join(path.read_text() for path in installation.folder.glob("serve-*.log"))


def test_sender_that_stops_in_the_middle_is_told_and_nothing_is_stored(
    slow: tuple[Installation, str],
) -> None:
    installation, _ = slow
    action = f"{XTA_ACTION}SendMessageRequest"
    staging = installation.folder / "daten" / "inhalte" / "eingang"
    with ExitStack() as stack:
        for _ in range(THREADS):
            sender = stack.enter_context(connected(installation, "potsdam"))
            sender.sendall(write_head("/xta/2.1.1/SendXtaPort", action, 1_000_000) + b"<a>")
        assert measure_answer(installation) < IDLE_SECONDS + GRACE_SECONDS
        answer = b""
        while b"Envelope>" not in answer:
            piece = sender.recv(65536)
            assert piece, answer
            answer += piece
        assert b"unvollst" in answer
    assert list(staging.glob("*")) == []


def test_sender_that_sends_a_byte_at_a_time_is_cut_off(slow: tuple[Installation, str]) -> None:
    installation, _ = slow
    action = f"{XTA_ACTION}SendMessageRequest"
    with connected(installation, "potsdam") as sender:
        begun = time.monotonic()
        sender.sendall(write_head("/xta/2.1.1/SendXtaPort", action, 1_000_000))
        with pytest.raises(OSError, match=r"."):
            while time.monotonic() - begun < REQUEST_SECONDS + 2 * GRACE_SECONDS:
                sender.sendall(b" ")
                time.sleep(0.2)
        assert time.monotonic() - begun > REQUEST_SECONDS - 1


def test_connections_that_never_say_anything_block_nobody(slow: tuple[Installation, str]) -> None:
    installation, _ = slow
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            half = stack.enter_context(plain_connected(installation))
            # The beginning of a TLS record, and no more.
            half.sendall(b"\x16\x03\x01\x02\x00")
        # All threads wait for them, one after the other.
        assert measure_answer(installation) < 2 * IDLE_SECONDS + GRACE_SECONDS


def test_slow_clients_are_told_in_the_log(slow: tuple[Installation, str]) -> None:
    installation, _ = slow
    with plain_connected(installation) as half:
        half.sendall(b"\x16\x03\x01\x02\x00")
        assert is_cut_off(half)
    assert count_cut_off(installation) > 0
    assert "Traceback" not in read_log(installation)


def test_message_of_a_slow_sender_can_be_sent_again(slow: tuple[Installation, str]) -> None:
    installation, _ = slow
    client = installation.xta("potsdam")
    message_id = client.create_message_id()
    with pytest.raises(XtaFault):
        client.find_report(message_id)
    client.send(installation.outgoing(message_id, "jena"))
    assert client.find_report(message_id).status == 0
