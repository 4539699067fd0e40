"""SendXtaPort: sendMessage."""

from collections.abc import Mapping

from lxml import etree

from server.errors import AmtshilfeError, Faults
from server.services.sending import SendCommand, Sending
from server.soap.call import Call, Handler, Reply
from server.soap.xta2.container import read_container
from server.xmlio.metadata import read_metadata
from server.xmlio.namespaces import OSCI, OSCI_META, name_in


class SendPort:
    """Contract types in, contract types out."""

    def __init__(self, sending: Sending) -> None:
        self._sending = sending

    def handlers(self) -> Mapping[str, Handler]:
        """The operations that are offered."""
        return {"sendMessage": self.send_message}

    def send_message(self, call: Call) -> Reply:
        """An empty answer once the message is durable."""
        self._sending.send(_read_command(call))
        return Reply()


def _read_command(call: Call) -> SendCommand:
    metadata = call.headers.get(name_in(OSCI_META, "MessageMetaData"))
    if metadata is None:
        raise AmtshilfeError(Faults.PARAMETER_MISSING, "Der Header MessageMetaData fehlt.")
    tokens = call.headers.get(name_in(OSCI, "X509TokenContainer"))
    return SendCommand(
        call.caller,
        read_metadata(metadata),
        read_container(call.require_body()),
        None if tokens is None else etree.tostring(tokens, with_tail=False),
    )
