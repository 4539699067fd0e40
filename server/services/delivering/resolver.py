"""Where a message goes as things stand when it is delivered.

Between sending and delivery a reader can open a mailbox, leave, or change its channel; and a
message that came while the directory was away has no destination yet.
"""

from persistence.database import Database
from server.domain.behoerde import Kanal
from server.domain.destination import Destination, DestinationKind
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, RecipientUnreachable
from server.services.directory import Directory, DirectoryUnavailable


class DestinationResolver:
    """Asks the Mandanten of this server first, then the directory."""

    def __init__(
        self, database: Database, directory: Directory, clock: Clock, *, letter_output: str
    ) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._letter = Destination(DestinationKind.LETTER, letter_output)

    def __call__(self, message: StoredMessage) -> Destination:
        """The destination; raises RecipientUnreachable and DependencyDown."""
        reader = message.head.reader
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(reader)
        today = self._clock().date()
        if mandant and (mandant.has_mailbox(today) or mandant.had_mailbox(today)):
            return Destination(DestinationKind.MAILBOX, str(reader))
        return self._ask_directory(message)

    def _ask_directory(self, message: StoredMessage) -> Destination:
        try:
            behoerde = self._directory.find_behoerde(message.head.reader)
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error
        if behoerde is None:
            raise RecipientUnreachable(f"Der Leser {message.head.reader} ist nicht bekannt.")
        if behoerde.kanal != Kanal.BRIEF:
            raise RecipientUnreachable(f"{behoerde.name} hat auf diesem Server kein Postfach.")
        return self._letter
