"""Finds where a reader is: by the Mandanten of this server, then by the directory.

The decision is in `domain/reader_place.py`; only what it needs is asked for, since a directory that
is away shall hold no message between Mandanten of one server.
"""

from dataclasses import dataclass

from persistence.database import Database
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.data_centre import DataCentre
from server.domain.local_time import find_local_day
from server.domain.mandant import Mandant
from server.domain.reader_place import MailboxState, ReaderFacts, ReaderPlace, decide_place
from server.services.clock import Clock
from server.services.directory import Directory
from server.services.serving_centres import ServingCentres


@dataclass(frozen=True)
class FoundReader:
    """Where a reader is, and what was learnt about it: None is not there, or was not asked."""

    place: ReaderPlace
    mandant: Mandant | None = None
    centre: DataCentre | None = None
    behoerde: Behoerde | None = None


class ReaderPlaces:
    """Asks as things stand now; without `centres` this data centre stands alone."""

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

    def find(self, reader: PartyIdentifier, *, is_forwarded: bool = False) -> FoundReader:
        """Where the reader is; raises DirectoryUnavailable.

        `is_forwarded`: the message came from another data centre, and is not forwarded again.
        """
        mandant = self.find_mandant(reader)
        today = find_local_day(self._clock())
        mailbox = mandant.find_mailbox(today) if mandant else MailboxState.NONE
        if is_forwarded:
            return FoundReader(decide_place(ReaderFacts(mailbox, is_forwarded=True)), mandant)
        behoerde = None
        if mailbox is MailboxState.NONE:
            behoerde = self._directory.find_behoerde(reader)
        kanal = behoerde.kanal if behoerde else None
        centre = self._find_centre(reader, mailbox, kanal)
        facts = ReaderFacts(mailbox, is_served_elsewhere=centre is not None, kanal=kanal)
        return FoundReader(decide_place(facts), mandant, centre, behoerde)

    def find_mandant(self, reader: PartyIdentifier) -> Mandant | None:
        """The Mandant of this server that the reader is."""
        with self._database.reading() as stores:
            return stores.mandanten.find(reader)

    def has_moved_on(self, reader: PartyIdentifier) -> bool:
        """True where another data centre serves the reader today; raises DirectoryUnavailable."""
        return self._centres.find_other(reader) is not None

    def _find_centre(
        self, reader: PartyIdentifier, mailbox: MailboxState, kanal: Kanal | None
    ) -> DataCentre | None:
        if mailbox is MailboxState.OPEN:
            return self._centres.find_other_of_mandant(reader)
        is_asked = mailbox is MailboxState.CLOSED or kanal is Kanal.ELEKTRONISCH
        return self._centres.find_other(reader) if is_asked else None
