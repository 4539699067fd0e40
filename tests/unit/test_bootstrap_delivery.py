"""Delivery as the settings have it."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from persistence.database import Database
from server.bootstrap_delivery import DeliveryParts, build_delivery, make_delivery_plan
from server.bootstrap_parts import MessageParts, make_scanning
from server.domain.destination import LETTER, DestinationKind, OrderQueue
from server.domain.mandant import Caller
from server.domain.retry_plan import RetryPlan
from server.services.delivering.channel import find_no_fallback
from server.services.delivering.claims import Claims
from server.services.delivering.delivery import Delivery
from server.services.delivering.letter_pool import LetterPool, LetterProcesses
from server.settings import Settings
from server.settings_blobs import BlobSettings
from server.settings_delivery import ChannelSettings, DeliverySettings
from tests.support.delivering import add_order
from tests.support.letter_setting import PidChannel, make_pid_channel
from tests.unit.conftest import FixedClock


@pytest.fixture
def pool() -> Iterator[LetterPool]:
    pool = LetterPool(PidChannel(), LetterProcesses(2, make_pid_channel))
    yield pool
    pool.close()


def test_build_delivery_of_forwarding_letters_that_are_set_ahead_stay(
    database: Database, author: Caller, clock: FixedClock, pool: LetterPool, tmp_path: Path
) -> None:
    for name in "ab":
        add_order(database, author, clock, f"urn:x:{name}", LETTER)
    claims = Claims(database, clock, timedelta(minutes=5)).claim(20)
    pool.look_ahead(claims)
    assert not _make_forwarding(database, pool, tmp_path).deliver_due()
    set_by = {pool.deliver(*claim, LETTER).detail for claim in claims}
    assert len(claims) == 2
    assert str(os.getpid()) not in set_by


def _make_forwarding(database: Database, letters: LetterPool, folder: Path) -> Delivery:
    settings = Settings(blobs=BlobSettings(folder=folder))
    parts = MessageParts(settings, 1, database=database)
    delivery_parts = DeliveryParts(
        parts.database,
        parts.blobs,
        parts.directory,
        letters,
        parts.centres,
        parts.places,
        parts.links,
        parts.inspector,
        make_scanning(settings),
        find_no_fallback,
    )
    return build_delivery(settings, delivery_parts, OrderQueue.FORWARDING, lambda: False)


def test_make_delivery_plan_channel_takes_what_it_does_not_set_from_all() -> None:
    settings = Settings(
        delivery=DeliverySettings(first_retry_seconds=7, max_age_hours=5),
        delivery_letter=ChannelSettings(max_age_hours=240),
    )
    plan = make_delivery_plan(settings)
    seven, hour = timedelta(seconds=7), timedelta(hours=1)
    letter = plan.find_retry(DestinationKind.LETTER)
    assert letter == RetryPlan(seven, hour, timedelta(hours=240))
    for kind in (DestinationKind.MAILBOX, DestinationKind.OPEN):
        assert plan.find_retry(kind) == RetryPlan(seven, hour, timedelta(hours=5))
