"""One call on its way through the layer: what the ports see of a request and give back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from server.soap.dialect import SOAP_12, Dialect
from server.xmlio.namespaces import name_in
from server.xmlio.wsdl_contract import Operation


@dataclass
class Call:
    """The state of one request.

    `caller` is what the contract's authentication gave; `headers` are the blocks of the SOAP
    header by name; `message_id` is wsa:MessageID of the request.
    """

    dialect: Dialect = SOAP_12
    caller: Any = None
    operation: Operation | None = None
    headers: Mapping[str, etree._Element] = field(default_factory=dict)
    body: etree._Element | None = None
    message_id: str = ""
    action: str = ""
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

    def body_text(self) -> str:
        """The text of a body element that has only text."""
        return (self.require_body().text or "").strip()


@dataclass(frozen=True)
class Reply:
    """What a port answers: the body element (None: empty) and header blocks."""

    body: etree._Element | None = None
    headers: tuple[etree._Element, ...] = ()


Handler = Callable[[Call], Reply]
