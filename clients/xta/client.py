"""The operations of XTA 2.1.1, as a Fachverfahren uses them, with typed values.

What is safe to repeat is repeated after a broken connection (docs/clients.md says what, and why).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import zeep

from clients.xta.access import XtaAccess
from clients.xta.container import read_message, write_container
from clients.xta.errors import XtaError, telling_errors
from clients.xta.exchange import AnswerReader, CurrentExchange, Exchange, NothingWaiting
from clients.xta.forwarded import ForwardedMessage, write_forwarded, write_headers
from clients.xta.lookup import ServiceView, read_service
from clients.xta.messages import (
    IncomingMessage,
    MailboxList,
    OutgoingMessage,
    Selection,
    SendReceipt,
    WireParty,
)
from clients.xta.metadata import read_head, write_metadata, write_party
from clients.xta.report import ReportView, read_report
from clients.xta.retry import Outcome, Repeating, call_repeatedly
from clients.xta.transport import StreamingTransport
from clients.xta.zeep_values import read_body, read_choice, read_text

_XTA = "http://xoev.de/transport/xta/211"
_META = "http://www.osci.eu/ws/2014/10/transport"

_Result = TypeVar("_Result")


class XtaClient:
    """Speaks for one Mandant; threads may share it.

    Every operation raises XtaError: XtaFault where the server refuses, XtaUnreachable where it
    does not answer (after the attempts that `XtaAccess.retries` allows), XtaUnreadable where the
    answer is of no use. The constructor reads the contract, and raises the same.
    """

    def __init__(self, access: XtaAccess, author: WireParty) -> None:
        self._access = access
        self._author = author
        self._current = CurrentExchange()
        self.zeep = self._repeat(self._load_contract, Repeating.ALWAYS).result
        self._management = self._bind("managementHttpsBinding", access.management)
        self._send = self._bind("sendXTAHttpsBinding", access.send)
        self._mailbox = self._bind("msgBoxHttpsBinding", access.mailbox)

    def check_account_active(self) -> None:
        """Raises a fault where the account is not active (9010 to 9012)."""
        self._ask(self._management.checkAccountActive)

    def create_message_id(self) -> str:
        """A new MessageID."""
        return read_text(read_body(self._ask(self._management.createMessageId)))

    def lookup_service(self, reader: WireParty, service: str) -> bool | None:
        """Whether a reader can be reached with a service; None where that is not known."""
        return self.find_service(reader, service).is_available

    def find_service(self, reader: WireParty, service: str) -> ServiceView:
        """Can a reader be reached with a service (a URI), and for whom to encrypt."""
        question = {"Reader": write_party(reader), "ServiceType": service}
        answer = self._ask(
            self._management.lookupService,
            arguments={"LookupServiceRequestList": [{"LookupService": question}]},
        )
        (result,) = read_body(answer)
        return read_service(result)

    def send(self, message: OutgoingMessage) -> SendReceipt:
        """Returns when the message is durable on the other side, and there once.

        All attempts carry the same MessageID and content. Who sends again after an XtaError,
        sends under its `message_id`. Raises OSError where a file cannot be read
        or changes meanwhile.
        """
        named = self._name(message)
        try:
            outcome = self._post(self._send.sendMessage, named, lambda _answer, _exchange: None)
        except XtaError as error:
            error.message_id = named.message_id
            raise
        return SendReceipt(named.message_id, outcome.attempts)

    def forward(self, message: ForwardedMessage) -> None:
        """Sends on what somebody else wrote; returns when it is durable on the other side.

        Raises OSError where a content cannot be read.
        """

        def attempt() -> None:
            exchange = Exchange()
            headers = write_headers(message, exchange)
            container = write_forwarded(message, exchange)
            with telling_errors(), self._current.using(exchange):
                self._send.sendMessage(ContentContainer=container, _soapheaders=headers)

        self._repeat(attempt, Repeating.ALWAYS)

    def send_sync(self, message: OutgoingMessage) -> IncomingMessage:
        """Sends what is answered at once (message 001).

        The answer is in no mailbox and has no `request_id`. The server stores nothing.
        """
        return self._post(self._send.sendMessageSync, self._name(message), read_message).result

    def cancel(self, message_id: str, author: WireParty | None = None) -> None:
        """Takes back a message whose `not_before` has not come (9022, 9100, 9101).

        Of somebody else's, the `author` is named.
        """
        self._ask(self._management.cancelMessage, message_id, author=author)

    def list_message_ids(self) -> list[str]:
        """What waits in the mailbox, oldest first, as far as the server lists it at once."""
        return list(self.list_mailbox().message_ids)

    def list_mailbox(
        self, selection: Selection | None = None, max_items: int | None = None
    ) -> MailboxList:
        """What is selected, at most `max_items` of it; nothing is fetched by that."""
        arguments = {
            "MsgSelector": _write_selector(selection),
            "maxListItems": max_items,
            "ListForm": "MessageMetaData",
        }
        return self._list(self._mailbox.getStatusList, Repeating.ALWAYS, arguments)

    def list_next(self, request_id: str, received: Sequence[str] = ()) -> MailboxList:
        """The next part of a list; confirms messages before. Raises MailboxRefusal."""
        arguments = _write_iterator(request_id, received)
        return self._list(self._mailbox.getNextStatusList, Repeating.UNSENT_ONLY, arguments)

    def fetch(
        self, selected: str | Selection = "", folder: Path | None = None
    ) -> IncomingMessage | None:
        """The oldest selected message, or the one with this MessageID; None where there is none.

        It stays in the mailbox until it is confirmed. With a `folder` its attachments are files
        there, named as they were; without, larger ones are temporary files that go with the
        message. Raises MailboxRefusal, a fault 9070 for a MessageID that no message has, and
        OSError where saving fails; then no file is left.
        """
        selection = selected if isinstance(selected, Selection) else _select(selected)
        # A fetched message is not new any more: repeating would leave out the one that got lost.
        repeating = Repeating.UNSENT_ONLY if selection.is_new else Repeating.ALWAYS
        arguments = {"MsgSelector": _write_selector(selection)}
        return self._fetch(self._mailbox.getMessage, repeating, folder, arguments)

    def fetch_next(
        self, request_id: str, received: Sequence[str] = (), folder: Path | None = None
    ) -> IncomingMessage | None:
        """The next selected message; confirms messages before. Else like `fetch`."""
        arguments = _write_iterator(request_id, received)
        return self._fetch(self._mailbox.getNextMessage, Repeating.UNSENT_ONLY, folder, arguments)

    def close(self, request_id: str, received: Sequence[str]) -> None:
        """Confirms messages and ends the iterator (9070)."""
        self._ask(self._mailbox.close, arguments=_write_iterator(request_id, received))

    def find_report(self, message_id: str, author: WireParty | None = None) -> ReportView:
        """What became of a message (9070); of somebody else's, the `author` is named."""
        operation = self._management.getTransportReport
        return read_report(read_body(self._ask(operation, message_id, author=author)))

    def _load_contract(self) -> Any:
        with telling_errors():
            return zeep.Client(
                self._access.wsdl,
                transport=StreamingTransport(self._access, self._current),
                settings=zeep.Settings(xml_huge_tree=True),
                plugins=[AnswerReader(self._current)],
            )

    def _bind(self, binding: str, url: str) -> Any:
        return self.zeep.create_service(f"{{{_XTA}}}{binding}", url)

    def _name(self, message: OutgoingMessage) -> OutgoingMessage:
        if message.message_id:
            return message
        return replace(message, message_id=self.create_message_id())

    def _post(
        self,
        operation: Any,
        message: OutgoingMessage,
        read: Callable[[Any, Exchange], _Result],
    ) -> Outcome[_Result]:
        def attempt() -> _Result:
            exchange = Exchange()
            container = write_container(message, exchange, is_mtom_allowed=self._access.sends_mtom)
            metadata = self.zeep.get_element(f"{{{_META}}}MessageMetaData")
            header = metadata(**write_metadata(message, self._author))
            answer = self._call(operation, exchange, header, ContentContainer=container)
            return read(answer, exchange)

        return self._repeat(attempt, Repeating.ALWAYS)

    def _list(
        self, operation: Any, repeating: Repeating, arguments: Mapping[str, object]
    ) -> MailboxList:
        answer = self._ask(operation, repeating=repeating, arguments=arguments)
        response = answer.header.FetchResponseHeader
        return MailboxList(
            tuple(map(read_head, read_body(answer).MessageMetaData or [])),
            response.MsgBoxRequestID,
            int(read_choice(response, "ItemsPending") or 0),
        )

    def _fetch(
        self,
        operation: Any,
        repeating: Repeating,
        folder: Path | None,
        arguments: Mapping[str, object],
    ) -> IncomingMessage | None:
        def attempt() -> IncomingMessage | None:
            exchange = Exchange(folder)
            try:
                answer = self._call(operation, exchange, self._make_author(), **arguments)
                return read_message(answer, exchange)
            except NothingWaiting:
                return None
            except BaseException:
                exchange.discard()
                raise

        return self._repeat(attempt, repeating).result

    def _ask(
        self,
        operation: Any,
        *values: object,
        arguments: Mapping[str, object] | None = None,
        repeating: Repeating = Repeating.ALWAYS,
        author: WireParty | None = None,
    ) -> Any:
        """A call without a message."""

        def attempt() -> Any:
            header = self._make_author(author)
            return self._call(operation, Exchange(), header, *values, **(arguments or {}))

        return self._repeat(attempt, repeating).result

    def _call(
        self, operation: Any, exchange: Exchange, header: Any, *values: object, **arguments: object
    ) -> Any:
        """One attempt."""
        with telling_errors(), self._current.using(exchange):
            return operation(*values, **arguments, _soapheaders=[header])

    def _repeat(self, attempt: Callable[[], _Result], repeating: Repeating) -> Outcome[_Result]:
        return call_repeatedly(self._access.retries, attempt, repeating)

    def _make_author(self, author: WireParty | None = None) -> Any:
        return self.zeep.get_element(f"{{{_META}}}Author")(**write_party(author or self._author))


def _select(message_id: str) -> Selection:
    return Selection((message_id,)) if message_id else Selection()


def _write_selector(selection: Selection | None) -> dict[str, object] | None:
    if selection in (None, Selection()):
        return None
    return {
        "MessageID": list(selection.message_ids),
        "RelatesTo": list(selection.relates_to),
        "MsgBoxEntryTimeFrom": selection.entry_from,
        "MsgBoxEntryTimeTo": selection.entry_to,
        "newEntry": selection.is_new or None,
    }


def _write_iterator(request_id: str, received: Sequence[str]) -> dict[str, object]:
    return {
        "MsgBoxRequestID": request_id,
        "LastMsgReceived": list(received) if received else zeep.xsd.SkipValue,
    }
