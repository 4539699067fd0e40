"""Messages of the façade: to the command that XTA would have brought, and back."""

from datetime import UTC, datetime

from lxml import etree

from server.domain.behoerde import PartyIdentifier
from server.domain.content import Content
from server.domain.stored_message import PartKind
from server.services.mailbox import FetchedMessage, FetchedPart
from server.services.management import create_message_id
from server.services.send_command import IncomingPart, SendCommand
from server.soap.amtshilfe.elements import add, child_text
from server.soap.call import Call
from server.soap.mtom import Attached
from server.xmlio.baukasten import fill_kennung, read_kennung
from server.xmlio.ersuchen import MESSAGE_TYPE, MESSAGE_TYPE_LIST, SERVICE
from server.xmlio.metadata import MetadataDraft, read_metadata, read_stored_metadata, write_metadata
from server.xmlio.moments import format_moment
from server.xmlio.namespaces import AMTSHILFE, FACHVERFAHREN, name_in
from server.xmlio.payloads import MessageTypeData, PayloadInspector

CONTENT_ELEMENTS = frozenset(name_in(FACHVERFAHREN, name) for name in ("nachricht", "inhalt"))
_OWN_TYPE = MessageTypeData(MESSAGE_TYPE, MESSAGE_TYPE_LIST, AMTSHILFE)
_XML_TYPE = "application/xml"


def read_send_command(call: Call, inspector: PayloadInspector) -> SendCommand:
    """`senden` → the command with the MessageMetaData that the façade spares its callers.

    The façade carries the messages of the schema catalogue; what is none of them is taken for
    one of our own set, and refused as such. A MessageID is made where none is given.
    """
    request = call.require_body()
    parts = _read_parts(call)
    found = inspector.find_type(parts[0].content) or _OWN_TYPE
    draft = MetadataDraft(
        message_id=child_text(request, "messageId") or create_message_id(call.caller),
        author=call.caller.mandant.identifier,
        reader=_read_reader(call, inspector, parts[0].content),
        service=SERVICE,
        message_type=found.message_type,
        message_type_list=found.message_type_list,
        payload_schema=found.payload_schema,
        origin=datetime.now(UTC),
        is_test=child_text(request, "testnachricht") in ("true", "1"),
    )
    return SendCommand(call.caller, read_metadata(write_metadata(draft)), parts)


def write_nachricht(fetched: FetchedMessage) -> tuple[etree._Element, tuple[Attached, ...]]:
    """A fetched message → `nachricht`, and the contents of its elements `inhalt`."""
    message = fetched.message
    nachricht = etree.Element(name_in(FACHVERFAHREN, "nachricht"))
    add(nachricht, "messageId", message.head.message_id)
    fill_kennung(add(nachricht, "absender"), message.head.author)
    add(nachricht, "absenderName", message.head.author.name)
    reply_to = read_stored_metadata(message.head.metadata_xml).reply_to
    if reply_to:
        fill_kennung(add(nachricht, "antwortAn"), reply_to)
    add(nachricht, "nachrichtentyp", message.head.message_type)
    add(nachricht, "zugestellt", format_moment(message.times.delivery or message.times.origin))
    add(nachricht, "testnachricht", "true" if message.head.is_test else "false")
    main, *attachments = fetched.parts
    is_encrypted = main.part.kind == PartKind.ENCRYPTED
    add(nachricht, "verschluesselt", "true" if is_encrypted else "false")
    if message.facts and message.facts.hint:
        add(nachricht, "hinweis", message.facts.hint)
    return nachricht, (
        (add(nachricht, "inhalt"), main.content),
        *(
            _add_attachment(nachricht, position, attachment)
            for position, attachment in enumerate(attachments, start=1)
        ),
    )


def _read_reader(call: Call, inspector: PayloadInspector, message: Content) -> PartyIdentifier:
    """The reader that the call names, or else the one that the message itself names.

    Where neither does, it has no value, and the message will not be admitted.
    """
    leser = call.require_body().find(name_in(FACHVERFAHREN, "leser"))
    if leser is not None:
        return read_kennung(leser)
    routing = inspector.read_routing(message)
    is_named = routing and routing.reader.value and routing.reader.type
    return routing.reader if routing and is_named else PartyIdentifier("", "")


def _read_parts(call: Call) -> tuple[IncomingPart, ...]:
    request = call.require_body()
    message = call.require_child(FACHVERFAHREN, "nachricht")
    parts = [
        IncomingPart(PartKind.MESSAGE, call.read_content(message), {"contentType": _XML_TYPE}),
        *(
            _read_attachment(call, anhang)
            for anhang in request.iterfind(name_in(FACHVERFAHREN, "anhang"))
        ),
    ]
    return tuple(parts)


def _read_attachment(call: Call, anhang: etree._Element) -> IncomingPart:
    content = anhang.find(name_in(FACHVERFAHREN, "inhalt"))
    if content is None:
        raise ValueError("inhalt is missing, although the schema asks for it")
    attributes = {
        "contentType": child_text(anhang, "contentType"),
        "filename": child_text(anhang, "dateiname"),
    }
    return IncomingPart(PartKind.ATTACHMENT, call.read_content(content), attributes)


def _add_attachment(nachricht: etree._Element, position: int, attachment: FetchedPart) -> Attached:
    attributes = attachment.part.attributes
    anhang = add(nachricht, "anhang")
    add(anhang, "dateiname", attributes.get("filename") or f"Anlage {position}")
    add(anhang, "contentType", attributes.get("contentType", "application/octet-stream"))
    return add(anhang, "inhalt"), attachment.content
