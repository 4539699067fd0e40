"""A channel that letter processes make for themselves, for tests: says where it was called."""

import os
import signal
from pathlib import Path

from persistence.blobs import BlobMissing, BlobStoreUnavailable
from persistence.stores.orders import DeliveryOrder
from server.domain.destination import Destination
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.services.delivering.channel import (
    Channel,
    DependencyDown,
    Outcome,
    RecipientUnreachable,
    Undeliverable,
)


class _Unsendable(Exception):
    def __init__(self) -> None:
        super().__init__("geht nicht durch die Leitung")
        self.lock = open(os.devnull)  # noqa: SIM115 - cannot be sent to another process


ERRORS = {
    "undeliverable": Undeliverable("unlesbar"),
    "unreachable": RecipientUnreachable("unbekannt"),
    "down": DependencyDown("Verzeichnis", "keine Verbindung"),
    "store": BlobStoreUnavailable("voll"),
    "missing": BlobMissing("a" * 64),
    "system": OSError(28, "kein Platz"),
}


class PidChannel:
    """Does what the MessageID says, and else tells the number of its process."""

    def deliver(
        self, _order: DeliveryOrder, message: StoredMessage, _destination: Destination
    ) -> Outcome:
        """Dies, raises, or answers."""
        name = message.head.message_id.split(":")[-1]
        if name.startswith("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name == "unsendable":
            raise _Unsendable
        if name in ERRORS:
            raise ERRORS[name]
        return Outcome(MessageEvent.PUT_IN_MAILBOX, f"{os.getpid()}")


def make_pid_channel() -> Channel:
    """Called in each process."""
    return PidChannel()


class LibraryChannel:
    """Tells which libraries its process has loaded."""

    def deliver(
        self, _order: DeliveryOrder, _message: StoredMessage, _destination: Destination
    ) -> Outcome:
        """Their paths."""
        lines = Path("/proc/self/maps").read_text().splitlines()
        paths = {fields[5] for line in lines if len(fields := line.split(maxsplit=5)) > 5}
        return Outcome(MessageEvent.PUT_IN_MAILBOX, " ".join(sorted(paths)))


def make_library_channel() -> Channel:
    """Called in each process."""
    return LibraryChannel()
