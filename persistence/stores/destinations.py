"""Destinations that failed lately: the circuit breakers that all workers share."""

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from persistence.tables import destination_state
from server.domain.circuit_breaker import DestinationState
from server.domain.destination import Destination, DestinationKind


class DestinationStore:
    """Keeps one row for each destination that is not well; there are never many."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_all(self) -> tuple[DestinationState, ...]:
        """Every destination that failed lately."""
        rows = self._connection.execute(select(destination_state).order_by(*_KEY))
        return tuple(_from_row(row) for row in rows)

    def list_for_claim(self) -> tuple[DestinationState, ...]:
        """Every destination that failed lately; none is closed while the transaction lasts.

        So no order is held for a destination that is well again meanwhile.
        """
        query = select(destination_state).order_by(*_KEY).with_for_update(read=True)
        return tuple(_from_row(row) for row in self._connection.execute(query))

    def lock(self, destination: Destination) -> DestinationState | None:
        """The state, locked until the transaction ends; None where the destination is well."""
        query = select(destination_state).where(*_is(destination)).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return _from_row(row) if row else None

    def try_lock(self, destination: Destination) -> DestinationState | None:
        """Like `lock`, but None too where somebody else has it locked."""
        query = select(destination_state).where(*_is(destination))
        row = self._connection.execute(query.with_for_update(skip_locked=True)).one_or_none()
        return _from_row(row) if row else None

    def add(self, state: DestinationState) -> bool:
        """A destination has failed for the first time; False where somebody wrote it meanwhile."""
        kind, name = state.destination.kind.value, state.destination.name
        try:
            with self._connection.begin_nested():
                self._connection.execute(
                    insert(destination_state).values(kind=kind, name=name, **_to_values(state))
                )
        except IntegrityError:
            return False
        return True

    def save(self, state: DestinationState) -> None:
        """Writes a state that is there."""
        self._connection.execute(
            update(destination_state).where(*_is(state.destination)).values(**_to_values(state))
        )

    def remove(self, destination: Destination) -> None:
        """The destination is well."""
        self._connection.execute(delete(destination_state).where(*_is(destination)))


_KEY = (destination_state.c.kind, destination_state.c.name)


def _is(destination: Destination) -> tuple[Any, Any]:
    return (
        destination_state.c.kind == destination.kind.value,
        destination_state.c.name == destination.name,
    )


def _to_values(state: DestinationState) -> dict[str, Any]:
    return {
        "failures": state.failures,
        "since": state.since,
        "open_until": state.open_until,
        "cause": state.cause,
    }


def _from_row(row: Row[Any]) -> DestinationState:
    destination = Destination(DestinationKind(row.kind), row.name)
    return DestinationState(destination, row.failures, row.since, row.open_until, row.cause)
