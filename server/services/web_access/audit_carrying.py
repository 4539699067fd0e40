"""From the directory's database to the audit: entries that were written beside their change.

Directory and register of certificates are a database of their own, so that change and audit cannot
be one transaction. The entry is: it is written with the change into the same database, and carried
over from there, once, now or later.
"""

import logging
from collections.abc import Callable

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.failures import DatabaseUnavailable

_log = logging.getLogger(__name__)


class AuditCarrier:
    """`find_directory` gives the directory, None where it is elsewhere."""

    def __init__(
        self, database: Database, find_directory: Callable[[], AuthorityDatabase | None]
    ) -> None:
        self._database = database
        self._find_directory = find_directory

    def carry(self) -> None:
        """Carries over what waits; what cannot be carried stays where it is, for the next time."""
        directory = self._find_directory()
        if directory is None:
            return
        try:
            while self._carry_some(directory):
                pass
        except DatabaseUnavailable as error:
            _log.warning("audit entries wait in the database of the directory: %s", error)

    def _carry_some(self, directory: AuthorityDatabase) -> bool:
        with directory.reading() as stores:
            waiting = stores.pending_audit.list_oldest()
        if not waiting:
            return False
        with self._database.writing() as stores:
            for origin, entry in waiting:
                stores.audit.take_over(origin, entry)
        # A crash before this lets them be carried again, and the audit knows their origin.
        with directory.noting() as kept:
            kept.pending_audit.remove(origin for origin, _ in waiting)
        return True
