"""WS-Addressing 1.0 (core; SOAP binding): what a request must not ask for, and responses."""

import copy
import uuid
from collections.abc import Iterator

from lxml import etree

from server.soap.call import Call
from server.soap.wire_fault import WireFault, malformed
from server.xmlio.namespaces import WSA, name_in

ANONYMOUS = f"{WSA}/anonymous"
# The action of faults that the contract does not know (SOAP binding, 6).
_FAULT_ACTION = f"{WSA}/fault"
_SOAP_FAULT_ACTION = f"{WSA}/soap/fault"


def check_addressing(call: Call) -> None:
    """Raises WireFault where an answer is wanted elsewhere than on this connection.

    The contract says so: its policy asks for anonymous responses.
    """
    for name in ("ReplyTo", "FaultTo"):
        block = call.headers.get(name_in(WSA, name))
        if block is None:
            continue
        address = (block.findtext(name_in(WSA, "Address")) or "").strip()
        if address != ANONYMOUS:
            raise malformed(
                f"{name} nennt die Adresse „{address}“. Geantwortet wird nur auf derselben "
                f"Verbindung ({ANONYMOUS}).",
                addressing_subcodes=("InvalidAddressingHeader", "OnlyAnonymousAddressSupported"),
            )


def write_addressing(call: Call, fault: WireFault | None = None) -> tuple[etree._Element, ...]:
    """Header blocks of a response; none for who does not address."""
    if not call.message_id:
        return ()
    return (
        _block("To", ANONYMOUS),
        _block("Action", _find_action(call, fault)),
        _block("MessageID", f"urn:uuid:{uuid.uuid4()}"),
        _block("RelatesTo", call.message_id),
        *_echo_parameters(call, is_fault=fault is not None),
    )


def _find_action(call: Call, fault: WireFault | None) -> str:
    """The action of XTA outputs and faults is that of their input."""
    if fault and fault.addressing_subcodes:
        return _FAULT_ACTION
    return call.operation.action if call.operation else _SOAP_FAULT_ACTION


def _echo_parameters(call: Call, *, is_fault: bool) -> Iterator[etree._Element]:
    """What a client wants to find again in the answer (SOAP binding, 3.4)."""
    names = ("FaultTo", "ReplyTo") if is_fault else ("ReplyTo",)
    blocks = (call.headers.get(name_in(WSA, name)) for name in names)
    wanted = next((block for block in blocks if block is not None), None)
    if wanted is None:
        return
    for parameter in wanted.iterfind(f"{name_in(WSA, 'ReferenceParameters')}/*"):
        echo = copy.deepcopy(parameter)
        echo.tail = None
        echo.set(name_in(WSA, "IsReferenceParameter"), "true")
        yield echo


def _block(name: str, text: str) -> etree._Element:
    element = etree.Element(name_in(WSA, name), nsmap={"wsa": WSA})
    element.text = text
    return element
