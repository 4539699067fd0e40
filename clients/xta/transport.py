"""Under zeep: HTTPS with requests that stream contents out, and answers that stream them in."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests
from zeep.transports import Transport
from zeep.wsdl.utils import etree_to_string

from clients.mtom import PACKAGE_TYPE, Package, write_envelope, write_package
from clients.multipart import PackageUnreadable, parse_media_type, read_package
from clients.tls_session import make_session
from clients.xta.access import XtaAccess
from clients.xta.errors import AWAY, XtaUnreachable, XtaUnreadable
from clients.xta.exchange import CurrentExchange

_CHUNK = 256 * 1024
_SOAP_TYPE = "application/soap+xml"
_XML_TYPES = (_SOAP_TYPE, "text/xml", "application/xml")


@dataclass(frozen=True)
class _Answer:
    """What zeep wants to know of a response; never a package."""

    status_code: int
    content: bytes
    headers: Mapping[str, str]
    encoding: str = "utf-8"


class StreamingTransport(Transport):
    """Sends and receives the contents of the current exchange beside the envelope."""

    def __init__(self, access: XtaAccess, current: CurrentExchange) -> None:
        Transport.__init__(
            self,
            session=_make_session(access),
            timeout=access.timeout_seconds,
            operation_timeout=access.timeout_seconds,
        )
        self._limits = access.limits
        self._current = current

    def post_xml(self, address: str, envelope: Any, headers: Mapping[str, str]) -> _Answer:
        """One request and its answer; raises XtaError, PackageUnreadable, RequestException."""
        body = self._write(envelope, headers)
        if isinstance(body, Package):
            headers = {**headers, "Content-Type": body.content_type}
        response = self.session.post(
            address,
            data=body,
            headers=headers,
            timeout=self.operation_timeout,
            stream=True,
            # requests would follow with a GET, and with the client certificate.
            allow_redirects=False,
        )
        with closing(response):
            return self._read(response)

    def _write(self, envelope: Any, headers: Mapping[str, str]) -> bytes | Package:
        exchange = self._current.exchange
        content_type = headers["Content-Type"]
        exchange.place_container(envelope)
        outgoing, referred = exchange.outgoing, exchange.referred
        if outgoing or referred:
            return write_package(envelope, outgoing, content_type, exchange.raw, referred)
        if exchange.raw:
            return Package(content_type, write_envelope(envelope, exchange.raw))
        text: bytes = etree_to_string(envelope)
        return text

    def _read(self, response: requests.Response) -> _Answer:
        if response.status_code in AWAY:
            raise XtaUnreachable(f"HTTP {response.status_code}", may_have_arrived=True)
        content_type = response.headers.get("Content-Type", "")
        media_type = parse_media_type(content_type).get_content_type()
        if media_type == PACKAGE_TYPE:
            content = self._read_package(response, content_type)
        elif media_type in _XML_TYPES or response.status_code == HTTPStatus.ACCEPTED:
            content = self._read_whole(response)
        else:
            raise XtaUnreadable(f"HTTP {response.status_code} with {media_type}")
        return _Answer(response.status_code, content, {"Content-Type": _SOAP_TYPE})

    def _read_package(self, response: requests.Response, content_type: str) -> bytes:
        exchange = self._current.exchange
        chunks = response.iter_content(_CHUNK)
        package = read_package(chunks, content_type, self._limits, exchange.folder)
        exchange.receive(package)
        return package.envelope

    def _read_whole(self, response: requests.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > self._limits.envelope_bytes:
                limit = self._limits.envelope_bytes
                raise PackageUnreadable(f"the answer has more than the allowed {limit} bytes")
        return bytes(content)


def _make_session(access: XtaAccess) -> requests.Session:
    session = make_session(access.certificate, access.server_ca)
    if access.accepts_mtom:
        session.headers["Accept"] = f"{_SOAP_TYPE}, {PACKAGE_TYPE}"
    return session
