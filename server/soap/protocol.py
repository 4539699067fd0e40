"""One protocol class for all contracts: Spyne carries the call, the contract file rules it.

Spyne's own SOAP cannot dispatch by action, fails on an empty body and knows no typed detail;
this class replaces how a request is taken apart and how a response is put together. Bodies
stay lxml elements and every envelope is validated as a whole, on the way in and on the way out.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from lxml import etree
from spyne.protocol.soap import Soap12

from server.domain.content import Staging
from server.errors import AmtshilfeError, Faults
from server.soap.addressing import check_addressing, write_addressing
from server.soap.call import Call, Reply
from server.soap.content_type import ContentType, parse_content_type
from server.soap.dialect import Dialect
from server.soap.envelope import (
    check_body,
    check_headers,
    drop_envelope_attributes,
    find_action,
    open_envelope,
    unknown_action,
)
from server.soap.fault_detail import DetailWriter
from server.soap.identity import read_certificate
from server.soap.mtom import accepts_package, detach_parts, is_package, require_xop
from server.soap.multipart import PackageLimits, read_package
from server.soap.request_body import Environ, read_body, read_chunks
from server.soap.response_body import write_response
from server.soap.wire_fault import (
    DISK_ERRORS,
    WireFault,
    internal_error,
    malformed,
    storage_unavailable,
    unspecified,
)
from server.xmlio.complaint import join_complaints
from server.xmlio.safe_parsing import XmlLimits, XmlRejected, parse_document
from server.xmlio.wsdl_contract import Contract, Operation

logger = logging.getLogger(__name__)

_MEDIA_TYPES = ("application/soap+xml", "text/xml", "application/xml")


@dataclass(frozen=True)
class RequestLimits:
    """What a request may have: bytes in all, and the limits of packages and of envelopes."""

    request_bytes: int
    package: PackageLimits
    xml: XmlLimits


@dataclass(frozen=True)
class PortSettings:
    """How a port of a contract speaks.

    `authenticate` turns a client certificate (DER) into the caller or raises
    AmtshilfeError. `is_dispatched_by_action` is False where the body element decides. With
    MTOM, contents are put into `staging` (None: MTOM is refused); those of `content_elements`
    stay there, until a service keeps them.
    """

    contract: Contract
    port_type: str
    dialects: tuple[Dialect, ...]
    write_detail: DetailWriter
    authenticate: Callable[[bytes | None], Any]
    is_dispatched_by_action: bool
    limits: RequestLimits
    sender_fault_status: HTTPStatus
    staging: Staging | None = None
    content_elements: frozenset[str] = frozenset()


class ContractProtocol(Soap12):  # type: ignore[misc]
    """Spyne's in- and out-protocol for one port."""

    def __init__(self, settings: PortSettings, offered: Collection[str]) -> None:
        super().__init__()
        self._settings = settings
        self._offered = frozenset(offered)

    def create_in_document(self, ctx: Any, charset: str | None = None) -> None:
        """Caller, bytes, XML. Who is not known here does not get a byte read."""
        environ = ctx.transport.req_env
        ctx.udc = Call(dialect=self._expect_dialect(environ))
        with _only_wire_faults():
            ctx.udc.caller = self._settings.authenticate(read_certificate(environ))
            ctx.in_document = self._read_envelope(ctx.udc, environ)

    def decompose_incoming_envelope(self, ctx: Any, message: Any = None) -> None:
        """Envelope, operation, headers, body, schema."""
        call: Call = ctx.udc
        with _only_wire_faults():
            open_envelope(ctx.in_document, self._settings.dialects, call)
            call.action = find_action(call, ctx.transport.req_env.get("HTTP_SOAPACTION", ""))
            check_addressing(call)
            call.operation = self._find_operation(call)
            check_headers(call, call.operation)
            drop_envelope_attributes(call)
            check_body(call, call.operation)
            self._validate_request(ctx.in_document, call)
            self._require_offered(call.operation)
        ctx.method_request_string = f"{{{self.app.tns}}}{call.operation.name}"

    def deserialize(self, ctx: Any, message: Any) -> None:
        """The ports read the elements themselves: they get the call as it is."""
        ctx.in_object = ctx.udc

    def serialize(self, ctx: Any, message: Any) -> None:
        """The envelope of the answer; one that violates the contract becomes a fault."""
        call: Call = ctx.udc
        call.end()
        if ctx.out_error is None:
            envelope = self._write_reply(call, ctx.out_object[0])
            complaints = self._settings.contract.schemas[call.dialect.namespace].check(envelope)
            if not complaints:
                ctx.out_document = envelope
                _log_call(call, "ok")
                return
            logger.error("response violates the contract: %s", join_complaints(complaints))
            ctx.out_error = internal_error()
        fault = to_wire_fault(ctx.out_error)
        ctx.transport.resp_code = call.dialect.http_status(
            fault, self._settings.sender_fault_status
        )
        ctx.out_document = self._write_fault(call, fault)
        _log_call(call, fault.error.fault.code, fault.error.reason)

    def create_out_string(self, ctx: Any, charset: str | None = None) -> None:
        """The bytes of the answer."""
        call: Call = ctx.udc
        attached = () if ctx.out_error else ctx.out_object[0].attached
        content_type, ctx.out_string = write_response(
            ctx.out_document,
            attached,
            call.dialect,
            # Who sends packages reads them; who accepts them wants them for contents.
            call.sends_package or (call.accepts_package and bool(attached)),
        )
        ctx.transport.resp_headers["Content-Type"] = content_type

    def fault_to_http_response_code(self, fault: Any) -> str | None:
        """Left to `serialize`, which knows the dialect."""
        return None

    def _expect_dialect(self, environ: Environ) -> Dialect:
        """The version for faults that come before the envelope is read, by the media type."""
        announced = environ.get("CONTENT_TYPE", "").lower()
        spoken = self._settings.dialects
        fitting = (dialect for dialect in spoken if announced.startswith(dialect.media_type))
        return next(fitting, spoken[-1])

    def _read_envelope(self, call: Call, environ: Environ) -> etree._Element:
        content_type = parse_content_type(environ.get("CONTENT_TYPE", ""))
        call.content_types = (content_type,)
        call.accepts_package = accepts_package(environ.get("HTTP_ACCEPT", ""))
        limits = self._settings.limits
        if not is_package(content_type):
            _check_media_type(content_type.media_type)
            content = read_body(environ, limits.request_bytes)
            return parse_document(content, limits.xml)
        return self._read_package(call, read_chunks(environ, limits.request_bytes), content_type)

    def _read_package(
        self, call: Call, chunks: Iterator[bytes], content_type: ContentType
    ) -> etree._Element:
        require_xop(content_type)
        limits, staging = self._settings.limits, self._settings.staging
        if staging is None:
            raise malformed("An diesem Port wird MTOM (multipart/related) nicht angenommen.")
        call.sends_package = True
        call.package = read_package(chunks, content_type, limits.package, staging)
        root = call.package.root
        call.content_types = (content_type, root.content_type)
        envelope = parse_document(root.content.read(), limits.xml)
        call.detached = detach_parts(
            envelope,
            call.package.attached,
            self._settings.content_elements,
            limits.package.root_bytes,
        )
        return envelope

    def _find_operation(self, call: Call) -> Operation:
        contract, port_type = self._settings.contract, self._settings.port_type
        if self._settings.is_dispatched_by_action:
            operation = contract.find_by_action(port_type, call.action)
            if operation is None:
                raise unknown_action(call.action)
            return operation
        name = "" if call.body is None else str(call.body.tag)
        operation = contract.find_by_input(port_type, name)
        if operation is None:
            raise malformed(f"Eine Operation für „{name}“ gibt es an diesem Port nicht.")
        if call.action not in ("", operation.action):
            raise unknown_action(call.action)
        return operation

    def _validate_request(self, envelope: etree._Element, call: Call) -> None:
        schema = self._settings.contract.schemas[call.dialect.namespace]
        complaints = schema.check(envelope)
        if complaints:
            raise malformed(
                "Die Anfrage entspricht nicht dem Vertrag. " + join_complaints(complaints)
            )

    def _require_offered(self, operation: Operation) -> None:
        if operation.name not in self._offered:
            raise WireFault(
                AmtshilfeError(
                    Faults.NOT_OFFERED,
                    f"Die Operation {operation.name} wird in dieser Version noch nicht angeboten.",
                )
            )

    def _write_reply(self, call: Call, reply: Reply) -> etree._Element:
        headers = (*write_addressing(call), *reply.headers)
        return call.dialect.write_envelope(headers, reply.body)

    def _write_fault(self, call: Call, fault: WireFault) -> etree._Element:
        detail = self._settings.write_detail(fault.error)
        if call.operation and detail.tag not in call.operation.faults:
            fault = unspecified(fault)
            detail = self._settings.write_detail(fault.error)
        body = call.dialect.write_fault(fault, detail)
        return call.dialect.write_envelope(write_addressing(call, fault), body)


class _only_wire_faults:  # noqa: N801 -- used as a statement
    """Turns whatever is raised inside into a WireFault: Spyne handles no other exception."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        if isinstance(error, Exception):
            raise to_wire_fault(error) from error


def to_wire_fault(error: Exception) -> WireFault:
    """The one place that turns an exception into what leaves the house."""
    if isinstance(error, WireFault):
        return error
    if isinstance(error, AmtshilfeError):
        return WireFault(error)
    if isinstance(error, XmlRejected):
        return malformed(error.reason)
    if isinstance(error, OSError) and error.errno in DISK_ERRORS:
        logger.error("the disk failed: %s", error)
        return storage_unavailable()
    logger.error("unexpected error", exc_info=error)
    return internal_error()


def _check_media_type(media_type: str) -> None:
    if media_type in _MEDIA_TYPES:
        return
    raise malformed(
        f"Der Content-Type „{media_type}“ wird hier nicht angenommen; erwartet ist "
        "application/soap+xml oder multipart/related (MTOM)."
    )


def _log_call(call: Call, outcome: str, reason: str = "") -> None:
    logger.info(
        "operation=%s caller=%s outcome=%s milliseconds=%.0f %s",
        call.operation.name if call.operation else "-",
        call.caller or "-",
        outcome,
        (time.monotonic() - call.started) * 1000,
        reason,
    )
