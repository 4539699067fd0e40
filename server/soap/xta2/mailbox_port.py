"""MsgBoxPort: lists, messages, iterators, close."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.mailbox import ListForm, MailboxSelector
from server.domain.stored_message import StoredMessage
from server.services.mailbox import FetchedMessage, Mailbox, MailboxListing, NothingWaiting
from server.soap.call import Call, Handler, Reply
from server.soap.xta2.author import check_author
from server.soap.xta2.container import write_container
from server.xmlio.metadata import write_stamped_metadata
from server.xmlio.moments import format_moment, parse_moment
from server.xmlio.namespaces import OSCI, WSA, name_in

_OSCI = ElementMaker(namespace=OSCI, nsmap={"osci": OSCI, "wsa": WSA})
_REASON = "http://www.osci.eu/ws/2008/05/transport/MsgBox/reasons/"


class MailboxPort:
    """Contract types in, contract types out."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "getStatusList": self.get_status_list,
            "getMessage": self.get_message,
            "getNextStatusList": self.get_next_status_list,
            "getNextMessage": self.get_next_message,
            "close": self.close,
        }

    def get_status_list(self, call: Call) -> Reply:
        """What waits for the caller."""
        check_author(call)
        request = call.require_body()
        maximum = request.get("maxListItems")
        listing = self._mailbox.list_waiting(
            call.caller,
            _read_selector(request),
            ListForm(request.get("ListForm", ListForm.METADATA)),
            int(maximum) if maximum else None,
        )
        return _write_list(listing)

    def get_next_status_list(self, call: Call) -> Reply:
        """The next part of a list."""
        check_author(call)
        request_id, received = _read_iterator(call.require_body())
        return _write_list(self._mailbox.list_next(call.caller, request_id, received))

    def get_message(self, call: Call) -> Reply:
        """The oldest selected message; an empty body where there is none."""
        check_author(call)
        request = call.require_body()
        selector, part = _read_selector(request), request.get("MsgPart", "Envelope")
        if part == "Header":
            # Who looks at the head alone has not fetched the message.
            return _write_head(self._mailbox.list_waiting(call.caller, selector, max_items=1))
        reply = _write_message(self._mailbox.fetch(call.caller, selector))
        return replace(reply, headers=reply.headers[-1:]) if part == "Body" else reply

    def get_next_message(self, call: Call) -> Reply:
        """The next message of an iterator."""
        check_author(call)
        request_id, received = _read_iterator(call.require_body())
        return _write_message(self._mailbox.fetch_next(call.caller, request_id, received))

    def close(self, call: Call) -> Reply:
        """Confirms what LastMsgReceived names and ends the iterator."""
        check_author(call)
        request_id, received = _read_iterator(call.require_body())
        self._mailbox.close(call.caller, request_id, received)
        return Reply()


def _read_iterator(request: etree._Element) -> tuple[str, tuple[str, ...]]:
    """MsgBoxRequestID and the MessageIDs of LastMsgReceived."""
    received = request.iterfind(name_in(OSCI, "LastMsgReceived"))
    return (
        request.get("MsgBoxRequestID", "").strip(),
        tuple((item.text or "").strip() for item in received),
    )


def _read_selector(request: etree._Element) -> MailboxSelector:
    selector = request.find(name_in(OSCI, "MsgSelector"))
    if selector is None:
        return MailboxSelector()
    return MailboxSelector(
        _read_texts(selector, "MessageID"),
        _read_texts(selector, "RelatesTo"),
        _read_time(selector, "MsgBoxEntryTimeFrom"),
        _read_time(selector, "MsgBoxEntryTimeTo"),
        selector.get("newEntry", "").strip() in ("true", "1"),
        selector.find(name_in(OSCI, "Extension")) is not None,
    )


def _read_texts(selector: etree._Element, name: str) -> tuple[str, ...]:
    return tuple((item.text or "").strip() for item in selector.iterfind(name_in(WSA, name)))


def _read_time(selector: etree._Element, name: str) -> datetime | None:
    text = selector.findtext(name_in(OSCI, name))
    return parse_moment(text) if text else None


def _write_list(listing: MailboxListing | NothingWaiting) -> Reply:
    if isinstance(listing, NothingWaiting):
        return Reply(_OSCI.MsgStatusList(), (_write_nothing(listing),))
    is_short = listing.list_form == ListForm.ATTRIBUTES
    write = _write_attributes if is_short else _write_metadata
    body: etree._Element = _OSCI.MsgStatusList(*map(write, listing.messages))
    return Reply(body, (_write_pending(listing.request_id, listing.pending),))


def _write_head(listing: MailboxListing | NothingWaiting) -> Reply:
    if isinstance(listing, NothingWaiting):
        return Reply(None, (_write_nothing(listing),))
    pending = _write_pending(listing.request_id, listing.pending)
    return Reply(None, (_write_metadata(listing.messages[0]), pending))


def _write_message(fetched: FetchedMessage | NothingWaiting) -> Reply:
    if isinstance(fetched, NothingWaiting):
        return Reply(None, (_write_nothing(fetched),))
    container, attached = write_container(
        (item.part.kind, item.part.attributes, item.content) for item in fetched.parts
    )
    pending = _write_pending(fetched.request_id, fetched.pending)
    return Reply(container, (_write_metadata(fetched.message), pending), attached)


def _write_metadata(message: StoredMessage) -> etree._Element:
    return write_stamped_metadata(message.head.metadata_xml, message.times)


def _write_attributes(message: StoredMessage) -> etree._Element:
    """MsgAttributeListType: the short form of a list entry."""
    times = message.times
    message_id = etree.Element(name_in(WSA, "MessageID"))
    message_id.text = message.head.message_id
    element: etree._Element = _OSCI.MsgAttributes(
        message_id,
        _OSCI.TypeOfBusinessScenario(message.head.business_scenario),
        _OSCI.MsgSize(str(message.size)),
        _OSCI.DeliveryTime(format_moment(times.delivery or times.origin)),
    )
    if times.initial_fetch:
        element.append(_OSCI.InitialFetchedTime(format_moment(times.initial_fetch)))
    return element


def _write_pending(request_id: str, pending: int) -> etree._Element:
    response: etree._Element = _OSCI.MsgBoxResponse(
        _OSCI.ItemsPending(str(pending)), MsgBoxRequestID=request_id
    )
    return response


def _write_nothing(nothing: NothingWaiting) -> etree._Element:
    response: etree._Element = _OSCI.MsgBoxResponse(
        _OSCI.NoMessageAvailable(reason=_REASON + nothing.reason),
        MsgBoxRequestID=nothing.request_id,
    )
    return response
