"""Batches of letters: closed, handed over once, asked for news."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from persistence.letter_tables import IS_UNTOLD, print_batch
from persistence.stores.letter_rows import from_batch_row, to_handling_columns
from persistence.stores.orders import Lease, LeaseLost
from persistence.types import read_new_key
from server.domain.batch import BatchGroup, BatchState, BatchSums, StoredBatch, name_batch


@dataclass(frozen=True)
class BatchTicket:
    """The files of a job ticket, as they go out."""

    xml: bytes
    csv: bytes


class BatchStore:
    """Stores, claims and finds batches."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, group: BatchGroup, sums: BatchSums, moment: datetime, token: str) -> StoredBatch:
        """A batch that is closed now and may be handed over; its name bears the token."""
        result = self._connection.execute(
            insert(print_batch).values(
                # Its name bears its key, which is not known yet.
                batch_id=token,
                **to_handling_columns(group.output, group.handling),
                cut_off=group.cut_off,
                state=BatchState.CLOSED.value,
                letters=sums.letters,
                pages=sums.pages,
                sheets=sums.sheets,
                closed=moment,
                attempts=0,
                due=moment,
            )
        )
        key = read_new_key(result)
        batch_id = name_batch(min(group.cut_off or moment, moment), key, token)
        self._update(key, batch_id=batch_id)
        return self.get(key)

    def get(self, key: int) -> StoredBatch:
        """The batch with this key, which is there."""
        query = select(print_batch).where(print_batch.c.key == key)
        return from_batch_row(self._connection.execute(query).one())

    def find(self, batch_id: str) -> StoredBatch | None:
        """The batch with this name."""
        return self._find_one(select(print_batch).where(print_batch.c.batch_id == batch_id))

    def lock(self, key: int) -> StoredBatch | None:
        """The batch, locked until the transaction ends; None where somebody else has it locked."""
        query = select(print_batch).where(print_batch.c.key == key)
        return self._find_one(query.with_for_update(skip_locked=True))

    def list_all(
        self, states: Collection[BatchState] = (), limit: int = 1000
    ) -> tuple[StoredBatch, ...]:
        """Batches of these states (of all, if none are named), newest first."""
        query = select(print_batch).order_by(print_batch.c.key.desc()).limit(limit)
        if states:
            query = query.where(print_batch.c.state.in_([state.value for state in states]))
        return tuple(map(from_batch_row, self._connection.execute(query)))

    def claim_due(
        self, moment: datetime, lease: Lease, *, but: Collection[str] = ()
    ) -> StoredBatch | None:
        """A closed batch that is due and free, longest first; ours until the lease ends.

        None of the outputs in `but`.
        """
        is_due = print_batch.c.due <= moment
        return self._claim(moment, lease, is_due, print_batch.c.output.not_in(but))

    def claim_of(self, output: str, moment: datetime, lease: Lease) -> StoredBatch | None:
        """A closed batch of an output, also before it is due; ours until the lease ends."""
        return self._claim(moment, lease, print_batch.c.output == output)

    def renew(self, key: int, lease: Lease) -> None:
        """Lengthens a lease; raises LeaseLost."""
        self._settle(key, lease.token, leased_until=lease.until)

    def find_ticket(self, key: int) -> BatchTicket | None:
        """The job ticket; None where none was written yet."""
        row = self._connection.execute(
            select(print_batch.c.ticket_xml, print_batch.c.ticket_csv).where(
                print_batch.c.key == key
            )
        ).one()
        return None if row.ticket_xml is None else BatchTicket(row.ticket_xml, row.ticket_csv)

    def save_ticket(self, batch: StoredBatch, ticket: BatchTicket) -> None:
        """The job ticket as it goes out, also at every repeat; raises LeaseLost."""
        self._settle(batch.key, batch.lease_token, ticket_xml=ticket.xml, ticket_csv=ticket.csv)

    def submit(self, batch: StoredBatch, reference: str, moment: datetime) -> None:
        """The output has the batch; raises LeaseLost."""
        self._end_lease(
            batch,
            state=BatchState.SUBMITTED.value,
            submitted=moment,
            reference=reference,
            cause="",
        )

    def refuse(self, batch: StoredBatch, cause: str) -> None:
        """The output will not take the batch; raises LeaseLost."""
        self._end_lease(batch, state=BatchState.REFUSED.value, cause=cause)

    def give_up(self, key: int, moment: datetime, cause: str) -> bool:
        """A closed batch is not handed over any more; False where it is none, or at work."""
        closed = update(print_batch).where(
            print_batch.c.key == key, _has(BatchState.CLOSED), _is_free(moment)
        )
        values = {"state": BatchState.REFUSED.value, "cause": cause}
        return self._connection.execute(closed.values(**values)).rowcount == 1

    def postpone(self, batch: StoredBatch, due: datetime, cause: str) -> None:
        """The batch could not be handed over for now; raises LeaseLost."""
        self._end_lease(batch, due=due, cause=cause)

    def give_back(self, batch: StoredBatch) -> None:
        """A claimed batch that was not handed over is free again; raises LeaseLost."""
        self._end_lease(batch, attempts=batch.attempts - 1)

    def wait_for(self, output: str, moment: datetime, cause: str) -> tuple[int, ...]:
        """Batches that are due while their output is left alone: those that bear no cause yet."""
        waiting = update(print_batch).where(
            _has(BatchState.CLOSED),
            print_batch.c.output == output,
            print_batch.c.due <= moment,
            print_batch.c.cause == "",
            _is_free(moment),
        )
        rows = self._connection.scalars(waiting.values(cause=cause).returning(print_batch.c.key))
        return tuple(rows)

    def release(self, output: str, moment: datetime) -> int:
        """Closed batches of an output are due at once; returns how many were not."""
        waiting = update(print_batch).where(
            _has(BatchState.CLOSED),
            print_batch.c.output == output,
            print_batch.c.due > moment,
            _is_free(moment),
        )
        return self._connection.execute(waiting.values(due=moment)).rowcount

    def list_untold(self) -> tuple[int, ...]:
        """Batches that the output has or refused, and whose letters do not all follow yet."""
        query = select(print_batch.c.key).where(text(IS_UNTOLD), ~_has(BatchState.CLOSED))
        return tuple(self._connection.scalars(query.order_by(print_batch.c.key)))

    def mark_told(
        self,
        key: int,
        *,
        state: BatchState | None = None,
        next_poll: datetime | None = None,
        news_until: datetime | None = None,
    ) -> None:
        """Every letter follows the batch; from `next_poll` on the output is asked for news."""
        values: dict[str, Any] = {"next_poll": next_poll, "news_until": news_until}
        if state:
            values["state"] = state.value
        self._update(key, is_told=True, **values)

    def count_closed(self) -> dict[str, int]:
        """How many batches wait for which output."""
        rows = self._connection.execute(
            select(print_batch.c.output, func.count().label("number"))
            .where(_has(BatchState.CLOSED))
            .group_by(print_batch.c.output)
        )
        return {row.output: row.number for row in rows}

    def count_by_state(self) -> dict[BatchState, int]:
        """How many batches are in which state."""
        rows = self._connection.execute(
            select(print_batch.c.state, func.count()).group_by(print_batch.c.state)
        )
        return {BatchState(state): number for state, number in rows}

    def _claim(
        self, moment: datetime, lease: Lease, *conditions: ColumnElement[bool]
    ) -> StoredBatch | None:
        row = self._connection.execute(
            select(print_batch)
            .where(_has(BatchState.CLOSED), _is_free(moment), *conditions)
            .order_by(print_batch.c.due, print_batch.c.key)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        self._update(
            row.key, leased_until=lease.until, lease_token=lease.token, attempts=row.attempts + 1
        )
        return self.get(row.key)

    def _end_lease(self, batch: StoredBatch, **values: object) -> None:
        self._settle(batch.key, batch.lease_token, leased_until=None, lease_token="", **values)

    def _settle(self, key: int, token: str, **values: object) -> None:
        """Changes a batch; only who holds its lease may."""
        changed = self._connection.execute(
            update(print_batch)
            .where(
                print_batch.c.key == key,
                _has(BatchState.CLOSED),
                print_batch.c.lease_token == token,
            )
            .values(**values)
        )
        if changed.rowcount != 1:
            raise LeaseLost(f"batch {key}")

    def _update(self, key: int, **values: object) -> None:
        self._connection.execute(
            update(print_batch).where(print_batch.c.key == key).values(**values)
        )

    def _find_one(self, query: Select[Any]) -> StoredBatch | None:
        row = self._connection.execute(query).one_or_none()
        return from_batch_row(row) if row else None


def _has(state: BatchState) -> ColumnElement[bool]:
    return print_batch.c.state == state.value


def _is_free(moment: datetime) -> ColumnElement[bool]:
    leased_until = print_batch.c.leased_until
    return or_(leased_until.is_(None), leased_until < moment)
