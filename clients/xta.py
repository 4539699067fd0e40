"""A client for XTA 2.1.1, as a Fachverfahren uses it: zeep, HTTPS, a client certificate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
import zeep
from zeep.transports import Transport

_XTA = "http://xoev.de/transport/xta/211"
_META = "http://www.osci.eu/ws/2014/10/transport"


@dataclass(frozen=True)
class XtaAccess:
    """The three ports, the contract (path or URL), and the way in.

    `certificate` holds client certificate and key (PEM).
    """

    wsdl: str
    management: str
    send: str
    mailbox: str
    certificate: Path
    server_ca: Path
    timeout_seconds: float = 60


@dataclass(frozen=True)
class WireParty:
    """A party: OSCI PartyIdentifier."""

    value: str
    type: str
    name: str = ""
    category: str = ""


@dataclass(frozen=True)
class WirePart:
    """A part of the container: bytes with their description."""

    content: bytes
    content_type: str
    filename: str = ""


@dataclass(frozen=True)
class OutgoingMessage:
    """What to send; `message_type_list` is URI and version of the code list of message types."""

    message_id: str
    reader: WireParty
    service: str
    message_type: str
    message_type_list: tuple[str, str]
    payload_schema: str
    message: WirePart
    attachments: Sequence[WirePart] = field(default_factory=tuple)
    is_test: bool = False


@dataclass(frozen=True)
class IncomingMessage:
    """A fetched message; `request_id` is what `close` wants."""

    message_id: str
    request_id: str
    message: WirePart
    attachments: tuple[WirePart, ...]


@dataclass(frozen=True)
class ReportView:
    """A TransportReport: status 0 open, 1 green, 2 yellow, 3 red; times by their XTA names."""

    status: int
    times: dict[str, datetime]
    entries: tuple[tuple[str, str], ...]


class XtaClient:
    """Speaks for one Mandant."""

    def __init__(self, access: XtaAccess, author: WireParty) -> None:
        session = requests.Session()
        session.trust_env = False
        session.verify = str(access.server_ca)
        session.cert = str(access.certificate)
        transport = Transport(session=session, operation_timeout=access.timeout_seconds)
        settings = zeep.Settings(xml_huge_tree=True)
        self.zeep = zeep.Client(access.wsdl, transport=transport, settings=settings)
        self._author = author
        self._management = self._bind("managementHttpsBinding", access.management)
        self._send = self._bind("sendXTAHttpsBinding", access.send)
        self._mailbox = self._bind("msgBoxHttpsBinding", access.mailbox)

    def check_account_active(self) -> None:
        """Raises a fault where the account is not active."""
        self._management.checkAccountActive(_soapheaders=[self._author_header()])

    def create_message_id(self) -> str:
        """A new MessageID."""
        answer = self._management.createMessageId(_soapheaders=[self._author_header()])
        return _text(_body(answer))

    def send(self, message: OutgoingMessage) -> None:
        """Returns when the message is durable on the other side."""
        container = {
            "Message": _to_content(message.message),
            "Attachment": [_to_content(part) for part in message.attachments],
        }
        self._send.sendMessage(
            ContentContainer=container, _soapheaders=[self._make_metadata(message)]
        )

    def list_message_ids(self) -> list[str]:
        """What waits in the mailbox, oldest first."""
        answer = self._mailbox.getStatusList(
            ListForm="MessageMetaData", _soapheaders=[self._author_header()]
        )
        entries = _body(answer).MessageMetaData or []
        return [_text(entry.MsgIdentification.MessageID) for entry in entries]

    def fetch(self, message_id: str = "") -> IncomingMessage | None:
        """The oldest message, or the one that is named; None where there is none."""
        selector = {"MessageID": [message_id]} if message_id else None
        try:
            answer = self._mailbox.getMessage(
                MsgSelector=selector, _soapheaders=[self._author_header()]
            )
        except IndexError:
            # An answer without a message has an empty body, which zeep does not expect.
            return None
        container = _body(answer)
        parts = container.ContentContainer
        return IncomingMessage(
            _text(answer.header.MessageMetaData.MsgIdentification.MessageID),
            answer.header.FetchResponseHeader.MsgBoxRequestID,
            _from_content(parts.Message),
            tuple(_from_content(part) for part in parts.Attachment or []),
        )

    def close(self, request_id: str, received: Sequence[str]) -> None:
        """Confirms messages and ends the iterator."""
        self._mailbox.close(
            MsgBoxRequestID=request_id,
            LastMsgReceived=list(received) if received else zeep.xsd.SkipValue,
            _soapheaders=[self._author_header()],
        )

    def find_report(self, message_id: str) -> ReportView:
        """What became of a message."""
        answer = self._management.getTransportReport(
            message_id, _soapheaders=[self._author_header()]
        )
        return _read_report(_body(answer))

    def _bind(self, binding: str, url: str) -> Any:
        return self.zeep.create_service(f"{{{_XTA}}}{binding}", url)

    def _author_header(self) -> Any:
        author = self.zeep.get_element(f"{{{_META}}}Author")
        return author(Identifier=_to_identifier(self._author))

    def _make_metadata(self, message: OutgoingMessage) -> Any:
        metadata = self.zeep.get_element(f"{{{_META}}}MessageMetaData")
        list_uri, list_version = message.message_type_list
        return metadata(
            DeliveryAttributes={},
            Originators={"Author": {"Identifier": _to_identifier(self._author)}},
            Destinations={"Reader": {"Identifier": _to_identifier(message.reader)}},
            MsgIdentification={"MessageID": message.message_id},
            Qualifier={
                "Service": message.service,
                "BusinessScenario": {"Undefined": message.service},
                "MessageType": {
                    "code": message.message_type,
                    "listURI": list_uri,
                    "listVersionID": list_version,
                    "payloadSchema": message.payload_schema,
                },
            },
            TestMsg=message.is_test,
        )


def _to_identifier(party: WireParty) -> dict[str, str]:
    values = {"_value_1": party.value, "type": party.type}
    optional = {"name": party.name, "category": party.category}
    return {**values, **{key: value for key, value in optional.items() if value}}


def _to_content(part: WirePart) -> dict[str, object]:
    values: dict[str, object] = {
        "_value_1": part.content,
        "contentType": part.content_type,
        "size": len(part.content),
    }
    if part.filename:
        values["filename"] = part.filename
    return values


def _from_content(value: Any) -> WirePart:
    # An empty element comes as None.
    return WirePart(value._value_1 or b"", value.contentType, value.filename or "")


def _body(answer: Any) -> Any:
    return getattr(answer, "body", answer)


def _text(value: Any) -> str:
    return str(getattr(value, "_value_1", value))


def _read_report(report: Any) -> ReportView:
    attributes = report.MessageMetaData.DeliveryAttributes
    names = ("Origin", "InitialSend", "Delivery", "InitialFetch", "Reception")
    status = report.MessageStatus
    lists = (
        (status.ErrorList, "Error"),
        (status.WarnList, "Warning"),
        (status.InfoList, "Info"),
    )
    entries = [entry for holder, name in lists if holder for entry in getattr(holder, name) or []]
    return ReportView(
        int(status.Status),
        {name: getattr(attributes, name) for name in names if getattr(attributes, name)},
        tuple((entry.Code.code, entry.Reason) for entry in entries),
    )
