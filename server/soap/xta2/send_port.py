"""SendXtaPort: sendMessage, sendMessageSync."""

from collections.abc import Mapping

from lxml import etree

from server.domain.content import InlineContent
from server.domain.stored_message import PartKind
from server.errors import AmtshilfeError, Faults
from server.services.answering import Answering
from server.services.opening import Opening
from server.services.send_command import SendCommand
from server.services.sending import Sending
from server.soap.call import Call, Handler, Reply
from server.soap.xta2.container import read_container, write_container
from server.xmlio.metadata import read_metadata, write_metadata
from server.xmlio.namespaces import OSCI, OSCI_META, name_in

_XML_TYPE = "application/xml"


class SendPort:
    """Contract types in, contract types out."""

    def __init__(self, sending: Sending, answering: Answering, opening: Opening) -> None:
        self._sending = sending
        self._opening = opening
        self._answering = answering

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"sendMessage": self.send_message, "sendMessageSync": self.send_message_sync}

    def send_message(self, call: Call) -> Reply:
        """An empty answer once the message is durable."""
        self._sending.send(self._opening.open_command(_read_command(call)))
        return Reply()

    def send_message_sync(self, call: Call) -> Reply:
        """The answer of a message that the server answers itself."""
        answer = self._answering.answer(_read_command(call))
        part = (PartKind.MESSAGE, {"contentType": _XML_TYPE}, InlineContent(answer.message))
        container, attached = write_container([part])
        return Reply(container, (write_metadata(answer.metadata),), attached)


def _read_command(call: Call) -> SendCommand:
    metadata = call.headers.get(name_in(OSCI_META, "MessageMetaData"))
    if metadata is None:
        raise AmtshilfeError(Faults.PARAMETER_MISSING, "Der Header MessageMetaData fehlt.")
    tokens = call.headers.get(name_in(OSCI, "X509TokenContainer"))
    return SendCommand(
        call.caller,
        read_metadata(metadata),
        read_container(call),
        None if tokens is None else etree.tostring(tokens, with_tail=False),
    )
