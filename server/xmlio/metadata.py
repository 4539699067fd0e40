"""MessageMetaData (OSCI MessageMetaData 2.02): read at the door, kept as it stood, stamped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree
from lxml.builder import ElementMaker

from server.domain.behoerde import PartyIdentifier
from server.domain.stored_message import MessageHead, MessageTimes
from server.domain.vorgang_facts import ProcessRef
from server.xmlio.moments import format_moment, parse_moment
from server.xmlio.namespaces import OSCI_META, WSA, name_in

_E = ElementMaker(namespace=OSCI_META, nsmap={"meta": OSCI_META, "wsa": WSA})

_PREFIXES = {"meta": OSCI_META}

# The order in which DeliveryAttributes holds its children.
_ATTRIBUTE_ORDER = (
    "Origin",
    "InitialSend",
    "NotBefore",
    "ObsoleteAfter",
    "Delivery",
    "InitialFetch",
    "Reception",
    "ServiceQuality",
    "ReceiptRequests",
)
# What only the server may state about a message.
_SERVER_TIMES = ("InitialSend", "Delivery", "InitialFetch", "Reception")


def read_metadata(metadata: etree._Element) -> MessageHead:
    """The head of a message from its valid MessageMetaData element."""
    return MessageHead(
        message_id=_text(metadata, f"meta:MsgIdentification/{name_in(WSA, 'MessageID')}"),
        author=read_party(_require(metadata, "meta:Originators/meta:Author")),
        sender=_read_optional_party(metadata, "meta:Originators/meta:Sender"),
        reader=read_party(_require(metadata, "meta:Destinations/meta:Reader")),
        reply_to=_read_optional_party(metadata, "meta:Originators/meta:ReplyTo"),
        other_readers=tuple(
            _read_identifier(item)
            for item in metadata.iterfind("meta:Destinations/meta:OtherDestinations/*", _PREFIXES)
        ),
        service=_text(metadata, "meta:Qualifier/meta:Service"),
        business_scenario=_read_business_scenario(metadata),
        message_type=_text(metadata, "meta:Qualifier/meta:MessageType/code"),
        payload_schema=_require(metadata, "meta:Qualifier/meta:MessageType").get(
            "payloadSchema", ""
        ),
        metadata_xml=etree.tostring(metadata, with_tail=False),
        origin=_read_time(metadata, "Origin"),
        not_before=_read_time(metadata, "NotBefore"),
        obsolete_after=_read_day(metadata, "ObsoleteAfter"),
        in_reply_to=tuple(
            (item.text or "").strip()
            for item in metadata.iterfind("meta:MsgIdentification/meta:In-Reply-To", _PREFIXES)
        ),
        process=ProcessRef(
            _read_process(metadata, "Requester"), _read_process(metadata, "Responder")
        ),
        is_test=metadata.get("TestMsg", "false").strip() in ("true", "1"),
    )


def read_stored_metadata(metadata_xml: bytes) -> MessageHead:
    """The whole head of a message from MessageMetaData as it is kept."""
    return read_metadata(etree.fromstring(metadata_xml))


def read_party(party: etree._Element) -> PartyIdentifier:
    """The identifier of an Author, Sender or Reader element (PartyType)."""
    return _read_identifier(_require(party, "meta:Identifier"))


def _read_identifier(identifier: etree._Element) -> PartyIdentifier:
    return PartyIdentifier(
        value=" ".join((identifier.text or "").split()),
        type=identifier.get("type", ""),
        name=identifier.get("name", ""),
        category=identifier.get("category", ""),
    )


def write_stamped_metadata(metadata_xml: bytes, times: MessageTimes) -> etree._Element:
    """MessageMetaData as it stood, with the times that the server knows."""
    metadata = etree.fromstring(metadata_xml)
    attributes = _require(metadata, "meta:DeliveryAttributes")
    if attributes.find(name_in(OSCI_META, "Origin")) is None:
        _insert_time(attributes, "Origin", times.origin)
    known = {
        "InitialSend": times.initial_send,
        "Delivery": times.delivery,
        "InitialFetch": times.initial_fetch,
        "Reception": times.reception,
    }
    for name in _SERVER_TIMES:
        _remove(attributes, name)
        _insert_time(attributes, name, known[name])
    return metadata


@dataclass(frozen=True)
class MetadataDraft:
    """What is known of a message before it has MessageMetaData.

    `message_type` is a key of the code list `message_type_list` (URI, version); `in_reply_to`
    is the MessageID that is answered; before `not_before` the message is not delivered.
    """

    message_id: str
    author: PartyIdentifier
    reader: PartyIdentifier
    service: str
    message_type: str
    message_type_list: tuple[str, str]
    payload_schema: str
    origin: datetime
    is_test: bool
    in_reply_to: str = ""
    not_before: datetime | None = None


def write_metadata(draft: MetadataDraft) -> etree._Element:
    """A MessageMetaData element for a message that came without one."""
    list_uri, list_version = draft.message_type_list
    return _E.MessageMetaData(
        _write_attributes(draft),
        _E.Originators(_E.Author(write_party_identifier(draft.author))),
        _E.Destinations(_E.Reader(write_party_identifier(draft.reader))),
        _write_identification(draft),
        _E.Qualifier(
            _E.Service(draft.service),
            _E.BusinessScenario(_E.Undefined(draft.service)),
            _E.MessageType(
                _code(draft.message_type),
                listURI=list_uri,
                listVersionID=list_version,
                payloadSchema=draft.payload_schema,
            ),
        ),
        TestMsg="true" if draft.is_test else "false",
    )


def _write_attributes(draft: MetadataDraft) -> etree._Element:
    attributes: etree._Element = _E.DeliveryAttributes(_E.Origin(format_moment(draft.origin)))
    _insert_time(attributes, "NotBefore", draft.not_before)
    return attributes


def _write_identification(draft: MetadataDraft) -> etree._Element:
    message_id = etree.Element(name_in(WSA, "MessageID"))
    message_id.text = draft.message_id
    identification: etree._Element = _E.MsgIdentification(message_id)
    if draft.in_reply_to:
        answered = name_in(OSCI_META, "In-Reply-To")
        etree.SubElement(identification, answered).text = draft.in_reply_to
    return identification


def write_party_identifier(party: PartyIdentifier) -> etree._Element:
    """An Identifier element; name and category stand only where they are known."""
    attributes: Mapping[str, str] = {
        key: value
        for key, value in (
            ("type", party.type),
            ("name", party.name),
            ("category", party.category),
        )
        if value
    }
    return _E.Identifier(party.value, **attributes)


def _code(key: str) -> etree._Element:
    code = etree.Element("code")
    code.text = key
    return code


def _read_business_scenario(metadata: etree._Element) -> str:
    scenario = _require(metadata, "meta:Qualifier/meta:BusinessScenario")
    defined = scenario.findtext(f"{name_in(OSCI_META, 'Defined')}/code")
    return (defined or scenario.findtext(name_in(OSCI_META, "Undefined")) or "").strip()


def _read_optional_party(metadata: etree._Element, path: str) -> PartyIdentifier | None:
    party = metadata.find(path, _PREFIXES)
    return None if party is None else read_party(party)


def _read_process(metadata: etree._Element, side: str) -> str:
    path = f"meta:MsgIdentification/meta:ProcessRef/meta:{side}"
    return " ".join((metadata.findtext(path, namespaces=_PREFIXES) or "").split())


def _read_time(metadata: etree._Element, name: str) -> datetime | None:
    path = f"meta:DeliveryAttributes/meta:{name}"
    text = metadata.findtext(path, namespaces=_PREFIXES)
    return parse_moment(text) if text else None


def _read_day(metadata: etree._Element, name: str) -> date | None:
    # A zone may follow the ten characters of the day; ours is UTC.
    text = metadata.findtext(f"meta:DeliveryAttributes/meta:{name}", namespaces=_PREFIXES)
    return date.fromisoformat(text.strip()[:10]) if text else None


def _require(parent: etree._Element, path: str) -> etree._Element:
    found = parent.find(path, _PREFIXES)
    if found is None:
        raise ValueError(f"{path} is missing, although the contract asks for it")
    return found


def _text(parent: etree._Element, path: str) -> str:
    return (_require(parent, path).text or "").strip()


def _remove(attributes: etree._Element, name: str) -> None:
    for stale in attributes.findall(name_in(OSCI_META, name)):
        attributes.remove(stale)


def _insert_time(attributes: etree._Element, name: str, moment: datetime | None) -> None:
    if moment is None:
        return
    before = set(_ATTRIBUTE_ORDER[: _ATTRIBUTE_ORDER.index(name)])
    position = sum(1 for child in attributes if etree.QName(child).localname in before)
    stamp = attributes.makeelement(name_in(OSCI_META, name))
    stamp.text = format_moment(moment)
    attributes.insert(position, stamp)
