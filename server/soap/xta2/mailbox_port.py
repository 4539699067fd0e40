"""MsgBoxPort: getStatusList, getMessage, close."""

from collections.abc import Mapping
from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.mailbox import MailboxSelector
from server.domain.stored_message import StoredMessage
from server.errors import AmtshilfeError, Faults
from server.services.mailbox import FetchedMessage, Mailbox, NothingWaiting
from server.soap.call import Call, Handler, Reply
from server.soap.xta2.author import check_author
from server.soap.xta2.container import write_container
from server.xmlio.metadata import write_stamped_metadata
from server.xmlio.moments import format_moment, parse_moment
from server.xmlio.namespaces import OSCI, WSA, name_in

_OSCI = ElementMaker(namespace=OSCI, nsmap={"osci": OSCI, "wsa": WSA})
_REASON = "http://www.osci.eu/ws/2008/05/transport/MsgBox/reasons/"
_MSG_ATTRIBUTES = "MsgAtrributes"
_ENVELOPE = "Envelope"


class MailboxPort:
    """Contract types in, contract types out."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {
            "getStatusList": self.get_status_list,
            "getMessage": self.get_message,
            "close": self.close,
        }

    def get_status_list(self, call: Call) -> Reply:
        """What waits for the caller."""
        check_author(call)
        request = call.require_body()
        maximum = request.get("maxListItems")
        listing = self._mailbox.list_waiting(
            call.caller, _read_selector(request), int(maximum) if maximum else None
        )
        if not listing.messages:
            return Reply(_OSCI.MsgStatusList(), (_write_no_match(listing.request_id),))
        is_short = request.get("ListForm") == _MSG_ATTRIBUTES
        write = _write_attributes if is_short else _write_metadata
        body: etree._Element = _OSCI.MsgStatusList(*map(write, listing.messages))
        return Reply(body, (_write_pending(listing.request_id, listing.pending),))

    def get_message(self, call: Call) -> Reply:
        """The oldest selected message; an empty body where there is none."""
        check_author(call)
        request = call.require_body()
        if request.get("MsgPart", _ENVELOPE) != _ENVELOPE:
            raise _not_offered("MsgPart Header oder Body")
        fetched = self._mailbox.fetch(call.caller, _read_selector(request))
        if isinstance(fetched, NothingWaiting):
            return Reply(None, (_write_no_match(fetched.request_id),))
        return _write_message(fetched)

    def close(self, call: Call) -> Reply:
        """Confirms what LastMsgReceived names and ends the iterator."""
        check_author(call)
        request = call.require_body()
        received = tuple(
            (item.text or "").strip() for item in request.iterfind(name_in(OSCI, "LastMsgReceived"))
        )
        self._mailbox.close(call.caller, request.get("MsgBoxRequestID", "").strip(), received)
        return Reply()


def _read_selector(request: etree._Element) -> MailboxSelector:
    selector = request.find(name_in(OSCI, "MsgSelector"))
    if selector is None:
        return MailboxSelector()
    # To ignore a criterion would be to hand out what was not asked for.
    for criterion in (name_in(WSA, "RelatesTo"), name_in(OSCI, "Extension")):
        if selector.find(criterion) is not None:
            raise _not_offered("Das Kriterium RelatesTo oder Extension")
    return MailboxSelector(
        tuple((item.text or "").strip() for item in selector.iterfind(name_in(WSA, "MessageID"))),
        _read_time(selector, "MsgBoxEntryTimeFrom"),
        _read_time(selector, "MsgBoxEntryTimeTo"),
        selector.get("newEntry", "").strip() in ("true", "1"),
    )


def _not_offered(what: str) -> AmtshilfeError:
    return AmtshilfeError(
        Faults.NOT_OFFERED, f"{what} wird in dieser Version noch nicht angeboten."
    )


def _read_time(selector: etree._Element, name: str) -> datetime | None:
    text = selector.findtext(name_in(OSCI, name))
    return parse_moment(text) if text else None


def _write_message(fetched: FetchedMessage) -> Reply:
    container = write_container(
        (item.part.kind, item.part.attributes, item.content) for item in fetched.parts
    )
    return Reply(
        container,
        (
            _write_metadata(fetched.message),
            _write_pending(fetched.request_id, fetched.pending),
        ),
    )


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


def _write_no_match(request_id: str) -> etree._Element:
    response: etree._Element = _OSCI.MsgBoxResponse(
        _OSCI.NoMessageAvailable(reason=_REASON + "NoMatch"), MsgBoxRequestID=request_id
    )
    return response
