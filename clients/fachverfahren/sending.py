"""Sending jobs, each exactly once.

A job is taken out of the outbox with the MessageID under which it goes. Whatever happens after
that, it is sent under this MessageID and with the same bytes; the server books it once. The
receipt is made within the job's folder and leaves it by a rename, so that there is one of it.
"""

import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from clients.fachverfahren.documents import Failure, write_fehlschlag, write_grund, write_quittung
from clients.fachverfahren.durable import move, place_file
from clients.fachverfahren.facade import Facade, Postponed, Refused, Unreachable
from clients.fachverfahren.job import Job, JobStore
from clients.fachverfahren.job_content import JobContent, read_content
from clients.fachverfahren.names import find_free_name
from clients.fachverfahren.outbox import Outbox
from clients.fachverfahren.patience import Patience
from clients.fachverfahren.reports import Reports
from clients.fachverfahren.settings import ConnectorSettings
from clients.fachverfahren.workspace import Workspace

logger = logging.getLogger(__name__)

_RECEIPT = "quittung.xml"
_RECEIPT_SUFFIX = ".quittung.xml"
_FAILURE = "grund.xml"
_REASON = "grund.txt"


class JobSender:
    """Takes what is complete, sends what was taken, and puts it where it belongs."""

    def __init__(
        self,
        workspace: Workspace,
        settings: ConnectorSettings,
        facade: Facade,
        reports: Reports,
    ) -> None:
        self._workspace = workspace
        self._max_bytes = settings.outbox.max_bytes
        self._facade = facade
        self._reports = reports
        self._outbox = Outbox(workspace.folders.outbox, settings.outbox)
        self._store = JobStore(
            workspace.jobs, workspace.staging, workspace.folders.outbox, self._is_label_taken
        )
        self._patience = Patience(settings.rhythm.longest_wait_seconds)

    def send_all(self, is_stopped: Callable[[], bool]) -> bool:
        """Takes and sends what is due; False where something failed.

        Raises Unreachable, and OSError where the folders cannot be used.
        """
        # First, or what is left of a job that is half taken would be taken for a whole one.
        self._recover()
        results = [self._take_all(is_stopped)]
        for job in self._store.list_jobs():
            if not is_stopped() and self._patience.is_due(job.label):
                results.append(self._advance_safely(job))
        return all(results)

    def has_unsettled(self) -> bool:
        """True where jobs of the outbox are being watched until they are complete."""
        self._recover()
        return self._outbox.list_complete()[1] > 0

    def _recover(self) -> None:
        """Puts back what a crash left half taken."""
        for job in self._store.list_jobs():
            if not job.is_whole and not self._store.give_back(job):
                self._fail(
                    job,
                    Refused(
                        "",
                        "Die Übernahme des Auftrags wurde unterbrochen, und inzwischen liegt ein "
                        "anderer gleichen Namens im Ausgang.",
                        "Bitte prüfen, welche Dateien gelten, und sie erneut ablegen.",
                    ),
                )

    def _take_all(self, is_stopped: Callable[[], bool]) -> bool:
        complete, _ = self._outbox.list_complete()
        results = [True]
        for candidate in complete:
            if is_stopped():
                break
            try:
                job = self._store.take(candidate, datetime.now(UTC))
            except FileNotFoundError:
                logger.info("outbox: %s is gone again", candidate.name)
            except OSError as error:
                logger.error("outbox: %s cannot be taken: %s", candidate.name, error)
                results.append(False)
            else:
                logger.info("%s taken as %s", job.label, job.record.message_id)
        return all(results)

    def _advance_safely(self, job: Job) -> bool:
        try:
            return self._advance(job)
        except Unreachable:
            raise
        except (Postponed, OSError) as error:
            seconds = self._patience.note_failure(job.label)
            message_id = job.record.message_id
            logger.warning("%s, %s: waits %.0f seconds: %s", job.label, message_id, seconds, error)
        except Exception:
            # One job must not hold the others.
            self._patience.note_failure(job.label)
            logger.exception("%s, %s: unexpected error", job.label, job.record.message_id)
        return False

    def _advance(self, job: Job) -> bool:
        if (job.folder / _FAILURE).exists():
            self._put_aside(job)
            return False
        if not job.record.accepted and not (job.folder / _RECEIPT).exists():
            try:
                job = self._send(job)
            except Refused as refusal:
                self._fail(job, refusal)
                return False
        self._complete(job)
        return True

    def _send(self, job: Job) -> Job:
        content = read_content(job, self._max_bytes)
        was_tried = bool(job.record.digest)
        if was_tried and job.record.digest != content.digest:
            raise Refused(
                "",
                "Der Auftrag wurde geändert, nachdem ein erster Versuch begonnen hatte.",
                "Bitte im Report oder beim Empfänger prüfen, ob die Nachricht schon angekommen "
                "ist, bevor sie erneut abgelegt wird.",
            )
        if not was_tried:
            job = self._store.note(job, digest=content.digest)
        accepted = self._find_acceptance(job, content, was_tried)
        logger.info("%s, %s: accepted", job.label, job.record.message_id)
        place_file(
            self._workspace.staging, job.folder / _RECEIPT, write_quittung(job.title, accepted)
        )
        return job

    def _find_acceptance(self, job: Job, content: JobContent, was_tried: bool) -> datetime:
        message_id = job.record.message_id
        try:
            return self._facade.send(message_id, content.outgoing)
        except Refused:
            # Of an earlier try only the answer may have been lost, and the rules may be new.
            report = self._facade.find_report(message_id) if was_tried else None
            if report is None:
                raise
            accepted: datetime = report.gesendet or report.erstellt
            return accepted

    def _complete(self, job: Job) -> None:
        """Receipt, report, and the job into `sent`; each step may have been done already."""
        receipt = job.folder / _RECEIPT
        if receipt.exists():
            job = self._store.note(job, accepted=datetime.now(UTC).isoformat())
            self._reports.follow(job.label, job.title)
            move(receipt, self._receipt_of(job.label))
        self._leave(job, self._workspace.folders.sent)

    def _fail(self, job: Job, refusal: Refused) -> None:
        failure = Failure(refusal.code, refusal.cause, refusal.remedy, datetime.now(UTC))
        staging = self._workspace.staging
        place_file(staging, job.folder / _REASON, write_grund(job.title, failure))
        place_file(staging, job.folder / _FAILURE, write_fehlschlag(job.title, failure))
        logger.error("%s, %s: failed: %s", job.label, job.record.message_id, refusal)
        self._put_aside(job)

    def _put_aside(self, job: Job) -> None:
        self._leave(job, self._workspace.folders.failed)

    def _leave(self, job: Job, folder: Path) -> None:
        moment = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        name = find_free_name(
            f"{job.label}-{moment}", "", lambda name: os.path.lexists(folder / name)
        )
        move(job.folder, folder / name)
        self._patience.forget(job.label)

    def _is_label_taken(self, label: str) -> bool:
        return self._reports.is_taken(label) or os.path.lexists(self._receipt_of(label))

    def _receipt_of(self, label: str) -> Path:
        return self._workspace.folders.receipts / f"{label}{_RECEIPT_SUFFIX}"
