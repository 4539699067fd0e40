"""The engine with the channels of this server, for unit tests."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Any

from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.stores.orders import DeliveryOrder
from server.domain.behoerde import PartyIdentifier
from server.domain.content import BlobRef
from server.domain.destination import Destination, DestinationKind
from server.domain.mandant import Caller
from server.domain.message import MessageEvent
from server.domain.retry_plan import RetryPlan
from server.domain.stored_message import (
    ContentPart,
    MessageHead,
    NewMessage,
    PartKind,
    StoredMessage,
)
from server.printing.dispatcher import Outputs
from server.printing.marks import MarkStyle
from server.printing.output import OutputPlugin
from server.services.batching.closing import Closing
from server.services.batching.contents import BatchContents
from server.services.batching.plan import BatchPlan, CutOffs
from server.services.batching.submitting import Submitting
from server.services.batching.telling import Telling
from server.services.clock import Clock, read_clock
from server.services.delivering.channel import (
    Channel,
    DependencyDown,
    LookAhead,
    Outcome,
    Resolver,
    Ways,
    look_nowhere,
)
from server.services.delivering.delivery import Delivery
from server.services.delivering.letter_channel import LetterChannel
from server.services.delivering.letter_check import LetterCheck
from server.services.delivering.mailbox_channel import MailboxChannel
from server.services.delivering.plan import DeliveryPlan, Worker
from server.services.delivering.resolver import DestinationResolver
from server.services.message_events import record_event
from server.services.reader_places import ReaderPlaces
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue

OUTPUT = "folder"
_INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
RETRY = RetryPlan(timedelta(seconds=5), timedelta(hours=1), timedelta(hours=72))
PLAN = DeliveryPlan(timedelta(minutes=5), RETRY)


def make_delivery(
    database: Database,
    blobs: FolderBlobs,
    directory: Any,
    letters: Any,
    clock: Clock,
    *,
    plan: DeliveryPlan = PLAN,
    worker: str = "worker",
) -> Delivery:
    """An engine whose retries come at the latest moment that the plan allows."""
    places = ReaderPlaces(database, directory, clock)
    channels: dict[DestinationKind, Channel] = {
        DestinationKind.MAILBOX: MailboxChannel(places),
        DestinationKind.LETTER: make_letter_channel(database, blobs, directory, letters),
    }
    resolver = DestinationResolver(places)
    return Delivery(
        database,
        directory,
        clock,
        ways=Ways(resolver, channels, check_way=LetterCheck(blobs, _INSPECTOR)),
        plan=plan,
        worker=Worker(worker, jitter=lambda: 1.0),
    )


def make_letter_channel(
    database: Database, blobs: FolderBlobs, directory: Any, letters: Any
) -> LetterChannel:
    """Letters that wait for nothing."""
    return LetterChannel(database, blobs, directory, letters, CutOffs({}, read_clock).find_next)


class PrintRoom:
    """Gathers letters into batches and hands them over, as the worker does.

    Retries come at the latest moment that the plan allows; the output is asked for `news`.
    """

    def __init__(
        self,
        database: Database,
        blobs: FolderBlobs,
        outputs: Sequence[OutputPlugin],
        clock: Clock,
        *,
        max_letters: int = 5000,
        marks: MarkStyle | None = None,
        news: timedelta = timedelta(days=14),
        worker: str = "worker",
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        plan = BatchPlan(
            max_letters,
            PLAN.lease,
            RETRY,
            PLAN.breaker,
            timedelta(minutes=15),
            {output.name: news for output in outputs},
        )
        self.closing = Closing(database, clock, max_letters)
        self.outputs = Outputs({output.name: output for output in outputs}, OUTPUT)
        self.submitting = Submitting(
            database,
            self.outputs,
            BatchContents(database, blobs, marks or MarkStyle()),
            clock,
            plan=plan,
            worker=Worker(worker, lambda: 1.0, is_stopping),
        )
        self.telling = Telling(database, clock, plan, worker)

    def work(self) -> bool:
        """One pass; False where nothing was to do."""
        tasks = (self.closing.close_due, self.submitting.submit_next, self.telling.tell_some)
        results = [task() for task in tasks]
        return any(results)

    def work_off(self) -> None:
        """Until nothing is due any more."""
        while self.work():
            pass


class ScriptedChannel:
    """Stands in for a channel: does what a test put in, and remembers what it was asked."""

    def __init__(self) -> None:
        self.delivered: list[str] = []
        self.work: Callable[[DeliveryOrder], Outcome] = lambda _order: DELIVERED

    def deliver(
        self, order: DeliveryOrder, message: StoredMessage, destination: Destination
    ) -> Outcome:
        """Calls what the test put in."""
        self.delivered.append(message.head.message_id)
        return self.work(order)


DELIVERED = Outcome(MessageEvent.PUT_IN_MAILBOX, "Nord")


def down(_order: DeliveryOrder) -> Outcome:
    """What a channel does whose destination is away."""
    raise DependencyDown("Rechenzentrum Nord", "keine Verbindung")


def make_scripted_delivery(
    database: Database,
    clock: Clock,
    channel: Channel,
    *,
    plan: DeliveryPlan = PLAN,
    worker: str = "worker",
    is_stopping: Callable[[], bool] = lambda: False,
    kinds: Iterable[DestinationKind] = tuple(DestinationKind),
    resolver: Resolver | None = None,
    look_ahead: LookAhead = look_nowhere,
) -> Delivery:
    """An engine with one channel for everything that it knows."""
    nowhere: Any = None
    return Delivery(
        database,
        nowhere,
        clock,
        ways=Ways(resolver or nowhere, dict.fromkeys(kinds, channel), look_ahead=look_ahead),
        plan=plan,
        worker=Worker(worker, lambda: 1.0, is_stopping),
    )


def add_order(
    database: Database,
    caller: Caller,
    clock: Clock,
    message_id: str,
    destination: Destination,
    *,
    is_redirected: bool = True,
) -> int:
    """A message that waits for delivery with an order that is due; returns its key."""
    party = PartyIdentifier("ags:leser", "xoev")
    head = MessageHead(message_id, caller.mandant.identifier, party, "d", "s", "t", "p", b"<m/>")
    part = ContentPart(PartKind.MESSAGE, BlobRef("a" * 64, 5, "a" * 64), {})
    new = NewMessage(head, caller.mandant.key, None, (part,), "d" * 64)
    with database.writing() as stores:
        key = stores.messages.add(new, clock())
        stored = new.stored_as(key, clock())
        record_event(stores, stored, MessageEvent.SENT_FOR_DELIVERY, clock())
        stores.orders.add(key, destination, clock(), clock(), is_redirected=is_redirected)
    return key
