"""GenericContentContainer in the words of zeep, both ways; the contents lie in the exchange."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from clients.xta.errors import XtaUnreadable
from clients.xta.exchange import Exchange
from clients.xta.messages import IncomingMessage, OutgoingMessage
from clients.xta.metadata import read_head
from clients.xta.parts import WirePart
from clients.xta.zeep_values import read_body, read_choice

# From this size (bytes) a package is worth its boundaries.
_LARGE = 64 * 1024


def write_container(
    message: OutgoingMessage, exchange: Exchange, *, is_mtom_allowed: bool
) -> dict[str, object]:
    """The container; files and large contents go with all others into the exchange.

    Raises OSError where a file is gone.
    """
    parts = (message.message, *message.attachments)
    is_package = is_mtom_allowed and any(map(_wants_package, parts))
    first, *others = [_write_part(part, exchange if is_package else None) for part in parts]
    return {"Message": first, "Attachment": others}


def _wants_package(part: WirePart) -> bool:
    return not isinstance(part.source, bytes) or part.size >= _LARGE


def _write_part(part: WirePart, exchange: Exchange | None) -> dict[str, object]:
    values = {
        "_value_1": exchange.add(part.as_content()) if exchange else part.content,
        "contentType": part.content_type,
        # The contract knows no size of 0.
        "size": part.size or None,
        "filename": part.filename or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def read_message(answer: Any, exchange: Exchange) -> IncomingMessage:
    """A message; its attachments are saved where the exchange has a folder.

    Raises XtaUnreadable for an encrypted container, and OSError where saving fails.
    """
    parts = read_body(answer).ContentContainer
    if parts is None:
        raise XtaUnreadable("the content is encrypted (EncryptedData)")
    attachments = tuple(_read_part(part, exchange) for part in parts.Attachment or [])
    response = getattr(answer.header, "FetchResponseHeader", None)
    return IncomingMessage(
        read_head(answer.header.MessageMetaData),
        response.MsgBoxRequestID if response else "",
        int(read_choice(response, "ItemsPending") or 0),
        _read_part(parts.Message, exchange),
        _save_all(attachments, exchange.folder) if exchange.folder else attachments,
    )


def _read_part(value: Any, exchange: Exchange) -> WirePart:
    # An empty element comes as None.
    source = exchange.find(value._value_1 or b"")
    return WirePart(source, value.contentType, value.filename or "")


def _save_all(parts: tuple[WirePart, ...], folder: Path) -> tuple[WirePart, ...]:
    """All of them or none."""
    saved = []
    with ExitStack() as undo:
        for part in parts:
            path = part.save_to(folder)
            undo.callback(path.unlink, missing_ok=True)
            saved.append(replace(part, source=path))
        undo.pop_all()
    return tuple(saved)
