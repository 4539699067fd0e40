"""A test message on its way: sent with the test flag, and asked after until its report is closed.

Beside the folders of the connector: no receipt, no report file, nothing to be done after a crash.
"""

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clients.fachverfahren.facade import Facade, OutgoingContent, Postponed

_OPEN = "offen"
_PAUSE_SECONDS = 1.0


@dataclass(frozen=True)
class TrialEntry:
    """An entry of the report: when, its weight (`info`, `warnung`, `fehler`), code and text."""

    moment: datetime
    weight: str
    code: str
    text: str


class Trial:
    """One test message; it never becomes a letter, whatever way it takes."""

    def __init__(self, facade: Facade) -> None:
        self._facade = facade
        self._told = 0
        self.message_id = f"urn:de:xta:messageid:fachverfahren:{uuid.uuid4()}"
        # As the report says it; `offen` until it is closed.
        self.status = _OPEN

    @property
    def is_closed(self) -> bool:
        """True where nothing more happens to it."""
        return self.status != _OPEN

    def send(self, content: OutgoingContent) -> datetime:
        """When it was accepted; raises Refused, Postponed, Unreachable."""
        return self._facade.send(self.message_id, content, is_test=True)

    def follow(self, seconds: float, stop: threading.Event) -> Iterator[TrialEntry]:
        """Entries of the report as they come, until it is closed, time is up, or `stop` is set.

        Raises Refused and Unreachable.
        """
        deadline = time.monotonic() + seconds
        while True:
            yield from self._list_new()
            left = deadline - time.monotonic()
            if self.is_closed or left <= 0 or stop.wait(min(_PAUSE_SECONDS, left)):
                return

    def _list_new(self) -> Iterator[TrialEntry]:
        try:
            report: Any = self._facade.find_report(self.message_id)
        except Postponed:
            # Asked again until time is up.
            return
        if report is None:
            return
        self.status = report.status
        entries = report.eintrag[self._told :]
        self._told += len(entries)
        for entry in entries:
            yield TrialEntry(entry.zeitpunkt, entry.gewicht, entry.code, entry.text)
