"""A proxy before the façade that answers `senden` as a test wants it, and passes on all else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from tests.support.installation import Installation

_FAULT = (
    '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault>'
    "<e:Code><e:Value>e:{blame}</e:Value></e:Code>"
    '<e:Reason><e:Text xml:lang="de">{code}</e:Text></e:Reason><e:Detail>'
    '<fehler xmlns="urn:damtshilfe:fachverfahren:1"><code>{code}</code><name>Name</name>'
    "<ursache>Ursache</ursache><abhilfe>Abhilfe</abhilfe></fehler></e:Detail>"
    "</e:Fault></e:Body></e:Envelope>"
)


@dataclass(frozen=True)
class Trick:
    """What happens to one `senden`: an answer, or a connection that is cut.

    With `passes_on` the server gets the request all the same, and only the answer is lost.
    """

    status: int = 0
    body: str = ""
    passes_on: bool = False


def fault(code: str, blame: str = "Sender") -> Trick:
    """A fault of the façade."""
    return Trick(500, _FAULT.format(code=code, blame=blame))


@dataclass
class FaultyProxy:
    """Takes the tricks in their order; when there are none left, it passes on."""

    url: str
    tricks: list[Trick] = field(default_factory=list)
    played: int = 0

    def take(self, body: bytes) -> Trick | None:
        """The next trick, where the request is a `senden`."""
        if b":senden>" not in body or not self.tricks:
            return None
        self.played += 1
        return self.tricks.pop(0)


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        # The client then calls here; the schemas it may fetch from the server itself.
        self._answer(200, self.server.ask("GET", b"", {}).text)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        trick = self.server.proxy.take(body)
        if trick is None or trick.passes_on:
            headers = {"Content-Type": self.headers["Content-Type"]}
            answer = self.server.ask("POST", body, headers)
            trick = trick or Trick(answer.status_code, answer.text)
        if trick.status:
            self._answer(trick.status, trick.body)
        self.close_connection = True

    def _answer(self, status: int, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    """Knows the façade behind it and speaks for one Mandant."""

    def __init__(self, installation: Installation, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._target = installation.url("amtshilfe")
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.verify = str(installation.ca)
        self._session.cert = str(installation.certificate(name))
        self.proxy = FaultyProxy(f"http://127.0.0.1:{self.server_port}/amtshilfe/1")

    def ask(self, method: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        url = self._target + ("?wsdl" if method == "GET" else "")
        return self._session.request(method, url, data=body, headers=headers, timeout=30)


@contextmanager
def faulty_proxy(installation: Installation, name: str) -> Iterator[FaultyProxy]:
    """The proxy speaks for one Mandant, over HTTP."""
    with _Server(installation, name) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.proxy
        finally:
            server.shutdown()
