"""Messages that came while the scanner was away: scanned here, before they go anywhere."""

from collections.abc import Iterator

from persistence.blobs import FolderBlobs
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import OPEN, Destination
from server.domain.message import MessageEvent
from server.domain.stored_message import PartKind, StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, FurtherOrder, Outcome
from server.services.embedded_documents import find_infected_documents
from server.services.scanning import ScannerDown, Scanning
from server.xmlio.payloads import PayloadInspector

_NAME = "Virenscanner"


class ScanChannel:
    """Sends a clean message on its way; what is infected ends here and is never delivered."""

    def __init__(
        self, blobs: FolderBlobs, inspector: PayloadInspector, scanning: Scanning, clock: Clock
    ) -> None:
        self._blobs = blobs
        self._inspector = inspector
        self._scanning = scanning
        self._clock = clock

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """On its way, or ended; raises DependencyDown while the scanner is away."""
        infected = self.find_infected(message)
        if infected:
            return infected
        due = max(self._clock(), message.head.not_before or self._clock())
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
        parts = [(part, self._blobs.find(part.sha256, part.size)) for part in message.parts]
        yield from self._scanning.find_infected_parts(
            (part.attributes.get("filename", ""), content) for part, content in parts
        )
        for part, content in parts:
            if part.kind is PartKind.MESSAGE:
                documents = self._inspector.read_documents(content)
                for violation in find_infected_documents(documents, self._scanning):
                    yield violation.reason
