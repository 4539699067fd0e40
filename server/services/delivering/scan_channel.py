"""Messages that came while the scanner was away: scanned here, before they go anywhere."""

from collections.abc import Iterator

from persistence.blobs import Blobs
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import OPEN, Destination
from server.domain.message import MessageEvent
from server.domain.stored_message import PartKind, StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, FurtherOrder, Outcome
from server.services.embedded_documents import find_infected_documents
from server.services.opening import Opening
from server.services.scanning import ScannerDown, Scanning
from server.xmlio.encryption.plain_container import ContainerPart
from server.xmlio.payloads import PayloadInspector

_NAME = "Virenscanner"


class ScanChannel:
    """Sends a clean message on its way; what is infected ends here and is never delivered."""

    def __init__(
        self,
        blobs: Blobs,
        inspector: PayloadInspector,
        scanning: Scanning,
        opening: Opening,
        clock: Clock,
    ) -> None:
        self._blobs = blobs
        self._inspector = inspector
        self._scanning = scanning
        self._opening = opening
        self._clock = clock

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """On its way, or ended; raises DependencyDown while the scanner is away."""
        infected = self.find_infected(message)
        if infected:
            return infected
        due = message.head.find_due(self._clock())
        onward = FurtherOrder(OPEN, due, is_settled=False)
        return Outcome(MessageEvent.SCANNED, further=(onward,))

    def find_infected(self, message: StoredMessage) -> Outcome | None:
        """The end of a message in which something is found; None where it is clean."""
        if not self._scanning.is_configured:
            # Who took the scanner away has to say what becomes of what waits for it.
            raise DependencyDown(_NAME, "Es ist kein Virenscanner mehr eingerichtet.")
        try:
            reasons = tuple(self._scan(message))
        except ScannerDown as error:
            raise DependencyDown(_NAME, "Er antwortet nicht.") from error
        return Outcome(MessageEvent.FOUND_INFECTED, " ".join(reasons)) if reasons else None

    def _scan(self, message: StoredMessage) -> Iterator[str]:
        parts = tuple(self._read(message))
        yield from self._scanning.find_infected_parts(
            (part.attributes.get("filename", ""), part.content) for part in parts
        )
        for part in parts:
            if part.kind is PartKind.MESSAGE:
                documents = self._inspector.read_documents(part.content)
                for violation in find_infected_documents(documents, self._scanning):
                    yield violation.reason

    def _read(self, message: StoredMessage) -> Iterator[ContainerPart]:
        """The parts; of an encrypted one what it holds, where the reader's key is held here."""
        for part in message.parts:
            stored = ContainerPart(part.kind, part.attributes, self._blobs.find(part.blob))
            is_encrypted = part.kind is PartKind.ENCRYPTED
            reader = message.head.reader
            opened = self._opening.open_stored(reader, stored.content) if is_encrypted else ()
            yield from opened or (stored,)
