"""What the audit says, the newest first."""

from typing import Any

from persistence.database import Database
from server.domain.web_user import AuditEntry

_MOST = 500
_FIELDS = ("action", "subject", "text")


def list_entries(database: Database, mandant_key: int | None = None) -> list[AuditEntry]:
    """Of one Mandant, or of all."""
    with database.reading() as stores:
        return [entry for _, entry in stores.audit.list_newest(mandant_key, _MOST)]


def list_audit(database: Database, *fields: str, about: str = "") -> list[tuple[Any, ...]]:
    """The fields (else action, subject and text) of each entry in whose action `about` stands."""
    return [
        tuple(getattr(entry, field) for field in fields or _FIELDS)
        for entry in list_entries(database)
        if about in entry.action
    ]


def list_actions(database: Database, mandant_key: int | None = None) -> list[str]:
    """What was done."""
    return [entry.action for entry in list_entries(database, mandant_key)]
