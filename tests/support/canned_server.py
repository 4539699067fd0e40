"""An HTTP server that gives prepared answers, for what a real XTA server never answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast


@dataclass(frozen=True)
class Canned:
    """An answer; with a `length` of its own, the connection ends before it is complete."""

    content: bytes
    content_type: str = "application/soap+xml; charset=utf-8"
    status: int = 200
    length: int | None = None


@dataclass
class CannedServer:
    """Gives its answers in order, the last one again and again; keeps what it was asked."""

    answers: list[Canned]
    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    def next_answer(self) -> Canned:
        """The answer whose turn it is."""
        return self.answers[min(len(self.requests), len(self.answers)) - 1]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    canned: CannedServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        canned = cast(_Server, self.server).canned
        body = self.rfile.read(int(self.headers["Content-Length"]))
        canned.requests.append((self.headers["Content-Type"], body))
        answer = canned.next_answer()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(answer.length or len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)
        self.close_connection = answer.length is not None

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def answering(*answers: Canned) -> Iterator[CannedServer]:
    """The server until the end of the block."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.canned = CannedServer(list(answers))
        server.canned.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.canned
        finally:
            server.shutdown()
            thread.join(10)
