"""The contents of one call, which pass by zeep: in its envelopes a mark stands for each of them."""

import base64
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import zeep

from clients.contents import Content, read_whole
from clients.mtom import INCLUDE, PLACE, encode_mark, make_mark
from clients.multipart import PackageUnreadable, ReceivedPackage
from clients.xta.errors import MailboxRefusal

_OSCI = "{http://www.osci.eu/ws/2008/05/transport}"
_CONTENT_ELEMENTS = tuple(
    f"{{http://xoev.de/transport/xta/211}}{name}" for name in ("Message", "Attachment")
)
# What is not a part of a message (certificates, reports) is given to zeep as if it had come inline.
_INLINE_BYTES = 16 * 1024 * 1024


class NothingWaiting(Exception):
    """The answer has no message, because none is selected."""


class Exchange:
    """What goes out and comes in beside the envelopes of one call.

    What comes in and is large is staged in `folder`, or with temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._outgoing: dict[bytes, Content] = {}
        self._raw: dict[bytes, Content] = {}
        self._referred: dict[str, Content] = {}
        self._container_mark = b""
        self._package: ReceivedPackage | None = None
        self._received: dict[bytes, Content] = {}

    @property
    def outgoing(self) -> Mapping[bytes, Content]:
        """Contents that go beside the envelope, by their marks."""
        return self._outgoing

    def add(self, content: Content) -> bytes:
        """Sends a content beside the envelope; returns its mark."""
        mark = make_mark()
        self._outgoing[mark] = content
        return mark

    @property
    def raw(self) -> Mapping[bytes, Content]:
        """Elements (XML) that are put into the envelope as they are, in their order there."""
        return self._raw

    def add_raw(self, element: Content) -> bytes:
        """Puts an element into the envelope as it is; returns the mark of its place."""
        mark = make_mark()
        self._raw[mark] = element
        return mark

    @property
    def referred(self) -> Mapping[str, Content]:
        """Contents to which such elements refer, by their content ids."""
        return self._referred

    def replace_container(
        self, element: Content, referred: Mapping[str, Content] | None = None
    ) -> bytes:
        """The same in place of the container; returns the mark to put into that.

        `referred` go beside the envelope under their content ids.
        """
        self._referred.update(referred or {})
        self._container_mark = self.add_raw(element)
        return self._container_mark

    def place_container(self, envelope: Any) -> None:
        """Gives the element that replaces the container its place."""
        if not self._container_mark:
            return
        marked = encode_mark(self._container_mark)
        (part,) = (item for item in envelope.iter() if item.text == marked)
        replaced = part.getparent()
        place = replaced.makeelement(PLACE)
        place.text = marked
        replaced.getparent().replace(replaced, place)

    def receive(self, package: ReceivedPackage) -> None:
        """Takes an answer in parts."""
        self._package = package

    def find(self, value: bytes) -> bytes | Content:
        """The content that a value is the mark of, or the value itself."""
        return self._received.get(value, value)

    def discard(self) -> None:
        """Removes the temporary files of what came in."""
        if self._package:
            self._package.discard()

    def resolve(self, envelope: Any) -> None:
        """Replaces each reference in an answer; raises PackageUnreadable."""
        for include in list(envelope.iter(INCLUDE)):
            element, content = include.getparent(), self._follow(include)
            element.remove(include)
            element.text = self._mark(content, str(element.tag))

    def _follow(self, include: Any) -> Content:
        scheme, _, content_id = (include.get("href") or "").strip().partition(":")
        parts = self._package.parts if self._package else {}
        content = parts.get(unquote(content_id)) if scheme.lower() == "cid" else None
        if content is None or include.getparent() is None:
            raise PackageUnreadable("the envelope refers to a part that the answer does not have")
        return content

    def _mark(self, content: Content, element: str) -> str:
        if element in _CONTENT_ELEMENTS:
            mark = make_mark()
            self._received[mark] = content
            return encode_mark(mark)
        if content.size > _INLINE_BYTES:
            raise PackageUnreadable(f"{element} is larger than {_INLINE_BYTES} bytes")
        return base64.b64encode(read_whole(content)).decode("ascii")


class CurrentExchange(threading.local):
    """The exchange of the call that this thread is in; zeep has no place for it."""

    def __init__(self) -> None:
        self.exchange = Exchange()

    @contextmanager
    def using(self, exchange: Exchange) -> Iterator[None]:
        """Makes it the current one until the end of the block."""
        self.exchange = exchange
        try:
            yield
        finally:
            self.exchange = Exchange()


class AnswerReader(zeep.Plugin):
    """Sees each answer before zeep turns it into values."""

    def __init__(self, current: CurrentExchange) -> None:
        self._current = current

    def ingress(self, envelope: Any, http_headers: Any, operation: Any) -> tuple[Any, Any]:
        """Puts marks in the place of references; raises where there is no message."""
        self._current.exchange.resolve(envelope)
        _check_mailbox(envelope)
        return envelope, http_headers


def _check_mailbox(envelope: Any) -> None:
    """zeep cannot read the empty body of an answer without a message."""
    nothing = envelope.find(f"{{*}}Header/{_OSCI}MsgBoxResponse/{_OSCI}NoMessageAvailable")
    if nothing is None:
        return
    reason = (nothing.get("reason") or "").rpartition("/")[2]
    if reason in ("RequestIdInvalid", "SearchArgsInvalid"):
        raise MailboxRefusal(reason)
    if envelope.find("{*}Body/*") is None:
        raise NothingWaiting
