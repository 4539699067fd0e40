"""Delivery to another data centre, which puts the message into the mailbox of its reader.

A repeat after a crash does nothing twice: the other side knows the MessageID and the content, and
accepts them again as before.
"""

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from clients.xta import ForwardedMessage, ForwardedPart, XtaError
from persistence.blobs import Blobs
from persistence.stores.orders import DeliveryOrder
from server.domain.content import Content
from server.domain.data_centre import DataCentre
from server.domain.destination import Destination
from server.domain.message import MessageEvent
from server.domain.stored_message import ContentPart, PartKind, StoredMessage
from server.services.centre_links import CentreLinks
from server.services.delivering.centre_faults import judge_refusal
from server.services.delivering.channel import DependencyDown, DestinationGone, Outcome
from server.services.directory import DirectoryUnavailable
from server.services.serving_centres import ServingCentres
from server.xmlio.encryption.encrypted_data import refer_to_content

_CHUNK = 256 * 1024


# What is sent of a message to the data centre of this name: the same at every attempt.
FindParts = Callable[[StoredMessage, str], tuple[ContentPart, ...]]


def _find_all_parts(message: StoredMessage, _centre: str) -> tuple[ContentPart, ...]:
    return message.parts


class CentreChannel:
    """Forwards messages as they came, their contents streamed from the blob store."""

    def __init__(
        self,
        blobs: Blobs,
        centres: ServingCentres,
        links: CentreLinks,
        *,
        find_parts: FindParts = _find_all_parts,
    ) -> None:
        self._blobs = blobs
        self._centres = centres
        self._links = links
        self._find_parts = find_parts

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Returns when the other data centre has the message durably."""
        centre = self._find_centre(message, destination)
        outgoing = self._write(message, centre)
        try:
            self._links.connect(centre).forward(outgoing)
        except XtaError as error:
            self._look_up_anew(message)
            raise judge_refusal(error, centre) from error
        return Outcome(MessageEvent.FORWARDED, centre.title, forwarded_to=centre)

    def _find_centre(self, message: StoredMessage, destination: Destination) -> DataCentre:
        reader = message.head.reader
        try:
            centre = self._centres.find_other(reader)
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error
        if centre is None or centre.name != destination.name:
            raise DestinationGone(str(destination))
        return centre

    def _look_up_anew(self, message: StoredMessage) -> None:
        """The reader may have moved meanwhile: the next attempt shall know it."""
        try:
            self._centres.find_other(message.head.reader, is_asked_anew=True)
        except DirectoryUnavailable:
            return

    def _write(self, message: StoredMessage, centre: DataCentre) -> ForwardedMessage:
        parts = tuple(map(self._write_part, self._find_parts(message, centre.name)))
        return ForwardedMessage(message.head.metadata_xml, parts, message.tokens_xml)

    def _write_part(self, part: ContentPart) -> ForwardedPart:
        content: Content = self._blobs.find(part.blob)
        referred: dict[str, Content] = {}
        if part.kind == PartKind.ENCRYPTED:
            # Beside the envelope it is a quarter smaller, and may be larger than an envelope.
            content, referred = refer_to_content(content)
        beside = {content_id: _WireContent(item) for content_id, item in referred.items()}
        return ForwardedPart(part.kind.value, _WireContent(content), part.attributes, beside)


class _WireContent:
    """A stored content as clients read it: opened again and again, never held as a whole."""

    def __init__(self, content: Content) -> None:
        self._content = content

    @property
    def size(self) -> int:
        return self._content.size

    def open(self) -> BinaryIO:
        raw = _ChunkReader(self._content.read_chunks(_CHUNK))
        return cast(BinaryIO, io.BufferedReader(raw, _CHUNK))


class _ChunkReader(io.RawIOBase):
    """A stream over pieces."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = memoryview(next(self._chunks, b""))
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
