"""The engine with the channels of this server, for unit tests."""

from datetime import timedelta
from typing import Any

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.destination import DestinationKind
from server.domain.retry_plan import RetryPlan
from server.services.clock import Clock
from server.services.delivering.channel import Channel, Ways
from server.services.delivering.delivery import Delivery
from server.services.delivering.letter_channel import LetterChannel
from server.services.delivering.mailbox_channel import MailboxChannel
from server.services.delivering.plan import DeliveryPlan, Worker
from server.services.delivering.resolver import DestinationResolver
from server.services.letters import Letters

OUTPUT = "folder"
RETRY = RetryPlan(timedelta(seconds=5), timedelta(hours=1), timedelta(hours=72))
PLAN = DeliveryPlan(timedelta(minutes=5), RETRY)


def make_delivery(
    database: Database,
    blobs: FolderBlobs,
    directory: Any,
    letters: Letters,
    clock: Clock,
    *,
    plan: DeliveryPlan = PLAN,
    worker: str = "worker",
) -> Delivery:
    """An engine whose retries come at the latest moment that the plan allows."""
    channels: dict[DestinationKind, Channel] = {
        DestinationKind.MAILBOX: MailboxChannel(database, clock),
        DestinationKind.LETTER: LetterChannel(blobs, directory, letters),
    }
    resolver = DestinationResolver(database, directory, clock, letter_output=OUTPUT)
    return Delivery(
        database,
        directory,
        clock,
        ways=Ways(resolver, channels),
        plan=plan,
        worker=Worker(worker, jitter=lambda: 1.0),
    )
