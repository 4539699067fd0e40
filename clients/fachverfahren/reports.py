"""Asking what became of the messages that were sent, until nothing more can happen.

For each there is a record in the state folder; it goes when the report is closed.
"""

import json
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from clients.fachverfahren.documents import JobName, write_report
from clients.fachverfahren.durable import place_file, remove_file
from clients.fachverfahren.facade import Facade, Postponed, Refused
from clients.fachverfahren.workspace import Workspace

logger = logging.getLogger(__name__)

_OPEN = "offen"
_SUFFIX = ".report.xml"
_KNOWN = ".known"


class Reports:
    """Writes `LABEL.report.xml` and replaces it when something has happened."""

    def __init__(
        self,
        workspace: Workspace,
        facade: Facade,
        interval_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workspace = workspace
        self._facade = facade
        self._interval_seconds = interval_seconds
        self._clock = clock
        self._due: dict[str, float] = {}

    def follow(self, label: str, job: JobName) -> None:
        """From now on it is asked what became of this message."""
        record = {"name": job.name, "message_id": job.message_id}
        content = json.dumps(record).encode("ascii")
        place_file(self._workspace.staging, self._record_of(label), content)

    def is_taken(self, label: str) -> bool:
        """True where a report of this name lies there or will."""
        target = self._workspace.folders.reports / f"{label}{_SUFFIX}"
        return self._record_of(label).exists() or os.path.lexists(target)

    def ask_all(self, is_stopped: Callable[[], bool]) -> bool:
        """Asks for those that are due; False where one failed. Raises Unreachable, OSError."""
        results = [True]
        for record in sorted(self._workspace.reports.glob("*.json")):
            label = record.name.removesuffix(".json")
            if not is_stopped() and self._clock() >= self._due.get(label, 0.0):
                self._due[label] = self._clock() + self._interval_seconds
                results.append(self._ask(label, record))
        return all(results)

    def _ask(self, label: str, record: Path) -> bool:
        values = json.loads(record.read_text(encoding="ascii"))
        job = JobName(values["name"], values["message_id"])
        try:
            report = self._facade.find_report(job.message_id)
        except (Postponed, Refused) as error:
            logger.warning("report of %s, %s: %s", label, job.message_id, error)
            return False
        if report is None:
            logger.warning("report of %s, %s: the server has none", label, job.message_id)
        else:
            self._write(label, job, write_report(job, report), report.status)
        if report is None or report.status != _OPEN:
            self._due.pop(label, None)
            (self._workspace.reports / f"{label}{_KNOWN}").unlink(missing_ok=True)
            remove_file(record)
        return True

    def _write(self, label: str, job: JobName, content: bytes, status: str) -> None:
        target = self._workspace.folders.reports / f"{label}{_SUFFIX}"
        known = self._workspace.reports / f"{label}{_KNOWN}"
        # What was written is remembered beside: the Fachverfahren may have taken the report.
        if known.is_file() and known.read_bytes() == content:
            return
        place_file(self._workspace.staging, target, content)
        place_file(self._workspace.staging, known, content)
        logger.info("report of %s, %s: %s", label, job.message_id, status)

    def _record_of(self, label: str) -> Path:
        return self._workspace.reports / f"{label}.json"
