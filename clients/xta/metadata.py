"""MessageMetaData in the words of zeep, both ways."""

from typing import Any

from clients.xta.messages import MessageHead, MessageTimes, OutgoingMessage, ProcessRef, WireParty
from clients.xta.zeep_values import read_code, read_text


def write_party(party: WireParty) -> dict[str, object]:
    """A PartyType."""
    values = {"_value_1": party.value, "type": party.type}
    optional = {"name": party.name, "category": party.category}
    return {"Identifier": values | {key: value for key, value in optional.items() if value}}


def write_metadata(message: OutgoingMessage, author: WireParty) -> dict[str, Any]:
    """The head of a message, without the times that the server states."""
    originators = {"Author": write_party(author)}
    if message.reply_to:
        originators["ReplyTo"] = write_party(message.reply_to)
    return {
        "DeliveryAttributes": {
            "NotBefore": message.not_before,
            "ObsoleteAfter": message.obsolete_after,
        },
        "Originators": originators,
        "Destinations": {"Reader": write_party(message.reader)},
        "MsgIdentification": {
            "MessageID": message.message_id,
            "In-Reply-To": list(message.in_reply_to),
            "ProcessRef": _write_process(message.process),
        },
        "Qualifier": _write_qualifier(message),
        "TestMsg": message.is_test,
    }


def _write_process(process: ProcessRef) -> dict[str, str] | None:
    values = {"Requester": process.requester, "Responder": process.responder}
    return {name: value for name, value in values.items() if value} or None


def _write_qualifier(message: OutgoingMessage) -> dict[str, Any]:
    list_uri, list_version = message.message_type_list
    return {
        "Subject": message.subject or None,
        "Service": message.service,
        "BusinessScenario": {"Undefined": message.service},
        "MessageType": {
            "code": message.message_type,
            "listURI": list_uri,
            "listVersionID": list_version,
            "payloadSchema": message.payload_schema,
        },
    }


def read_head(metadata: Any) -> MessageHead:
    """MessageMetaData as zeep gives it."""
    identification, qualifier = metadata.MsgIdentification, metadata.Qualifier
    originators = metadata.Originators
    message_type, message_type_list = read_code(qualifier.MessageType)
    return MessageHead(
        message_id=read_text(identification.MessageID),
        author=_read_party(originators.Author),
        reader=_read_party(metadata.Destinations.Reader),
        reply_to=_read_party(originators.ReplyTo) if originators.ReplyTo else None,
        service=qualifier.Service or "",
        message_type=message_type,
        message_type_list=message_type_list,
        payload_schema=qualifier.MessageType.payloadSchema or "",
        subject=qualifier.Subject or "",
        in_reply_to=tuple(map(read_text, identification["In-Reply-To"] or [])),
        process=_read_process(identification.ProcessRef),
        times=_read_times(metadata.DeliveryAttributes),
        is_test=bool(metadata.TestMsg),
    )


def _read_party(party: Any) -> WireParty:
    identifier = party.Identifier
    return WireParty(
        read_text(identifier), identifier.type, identifier.name or "", identifier.category or ""
    )


def _read_process(process: Any) -> ProcessRef:
    if process is None:
        return ProcessRef()
    return ProcessRef(read_text(process.Requester), read_text(process.Responder))


def _read_times(attributes: Any) -> MessageTimes:
    # An element without children comes as None.
    if attributes is None:
        return MessageTimes()
    return MessageTimes(
        attributes.Origin,
        attributes.InitialSend,
        attributes.NotBefore,
        attributes.ObsoleteAfter,
        attributes.Delivery,
        attributes.InitialFetch,
        attributes.Reception,
    )
