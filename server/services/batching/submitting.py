"""Hands batches over, each once however often a worker crashes.

A batch is leased, prepared, handed over and marked as handed over; the output recognises one that
comes again after a crash in between. What is away holds a batch, with a circuit breaker for each
output; a batch that the output refuses ends, and its letters fail.
"""

import logging
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from persistence.blobs import BlobStoreUnavailable, BlobUnreadable
from persistence.database import Database, Stores
from persistence.stores.orders import Lease, LeaseLost
from server.domain.batch import StoredBatch
from server.domain.circuit_breaker import DestinationState, start_probe
from server.domain.destination import Destination, DestinationKind
from server.domain.transport_report import ReportCode, make_entry
from server.printing.dispatcher import Outputs
from server.printing.marks import MarkUnusable
from server.printing.output import BatchRefused, OutputUnavailable, is_all_or_nothing
from server.services.batching.contents import BatchContents
from server.services.batching.plan import BatchPlan
from server.services.clock import Clock
from server.services.delivering.breakers import Breakers
from server.services.delivering.claims import CAUSE_FOR_AUTHOR
from server.services.delivering.plan import Worker

logger = logging.getLogger(__name__)


class _Stopping(Exception):
    """The worker is told to end."""


@dataclass(frozen=True)
class _Claim:
    """A batch that is ours; `is_probe` where it is tried while its output is half open."""

    batch: StoredBatch
    is_probe: bool = False

    @property
    def destination(self) -> Destination:
        return Destination(DestinationKind.OUTPUT, self.batch.group.output)


class Submitting:
    """Hands over what is closed."""

    def __init__(
        self,
        database: Database,
        outputs: Outputs,
        contents: BatchContents,
        clock: Clock,
        *,
        plan: BatchPlan,
        worker: Worker,
    ) -> None:
        self._database = database
        self._outputs = outputs
        self._contents = contents
        self._clock = clock
        self._plan = plan
        self._worker = worker
        self._breakers = Breakers(database, clock, plan.breaker)

    def submit_next(self) -> bool:
        """Hands over the batch that is due longest; False where nothing is due."""
        claim = self._claim()
        if claim is None:
            return False
        try:
            self._submit(claim)
        except LeaseLost:
            logger.warning("batch %s: another worker has it", claim.batch.batch_id)
        return True

    def _submit(self, claim: _Claim) -> None:
        """Whatever becomes of a claimed batch; raises LeaseLost."""
        try:
            reference = self._hand_over(claim.batch)
        except OutputUnavailable as error:
            self._hold(claim, str(error))
        except BatchRefused as error:
            self._refuse(claim, str(error))
        except _Stopping:
            self._end(claim, lambda stores: stores.batches.give_back(claim.batch))
        except LeaseLost:
            self._end_probe(claim)
            raise
        except (BlobStoreUnavailable, OSError) as error:
            self._postpone(claim, f"Ablage der Inhalte: {error}")
        except Exception as error:
            # Whether the output has it, nobody knows: it is brought again, and recognised there.
            logger.exception("batch %s could not be handed over", claim.batch.batch_id)
            self._postpone(claim, f"{type(error).__name__}: {error}")
        else:
            self._record(claim, reference)

    def _hand_over(self, batch: StoredBatch) -> str:
        """How the output calls the batch, when it has it."""
        lease = _LeaseKeeper(self._database, self._clock, self._plan.lease, batch)
        output = self._outputs.find(batch.group.output)
        is_whole = is_all_or_nothing(output)
        with _refusing_what_is_lost():
            self._contents.prepare(
                batch, lambda: self._keep_or_stop(lease), is_looked_through=not is_whole
            )
        print_batch = self._contents.put_together(batch, lease.keep)
        logger.info("batch %s goes to output %s", batch.batch_id, output.name)
        with _refusing_what_is_lost() if is_whole else nullcontext():
            return output.submit(print_batch).reference

    def _keep_or_stop(self, lease: "_LeaseKeeper") -> None:
        if self._worker.is_stopping():
            raise _Stopping
        lease.keep()

    def _record(self, claim: _Claim, reference: str) -> None:
        batch = claim.batch
        with self._database.writing() as stores:
            stores.batches.submit(batch, reference, self._clock())
        logger.info("batch %s is handed over as %s", batch.batch_id, reference)
        self._close_breaker(claim)

    def _refuse(self, claim: _Claim, cause: str) -> None:
        logger.error("batch %s is refused: %s", claim.batch.batch_id, cause)
        with self._database.writing() as stores:
            stores.batches.refuse(claim.batch, cause)
        self._close_breaker(claim)

    def _hold(self, claim: _Claim, cause: str) -> None:
        logger.warning("batch %s waits: %s", claim.batch.batch_id, cause)
        self._put_off(claim.batch, cause)
        self._breakers.report_failure(claim.destination, cause, is_probe=claim.is_probe)

    def _postpone(self, claim: _Claim, cause: str) -> None:
        """Says nothing about the output."""
        self._put_off(claim.batch, cause)
        self._end_probe(claim)

    def _put_off(self, batch: StoredBatch, cause: str) -> None:
        wait = self._plan.retry.wait_after(batch.attempts, self._worker.jitter())
        with self._database.writing() as stores:
            stores.batches.postpone(batch, self._clock() + wait, cause)
            if not batch.cause:
                self._tell_delay(stores, batch.key)

    def _end(self, claim: _Claim, change: Callable[[Stores], None]) -> None:
        with self._database.writing() as stores:
            change(stores)
        self._end_probe(claim)

    def _end_probe(self, claim: _Claim) -> None:
        if claim.is_probe:
            self._breakers.end_probe(claim.destination)

    def _close_breaker(self, claim: _Claim) -> None:
        """The output is there: what waited for it is due."""
        with self._database.reading() as stores:
            failing = {state.destination for state in stores.destinations.list_all()}
        if claim.destination not in failing:
            return
        self._breakers.report_success(claim.destination)
        with self._database.writing() as stores:
            stores.batches.release(claim.batch.group.output, self._clock())

    def _claim(self) -> _Claim | None:
        moment = self._clock()
        with self._database.reading() as stores:
            states = stores.destinations.list_all()
        failing = [state for state in states if state.destination.kind is DestinationKind.OUTPUT]
        for state in failing:
            if state.is_half_open(moment) and (probe := self._claim_probe(state.destination)):
                return probe
        resting = [state for state in failing if state.open_until]
        self._hold_waiting(resting)
        names = [state.destination.name for state in resting]
        with self._database.writing() as stores:
            batch = stores.batches.claim_due(moment, self._make_lease(moment), but=names)
        return _Claim(batch) if batch else None

    def _hold_waiting(self, resting: Sequence[DestinationState]) -> None:
        """What would go to an output that is left alone: its authors hear of the delay, too."""
        for state in resting:
            with self._database.writing() as stores:
                output, moment = state.destination.name, self._clock()
                for key in stores.batches.wait_for(output, moment, state.cause):
                    self._tell_delay(stores, key)

    def _tell_delay(self, stores: Stores, batch_key: int) -> None:
        """Once for each batch; the technical cause is for the operator."""
        entry = make_entry(ReportCode.DELIVERY_DELAYED, self._clock(), CAUSE_FOR_AUTHOR)
        stores.messages.add_entry_to(stores.letters.list_message_keys(batch_key), entry)

    def _claim_probe(self, destination: Destination) -> _Claim | None:
        """A batch for an output that is half open; for others it rests meanwhile."""
        moment = self._clock()
        lease = self._make_lease(moment)
        with self._database.writing() as stores:
            state = stores.destinations.try_lock(destination)
            if state is None or not state.is_half_open(moment):
                return None
            batch = stores.batches.claim_of(destination.name, moment, lease)
            if batch is None:
                # Nothing waits for it: the next batch is the try.
                stores.destinations.remove(destination)
                return None
            stores.destinations.save(start_probe(state, lease.until))
        return _Claim(batch, is_probe=True)

    def _make_lease(self, moment: datetime) -> Lease:
        return Lease(uuid.uuid4().hex, moment + self._plan.lease)


class _LeaseKeeper:
    """Renews the lease of a batch while it is handed over, which may take long."""

    def __init__(
        self, database: Database, clock: Clock, length: timedelta, batch: StoredBatch
    ) -> None:
        self._database = database
        self._clock = clock
        self._length = length
        self._batch = batch
        self._renewed = clock()

    def keep(self) -> None:
        """Renews the lease where half of it has passed; raises LeaseLost."""
        moment = self._clock()
        if moment < self._renewed + self._length / 2:
            return
        lease = Lease(self._batch.lease_token, moment + self._length)
        with self._database.writing() as stores:
            stores.batches.renew(self._batch.key, lease)
        self._renewed = moment


@contextmanager
def _refusing_what_is_lost() -> Iterator[None]:
    """Nothing of the batch has been handed over within the block: new letters can be set."""
    try:
        yield
    except BlobUnreadable as error:
        raise BatchRefused(error.reason) from error
    except MarkUnusable as error:
        raise BatchRefused(str(error)) from error
