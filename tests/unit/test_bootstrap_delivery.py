"""Delivery as the settings have it."""

from datetime import timedelta

from server.bootstrap_delivery import make_delivery_plan
from server.domain.destination import DestinationKind
from server.domain.retry_plan import RetryPlan
from server.settings import Settings
from server.settings_delivery import ChannelSettings, DeliverySettings


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
