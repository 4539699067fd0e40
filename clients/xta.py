"""A client for XTA 2.1.1, as a Fachverfahren uses it: zeep, HTTPS, a client certificate."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import Any

import requests
import zeep
from zeep.transports import Transport

_XTA = "http://xoev.de/transport/xta/211"
_META = "http://www.osci.eu/ws/2014/10/transport"
_PACKAGE = "multipart/related"


@dataclass(frozen=True)
class XtaAccess:
    """The three ports, the contract (path or URL), and the way in.

    `certificate` holds client certificate and key (PEM). With `accepts_mtom` the contents of
    answers come beside the envelope; zeep sends them as base64 in either case.
    """

    wsdl: str
    management: str
    send: str
    mailbox: str
    certificate: Path
    server_ca: Path
    timeout_seconds: float = 60
    accepts_mtom: bool = False


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
    """What to send; `message_type_list` is URI and version of the code list of message types.

    Before `not_before` it is not delivered and can be cancelled.
    """

    message_id: str
    reader: WireParty
    service: str
    message_type: str
    message_type_list: tuple[str, str]
    payload_schema: str
    message: WirePart
    attachments: Sequence[WirePart] = field(default_factory=tuple)
    is_test: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True)
class Selection:
    """Which messages of the mailbox are meant (MsgSelector); every criterion must fit.

    `is_new` selects those that have not been fetched.
    """

    message_ids: Sequence[str] = ()
    relates_to: Sequence[str] = ()
    entry_from: datetime | None = None
    entry_to: datetime | None = None
    is_new: bool = False


@dataclass(frozen=True)
class MailboxList:
    """A part of a list, oldest first; `list_next` and `close` want `request_id`."""

    message_ids: tuple[str, ...]
    request_id: str
    pending: int


@dataclass(frozen=True)
class IncomingMessage:
    """A fetched message; `fetch_next` and `close` want `request_id`."""

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
        if access.accepts_mtom:
            session.headers["Accept"] = f"application/soap+xml, {_PACKAGE}"
            session.hooks["response"].append(_keep_line_ends)
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

    def lookup_service(self, reader: WireParty, service: str) -> bool | None:
        """Whether a reader can be reached with a service; None where that is not known."""
        question = {"Reader": {"Identifier": _to_identifier(reader)}, "ServiceType": service}
        answer = self._management.lookupService(
            LookupServiceRequestList=[{"LookupService": question}],
            _soapheaders=[self._author_header()],
        )
        (result,) = _body(answer)
        value = result.IsServiceAvailableValue
        if _read_choice(value, "ServiceIsAvailableUnknown"):
            return None
        return bool(_read_choice(value, "ServiceIsAvailable"))

    def send(self, message: OutgoingMessage) -> None:
        """Returns when the message is durable on the other side."""
        self._send.sendMessage(
            ContentContainer=_to_container(message), _soapheaders=[self._make_metadata(message)]
        )

    def send_sync(self, message: OutgoingMessage) -> IncomingMessage:
        """Sends what is answered at once; the answer is in no mailbox and has no `request_id`."""
        answer = self._send.sendMessageSync(
            ContentContainer=_to_container(message), _soapheaders=[self._make_metadata(message)]
        )
        return _read_message(answer, "")

    def cancel(self, message_id: str) -> None:
        """Takes back a message whose `not_before` has not come."""
        self._management.cancelMessage(message_id, _soapheaders=[self._author_header()])

    def list_message_ids(self) -> list[str]:
        """What waits in the mailbox, oldest first."""
        return list(self.list_mailbox().message_ids)

    def list_mailbox(
        self, selection: Selection | None = None, max_items: int | None = None
    ) -> MailboxList:
        """What is selected, at most `max_items` of it."""
        return self._list(
            "getStatusList",
            MsgSelector=_to_selector(selection),
            maxListItems=max_items,
            ListForm="MessageMetaData",
        )

    def list_next(self, request_id: str, received: Sequence[str] = ()) -> MailboxList:
        """The next part of a list; confirms messages before."""
        return self._list("getNextStatusList", **_to_iterator(request_id, received))

    def fetch(self, selected: str | Selection = "") -> IncomingMessage | None:
        """The oldest selected message, or the one with this MessageID; None where there is none."""
        selection = selected if isinstance(selected, Selection) else _select(selected)
        return self._fetch("getMessage", MsgSelector=_to_selector(selection))

    def fetch_next(self, request_id: str, received: Sequence[str] = ()) -> IncomingMessage | None:
        """The next selected message; confirms messages before."""
        return self._fetch("getNextMessage", **_to_iterator(request_id, received))

    def close(self, request_id: str, received: Sequence[str]) -> None:
        """Confirms messages and ends the iterator."""
        self._mailbox.close(
            **_to_iterator(request_id, received), _soapheaders=[self._author_header()]
        )

    def find_report(self, message_id: str) -> ReportView:
        """What became of a message."""
        answer = self._management.getTransportReport(
            message_id, _soapheaders=[self._author_header()]
        )
        return _read_report(_body(answer))

    def _bind(self, binding: str, url: str) -> Any:
        return self.zeep.create_service(f"{{{_XTA}}}{binding}", url)

    def _list(self, operation: str, **arguments: Any) -> MailboxList:
        answer = self._mailbox[operation](**arguments, _soapheaders=[self._author_header()])
        head, entries = answer.header.FetchResponseHeader, _body(answer).MessageMetaData or []
        return MailboxList(
            tuple(_text(entry.MsgIdentification.MessageID) for entry in entries),
            head.MsgBoxRequestID,
            int(_read_choice(head, "ItemsPending") or 0),
        )

    def _fetch(self, operation: str, **arguments: Any) -> IncomingMessage | None:
        try:
            answer = self._mailbox[operation](**arguments, _soapheaders=[self._author_header()])
        except IndexError:
            # An answer without a message has an empty body, which zeep does not expect.
            return None
        return _read_message(answer, answer.header.FetchResponseHeader.MsgBoxRequestID)

    def _author_header(self) -> Any:
        author = self.zeep.get_element(f"{{{_META}}}Author")
        return author(Identifier=_to_identifier(self._author))

    def _make_metadata(self, message: OutgoingMessage) -> Any:
        metadata = self.zeep.get_element(f"{{{_META}}}MessageMetaData")
        list_uri, list_version = message.message_type_list
        return metadata(
            DeliveryAttributes={"NotBefore": message.not_before},
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


def _to_container(message: OutgoingMessage) -> dict[str, object]:
    return {
        "Message": _to_content(message.message),
        "Attachment": [_to_content(part) for part in message.attachments],
    }


def _select(message_id: str) -> Selection:
    return Selection((message_id,)) if message_id else Selection()


def _to_selector(selection: Selection | None) -> dict[str, object] | None:
    if selection in (None, Selection()):
        return None
    return {
        "MessageID": list(selection.message_ids),
        "RelatesTo": list(selection.relates_to),
        "MsgBoxEntryTimeFrom": selection.entry_from,
        "MsgBoxEntryTimeTo": selection.entry_to,
        "newEntry": selection.is_new or None,
    }


def _to_iterator(request_id: str, received: Sequence[str]) -> dict[str, object]:
    return {
        "MsgBoxRequestID": request_id,
        "LastMsgReceived": list(received) if received else zeep.xsd.SkipValue,
    }


def _read_message(answer: Any, request_id: str) -> IncomingMessage:
    parts = _body(answer).ContentContainer
    return IncomingMessage(
        _text(answer.header.MessageMetaData.MsgIdentification.MessageID),
        request_id,
        _from_content(parts.Message),
        tuple(_from_content(part) for part in parts.Attachment or []),
    )


def _from_content(value: Any) -> WirePart:
    # An empty element comes as None.
    return WirePart(value._value_1 or b"", value.contentType, value.filename or "")


def _body(answer: Any) -> Any:
    return getattr(answer, "body", answer)


def _read_choice(value: Any, name: str) -> Any:
    # zeep leaves the chosen element out where its value is false or 0.
    return getattr(value, name, None)


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


def _keep_line_ends(response: requests.Response, *_: Any, **__: Any) -> None:
    """A hook of requests: rewrites a package so that zeep gives its contents as they are.

    zeep cuts CR and LF off at both ends of a part that is marked as "binary". Capital letters
    mean the same (RFC 2045, 6.1) and keep zeep from doing so.
    """
    head = Message()
    head["Content-Type"] = response.headers.get("Content-Type", "")
    boundary = head.get_boundary()
    if head.get_content_type() == _PACKAGE and boundary:
        response._content = _mark_in_capitals(response.content, boundary.encode())


def _mark_in_capitals(package: bytes, boundary: bytes) -> bytes:
    delimiter = b"\r\n--" + boundary
    return delimiter.join(map(_capitalise_head, package.split(delimiter)))


def _capitalise_head(part: bytes) -> bytes:
    head, blank_line, content = part.partition(b"\r\n\r\n")
    return head.replace(b": binary", b": BINARY") + blank_line + content
