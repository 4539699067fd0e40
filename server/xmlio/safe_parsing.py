"""Parsing of XML that strangers send.

The limits hold and a document type is refused before lxml builds a tree: no DTD, so no entities,
no expansion and nothing fetched from elsewhere. Where a look at the bytes is enough to say so, it
is taken; else, and to tell what is wrong, a first pass with expat counts what it meets.
"""

import codecs
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from xml.parsers import expat

from lxml import etree

_NAMESPACE_SEPARATOR = " "
_UTF16_MARKS = (codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE)


class XmlProblem(StrEnum):
    """Why a document is refused."""

    NOT_WELL_FORMED = "not-well-formed"
    HAS_DOCTYPE = "has-doctype"
    TOO_DEEP = "too-deep"
    TOO_MANY_ELEMENTS = "too-many-elements"


class XmlRejected(Exception):
    """A document that is not parsed; `reason` is a German sentence."""

    def __init__(self, problem: XmlProblem, reason: str) -> None:
        super().__init__(reason)
        self.problem = problem
        self.reason = reason


@dataclass(frozen=True)
class XmlLimits:
    """How many elements a document may have and how deep they may nest."""

    elements: int = 20_000
    depth: int = 64


@dataclass(frozen=True)
class XmlOutline:
    """What the first pass saw: the root as `{namespace}local` and the declared encoding."""

    root: str
    encoding: str


class _Scanner:
    """Counts what expat meets."""

    def __init__(self, limits: XmlLimits) -> None:
        self._limits = limits
        self._depth = 0
        self._elements = 0
        self.root = ""
        self.encoding = ""

    def scan(self, content: bytes) -> XmlOutline:
        parser = expat.ParserCreate(namespace_separator=_NAMESPACE_SEPARATOR)
        parser.StartElementHandler = self._start_element
        parser.EndElementHandler = self._end_element
        parser.StartDoctypeDeclHandler = self._start_doctype
        parser.XmlDeclHandler = self._declare
        parser.Parse(content, True)
        return XmlOutline(_to_clark_name(self.root), self.encoding)

    def _start_element(self, name: str, _attributes: object) -> None:
        self._depth += 1
        self._elements += 1
        self.root = self.root or name
        if self._depth > self._limits.depth:
            raise _too_deep(self._limits)
        if self._elements > self._limits.elements:
            raise XmlRejected(
                XmlProblem.TOO_MANY_ELEMENTS,
                f"Das Dokument hat mehr als {self._limits.elements} Elemente.",
            )

    def _end_element(self, _name: str) -> None:
        self._depth -= 1

    def _start_doctype(self, *_declaration: object) -> None:
        raise XmlRejected(
            XmlProblem.HAS_DOCTYPE, "Das Dokument enthält eine DTD; DTDs sind nicht erlaubt."
        )

    def _declare(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.encoding = encoding or ""


def scan_document(content: bytes, limits: XmlLimits) -> XmlOutline:
    """Root and encoding of a document within the limits; raises XmlRejected."""
    try:
        return _Scanner(limits).scan(content)
    except expat.ExpatError as error:
        raise XmlRejected(XmlProblem.NOT_WELL_FORMED, _describe(error)) from None
    except (LookupError, ValueError):
        raise XmlRejected(
            XmlProblem.NOT_WELL_FORMED, "Die Kodierung des Dokuments ist unbekannt."
        ) from None


def parse_document(content: bytes, limits: XmlLimits) -> etree._Element:
    """The root of a document within the limits; raises XmlRejected."""
    if not _is_plain(content, limits):
        scan_document(content, limits)
    root = _parse(content, limits)
    if root.getroottree().docinfo.internalDTD is not None:
        raise XmlRejected(XmlProblem.HAS_DOCTYPE, "Das Dokument enthält eine DTD.")
    if _compile_too_deep(limits.depth)(root):
        raise _too_deep(limits)
    return root


def outline_of(root: etree._Element, content: bytes) -> XmlOutline:
    """Root and encoding of a parsed document, by mark, by declaration, or else UTF-8."""
    if content.startswith(_UTF16_MARKS):
        return XmlOutline(str(root.tag), "UTF-16")
    return XmlOutline(str(root.tag), root.getroottree().docinfo.encoding or "UTF-8")


def parse_own(content: bytes) -> etree._Element:
    """The root of a document that was parsed within the limits before it was stored."""
    return etree.fromstring(content, _make_parser())


def is_utf8(content: bytes, outline: XmlOutline) -> bool:
    """True where a document is declared as UTF-8 (or not at all) and is."""
    if outline.encoding.lower() not in ("", "utf-8", "utf8") or content.startswith(_UTF16_MARKS):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


# UTF-8, declared or not, and then the root element: what comes first can hide nothing.
_PLAIN_START = re.compile(
    rb"(?:\xef\xbb\xbf)?"
    rb"(?:<\?xml\s+version=[\"']1\.0[\"'](?:\s+encoding=[\"'](?i:utf-8)[\"'])?\s*\?>)?"
    rb"\s*<[^?!]"
)


def _is_plain(content: bytes, limits: XmlLimits) -> bool:
    """True where the bytes alone show that there is no DTD and that the elements are few."""
    return (
        _PLAIN_START.match(content) is not None
        and b"\0" not in content
        and b"<!DOCTYPE" not in content
        and content.count(b"<") <= limits.elements
    )


def _parse(content: bytes, limits: XmlLimits) -> etree._Element:
    try:
        return etree.fromstring(content, _make_parser())
    except etree.XMLSyntaxError as error:
        # The first pass tells better what is wrong.
        scan_document(content, limits)
        raise XmlRejected(
            XmlProblem.NOT_WELL_FORMED, f"Das XML ist nicht wohlgeformt (Zeile {error.lineno})."
        ) from None


@lru_cache
def _compile_too_deep(depth: int) -> etree.XPath:
    """Whether there is an element below this depth."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def _too_deep(limits: XmlLimits) -> XmlRejected:
    return XmlRejected(
        XmlProblem.TOO_DEEP,
        f"Die Elemente sind tiefer als {limits.depth} Ebenen verschachtelt.",
    )


def _make_parser() -> etree.XMLParser:
    # huge_tree lifts the 10 MB limit of a text node: an attachment is one text node. The
    # limits that it lifts beside have been enforced by the first pass.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )


def _describe(error: expat.ExpatError) -> str:
    return f"Das XML ist nicht wohlgeformt (Zeile {error.lineno}, Spalte {error.offset})."


def _to_clark_name(name: str) -> str:
    namespace, separator, local_name = name.rpartition(_NAMESPACE_SEPARATOR)
    return f"{{{namespace}}}{local_name}" if separator else local_name
