"""Whatever comes in, a SOAP fault of the fault table or a valid response goes out.

`make fuzz` runs many cases, each time others; `make test` runs a few, always the same.
"""

import http.client
import os
import ssl
from collections.abc import Iterator
from email import message_from_bytes, policy
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from lxml import etree

from bench.processes import find_server_process, read_peak, reset_peak
from server.errors import ALL_FAULTS, Faults
from server.xmlio.complaint import join_complaints
from server.xmlio.contract_files import AMTSHILFE_WSDL, AUTHORITY_WSDL, ENVELOPE_SCHEMAS, XTA_WSDL
from server.xmlio.wsdl_contract import read_contract
from tests.fuzz.strategies import (
    CALLS,
    FuzzedRequest,
    envelope_requests,
    header_requests,
    package_requests,
)
from tests.support.installation import Installation, make_installation, serving
from tests.support.mtom import XOP

CASES = int(os.environ.get("FUZZ_CASES", "600"))
IS_LONG = "FUZZ_CASES" in os.environ
# How much more memory the server process may take than after the first requests (bytes).
MEMORY_LIMIT = 96 * 1024 * 1024
CODES = {fault.code for fault in ALL_FAULTS} - {Faults.INTERNAL_ERROR.code}
CONTRACTS = {
    **dict.fromkeys(("management", "send", "msgbox"), XTA_WSDL),
    "amtshilfe": AMTSHILFE_WSDL,
    "authority": AUTHORITY_WSDL,
}


class FuzzedServer:
    """A running installation, a connection to each port, and what an answer must be."""

    def __init__(self, installation: Installation, process: int) -> None:
        self._installation = installation
        self._process = process
        self._connections: dict[str, http.client.HTTPSConnection] = {}
        self._contracts = {
            port: read_contract(path, ENVELOPE_SCHEMAS) for port, path in CONTRACTS.items()
        }

    def check(self, request: FuzzedRequest) -> None:
        """Fails where the answer is neither a fault nor a valid response."""
        status, content_type, content = self._post(request)
        envelope = _read_envelope(content_type, content)
        schema = self._contracts[request.port].schemas[etree.QName(envelope).namespace or ""]
        assert join_complaints(schema.check(envelope)) == ""
        fault = envelope.find("{*}Body/{*}Fault")
        assert (status == 200) == (fault is None)
        if fault is not None:
            codes = {item.text for item in fault.iter("{*}code", "code")}
            assert codes & CODES, content

    def measure_peak(self) -> int:
        return read_peak(self._process)

    def reset_peak(self) -> None:
        reset_peak(self._process)

    def _post(self, request: FuzzedRequest) -> tuple[int, str, bytes]:
        is_reused = request.port in self._connections
        try:
            return self._exchange(request)
        except (http.client.HTTPException, OSError):
            self._connections.pop(request.port).close()
            if not is_reused:
                raise
        # The server may end a connection between two requests; on a fresh one it must answer.
        return self._exchange(request)

    def _exchange(self, request: FuzzedRequest) -> tuple[int, str, bytes]:
        connection = self._connect(request.port)
        path = urlsplit(self._installation.url(request.port)).path
        body = _split(request.content) if request.is_chunked else request.content
        connection.request("POST", path, body, request.headers, encode_chunked=request.is_chunked)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()

    def _connect(self, port: str) -> http.client.HTTPSConnection:
        if port not in self._connections:
            call = next(call for call in CALLS.values() if call.port == port)
            context = ssl.create_default_context(cafile=str(self._installation.ca))
            context.load_cert_chain(call.find_certificate(self._installation))
            parts = urlsplit(self._installation.url(port))
            self._connections[port] = http.client.HTTPSConnection(
                str(parts.hostname), parts.port, context=context, timeout=30
            )
        return self._connections[port]


def _split(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), 701):
        yield content[start : start + 701]


def _read_envelope(content_type: str, content: bytes) -> etree._Element:
    if not content_type.startswith("multipart/related"):
        return etree.fromstring(content)
    envelope = etree.fromstring(_take_root(content_type, content))
    for include in list(envelope.iter(f"{{{XOP}}}Include")):
        # The schema speaks of the envelope with its contents in their places (XOP 1.0, 3.2).
        element = include.getparent()
        assert element is not None
        element.remove(include)
    return envelope


def _take_root(content_type: str, content: bytes) -> bytes:
    message = message_from_bytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + content, policy=policy.HTTP
    )
    payload = next(iter(message.iter_parts())).get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FuzzedServer]:
    """A server with one process that is warm; at the end it is still the same and has not grown."""
    installation = make_installation(tmp_path_factory.mktemp("fuzz") / "demo")
    environment = {
        "DAMTSHILFE_SERVER__WORKERS": "1",
        "DAMTSHILFE_LIMITS__REQUEST_BYTES": "200000",
        "DAMTSHILFE_LOG__LEVEL": "ERROR",
    }
    with serving(installation, environment) as supervisor:
        process = find_server_process(supervisor.pid)
        made = FuzzedServer(installation, process)
        for call in CALLS.values():
            headers = {"Content-Type": f'application/soap+xml; action="{call.action}"'}
            made.check(FuzzedRequest(call.port, call.content, headers))
        made.reset_peak()
        warm = made.measure_peak()
        yield made
        assert find_server_process(supervisor.pid) == process
        assert made.measure_peak() - warm < MEMORY_LIMIT
    log = "".join(path.read_text() for path in installation.folder.glob("serve-*.log"))
    assert "Traceback" not in log, log[-4000:]


def fuzzing(share: float) -> settings:
    """The settings of a test that runs this share of all cases."""
    return settings(
        max_examples=max(1, int(CASES * share)),
        derandomize=not IS_LONG,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


@fuzzing(0.5)
@given(request=envelope_requests())
def test_envelope_that_is_damaged_gets_a_fault_or_an_answer(
    server: FuzzedServer, request: FuzzedRequest
) -> None:
    server.check(request)


@fuzzing(0.3)
@given(request=package_requests())
def test_package_that_is_damaged_gets_a_fault_or_an_answer(
    server: FuzzedServer, request: FuzzedRequest
) -> None:
    server.check(request)


@fuzzing(0.2)
@given(request=header_requests())
def test_headers_that_are_damaged_get_a_fault_or_an_answer(
    server: FuzzedServer, request: FuzzedRequest
) -> None:
    server.check(request)
