"""Differences of batches that an operator has acknowledged."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from persistence.news_tables import difference_acknowledgement as table
from server.domain.reconciliation import Acknowledgement


class AcknowledgementStore:
    """Keeps who acknowledged which difference, and why."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, batch_key: int, found: Sequence[Acknowledgement]) -> None:
        """Adds some; the row of the batch's news is locked."""
        if found:
            rows = [{"batch_key": batch_key, **vars(item)} for item in found]
            self._connection.execute(insert(table), rows)

    def list_of_batch(self, batch_key: int) -> tuple[Acknowledgement, ...]:
        """Those of a batch, oldest first."""
        query = select(table).where(table.c.batch_key == batch_key).order_by(table.c.key)
        return tuple(
            Acknowledgement(row.line, row.reason, row.actor, row.moment)
            for row in self._connection.execute(query)
        )
