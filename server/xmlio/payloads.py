"""What lies in a message: is it XML, do we know its schema, is it valid?

A payload of any type is carried. Only what claims to be XML is looked into, and only a
message of a schema in the catalogue is validated.
"""

import codecs
from dataclasses import dataclass

from lxml import etree

from server.domain.content import Content
from server.domain.routing import RoutingData
from server.errors import Fault, Faults
from server.xmlio.complaint import SchemaComplaint, join_complaints
from server.xmlio.embedded_document import EmbeddedDocument
from server.xmlio.safe_parsing import (
    XmlLimits,
    XmlOutline,
    XmlProblem,
    XmlRejected,
    is_utf8,
    parse_document,
    scan_document,
)
from server.xmlio.schema_catalogue import SchemaCatalogue

_START_SIZE = 64
_UTF16_MARKS = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)


@dataclass(frozen=True)
class PayloadProblem:
    """Why a payload is refused: everything that is wrong with it, in the order of its lines."""

    fault: Fault
    complaints: tuple[SchemaComplaint, ...]

    @property
    def reason(self) -> str:
        """All complaints as one German text."""
        return join_complaints(self.complaints)


@dataclass(frozen=True)
class MessageTypeData:
    """A message type: key, code list (URI, version), and namespace of the message."""

    message_type: str
    message_type_list: tuple[str, str]
    payload_schema: str


class PayloadInspector:
    """Looks into payloads with the schema catalogue."""

    def __init__(self, catalogue: SchemaCatalogue, limits: XmlLimits) -> None:
        self._catalogue = catalogue
        self._limits = limits

    def find_problem(self, payload: Content, payload_schema: str) -> PayloadProblem | None:
        """What is wrong with a payload; None where it may be carried."""
        if not _looks_like_xml(payload):
            return self._find_missing_xml(payload_schema)
        content = payload.read()
        try:
            outline = scan_document(content, self._limits)
            # Also the second parser may refuse what the first let pass (XML 2.0, for example).
            return self._find_wrong_root(outline, payload_schema) or self._find_invalid(
                content, outline
            )
        except XmlRejected as rejected:
            return _describe_rejection(content, rejected)

    def find_root(self, payload: Content) -> str:
        """The root element of a payload as `{namespace}local`; empty where it is no XML."""
        if not _looks_like_xml(payload):
            return ""
        try:
            return scan_document(payload.read(), self._limits).root
        except XmlRejected:
            return ""

    def is_known(self, payload: Content) -> bool:
        """True where the catalogue has a schema for the root of a payload."""
        return self._catalogue.find(self.find_root(payload)) is not None

    def read_routing(self, payload: Content) -> RoutingData | None:
        """What a payload says of itself; None where its message has no profile."""
        message = self._catalogue.find_message(self.find_root(payload))
        try:
            return message.read_routing(self.parse(payload)) if message else None
        except XmlRejected:
            return None

    def read_documents(self, payload: Content) -> tuple[EmbeddedDocument, ...]:
        """The PDF documents within a payload that has been found to be without problem."""
        message = self._catalogue.find_message(self.find_root(payload))
        if message is None or not message.has_documents:
            return ()
        return message.read_documents(self.parse(payload))

    def find_type(self, payload: Content) -> MessageTypeData | None:
        """The message type of a payload by its profile; None where it has none."""
        root = self.find_root(payload)
        profile, message = self._catalogue.find_profile(root), self._catalogue.find_message(root)
        if profile is None or message is None:
            return None
        return MessageTypeData(message.message_type, profile.message_type_list, profile.namespace)

    def parse(self, payload: Content) -> etree._Element:
        """The root of a payload that has been found to be without problem."""
        return parse_document(payload.read(), self._limits)

    def _find_missing_xml(self, payload_schema: str) -> PayloadProblem | None:
        if not self._catalogue.find(f"{{{payload_schema}}}"):
            return None
        return _refuse(
            Faults.SCHEMA_VIOLATION,
            f"Angekündigt ist eine Nachricht nach {payload_schema}, der Inhalt ist kein XML.",
        )

    def _find_wrong_root(self, outline: XmlOutline, payload_schema: str) -> PayloadProblem | None:
        is_announced = self._catalogue.find(f"{{{payload_schema}}}") is not None
        if not is_announced or outline.root.startswith(f"{{{payload_schema}}}"):
            return None
        return _refuse(
            Faults.SCHEMA_VIOLATION,
            f"Angekündigt ist eine Nachricht nach {payload_schema}, "
            f"das Wurzelelement ist {outline.root}.",
        )

    def _find_invalid(self, content: bytes, outline: XmlOutline) -> PayloadProblem | None:
        schema = self._catalogue.find(outline.root)
        if schema is None:
            return None
        if not is_utf8(content, outline):
            return _refuse(
                Faults.WRONG_ENCODING,
                f"Die Nachricht ist in {outline.encoding or 'einer anderen Kodierung'} "
                "statt in UTF-8 kodiert.",
            )
        complaints = schema.check(parse_document(content, self._limits))
        return PayloadProblem(Faults.SCHEMA_VIOLATION, complaints) if complaints else None


def _looks_like_xml(payload: Content) -> bool:
    # What the sender says about the type does not count: the bytes do.
    start = next(payload.read_chunks(_START_SIZE), b"")
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    return text.startswith(b"<") or start.startswith(_UTF16_MARKS)


def _describe_rejection(content: bytes, rejected: XmlRejected) -> PayloadProblem:
    if rejected.problem == XmlProblem.NOT_WELL_FORMED and not _is_decodable(content):
        return _refuse(Faults.WRONG_ENCODING, "Die Nachricht ist nicht in UTF-8 kodiert.")
    return _refuse(Faults.SCHEMA_VIOLATION, rejected.reason)


def _refuse(fault: Fault, reason: str) -> PayloadProblem:
    """A problem of the whole payload, not of a line."""
    return PayloadProblem(fault, (SchemaComplaint(None, reason),))


def _is_decodable(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
