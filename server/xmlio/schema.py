"""Compiled schemas, and their complaints in German."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

_MAX_COMPLAINTS = 5
_VALUE_LENGTH = 80
_UNKNOWN_ROOT = "SCHEMAV_CVC_ELT_1"
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)\.$", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'")
_BRACED = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class SchemaComplaint:
    """One violation; `text` is a German sentence that names line and element.

    `line` is None where it is about the whole document.
    """

    line: int | None
    text: str


class Schema:
    """A compiled schema that threads may share."""

    def __init__(self, document: etree._Element) -> None:
        self._schema = etree.XMLSchema(document)
        self._lock = threading.Lock()

    def check(self, root: etree._Element) -> tuple[SchemaComplaint, ...]:
        """The first violations of a document; empty where it is valid."""
        with self._lock:
            if self._schema.validate(root):
                return ()
            # libxml2 reports one mistake several times, as facet and as type.
            found = {(entry.line, _describe(entry)): None for entry in self._schema.error_log}
        return tuple(SchemaComplaint(*item) for item in list(found)[:_MAX_COMPLAINTS])

    def declares(self, element: str) -> bool:
        """True where a document may have this root (`{namespace}local`)."""
        with self._lock:
            if self._schema.validate(etree.Element(element)):
                return True
            return all(entry.type_name != _UNKNOWN_ROOT for entry in self._schema.error_log)


def join_complaints(complaints: tuple[SchemaComplaint, ...]) -> str:
    """All complaints as one German text."""
    return " ".join(complaint.text for complaint in complaints)


def _describe(entry: etree._LogEntry) -> str:
    message = entry.message
    place = f"Zeile {entry.line}, Element „{_find_element(message)}“"
    describe = _DESCRIPTIONS.get(entry.type_name, _describe_other)
    return f"{place}: {describe(message)}"


def _find_element(message: str) -> str:
    match = re.match(r"Element '([^']*)'", message)
    return _strip_namespaces(match.group(1)) if match else "?"


def _strip_namespaces(text: str) -> str:
    return _BRACED.sub("", text)


def _describe_content(message: str) -> str:
    match = _EXPECTED.search(message)
    if not match:
        return "steht hier nicht oder ist unvollständig."
    expected = _strip_namespaces(match.group(1)).replace(", ", " oder ")
    if "Missing child" in message:
        return f"ist unvollständig, es fehlt {expected}."
    return f"steht hier nicht, erwartet ist {expected}."


def _describe_value(message: str) -> str:
    values = _QUOTED.findall(message)
    value = values[-2] if len(values) > 2 else ""  # noqa: PLR2004
    if len(value) > _VALUE_LENGTH:
        value = value[:_VALUE_LENGTH] + " …"
    return f"der Wert „{value}“ hat nicht die verlangte Form." if value else _NO_VALUE


def _describe_attribute(message: str) -> str:
    values = _QUOTED.findall(message)
    return f"das Attribut „{_strip_namespaces(values[-1])}“ fehlt."


def _describe_unknown_root(_message: str) -> str:
    return "ist in den Schemata nicht bekannt."


def _describe_other(message: str) -> str:
    match = re.search(r"attribute '([^']*)'", message)
    name = _strip_namespaces(match.group(1)) if match else ""
    return f"das Attribut „{name}“ verletzt das Schema." if name else "verletzt das Schema."


_NO_VALUE = "der Wert hat nicht die verlangte Form."

_DESCRIPTIONS: dict[str, Callable[[str], str]] = {
    "SCHEMAV_ELEMENT_CONTENT": _describe_content,
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": _describe_value,
    "SCHEMAV_CVC_COMPLEX_TYPE_4": _describe_attribute,
    _UNKNOWN_ROOT: _describe_unknown_root,
    "SCHEMAV_CVC_PATTERN_VALID": lambda _message: _NO_VALUE,
    "SCHEMAV_CVC_ENUMERATION_VALID": lambda _message: _NO_VALUE,
    "SCHEMAV_CVC_MINLENGTH_VALID": lambda _message: "der Wert ist zu kurz.",
    "SCHEMAV_CVC_MAXLENGTH_VALID": lambda _message: "der Wert ist zu lang.",
}
