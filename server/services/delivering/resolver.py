"""Where a message goes as things stand when it is delivered.

Between sending and delivery a reader can open a mailbox, leave, or change its channel; and a
message that came while the directory was away has no destination yet.
"""

from persistence.database import Database
from server.domain.behoerde import Kanal
from server.domain.data_centre import DataCentre
from server.domain.destination import LETTER, Destination, DestinationKind
from server.domain.stored_message import StoredMessage
from server.services.clock import Clock
from server.services.delivering.channel import DependencyDown, RecipientUnreachable
from server.services.directory import Directory, DirectoryUnavailable
from server.services.serving_centres import ServingCentres


class DestinationResolver:
    """Asks the Mandanten of this server first, then the directory.

    A Mandant that another data centre serves today has moved there.
    """

    def __init__(
        self,
        database: Database,
        directory: Directory,
        clock: Clock,
        centres: ServingCentres | None = None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock
        self._centres = centres or ServingCentres(directory, "")

    def __call__(self, message: StoredMessage) -> Destination:
        """The destination; raises RecipientUnreachable and DependencyDown."""
        reader = message.head.reader
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(reader)
        today = self._clock().date()
        mailbox = Destination(DestinationKind.MAILBOX, str(reader))
        if mandant and (mandant.is_electronic and message.author_centre):
            # What another data centre has forwarded is not forwarded again.
            return mailbox
        if mandant and mandant.has_mailbox(today):
            return _to_centre(self._centres.find_other_of_mandant(reader)) or mailbox
        try:
            if mandant and mandant.had_mailbox(today):
                return _to_centre(self._centres.find_other(reader)) or mailbox
            return self._ask_directory(message)
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error

    def _ask_directory(self, message: StoredMessage) -> Destination:
        behoerde = self._directory.find_behoerde(message.head.reader)
        if behoerde is None:
            raise RecipientUnreachable(f"Der Leser {message.head.reader} ist nicht bekannt.")
        if behoerde.kanal == Kanal.BRIEF:
            return LETTER
        centre = _to_centre(self._centres.find_other(message.head.reader))
        if centre is None:
            raise RecipientUnreachable(f"{behoerde.name} hat auf diesem Server kein Postfach.")
        return centre


def _to_centre(centre: DataCentre | None) -> Destination | None:
    return Destination(DestinationKind.DATA_CENTRE, centre.name) if centre else None
