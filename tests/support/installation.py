"""A demo installation with real processes, for tests that speak over the wire."""

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from lxml import etree

from clients.fachverfahren import FachverfahrenAccess, FachverfahrenClient
from clients.xta import OutgoingMessage, RetryPolicy, WirePart, WireParty, XtaAccess, XtaClient
from server.running.ports import find_free_ports, is_listening
from server.xmlio.contract_files import XTA_WSDL

REPOSITORY = Path(__file__).resolve().parents[2]
SAMPLES = REPOSITORY / "tests" / "samples"
SHARED = REPOSITORY.parent / "shared"
REFERENCE_WSDL = SHARED / "contracts" / "xta-2.1.1" / "XTA.wsdl"
XTA_ACTION = "http://www.xta.de/XTA/"
OSCI_ACTION = "http://www.osci.eu/ws/2008/05/transport/urn/messageTypes/"
READY = "dAmtshilfe ist bereit"


@dataclass(frozen=True)
class FaultView:
    """A fault as a caller sees it; `code_list` is URI and version, empty where it has none."""

    http_status: int
    exception: str
    code: str
    text: str
    soap_code: str
    name: str
    code_list: tuple[str, str]


@dataclass(frozen=True)
class Installation:
    """Where a demo installation lies and what `demo.json` says about it."""

    folder: Path
    facts: dict[str, Any]

    @property
    def config(self) -> Path:
        return self.folder / "damtshilfe.toml"

    @property
    def ca(self) -> Path:
        return Path(self.facts["ca"])

    def url(self, port: str) -> str:
        return str(self.facts["ports"][port])

    def mandant(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            item for item in self.facts["mandanten"] if item["name"] == name
        )
        return found

    def certificate(self, name: str) -> Path:
        return Path(self.mandant(name)["certificate"])

    def party(self, name: str) -> WireParty:
        return WireParty(**self.mandant(name)["identifier"])

    def payload(self) -> bytes:
        return Path(self.facts["sample"]["payload"]).read_bytes()

    def attachment(self) -> bytes:
        return Path(self.facts["sample"]["attachment"]).read_bytes()

    def xta(
        self, name: str, wsdl: Path = XTA_WSDL, retries: RetryPolicy | None = None
    ) -> XtaClient:
        access = XtaAccess(
            str(wsdl),
            self.url("management"),
            self.url("send"),
            self.url("msgbox"),
            self.certificate(name),
            self.ca,
            retries=retries or RetryPolicy(),
        )
        return XtaClient(access, self.party(name))

    def empty_mailbox(self, name: str = "jena") -> None:
        """Fetches and closes whatever waits there."""
        reader = self.xta(name)
        while fetched := reader.fetch():
            reader.close(fetched.request_id, [fetched.message_id])

    def fachverfahren(self, name: str, is_soap_12: bool = False) -> FachverfahrenClient:
        access = FachverfahrenAccess(
            self.url("amtshilfe"), self.certificate(name), self.ca, is_soap_12
        )
        return FachverfahrenClient(access)

    def outgoing(self, message_id: str, reader: str, **changes: Any) -> OutgoingMessage:
        """The demo's sample to a Mandant, or to an identifier (which has a colon)."""
        sample = self.facts["sample"]
        values: dict[str, Any] = {
            "message_id": message_id,
            "reader": WireParty(reader, "xoev") if ":" in reader else self.party(reader),
            "service": sample["service"],
            "message_type": sample["message_type"],
            "message_type_list": (
                sample["message_type_list_uri"],
                sample["message_type_list_version"],
            ),
            "payload_schema": sample["schema"],
            "message": WirePart(self.payload(), "application/xml"),
            "attachments": [WirePart(self.attachment(), "application/pdf", "bescheid.pdf")],
            **changes,
        }
        return OutgoingMessage(**values)

    def post(
        self,
        url: str,
        content: bytes,
        action: str = "",
        certificate: Path | None = None,
        content_type: str = "application/soap+xml; charset=utf-8",
        **options: Any,
    ) -> requests.Response:
        """A request as it is written here, with the certificate of Potsdam where none is named."""
        header = f'{content_type}; action="{action}"' if action else content_type
        session = requests.Session()
        session.trust_env = False
        return session.post(
            url,
            data=content,
            headers={"Content-Type": header, **options.get("headers", {})},
            cert=str(certificate or self.certificate("potsdam")),
            verify=str(self.ca),
            timeout=60,
        )


def read_fault(response: requests.Response) -> FaultView:
    """The fault of a response; fails where the response has none."""
    root = etree.fromstring(response.content)
    fault = root.find(".//{*}Body/{*}Fault")
    assert fault is not None, response.text
    code = fault.findtext("./{*}Code/{*}Value") or fault.findtext("faultcode") or ""
    text = fault.findtext("./{*}Reason/{*}Text") or fault.findtext("faultstring") or ""
    detail = fault.find("{*}Detail")
    detail = fault.find("detail") if detail is None else detail
    assert detail is not None, response.text
    exception = detail[0]
    error_code = exception.find("{*}errorCode")
    attributes: Any = {} if error_code is None else error_code.attrib
    return FaultView(
        response.status_code,
        etree.QName(exception).localname,
        exception.findtext(".//code") or exception.findtext("{*}code") or "",
        text,
        code.partition(":")[2],
        exception.findtext(".//name") or exception.findtext("{*}name") or "",
        (attributes.get("listURI", ""), attributes.get("listVersionID", "")),
    )


def make_installation(folder: Path, *options: str) -> Installation:
    """`damtshilfe init --demo` with free ports and further options."""
    port, authority_port, web_port = find_free_ports(3)
    run_cli(
        "init",
        str(folder),
        "--demo",
        "--port",
        str(port),
        "--authority-port",
        str(authority_port),
        "--web-port",
        str(web_port),
        *options,
    )
    return Installation(folder, json.loads((folder / "demo.json").read_text(encoding="utf-8")))


def run_cli(*arguments: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
    """Runs `damtshilfe` to its end."""
    result = subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == expected, result.stdout + result.stderr
    return result


@contextmanager
def serving(
    installation: Installation, environment: dict[str, str] | None = None, part: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """`damtshilfe serve` until the end of the block."""
    log = installation.folder / f"serve-{part}-{time.monotonic_ns()}.log"
    command = [sys.executable, "-m", "server.cli", "serve", "--config", str(installation.config)]
    command += ["--part", part] if part else []
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        ) as process,
    ):
        try:
            _await_ready(process, log, installation, part)
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(60)


def _await_ready(
    process: subprocess.Popen[bytes], log: Path, installation: Installation, part: str
) -> None:
    deadline = time.monotonic() + 180
    while not _is_ready(log, installation, part):
        assert process.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
        time.sleep(0.05)


def _is_ready(log: Path, installation: Installation, part: str) -> bool:
    if not part:
        return READY in log.read_text(encoding="utf-8")
    name = {"xta": "management", "authority": "authority"}.get(part)
    return name is None or is_served(installation.url(name))


def is_served(url: str) -> bool:
    """True where something accepts connections at the port of the URL."""
    return is_listening("127.0.0.1", port_of(url))


def await_port_closed(url: str) -> None:
    """Returns when nothing accepts connections at the port of the URL any more."""
    deadline = time.monotonic() + 30
    while is_served(url):
        assert time.monotonic() < deadline, f"{url} is still served"
        time.sleep(0.05)


def port_of(url: str) -> int:
    """The port of a URL."""
    port = urlsplit(url).port
    assert port
    return port


def read_sample(kind: str, name: str, **values: str) -> bytes:
    """A sample with its `@NAME@` marks replaced."""
    text = (SAMPLES / kind / name).read_bytes()
    for key, value in values.items():
        text = text.replace(f"@{key}@".encode(), value.encode())
    return text


def tls_refuses(installation: Installation, certificate: Path) -> bool:
    """True where the server ends the TLS handshake of a client with this certificate."""
    context = ssl.create_default_context(cafile=str(installation.ca))
    context.load_cert_chain(certificate)
    port = port_of(installation.url("management"))
    try:
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            # TLS 1.3 tells the refusal with the first read.
            secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return secure.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True
