"""One call on its way through the layer: what the ports see of a request and give back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from server.domain.content import Content
from server.soap.base64_content import decode
from server.soap.content_type import ContentType
from server.soap.dialect import SOAP_12, Dialect
from server.soap.mtom import Attached
from server.soap.multipart import Package
from server.xmlio.namespaces import name_in
from server.xmlio.wsdl_contract import Operation


@dataclass
class Call:
    """The state of one request.

    `caller` is what the contract's authentication gave; `headers` are the blocks of the SOAP
    header by name; `message_id` is wsa:MessageID of the request. `detached`
    holds the contents of the body that came beside the envelope, by their elements; whatever of
    it is not kept is gone when the call ends. `content_types` are those of the request and, in a
    package, of its root part.
    """

    dialect: Dialect = SOAP_12
    caller: Any = None
    operation: Operation | None = None
    headers: Mapping[str, etree._Element] = field(default_factory=dict)
    body: etree._Element | None = None
    detached: Mapping[etree._Element, Content] = field(default_factory=dict)
    message_id: str = ""
    action: str = ""
    content_types: tuple[ContentType, ...] = ()
    package: Package | None = None
    sends_package: bool = False
    accepts_package: bool = False
    started: float = field(default_factory=time.monotonic)

    def require_body(self) -> etree._Element:
        """The body element; the contract has been checked before a handler is called."""
        if self.body is None:
            raise ValueError("this operation has a body")
        return self.body

    def require_child(self, namespace: str, name: str) -> etree._Element:
        """A child of the body element that the contract asks for."""
        child = self.require_body().find(name_in(namespace, name))
        if child is None:
            raise ValueError(f"{name} is missing, although the contract asks for it")
        return child

    def read_content(self, element: etree._Element) -> Content:
        """The content of an xs:base64Binary, however it came; raises WireFault 9000."""
        content = self.detached.get(element)
        return decode(element) if content is None else content

    def end(self) -> None:
        """Gives back what came in and was not kept."""
        if self.package:
            self.package.discard()

    def body_text(self) -> str:
        """The text of a body element that has only text."""
        return (self.require_body().text or "").strip()


@dataclass(frozen=True)
class Reply:
    """What a port answers: the body element (None: empty) and header blocks.

    `attached` are elements of the body and what belongs into them, in document order.
    """

    body: etree._Element | None = None
    headers: tuple[etree._Element, ...] = ()
    attached: tuple[Attached, ...] = ()


Handler = Callable[[Call], Reply]
