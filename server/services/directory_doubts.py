"""Tells the directory that post came back; while it is away, nothing of it is lost."""

import logging
from datetime import timedelta

from persistence.database import Database
from server.services.clock import Clock
from server.services.directory import Directory, DirectoryUnavailable

logger = logging.getLogger(__name__)

_PAUSE = timedelta(minutes=5)


class DirectoryDoubts:
    """Passes on doubts that were written with the news of letters.

    After a crash the same doubt may be told twice: the directory keeps the newest one of each
    authority.
    """

    def __init__(self, database: Database, directory: Directory, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._clock = clock

    def tell_next(self) -> bool:
        """Tells the one that is due longest; False where none is due."""
        with self._database.reading() as stores:
            doubt = stores.directory_doubts.find_due(self._clock())
        if doubt is None:
            return False
        try:
            self._directory.report_doubt(doubt.party, doubt.reason)
        except DirectoryUnavailable as error:
            logger.warning("the directory does not learn of %s: %s", doubt.party, error.reason)
            with self._database.writing() as stores:
                stores.directory_doubts.postpone_all(self._clock() + _PAUSE)
            return False
        with self._database.writing() as stores:
            stores.directory_doubts.remove(doubt.key)
        return True
