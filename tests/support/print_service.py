"""A print service as docs/print-plugins.md describes it: HTTPS, in memory but for the letters."""

import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from python_multipart.multipart import MultipartParser, parse_options_header

from server.printing.plugin_contract import ReceivedLetter
from tests.support.print_shop import read_counts

_CHUNK = 64 * 1024


@dataclass
class Batch:
    """What was taken of one batch."""

    values: dict[str, str]
    letters: dict[str, str]
    tickets: dict[str, bytes]
    states: dict[str, tuple[str, str]] = field(default_factory=dict)
    counts: dict[str, list[int]] = field(default_factory=dict)
    sums: dict[str, object] = field(default_factory=dict)

    def count(self, letter_id: str) -> dict[str, int]:
        """What is told of a letter that was printed."""
        is_waiting = self.states[letter_id][0] == "angenommen"
        names = () if is_waiting else ("pages", "sheets")
        return dict(zip(names, self.counts.get(letter_id, ()), strict=False))


@dataclass
class PrintService:
    """What the service has, and how it misbehaves: answers that are lost, or of another kind."""

    token: str = ""
    url: str = ""
    batches: dict[str, Batch] = field(default_factory=dict)
    deliveries: int = 0
    answer_status: int = 0
    answer_body: bytes = b'{"detail": "Wartung"}'
    loses_answers: int = 0

    def list_received(self) -> list[ReceivedLetter]:
        return [
            ReceivedLetter(batch_id, name.partition("-")[2].removesuffix(".pdf"), digest)
            for batch_id, batch in self.batches.items()
            for name, digest in batch.letters.items()
        ]

    def print_all(self, batch_id: str) -> None:
        """Everything that was not cancelled."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        batch = self.batches[batch_id]
        for letter_id, (state, _) in list(batch.states.items()):
            if state == "angenommen":
                batch.states[letter_id] = ("gedruckt", now)
        printed = [key for key, (state, _) in batch.states.items() if state == "gedruckt"]
        pages, sheets = zip(*(batch.counts[key] for key in printed), strict=True)
        batch.sums = {
            "letterCount": len(printed),
            "pageCount": sum(pages),
            "sheetCount": sum(sheets),
        }


def _read_counts(ticket: bytes) -> dict[str, list[int]]:
    """Pages and sheets of each letter as the job ticket says."""
    return {
        key: [int(count) for count in counts.split(";")]
        for key, counts in read_counts(ticket).items()
    }


class _Body:
    """Reads a multipart body while it comes in; of a letter only its digest is kept."""

    def __init__(self, boundary: bytes) -> None:
        self.values: dict[str, str] = {}
        self.files: dict[str, tuple[str, str, bytes]] = {}
        self._header: dict[str, bytes] = {}
        self._name, self._value, self._data = bytearray(), bytearray(), bytearray()
        self._digest: Any = None
        self._is_letter = False
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, a, b: self._name.extend(data[a:b]),
                "on_header_value": lambda data, a, b: self._value.extend(data[a:b]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._end_headers,
                "on_part_data": self._add,
                "on_part_end": self._end,
            },
        )

    def _begin(self) -> None:
        self._header, self._data, self._digest = {}, bytearray(), hashlib.sha256()

    def _end_header(self) -> None:
        self._header[self._name.decode().lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def _end_headers(self) -> None:
        _, self._options = parse_options_header(self._header["content-disposition"])
        self._is_letter = self._options[b"name"] == b"letter"

    def _add(self, data: bytes, start: int, end: int) -> None:
        self._digest.update(data[start:end])
        if not self._is_letter:
            self._data += data[start:end]

    def _end(self) -> None:
        kind = self._options[b"name"].decode()
        if b"filename" in self._options:
            name = self._options[b"filename"].decode()
            self.files[name] = (kind, self._digest.hexdigest(), bytes(self._data))
        else:
            self.values[kind] = self._data.decode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    service: PrintService

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def service(self) -> PrintService:
        return cast(_Server, self.server).service

    def do_GET(self) -> None:
        if self._is_welcome():
            if self.path == "/status":
                self._answer(200, {"status": "bereit"})
            else:
                self._answer_letters(self.path.split("/")[2])

    def do_POST(self) -> None:
        body = self._read_batch() if self.path == "/batches" else self._read_json()
        if not self._is_welcome():
            return
        if isinstance(body, _Body):
            self._take(body)
        else:
            self._cancel(self.path.split("/")[2], body["letters"])

    def _read_batch(self) -> _Body:
        _, options = parse_options_header(self.headers["Content-Type"])
        body = _Body(options[b"boundary"])
        missing = int(self.headers["Content-Length"])
        while missing:
            chunk = self.rfile.read(min(_CHUNK, missing))
            if not chunk:
                raise ConnectionError("the client has gone")
            body.parser.write(chunk)
            missing -= len(chunk)
        return body

    def _read_json(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _is_welcome(self) -> bool:
        service = self.service
        if service.answer_status:
            self._send(service.answer_status, service.answer_body)
            return False
        if service.token and self.headers["Authorization"] != f"Bearer {service.token}":
            self._answer(401, {"detail": "Anmeldung fehlt"})
            return False
        return True

    def _take(self, body: _Body) -> None:
        batch_id = self.headers["Idempotency-Key"]
        letters = {
            name: digest for name, (kind, digest, _) in body.files.items() if kind == "letter"
        }
        tickets = {name: data for name, (kind, _, data) in body.files.items() if kind == "ticket"}
        expected = "\n".join(f"{digest}  {name}" for name, digest in letters.items())
        if body.values["checksums"] != expected:
            self._answer(422, {"detail": "Prüfsummen stimmen nicht"})
            return
        self.service.deliveries += 1
        if batch_id not in self.service.batches:
            now = datetime.now(UTC).isoformat(timespec="seconds")
            names = [name.partition("-")[2].removesuffix(".pdf") for name in letters]
            states = dict.fromkeys(names, ("angenommen", now))
            self.service.batches[batch_id] = Batch(
                body.values, letters, tickets, states, _read_counts(tickets[f"{batch_id}.xml"])
            )
        self._answer(201, {"reference": f"ref {batch_id}"})

    def _find(self, reference: str) -> Batch:
        return self.service.batches[reference.removeprefix("ref%20")]

    def _answer_letters(self, reference: str) -> None:
        batch = self._find(reference)
        listed = [
            {"letterId": key, "state": state, "moment": moment, **batch.count(key)}
            for key, (state, moment) in batch.states.items()
        ]
        self._answer(200, {"letters": listed, **batch.sums})

    def _cancel(self, reference: str, letter_ids: list[str]) -> None:
        states = self._find(reference).states
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for letter_id in letter_ids:
            if states.get(letter_id, ("",))[0] == "angenommen":
                states[letter_id] = ("zurueckgezogen", now)
        gone = [key for key in letter_ids if states.get(key, ("",))[0] == "zurueckgezogen"]
        self._answer(200, {"cancelled": gone})

    def _answer(self, status: int, value: object) -> None:
        self._send(status, json.dumps(value).encode())

    def _send(self, status: int, content: bytes) -> None:
        if self.service.loses_answers:
            self.service.loses_answers -= 1
            self.close_connection = True
            return
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if status in range(300, 400):
            self.send_header("Location", "https://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def running_print_service(
    certificate: Path, key: Path, client_ca: Path | None = None, token: str = ""
) -> Iterator[PrintService]:
    """The service until the end of the block; with `client_ca` it wants a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.service = PrintService(token, f"https://localhost:{server.server_address[1]}")
        # The handshake belongs to the thread of the connection, not to the one that accepts.
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.service
        finally:
            server.shutdown()
            thread.join(10)
