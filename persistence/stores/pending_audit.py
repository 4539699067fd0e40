"""Audit entries of changes in the directory's database, on their way to the audit."""

import uuid
from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from persistence.authority_tables import pending_audit
from server.domain.web_user import AuditEntry

_AT_ONCE = 100


class PendingAuditStore:
    """Entries lie here from the change until the audit has them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        """Adds an entry within the transaction of the change it tells of."""
        values = {"origin": uuid.uuid4().hex, **vars(entry)}
        self._connection.execute(insert(pending_audit).values(values))

    def list_oldest(self) -> tuple[tuple[str, AuditEntry], ...]:
        """Some entries with their origin, the oldest first."""
        query = select(pending_audit).order_by(pending_audit.c.moment, pending_audit.c.origin)
        return tuple(
            (row.origin, AuditEntry(*row[1:]))
            for row in self._connection.execute(query.limit(_AT_ONCE))
        )

    def remove(self, origins: Iterable[str]) -> None:
        """Forgets entries that the audit has."""
        self._connection.execute(
            delete(pending_audit).where(pending_audit.c.origin.in_(list(origins)))
        )
