"""Whether a message can become a letter that was not meant to be one when it was sent.

At the door only those are looked into that become letters for certain. A message that turns out to
be one later is looked into then, once, so that its attachments are known when the letter is set.
"""

from persistence.blobs import Blobs
from server.domain.destination import Destination, DestinationKind
from server.domain.stored_message import StoredMessage
from server.printing.attachment_guard import CheckUnavailable
from server.services.delivering.channel import DependencyDown, Undeliverable
from server.services.letters import find_stored_obstacle
from server.xmlio.payloads import PayloadInspector


class LetterCheck:
    """Looks into messages on their way to a letter; a test message becomes none."""

    def __init__(self, blobs: Blobs, inspector: PayloadInspector) -> None:
        self._blobs = blobs
        self._inspector = inspector

    def __call__(self, message: StoredMessage, destination: Destination) -> None:
        """Raises Undeliverable where it cannot be printed, and DependencyDown."""
        if destination.kind is not DestinationKind.LETTER or message.head.is_test:
            return
        try:
            obstacle = find_stored_obstacle(self._blobs, message, self._inspector)
        except CheckUnavailable as error:
            raise DependencyDown("Prüfung der Anlagen", str(error)) from error
        if obstacle:
            raise Undeliverable(f"Der Leser ist nur per Brief erreichbar. {obstacle}")
