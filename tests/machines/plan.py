"""How much a run does, from the environment."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class MachinesPlan:
    """The size of a run.

    `orders` in all, of which `sent` come in over the wire and the rest is written in bulk. For
    `solo_seconds` one worker works alone, so that its rate can be measured; 0: both from the start.
    """

    orders: int = 100_000
    sent: int = 1_000
    solo_seconds: int = 60
    minutes: int = 60

    @classmethod
    def read(cls) -> "MachinesPlan":
        """MACHINES_ORDERS, MACHINES_SENT, MACHINES_SOLO_SECONDS, MACHINES_MINUTES."""
        environment = os.environ
        orders = int(environment.get("MACHINES_ORDERS", cls.orders))
        return cls(
            orders,
            min(orders, int(environment.get("MACHINES_SENT", cls.sent))),
            int(environment.get("MACHINES_SOLO_SECONDS", cls.solo_seconds)),
            int(environment.get("MACHINES_MINUTES", cls.minutes)),
        )
