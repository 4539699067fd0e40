"""A WSDL file read as the contract that requests and responses are held to.

What the SOAP layer needs comes from the contract file itself, so that they cannot drift
apart: the operations with action, body element and header parts, and one schema for whole
envelopes.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from server.xmlio.namespaces import WSDL, WSDL_SOAP11, WSDL_SOAP12, XSD, name_in
from server.xmlio.schema import Schema


@dataclass(frozen=True)
class Operation:
    """One operation; elements are `{namespace}local`, None stands for an empty body.

    `faults` are the elements that may stand in the detail of its faults.
    """

    name: str
    action: str
    input_element: str | None
    output_element: str | None
    input_headers: frozenset[str]
    faults: frozenset[str]
    port_type: str


@dataclass(frozen=True)
class Contract:
    """The operations of a WSDL, and the schema of its envelopes by their namespace."""

    path: Path
    target_namespace: str
    operations: tuple[Operation, ...]
    schemas: Mapping[str, Schema]

    def find_by_action(self, port_type: str, action: str) -> Operation | None:
        """The operation of a port that has this action."""
        return next(
            (
                operation
                for operation in self.operations
                if (operation.port_type, operation.action) == (port_type, action)
            ),
            None,
        )

    def find_by_input(self, port_type: str, element: str) -> Operation | None:
        """The operation of a port whose request has this body element."""
        return next(
            (
                operation
                for operation in self.operations
                if (operation.port_type, operation.input_element) == (port_type, element)
            ),
            None,
        )


def read_contract(path: Path, envelope_schemas: Mapping[str, Path]) -> Contract:
    """The contract of a WSDL file; `envelope_schemas` by the namespace of the SOAP version."""
    root = etree.parse(str(path), etree.XMLParser(no_network=True)).getroot()
    return Contract(
        path,
        root.get("targetNamespace", ""),
        tuple(_WsdlReader(root).read_operations()),
        {
            namespace: _compile_envelope_schema(root, path, envelope_schema)
            for namespace, envelope_schema in envelope_schemas.items()
        },
    )


class _WsdlReader:
    """Finds the operations of the bindings; several bindings of a port type give them once."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._parts = {
            (message.get("name"), part.get("name")): _resolve_name(part, "element")
            for message in root.iter(name_in(WSDL, "message"))
            for part in message.iter(name_in(WSDL, "part"))
        }

    def read_operations(self) -> Iterator[Operation]:
        seen: set[tuple[str, str]] = set()
        for binding in self._root.iter(name_in(WSDL, "binding")):
            port_type = _local(binding.get("type", ""))
            for element in binding.findall(name_in(WSDL, "operation")):
                operation = self._read_operation(port_type, element)
                if (port_type, operation.name) not in seen:
                    seen.add((port_type, operation.name))
                    yield operation

    def _read_operation(self, port_type: str, bound: etree._Element) -> Operation:
        name = bound.get("name", "")
        declared = self._find_declared(port_type, name)
        return Operation(
            name,
            _find_soap(bound, "operation").get("soapAction", ""),
            self._read_body(declared, bound, "input"),
            self._read_body(declared, bound, "output"),
            frozenset(self._read_headers(bound)),
            frozenset(self._read_faults(declared)),
            port_type,
        )

    def _find_declared(self, port_type: str, name: str) -> etree._Element:
        for candidate in self._root.iter(name_in(WSDL, "portType")):
            if candidate.get("name") == port_type:
                for operation in candidate.findall(name_in(WSDL, "operation")):
                    if operation.get("name") == name:
                        return operation
        raise ValueError(f"operation {name} is bound, but not declared in {port_type}")

    def _read_body(
        self, declared: etree._Element, bound: etree._Element, direction: str
    ) -> str | None:
        message_element = declared.find(name_in(WSDL, direction))
        bound_element = bound.find(name_in(WSDL, direction))
        if message_element is None or bound_element is None:
            return None
        message = _local(message_element.get("message", ""))
        names = _find_soap(bound_element, "body").get("parts")
        for (owner, part), element in self._parts.items():
            if owner == message and (names is None or part in names.split()):
                return element
        return None

    def _read_faults(self, declared: etree._Element) -> Iterator[str]:
        messages = {
            _local(fault.get("message", "")) for fault in declared.findall(name_in(WSDL, "fault"))
        }
        return (element for (owner, _), element in self._parts.items() if owner in messages)

    def _read_headers(self, bound: etree._Element) -> Iterator[str]:
        direction = bound.find(name_in(WSDL, "input"))
        if direction is None:
            return
        for namespace in (WSDL_SOAP11, WSDL_SOAP12):
            for header in direction.iter(name_in(namespace, "header")):
                yield self._parts[_local(header.get("message", "")), header.get("part")]


def _find_soap(parent: etree._Element, name: str) -> etree._Element:
    for namespace in (WSDL_SOAP12, WSDL_SOAP11):
        found = parent.find(name_in(namespace, name))
        if found is not None:
            return found
    raise ValueError(f"no soap:{name} in {parent.tag!r}")


def _resolve_name(element: etree._Element, attribute: str) -> str:
    prefix, _, local_name = element.get(attribute, "").rpartition(":")
    return name_in(element.nsmap[prefix or None], local_name)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _compile_envelope_schema(root: etree._Element, path: Path, envelope_schema: Path) -> Schema:
    """The types of the WSDL and the envelope in one schema.

    The envelope's own schema is lax in header and body: what the contract declares there is
    validated with it.
    """
    inline = root.find(f"{name_in(WSDL, 'types')}/{name_in(XSD, 'schema')}")
    if inline is None:
        raise ValueError(f"{path} has no types")
    driver = copy.deepcopy(inline)
    envelope = etree.parse(str(envelope_schema)).getroot()
    extra = etree.Element(name_in(XSD, "import"))
    extra.set("namespace", envelope.get("targetNamespace", ""))
    extra.set("schemaLocation", envelope_schema.as_uri())
    driver.insert(0, extra)
    document = etree.fromstring(etree.tostring(driver), base_url=str(path))
    return Schema(document)
