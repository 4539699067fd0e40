"""What senders, readers and killers did, line by line; what was acknowledged is on the disk.

Each process writes a file of its own in the folder of the journal.
"""

import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Happening(StrEnum):
    """What a line tells."""

    # Before the first attempt: from now on the message may be there.
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    # The sender did not get an answer, and does not try again.
    GIVEN_UP = "given-up"
    # The server refused what it should have taken.
    REFUSED = "refused"
    FETCHED = "fetched"
    CONFIRMED = "confirmed"
    KILLED = "killed"


@dataclass(frozen=True)
class Line:
    """One line; `hashes` are SHA-256 (hex) of the parts in their order.

    `place` is the way of a message that is sent, the mailbox of one that is fetched, and the kind
    of what was killed.
    """

    happening: Happening
    message_id: str = ""
    hashes: tuple[str, ...] = ()
    place: str = ""
    detail: str = ""
    moment: float = 0


class Journal:
    """Appends to a file; threads may share it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")
        self._lock = threading.Lock()

    def note(
        self,
        happening: Happening,
        message_id: str = "",
        hashes: Sequence[str] = (),
        place: str = "",
        detail: str = "",
    ) -> None:
        """Writes a line and flushes it to the disk."""
        line = Line(happening, message_id, tuple(hashes), place, detail, time.time())
        text = json.dumps(asdict(line), ensure_ascii=False) + "\n"
        with self._lock:
            self._file.write(text.encode())
            self._file.flush()
            os.fsync(self._file.fileno())


def read_journal(folder: Path) -> Iterator[Line]:
    """All lines of all files; within a file in their order."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as file:
            for text in file:
                values = json.loads(text)
                yield Line(
                    Happening(values.pop("happening")), hashes=tuple(values.pop("hashes")), **values
                )
