"""One call on its way through the layer: what the ports see of a request and give back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from server.soap.dialect import SOAP_12, Dialect
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


@dataclass(frozen=True)
class Reply:
    """What a port answers: the body element (None: empty) and header blocks."""

    body: etree._Element | None = None
    headers: tuple[etree._Element, ...] = ()


Handler = Callable[[Call], Reply]
