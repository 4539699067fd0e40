"""Taking a request apart: envelope, addressing, action, headers, body."""

from collections.abc import Iterable, Mapping

from lxml import etree

from server.soap.call import Call
from server.soap.dialect import DIALECTS, Dialect
from server.soap.wire_fault import FaultCode, WireFault, malformed
from server.xmlio.namespaces import SOAP11, WSA, name_in
from server.xmlio.wsdl_contract import Operation

# What a SOAP tool sends where the contract wants an empty body.
_EMPTY_BODY = "EmptyBody"
_WSA_HEADERS = frozenset(
    name_in(WSA, name)
    for name in ("Action", "To", "From", "ReplyTo", "FaultTo", "MessageID", "RelatesTo")
)
_INVALID_CARDINALITY = ("InvalidAddressingHeader", "InvalidCardinality")
_TRUE = ("1", "true")


def open_envelope(root: etree._Element, spoken: Iterable[Dialect], call: Call) -> None:
    """Fills dialect, headers and body of the call; raises WireFault where it is no envelope."""
    call.dialect = _find_dialect(root, spoken, call)
    header = root.find(call.dialect.name("Header"))
    body = root.find(call.dialect.name("Body"))
    if body is None:
        raise malformed("Der SOAP-Umschlag hat keinen Body.")
    call.headers = _collect_headers(header)
    call.body = _find_body_child(body)
    call.message_id = _header_text(call, "MessageID")


def _find_dialect(root: etree._Element, spoken: Iterable[Dialect], call: Call) -> Dialect:
    qname = etree.QName(root)
    if qname.localname != "Envelope":
        raise malformed("Das Wurzelelement ist kein SOAP-Umschlag (Envelope).")
    dialect = DIALECTS.get(qname.namespace or "")
    if dialect is not None and dialect in spoken:
        return dialect
    # Who speaks SOAP 1.1 is told in SOAP 1.1 (SOAP 1.2 part 1, appendix A).
    call.dialect = dialect or call.dialect
    versions = " und ".join(sorted(item.namespace for item in spoken))
    raise malformed(
        f"Die SOAP-Version {qname.namespace} wird hier nicht gesprochen; erwartet: {versions}.",
        FaultCode.VERSION_MISMATCH,
    )


def _collect_headers(header: etree._Element | None) -> Mapping[str, etree._Element]:
    headers: dict[str, etree._Element] = {}
    for block in header if header is not None else ():
        name = str(block.tag)
        if name in headers and name != name_in(WSA, "RelatesTo"):
            raise malformed(
                f"Der Header {etree.QName(block).localname} steht mehrmals da.",
                addressing_subcodes=_INVALID_CARDINALITY if name in _WSA_HEADERS else (),
            )
        headers[name] = block
    return headers


def _find_body_child(body: etree._Element) -> etree._Element | None:
    children = list(body)
    if len(children) > 1:
        raise malformed("Der SOAP-Body darf höchstens ein Element enthalten.")
    if children and children[0].tag == _EMPTY_BODY and len(children[0]) == 0:
        body.remove(children[0])
        return None
    return children[0] if children else None


def _header_text(call: Call, name: str) -> str:
    block = call.headers.get(name_in(WSA, name))
    return "" if block is None else (block.text or "").strip()


def find_action(call: Call, soap_action: str) -> str:
    """The action of a request; empty where there is none. Contradictory ones are refused.

    It may stand in wsa:Action, in the Content-Type of SOAP 1.2, and in SOAPAction.
    """
    stated = {
        _header_text(call, "Action"),
        soap_action.strip().strip('"'),
        *(action for item in call.content_types for action in item.find_actions()),
    } - {""}
    if len(stated) > 1:
        raise malformed(
            "Die Anfrage nennt widersprüchliche Actions: " + ", ".join(sorted(stated)) + ".",
            addressing_subcodes=("InvalidAddressingHeader", "ActionMismatch"),
        )
    return next(iter(stated), "")


def unknown_action(action: str) -> WireFault:
    """The action is none of this port, or there is none."""
    if not action:
        subcodes = ("MessageAddressingHeaderRequired",)
        return malformed("Die Anfrage nennt keine Action.", addressing_subcodes=subcodes)
    return malformed(
        f"Die Action „{action}“ gibt es an diesem Port nicht.",
        addressing_subcodes=("ActionNotSupported",),
    )


def check_headers(call: Call, operation: Operation) -> None:
    """Raises WireFault where a header must be understood, but is not."""
    for name, block in call.headers.items():
        if name in _WSA_HEADERS or name in operation.input_headers:
            continue
        if _must_be_understood(block, call.dialect):
            raise malformed(
                f"Der Header {etree.QName(block).localname} muss verstanden werden, ist hier "
                "aber nicht bekannt.",
                FaultCode.MUST_UNDERSTAND,
            )


def drop_envelope_attributes(call: Call) -> None:
    """Takes mustUnderstand, role and relay off the headers: they belong to SOAP.

    Any header may carry them (SOAP 1.2 part 1, 5.2); the types of the contract do not name them.
    """
    for block in call.headers.values():
        for name in [key for key in block.attrib if key.startswith(call.dialect.name(""))]:
            del block.attrib[name]


def _must_be_understood(block: etree._Element, dialect: Dialect) -> bool:
    # A block for another role than the last receiver's is none of our business.
    role = block.get(dialect.name("actor" if dialect.namespace == SOAP11 else "role"), "")
    is_for_us = role in ("", f"{dialect.namespace}/role/ultimateReceiver")
    return is_for_us and block.get(dialect.name("mustUnderstand"), "").strip() in _TRUE


def check_body(call: Call, operation: Operation) -> None:
    """Raises WireFault where the body is not the one of the operation."""
    found = None if call.body is None else str(call.body.tag)
    if found == operation.input_element:
        return
    expected = operation.input_element or "ein leerer Body"
    raise malformed(f"Der SOAP-Body enthält {found or 'nichts'}, erwartet ist {expected}.")
