"""What lies in a message: is it XML, do we know its schema, is it valid?

A payload of any type is carried. Only what claims to be XML is looked into, and only a
message of a schema in the catalogue is validated.
"""

import codecs
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from lxml import etree

from server.domain.content import Content
from server.domain.figures import ClaimSum
from server.domain.routing import RoutingData
from server.errors import Fault, Faults
from server.xmlio.complaint import SchemaComplaint, join_complaints
from server.xmlio.embedded_document import EmbeddedDocument
from server.xmlio.safe_parsing import (
    XmlLimits,
    XmlProblem,
    XmlRejected,
    is_utf8,
    outline_of,
    parse_document,
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


@dataclass(frozen=True)
class _Opened:
    """What lies in a payload: the tree, or why it has none; neither where it is no XML."""

    content: bytes = b""
    root: etree._Element | None = None
    rejected: XmlRejected | None = None

    @property
    def name(self) -> str:
        return "" if self.root is None else str(self.root.tag)


class PayloadInspector:
    """Looks into payloads with the schema catalogue; threads may share it.

    A payload is read and parsed once, however often it is asked about, as long as it is there.
    """

    def __init__(self, catalogue: SchemaCatalogue, limits: XmlLimits) -> None:
        self._catalogue = catalogue
        self._limits = limits
        self._opened: WeakKeyDictionary[Content, _Opened] = WeakKeyDictionary()

    def find_problem(self, payload: Content, payload_schema: str) -> PayloadProblem | None:
        """What is wrong with a payload; None where it may be carried."""
        opened = self._open(payload)
        if opened.rejected:
            return _describe_rejection(opened.content, opened.rejected)
        if opened.root is None:
            return self._find_missing_xml(payload_schema)
        return self._find_wrong_root(opened.name, payload_schema) or self._find_invalid(opened)

    def find_root(self, payload: Content) -> str:
        """The root element of a payload as `{namespace}local`; empty where it is no XML."""
        return self._open(payload).name

    def is_known(self, payload: Content) -> bool:
        """True where the catalogue has a schema for the root of a payload."""
        return self._catalogue.find(self.find_root(payload)) is not None

    def read_routing(self, payload: Content) -> RoutingData | None:
        """What a payload says of itself; None where its message has no profile."""
        message = self._catalogue.find_message(self.find_root(payload))
        return message.read_routing(self.parse(payload)) if message else None

    def read_claims(self, payload: Content) -> tuple[ClaimSum, ...]:
        """The claims that a payload states; none where its message has no profile, or no claims."""
        message = self._catalogue.find_message(self.find_root(payload))
        return message.read_claims(self.parse(payload)) if message else ()

    def read_documents(self, payload: Content) -> tuple[EmbeddedDocument, ...]:
        """The PDF documents within a payload that has been found to be without problem."""
        message = self._catalogue.find_message(self.find_root(payload))
        if message is None or not message.has_documents:
            return ()
        return message.read_documents(self.parse(payload))

    def digest_content(self, payload: Content) -> str:
        """SHA-256 (hex) of what a payload says; of one without profile, that of its bytes."""
        message = self._catalogue.find_message(self.find_root(payload))
        return message.digest_content(self.parse(payload)) if message else payload.sha256

    def find_type(self, payload: Content) -> MessageTypeData | None:
        """The message type of a payload by its profile; None where it has none."""
        root = self.find_root(payload)
        profile, message = self._catalogue.find_profile(root), self._catalogue.find_message(root)
        if profile is None or message is None:
            return None
        return MessageTypeData(message.message_type, profile.message_type_list, profile.namespace)

    def parse(self, payload: Content) -> etree._Element:
        """The root of a payload; raises XmlRejected. Whoever asks may read it, not change it."""
        opened = self._open(payload)
        if opened.root is None:
            raise opened.rejected or XmlRejected(
                XmlProblem.NOT_WELL_FORMED, "Der Inhalt ist kein XML."
            )
        return opened.root

    def _open(self, payload: Content) -> _Opened:
        opened = self._opened.get(payload)
        if opened is None:
            opened = self._opened[payload] = self._read(payload)
        return opened

    def _read(self, payload: Content) -> _Opened:
        if not _looks_like_xml(payload):
            return _Opened()
        content = payload.read()
        try:
            return _Opened(content, parse_document(content, self._limits))
        except XmlRejected as rejected:
            return _Opened(content, rejected=rejected)

    def _find_missing_xml(self, payload_schema: str) -> PayloadProblem | None:
        if not self._catalogue.find(f"{{{payload_schema}}}"):
            return None
        return _refuse(
            Faults.SCHEMA_VIOLATION,
            f"Angekündigt ist eine Nachricht nach {payload_schema}, der Inhalt ist kein XML.",
        )

    def _find_wrong_root(self, root: str, payload_schema: str) -> PayloadProblem | None:
        is_announced = self._catalogue.find(f"{{{payload_schema}}}") is not None
        if not is_announced or root.startswith(f"{{{payload_schema}}}"):
            return None
        return _refuse(
            Faults.SCHEMA_VIOLATION,
            f"Angekündigt ist eine Nachricht nach {payload_schema}, das Wurzelelement ist {root}.",
        )

    def _find_invalid(self, opened: _Opened) -> PayloadProblem | None:
        schema = self._catalogue.find(opened.name)
        if schema is None or opened.root is None:
            return None
        outline = outline_of(opened.root, opened.content)
        if not is_utf8(opened.content, outline):
            return _refuse(
                Faults.WRONG_ENCODING,
                f"Die Nachricht ist in {outline.encoding} statt in UTF-8 kodiert.",
            )
        complaints = schema.check(opened.root)
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
