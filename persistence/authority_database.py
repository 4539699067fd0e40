"""The database of the Authority-Server: authorities, places, rules, participants."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from persistence.authority_tables import participant
from persistence.engine import begin_reading, begin_writing, make_engine, read_url
from persistence.failures import DatabaseUnavailable
from persistence.schema import DatabaseKind, is_schema_current
from persistence.stores.behoerden import BehoerdeStore
from persistence.stores.directory_rows import DirectoryRowStore
from persistence.stores.directory_versions import VersionStore
from persistence.stores.gemeinden import GemeindeStore
from persistence.stores.pending_audit import PendingAuditStore
from persistence.stores.regeln import RegelStore


class Participant(NamedTuple):
    """Who may ask the Authority-Server, and until when its certificate is valid."""

    name: str
    not_after: datetime


class DirectoryStore:
    """Reads and fills the directory within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def behoerden(self) -> BehoerdeStore:
        """Authorities and the certificates for which to encrypt."""
        return BehoerdeStore(self._connection)

    @cached_property
    def gemeinden(self) -> GemeindeStore:
        """Places."""
        return GemeindeStore(self._connection)

    @cached_property
    def regeln(self) -> RegelStore:
        """Rules."""
        return RegelStore(self._connection)

    @cached_property
    def versions(self) -> VersionStore:
        """Versions of the directory, and writing in bulk."""
        return VersionStore(self._connection)

    @cached_property
    def rows(self) -> DirectoryRowStore:
        """Rows of all kinds as they lie there, for imports and exports."""
        return DirectoryRowStore(self._connection, self.versions)

    @cached_property
    def pending_audit(self) -> PendingAuditStore:
        """Audit entries of changes, until they are carried over."""
        return PendingAuditStore(self._connection)

    def find_participant(self, fingerprint: str) -> Participant | None:
        """The participant to whom the certificate belongs."""
        row = self._connection.execute(
            select(participant).where(
                participant.c.fingerprint == fingerprint, participant.c.version_to.is_(None)
            )
        ).one_or_none()
        return Participant(row.name, row.not_after) if row else None


class AuthorityDatabase:
    """The database of the Authority-Server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[DirectoryStore]:
        """A transaction that only reads."""
        with begin_reading(self.engine) as connection:
            yield DirectoryStore(connection)

    @contextmanager
    def writing(self) -> Iterator[DirectoryStore]:
        """A transaction that writes; durable when the block has ended.

        Other processes learn by the revision that something changed.
        """
        with begin_writing(self.engine) as connection:
            store = DirectoryStore(connection)
            yield store
            store.versions.count_up()

    @contextmanager
    def noting(self) -> Iterator[DirectoryStore]:
        """A transaction that writes nothing of which other processes have to learn."""
        with begin_writing(self.engine) as connection:
            yield DirectoryStore(connection)


def find_authority_database(url: str, connections: int) -> AuthorityDatabase | None:
    """The directory, where it lies in this installation with all its tables; None elsewhere.

    An SQLite file that is not there is not made.
    """
    parsed = read_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return None
    database = AuthorityDatabase(make_engine(url, connections))
    try:
        is_current = is_schema_current(database.engine, DatabaseKind.AUTHORITY)
    except DatabaseUnavailable:
        is_current = False
    if not is_current:
        database.engine.dispose()
    return database if is_current else None
