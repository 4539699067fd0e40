"""Long texts within a document: where they stand, and their bytes, without a tree of them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from xml.parsers import expat

from server.domain.content import cut_pieces
from server.xmlio.base64_stream import NotBase64, decode
from server.xmlio.safe_parsing import XmlLimits, XmlProblem, XmlRejected

_SEPARATOR = " "
Name = str


@dataclass
class Span:
    """An element of a document, and from where to where (bytes) its text stands.

    `path` are the names (`{namespace}local`) from the root to the element, both included.
    """

    path: tuple[Name, ...]
    attributes: dict[str, str]
    start: int = 0
    end: int = 0
    has_children: bool = False


class SpanScanner:
    """Finds the texts of elements; `keeps` says by the path of which ones.

    No DTD, and within such a text neither comments nor CDATA nor processing instructions.
    """

    def __init__(self, limits: XmlLimits, keeps: Callable[[tuple[Name, ...]], bool]) -> None:
        self._limits = limits
        self._keeps = keeps
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._open: list[Span] = []
        self._elements = 0
        self.found: list[Span] = []

    def scan(self, pieces: Iterable[bytes]) -> tuple[Span, ...]:
        """The kept elements in the order of their ends; raises XmlRejected."""
        parser = self._parser
        parser.StartElementHandler = self._start_element
        parser.EndElementHandler = self._end_element
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.CommentHandler = self._meet_markup
        parser.ProcessingInstructionHandler = self._meet_markup
        parser.StartCdataSectionHandler = self._meet_markup
        try:
            for piece in pieces:
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            reason = f"Das Dokument ist nicht wohlgeformt (Zeile {error.lineno})."
            raise XmlRejected(XmlProblem.NOT_WELL_FORMED, reason) from None
        except (LookupError, ValueError):
            raise XmlRejected(
                XmlProblem.NOT_WELL_FORMED, "Die Kodierung des Dokuments ist unbekannt."
            ) from None
        return tuple(self.found)

    def _start_element(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._open:
            self._open[-1].has_children = True
        path = (*(self._open[-1].path if self._open else ()), _to_clark_name(name))
        if self._elements > self._limits.elements or len(path) > self._limits.depth:
            raise XmlRejected(
                XmlProblem.TOO_MANY_ELEMENTS, "Das Dokument hat zu viele Elemente oder Ebenen."
            )
        clark = {_to_clark_name(key): value for key, value in attributes.items()}
        self._open.append(Span(path, clark))
        kept = self._keeps(path)
        self._parser.CharacterDataHandler = self._start_text if kept else None

    def _start_text(self, _text: str) -> None:
        # Where it begins is all that is asked for: expat need not hand over the rest.
        self._open[-1].start = self._parser.CurrentByteIndex
        self._parser.CharacterDataHandler = None

    def _end_element(self, _name: str) -> None:
        span = self._open.pop()
        self._parser.CharacterDataHandler = None
        if self._keeps(span.path):
            span.end = self._parser.CurrentByteIndex
            span.start = span.start or span.end
            self.found.append(span)

    def _meet_markup(self, *_markup: object) -> None:
        if self._open and self._keeps(self._open[-1].path):
            raise XmlRejected(
                XmlProblem.NOT_WELL_FORMED, "In einem Inhalt steht etwas anderes als Base64."
            )

    def _refuse_doctype(self, *_declaration: object) -> None:
        raise XmlRejected(XmlProblem.HAS_DOCTYPE, "Das Dokument enthält eine DTD.")


class RangeReader:
    """Reads ranges of a source that can be read from its beginning only.

    Who asks for the ranges in their order reads the source once; any other order is possible,
    and starts anew.
    """

    def __init__(self, read: Callable[[], Iterator[bytes]]) -> None:
        self._read = read
        self._cursor: _Cursor | None = None

    def read_range(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to but without `end`, in pieces."""
        cursor, self._cursor = self._cursor, None
        if cursor is None or cursor.position > start:
            cursor = _Cursor(self._read())
        for _ in cursor.advance(start):
            pass
        yield from cursor.advance(end)
        self._cursor = cursor


@dataclass
class _Cursor:
    pieces: Iterator[bytes]
    position: int = 0
    rest: memoryview = field(default_factory=lambda: memoryview(b""))

    def advance(self, end: int) -> Iterator[bytes]:
        while self.position < end:
            if not self.rest:
                self.rest = memoryview(next(self.pieces, b""))
                if not self.rest:
                    raise ValueError("the source is shorter than it was")
            taken, self.rest = self.rest[: end - self.position], self.rest[end - self.position :]
            self.position += len(taken)
            yield bytes(taken)


class Base64Content:
    """The bytes whose base64 stands in a range of a source. Raises NotBase64 at any reading."""

    def __init__(self, reader: RangeReader, start: int, end: int) -> None:
        self._reader = reader
        self._range = start, end

    @property
    def size(self) -> int:
        return self._measured[0]

    @property
    def sha256(self) -> str:
        return self._measured[1]

    def read(self) -> bytes:
        """All bytes."""
        return b"".join(self._decode())

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """All bytes in pieces of `size`."""
        return cut_pieces(self._decode(), size)

    @cached_property
    def _measured(self) -> tuple[int, str]:
        size, digest = 0, sha256()
        for piece in self._decode():
            size += len(piece)
            digest.update(piece)
        return size, digest.hexdigest()

    def _decode(self) -> Iterator[bytes]:
        return decode(self._reader.read_range(*self._range))


def is_base64(content: Base64Content) -> bool:
    """True where the whole can be read."""
    try:
        return content.size >= 0
    except NotBase64:
        return False


def _to_clark_name(name: str) -> str:
    namespace, separator, local = name.rpartition(_SEPARATOR)
    return f"{{{namespace}}}{local}" if separator else local
