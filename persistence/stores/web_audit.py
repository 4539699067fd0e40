"""The audit of the Web-Client: entries are added and read, nothing else."""

from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from persistence.web_tables import web_audit
from server.domain.web_user import AuditEntry

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# The key, and the fields of AuditEntry in their order.
_COLUMNS = (
    web_audit.c.key,
    web_audit.c.moment,
    web_audit.c.actor,
    web_audit.c.mandant_key,
    web_audit.c.action,
    web_audit.c.subject,
    web_audit.c.text,
)


class AuditStore:
    """Adds entries within the transaction of the change they tell of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        """Adds an entry."""
        self._connection.execute(insert(web_audit).values(**vars(entry)))

    def take_over(self, origin: str, entry: AuditEntry) -> None:
        """Adds an entry that was written elsewhere, once, however often it comes."""
        insert_new = _INSERTS[self._connection.dialect.name]
        self._connection.execute(
            insert_new(web_audit).values(origin=origin, **vars(entry)).on_conflict_do_nothing()
        )

    def list_newest(
        self, mandant_key: int | None, maximum: int, before: int | None = None
    ) -> tuple[tuple[int, AuditEntry], ...]:
        """Entries with their keys, newest first, older than the key `before`.

        Those of one Mandant, or of all where `mandant_key` is None.
        """
        query = select(*_COLUMNS).order_by(web_audit.c.key.desc()).limit(maximum)
        if mandant_key is not None:
            query = query.where(web_audit.c.mandant_key == mandant_key)
        if before is not None:
            query = query.where(web_audit.c.key < before)
        rows = self._connection.execute(query).all()
        return tuple((key, AuditEntry(*values)) for key, *values in rows)
