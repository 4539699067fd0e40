"""Messages that the server answers itself, at once: today message 001."""

from dataclasses import dataclass

from server.domain.mandant import CentreCaller
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.errors import AmtshilfeError, Faults
from server.services.admission import Admission
from server.services.clock import Clock
from server.services.directory import Directory
from server.services.management import create_message_id
from server.services.send_command import SendCommand
from server.xmlio.metadata import MetadataDraft
from server.xmlio.namespaces import XAMTSHILFE
from server.xmlio.payloads import PayloadInspector
from server.xmlio.zustaendigkeit import (
    ANFRAGE_001,
    ANTWORT_MESSAGE_TYPE,
    ANTWORT_MESSAGE_TYPE_LIST,
    write_antwort_document,
)


@dataclass(frozen=True)
class Answer:
    """An answer: what its MessageMetaData says, and its message."""

    metadata: MetadataDraft
    message: bytes


class Answering:
    """Answers messages that wait for an answer (sendMessageSync); nothing is stored."""

    def __init__(
        self,
        directory: Directory,
        inspector: PayloadInspector,
        clock: Clock,
        *,
        admission: Admission,
    ) -> None:
        self._directory = directory
        self._inspector = inspector
        self._clock = clock
        self._admission = admission

    def answer(self, command: SendCommand) -> Answer:
        """001 → 002; raises 9080 for a message that only its reader can answer.

        Raises 9013 for another data centre: it forwards, and asks for itself elsewhere.
        """
        if isinstance(command.caller, CentreCaller):
            raise AmtshilfeError(
                Faults.SERVICE_NOT_BOOKED, "Ein Rechenzentrum leitet hier nur Nachrichten weiter."
            )
        self._admission.admit(command)
        message = command.message
        if message is None or self._inspector.find_root(message) != ANFRAGE_001:
            raise AmtshilfeError(
                Faults.ONLY_ASYNCHRONOUS, "Diese Nachricht kann nur ihr Leser beantworten."
            )
        routing = self._inspector.read_routing(message)
        if routing is None:
            raise RuntimeError("message 001 has no profile")
        anfrage = ZustaendigkeitAnfrage(routing.einnahmeart, routing.anschrift)
        zustaendigkeit = self._directory.find_zustaendigkeit(anfrage)
        return Answer(self._draft_metadata(command), write_antwort_document(zustaendigkeit))

    def _draft_metadata(self, command: SendCommand) -> MetadataDraft:
        head = command.head
        return MetadataDraft(
            message_id=create_message_id(command.caller),
            author=head.reader,
            reader=head.reply_to or head.author,
            service=head.service,
            message_type=ANTWORT_MESSAGE_TYPE,
            message_type_list=ANTWORT_MESSAGE_TYPE_LIST,
            payload_schema=XAMTSHILFE,
            origin=self._clock(),
            is_test=head.is_test,
            in_reply_to=head.message_id,
        )
