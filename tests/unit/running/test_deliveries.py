"""What the command says of destinations that failed."""

from datetime import UTC, datetime

import pytest

from server.domain.circuit_breaker import DestinationState
from server.domain.destination import Destination, DestinationKind
from server.running.deliveries import render_destinations
from server.services.delivery_sight import MAX_COUNTED, BusyDestination

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "waiting", "told"),
    [
        (DestinationKind.DATA_CENTRE, MAX_COUNTED - 1, "999 Aufträge warten"),
        (DestinationKind.DATA_CENTRE, MAX_COUNTED, "1000 oder mehr Aufträge warten"),
        (DestinationKind.OUTPUT, MAX_COUNTED, "1000 Stapel warten"),
    ],
)
def test_render_destinations_says_how_much_waits_up_to_a_limit(
    kind: DestinationKind, waiting: int, told: str
) -> None:
    state = DestinationState(Destination(kind, "nord"), 3, NOON, NOON, "antwortet nicht")
    (line,) = render_destinations([BusyDestination(state, waiting)], NOON)
    assert told in line
