"""The front door of a server process: ports, their WSDL, and the contract files.

Contract files are readable without a client certificate, so that WSDL tools work; operations
are not. Anything else is answered in plain text.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.soap.request_body import discard_rest
from server.soap.served_wsdl import CONTRACTS_PATH, render_wsdl
from server.xmlio.contract_files import CONTRACT_ROOT, WSDL_FOLDER, XSD_FOLDER

StartResponse = Callable[..., Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

_XML = "text/xml; charset=utf-8"
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Port:
    """A port: its WSGI application and its contract.

    `canonical_base` and `bases` are path prefixes; the port is found at each of them under
    `name`.
    """

    name: str
    app: WsgiApp
    wsdl: Path
    canonical_base: str
    bases: tuple[str, ...]


@dataclass(frozen=True)
class ServedFile:
    """A file that anybody may read, as it is at the moment."""

    path: Path
    content_type: str


class Gateway:
    """Routes requests by path."""

    def __init__(
        self,
        ports: Iterable[Port],
        public_url: str,
        files: Mapping[str, ServedFile] | None = None,
    ) -> None:
        self._routes: Mapping[str, tuple[Port, str]] = {
            f"{base}/{port.name}": (port, base) for port in ports for base in port.bases
        }
        self._public_url = public_url
        self._files = files or {}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry."""
        path = environ.get("PATH_INFO", "")
        method = environ.get("REQUEST_METHOD", "GET")
        if path in self._routes:
            return self._serve_port(*self._routes[path], environ, start_response)
        if method in ("GET", "HEAD") and path.startswith(f"{CONTRACTS_PATH}/"):
            return _serve_file(path.removeprefix(f"{CONTRACTS_PATH}/"), start_response)
        if method in ("GET", "HEAD") and path in self._files:
            return _serve_published(self._files[path], start_response)
        return _answer(start_response, "404 Not Found", _TEXT, "Hier ist nichts.\n")

    def _serve_port(
        self, port: Port, base: str, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        method = environ.get("REQUEST_METHOD", "GET")
        if method == "POST":
            return _LingeringAnswer(port.app(environ, start_response), environ)
        query = environ.get("QUERY_STRING", "").lower()
        if method in ("GET", "HEAD") and query in ("wsdl", "singlewsdl"):
            content = render_wsdl(port.wsdl, self._public_url, port.canonical_base, base)
            return _answer(start_response, "200 OK", _XML, content)
        hint = f"Ein SOAP-Port: bitte mit POST ansprechen. Vertrag: {environ['PATH_INFO']}?wsdl\n"
        return _answer(start_response, "405 Method Not Allowed", _TEXT, hint, [("Allow", "POST")])


class _LingeringAnswer:
    """An answer that goes out before the rest of a refused request is thrown away."""

    def __init__(self, answer: Iterable[bytes], environ: dict[str, Any]) -> None:
        self._answer = answer
        self._environ = environ

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._answer)

    def close(self) -> None:
        """Called by the WSGI server when the answer has been written."""
        discard_rest(self._environ)


def _serve_published(file: ServedFile, start_response: StartResponse) -> Iterable[bytes]:
    if not file.path.is_file():
        return _answer(start_response, "404 Not Found", _TEXT, "Diese Datei gibt es nicht.\n")
    return _answer(start_response, "200 OK", file.content_type, file.path.read_bytes())


def _serve_file(name: str, start_response: StartResponse) -> Iterable[bytes]:
    path = (CONTRACT_ROOT / name).resolve()
    is_contract = path.is_relative_to(WSDL_FOLDER) or path.is_relative_to(XSD_FOLDER)
    if is_contract and path.suffix in (".xsd", ".wsdl") and path.is_file():
        return _answer(start_response, "200 OK", _XML, path.read_bytes())
    return _answer(start_response, "404 Not Found", _TEXT, "Diese Datei gibt es nicht.\n")


def _answer(
    start_response: StartResponse,
    status: str,
    content_type: str,
    content: str | bytes,
    headers: Iterable[tuple[str, str]] = (),
) -> Iterable[bytes]:
    body = content.encode("utf-8") if isinstance(content, str) else content
    start_response(
        status, [("Content-Type", content_type), ("Content-Length", str(len(body))), *headers]
    )
    return [body]
