"""The TransportReport: what became of a message, for its author and its reader."""

from dataclasses import dataclass
from datetime import datetime

from persistence.database import Database
from server.domain.mandant import AnyCaller, Caller
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportEntry, ReportStatus, compute_status
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.peers import is_author


@dataclass(frozen=True)
class TransportReport:
    """A message with everything that has been noted about it until `created`."""

    message: StoredMessage
    created: datetime
    status: ReportStatus
    entries: tuple[ReportEntry, ...]


class Reporting:
    """Gives reports to those who may see them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find_report(self, caller: AnyCaller, message_id: str) -> TransportReport:
        """The report of a message that the caller wrote or may read; raises 9070."""
        with self._database.reading() as stores:
            message = stores.messages.find(message_id)
            if message is None or not _may_see(caller, message):
                raise unknown_message_id(message_id)
            entries = stores.messages.list_entries(message.key)
        status = compute_status(entries, message.state.is_final)
        return TransportReport(message, self._clock(), status, entries)


def unknown_message_id(message_id: str) -> AmtshilfeError:
    """9070; the same words whether the MessageID does not exist or belongs to somebody else."""
    return AmtshilfeError(
        Faults.MESSAGE_ID_UNKNOWN, f"Für diesen Account gibt es keine Nachricht {message_id}."
    )


def _may_see(caller: AnyCaller, message: StoredMessage) -> bool:
    if is_author(caller, message):
        return True
    return isinstance(caller, Caller) and message.reader_mandant == caller.mandant.key
