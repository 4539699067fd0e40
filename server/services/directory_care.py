"""The directory cares for itself: what came back makes an entry doubtful until somebody looks."""

import logging

from persistence.authority_database import AuthorityDatabase
from server.domain.behoerde import PartyIdentifier
from server.domain.eintrag import Doubt, Eintrag
from server.domain.german import format_german_day
from server.domain.local_time import find_local_day
from server.services.clock import Clock

logger = logging.getLogger(__name__)


class DirectoryCare:
    """Marks of doubt: a doubtful entry is still given as an answer, but shown and said."""

    def __init__(self, database: AuthorityDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def report_doubt(self, identifier: PartyIdentifier, reason: str, reporter: str) -> bool:
        """Keeps that something did not arrive (undeliverable, a letter that came back).

        The newest reason counts. False where the directory does not know the authority.
        """
        day = format_german_day(find_local_day(self._clock()))
        with self._database.writing() as directory:
            is_known = directory.behoerden.find(identifier) is not None
            if is_known:
                doubt = Doubt(day, reporter, reason)
                directory.behoerden.mark_doubtful(identifier, str(doubt))
        logger.warning("%s reports a doubt about %s: %s", reporter, identifier, reason)
        return is_known

    def clear_doubt(self, identifier: PartyIdentifier) -> bool:
        """Somebody looked; False where there was no doubt."""
        with self._database.writing() as directory:
            found = directory.behoerden.find(identifier)
            if found is None or not found.is_doubtful:
                return False
            directory.behoerden.mark_doubtful(identifier, "")
        return True

    def find(self, identifier: PartyIdentifier) -> Eintrag | None:
        """The entry, confirmed or not."""
        with self._database.reading() as directory:
            return directory.behoerden.find(identifier)

    def list_all(self) -> tuple[Eintrag, ...]:
        """Every entry."""
        with self._database.reading() as directory:
            return directory.behoerden.list_all()
