"""The audit: who changed what. Entries are written within the transaction of the change.

Those of the directory's database are carried over from there (`audit_carrying`).
"""

from dataclasses import dataclass
from datetime import datetime

from persistence.database import Besides, Database
from server.domain.web_user import Actor, AuditEntry
from server.services.web_access.audit_carrying import AuditCarrier

# Who uses the command line is the operator.
COMMAND = "Betreiber (Kommando)"
_PAGE = 50


@dataclass(frozen=True)
class AuditPage:
    """Entries, newest first; `after` is where older ones follow, None where there are none."""

    entries: tuple[AuditEntry, ...]
    after: int | None


class Audit:
    """Reads the audit."""

    def __init__(self, database: Database, carrier: AuditCarrier) -> None:
        self._database = database
        self._carrier = carrier

    def list_page(self, actor: Actor, before: int | None = None) -> AuditPage:
        """The entries of the actor's Mandant; of all Mandanten for the operator."""
        self._carrier.carry()
        with self._database.reading() as stores:
            rows = stores.audit.list_newest(actor.user.mandant_key, _PAGE + 1, before)
        shown = rows[:_PAGE]
        after = shown[-1][0] if len(rows) > _PAGE else None
        return AuditPage(tuple(entry for _, entry in shown), after)


def make_entry(
    actor: Actor, moment: datetime, action: str, subject: str, text: str = ""
) -> AuditEntry:
    """What the actor did, for `stores.audit.add` within the transaction of the change."""
    return AuditEntry(moment, str(actor), actor.user.mandant_key, action, subject, text)


def audit_besides(entry: AuditEntry) -> Besides:
    """For services that know no users: they write the entry in the transaction of the change."""
    return lambda stores: stores.audit.add(entry)
