"""What a database can refuse, as errors of the house.

Whoever uses a transaction sees no error of a driver: an AmtshilfeError with a row of the fault
table instead, so that a port answers it, and a worker knows that it has only to wait.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random

from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

_Result = TypeVar("_Result")

# Of PostgreSQL: serialization_failure, deadlock_detected, lock_not_available, and the
# unique_violation of who was slower with the same row. (SQLite lets write one after the other.)
_CONFLICTS = frozenset({"40001", "40P01", "55P03", "23505"})
_ATTEMPTS = 4
_LONGEST_WAIT_SECONDS = 0.2


class DatabaseUnavailable(AmtshilfeError):
    """The database does not do its work for now: gone, full, read-only, overloaded.

    Nothing was written, or, where the connection broke at the commit, perhaps everything: what is
    repeated must be recognised.
    """

    def __init__(self) -> None:
        super().__init__(
            Faults.STORAGE_UNAVAILABLE, "Die Datenbank des Servers ist zurzeit nicht verfügbar."
        )


class TransactionConflict(DatabaseUnavailable):
    """Another transaction was in the way; nothing was written, and a repetition may succeed."""


class NotStorable(AmtshilfeError):
    """A value that the database cannot hold: too long, or with a character that it does not know.

    The checks at the door are to find such values first; this is what remains where one does not.
    """

    def __init__(self) -> None:
        super().__init__(
            Faults.PARAMETER_COMBINATION,
            "Eine Angabe ist zu lang oder enthält ein Zeichen, das sich nicht speichern lässt.",
        )


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turns errors of the driver within the block into those of this module."""
    try:
        yield
    except DataError as error:
        logger.warning("a value cannot be stored: %s", error.orig)
        raise NotStorable from error
    except (OperationalError, InterfaceError, InternalError) as error:
        raise _explain(error) from error
    except PoolTimeout as error:
        logger.error("no connection to the database became free: %s", error)
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if not (error.connection_invalidated or _is_conflict(error)):
            raise
        raise _explain(error) from error


def repeat_conflicts(transaction: Callable[[], _Result]) -> _Result:
    """Runs a whole transaction, and once more where another one was in its way.

    Fit for transactions that do nothing but read and write the database.
    """
    attempts = Retrying(
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random(0, _LONGEST_WAIT_SECONDS),
        retry=retry_if_exception_type(TransactionConflict),
        reraise=True,
    )
    return attempts(transaction)


def _is_conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _CONFLICTS


def _explain(error: DBAPIError) -> DatabaseUnavailable:
    if _is_conflict(error):
        logger.warning("a transaction gave way to another one: %s", error.orig)
        return TransactionConflict()
    logger.error("the database failed: %s", error.orig)
    return DatabaseUnavailable()
