"""A message with a 40 MB attachment in and out over MTOM: memory and time.

Measures the server process while a real client sends and fetches over HTTPS, beside the time of
writing and flushing as many bytes on the same disk. Goals: less than 8 MB of peak memory above an
empty message, and at most 3 times the time of the disk, each way. Exit code 1 where one is missed.
For orientation it also tells what the way alone takes: TLS from process to process, bytes dropped.
"""

import http.client
import os
import ssl
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from bench.processes import find_server_process, read_peak, reset_peak
from bench.transport import time_transport
from tests.support.installation import (
    OSCI_ACTION,
    XTA_ACTION,
    Installation,
    make_installation,
    read_sample,
    serving,
)
from tests.support.mtom import include, package_type, part, root_part, write_package

MEBIBYTE = 1024 * 1024
# The container is limited to 40 MB, and the message itself takes a few bytes of it.
SIZE = 40 * MEBIBYTE - 1024
ROUNDS = 7
CHUNK = 256 * 1024
AUTHOR, READER = "ags:12054000", "ags:16053000"
MEMORY_GOAL = 8 * MEBIBYTE
TIME_GOAL = 3.0
SEND = XTA_ACTION + "SendMessage"
FETCH = OSCI_ACTION + "MsgBoxFetchRequest"


@dataclass(frozen=True)
class Sample:
    """One way of one message: seconds, and the peak of resident memory in bytes."""

    seconds: float
    memory: int


RoundTrip = tuple[Sample, Sample]


class Client:
    """Sends prepared bytes over a connection of its own and reads answers piece by piece."""

    def __init__(self, installation: Installation, url: str, mandant: str) -> None:
        context = ssl.create_default_context(cafile=str(installation.ca))
        context.load_cert_chain(installation.certificate(mandant))
        parts = urlsplit(url)
        self._path = parts.path
        self._connection = http.client.HTTPSConnection(
            str(parts.hostname), parts.port, context=context, timeout=120
        )
        self._connection.connect()

    def post(self, content: bytes, content_type: str) -> int:
        """Posts, and returns how many bytes came back; raises where it is no success."""
        headers = {"Content-Type": content_type, "Accept": "multipart/related"}
        self._connection.request("POST", self._path, content, headers)
        response = self._connection.getresponse()
        size = 0
        while chunk := response.read(CHUNK):
            size += len(chunk)
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"the server answered {response.status}")
        self._connection.close()
        return size


class Bench:
    """A server with one process, and what is done with it."""

    def __init__(self, installation: Installation, process: int) -> None:
        self._installation = installation
        self._process = process

    def send(self, attachment: bytes) -> tuple[str, Sample]:
        """Sends a message with an attachment; returns its MessageID."""
        message_id = f"urn:de:xta:messageid:bench:{uuid.uuid4()}"
        package = write_package(
            [root_part(_write_envelope(message_id), SEND), part("a@bench", attachment)]
        )
        client = Client(self._installation, self._installation.url("send"), "potsdam")
        return message_id, self._measure(lambda: client.post(package, package_type(action=SEND)))

    def fetch(self, message_id: str, expected: int) -> Sample:
        """Fetches the message and confirms it."""
        request = read_sample("valid", "get-message.xml", READER=READER, MESSAGE_ID=message_id)
        client = Client(self._installation, self._installation.url("msgbox"), "jena")
        content_type = f'application/soap+xml; charset=utf-8; action="{FETCH}"'

        def fetch() -> int:
            size = client.post(request, content_type)
            if size < expected:
                raise RuntimeError(f"{size} bytes came back instead of {expected}")
            return size

        return self._measure(fetch)

    def _measure(self, action: Callable[[], int]) -> Sample:
        reset_peak(self._process)
        start = time.perf_counter()
        action()
        seconds = time.perf_counter() - start
        return Sample(seconds, read_peak(self._process))


def main() -> int:
    """Runs the benchmark and prints its table."""
    attachment = os.urandom(SIZE)
    with tempfile.TemporaryDirectory(prefix="damtshilfe-bench-") as name:
        installation = make_installation(Path(name) / "demo")
        with serving(installation, {"DAMTSHILFE_SERVER__WORKERS": "1"}) as supervisor:
            bench = Bench(installation, find_server_process(supervisor.pid))
            empty = [_run(bench, b"") for _ in range(ROUNDS)][-1]
            samples, disk = [], []
            for _ in range(ROUNDS):
                disk.append(_time_disk(installation.folder, attachment))
                samples.append(_run(bench, attachment))
        way = time_transport(installation.folder / "pki", attachment, ROUNDS)
        return _report(empty, samples, disk, way)


def _run(bench: Bench, attachment: bytes) -> RoundTrip:
    message_id, sent = bench.send(attachment)
    return sent, bench.fetch(message_id, len(attachment))


def _write_envelope(message_id: str) -> bytes:
    envelope = read_sample(
        "valid",
        "send-message.xml",
        AUTHOR=AUTHOR,
        READER=READER,
        MESSAGE_ID=message_id,
        SCHEMA="urn:beispiel:fremd",
        PAYLOAD="VGV4dA==",
    ).decode()
    attachment = (
        '<xta:Attachment contentType="application/octet-stream" filename="akte.bin">'
        f"{include('a@bench')}</xta:Attachment>"
    )
    return envelope.replace("</xta:Message>", f"</xta:Message>{attachment}").encode()


def _time_disk(folder: Path, data: bytes) -> float:
    """Seconds for writing and flushing the bytes on the disk of the blob store."""
    path = folder / "platte.bin"
    start = time.perf_counter()
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    path.unlink()
    return seconds


def _report(empty: RoundTrip, samples: list[RoundTrip], disk: list[float], way: list[float]) -> int:
    reference = statistics.median(disk)
    print(f"write and fsync of {SIZE} bytes: {reference * 1000:.0f} ms (median of {len(disk)})")
    print(f"TLS alone: {statistics.median(way) * 1000:.0f} ms")
    is_missed = False
    for name, index in (("in", 0), ("out", 1)):
        seconds = statistics.median(item[index].seconds for item in samples)
        memory = max(item[index].memory for item in samples) - empty[index].memory
        ratio = seconds / reference
        print(
            f"{name:3}: {seconds * 1000:.0f} ms = {ratio:.2f} times the disk (goal {TIME_GOAL}), "
            f"peak memory {memory / MEBIBYTE:+.1f} MB above an empty message "
            f"(goal {MEMORY_GOAL / MEBIBYTE:.0f})"
        )
        is_missed = is_missed or ratio > TIME_GOAL or memory >= MEMORY_GOAL
    return 1 if is_missed else 0


if __name__ == "__main__":
    sys.exit(main())
