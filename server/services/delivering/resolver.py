"""Where a message goes as things stand when it is delivered.

Between sending and delivery a reader can open a mailbox, leave, or change its channel; and a
message that came while the directory was away has no destination yet.
"""

from server.domain.destination import LETTER, Destination, DestinationKind
from server.domain.reader_place import ReaderPlace
from server.domain.stored_message import StoredMessage
from server.services.delivering.channel import DependencyDown, RecipientUnreachable
from server.services.directory import DirectoryUnavailable
from server.services.reader_places import FoundReader, ReaderPlaces


class DestinationResolver:
    """Turns the place of a reader into a destination."""

    def __init__(self, places: ReaderPlaces) -> None:
        self._places = places

    def __call__(self, message: StoredMessage) -> Destination:
        """The destination; raises RecipientUnreachable and DependencyDown."""
        found = find_reader(self._places, message)
        if found.centre:
            return Destination(DestinationKind.DATA_CENTRE, found.centre.name)
        if found.place is ReaderPlace.PAPER:
            return LETTER
        if found.place in (ReaderPlace.MAILBOX, ReaderPlace.CLOSED_MAILBOX):
            # Whether it is closed its channel sees by itself.
            return Destination(DestinationKind.MAILBOX, str(message.head.reader))
        raise RecipientUnreachable(_explain(message, found))


def find_reader(places: ReaderPlaces, message: StoredMessage) -> FoundReader:
    """Where the reader of a message is now; raises DependencyDown."""
    try:
        return places.find(message.head.reader, is_forwarded=bool(message.author_centre))
    except DirectoryUnavailable as error:
        raise DependencyDown("Verzeichnis", error.reason) from error


def _explain(message: StoredMessage, found: FoundReader) -> str:
    if found.place is ReaderPlace.UNKNOWN:
        return f"Der Leser {message.head.reader} ist nicht bekannt."
    name = found.behoerde.name if found.behoerde else message.head.reader
    return f"{name} hat auf diesem Server kein Postfach."
