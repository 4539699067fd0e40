"""Builds the engine of delivery from the settings: its channels, retries and breakers."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import SystemRandom

from persistence.blobs import Blobs
from persistence.database import Database
from server.bootstrap_encryption import make_encrypted_copies, make_opening
from server.domain.circuit_breaker import BreakerPlan
from server.domain.destination import DestinationKind, OrderQueue
from server.domain.retry_plan import RetryPlan
from server.services.centre_links import CentreLinks
from server.services.clock import read_clock
from server.services.delivering.centre_channel import CentreChannel
from server.services.delivering.channel import FallBack, Ways, look_nowhere
from server.services.delivering.delivery import Delivery
from server.services.delivering.encrypted_parts import EncryptedParts
from server.services.delivering.letter_check import LetterCheck
from server.services.delivering.letter_pool import LetterPool
from server.services.delivering.mailbox_channel import MailboxChannel
from server.services.delivering.plan import DeliveryPlan, Worker
from server.services.delivering.resolver import DestinationResolver
from server.services.delivering.scan_channel import ScanChannel
from server.services.directory import Directory
from server.services.reader_places import ReaderPlaces
from server.services.scanning import Scanning
from server.services.serving_centres import ServingCentres
from server.settings import Settings
from server.settings_delivery import ChannelSettings, DeliverySettings
from server.xmlio.payloads import PayloadInspector


@dataclass(frozen=True)
class DeliveryParts:
    """What delivery shares with the rest of the worker."""

    database: Database
    blobs: Blobs
    directory: Directory
    letters: LetterPool
    centres: ServingCentres
    places: ReaderPlaces
    links: CentreLinks
    inspector: PayloadInspector
    scanning: Scanning
    fall_back: FallBack


def build_delivery(
    settings: Settings, parts: DeliveryParts, queue: OrderQueue, is_stopping: Callable[[], bool]
) -> Delivery:
    """The engine for one queue; a batch ends early where it `is_stopping`."""
    return Delivery(
        parts.database,
        parts.directory,
        read_clock,
        ways=_make_ways(settings, parts, queue),
        plan=replace(make_delivery_plan(settings), queues=(queue,)),
        worker=make_worker(is_stopping),
    )


def make_worker(is_stopping: Callable[[], bool]) -> Worker:
    """This process."""
    return Worker(f"{platform.node()}:{os.getpid()}", SystemRandom().random, is_stopping)


def _make_ways(settings: Settings, parts: DeliveryParts, queue: OrderQueue) -> Ways:
    resolver = DestinationResolver(parts.places)
    return Ways(
        resolver,
        {
            DestinationKind.SCANNER: ScanChannel(
                parts.blobs, parts.inspector, parts.scanning, make_opening(settings), read_clock
            ),
            DestinationKind.MAILBOX: MailboxChannel(parts.places, parts.fall_back),
            DestinationKind.LETTER: parts.letters,
            DestinationKind.DATA_CENTRE: _make_centre_channel(settings, parts),
        },
        parts.fall_back,
        # To the pool, claims of the other queue would be all that there are: it would forget what
        # it has set, for there are no letters among them.
        parts.letters.look_ahead if queue is OrderQueue.HERE else look_nowhere,
        LetterCheck(parts.blobs, parts.inspector),
    )


def _make_centre_channel(settings: Settings, parts: DeliveryParts) -> CentreChannel:
    copies = make_encrypted_copies(settings, parts.database, parts.blobs, parts.directory)
    return CentreChannel(
        parts.blobs, parts.centres, parts.links, find_parts=EncryptedParts(copies).find
    )


def make_delivery_plan(settings: Settings) -> DeliveryPlan:
    """Leases, retries and breakers; a channel without numbers of its own has those of all."""
    delivery = settings.delivery
    breaker = BreakerPlan(
        delivery.breaker_failures,
        timedelta(seconds=delivery.breaker_first_seconds),
        timedelta(seconds=delivery.breaker_longest_seconds),
    )
    return DeliveryPlan(
        timedelta(seconds=delivery.lease_seconds),
        _make_retry_plan(delivery, ChannelSettings()),
        {
            DestinationKind.MAILBOX: _make_retry_plan(delivery, settings.delivery_mailbox),
            DestinationKind.LETTER: _make_retry_plan(delivery, settings.delivery_letter),
            DestinationKind.DATA_CENTRE: _make_retry_plan(delivery, settings.delivery_data_centre),
        },
        breaker,
        delivery.batch_orders,
    )


def _make_retry_plan(general: DeliverySettings, channel: ChannelSettings) -> RetryPlan:
    return RetryPlan(
        timedelta(seconds=channel.first_retry_seconds or general.first_retry_seconds),
        timedelta(seconds=channel.longest_retry_seconds or general.longest_retry_seconds),
        timedelta(hours=channel.max_age_hours or general.max_age_hours),
    )
