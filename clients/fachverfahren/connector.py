"""The connector: round after round it sends, fetches, and asks for reports."""

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from clients.fachverfahren.facade import Facade, Postponed, Refused, Unreachable
from clients.fachverfahren.inbox import Inbox
from clients.fachverfahren.patience import Patience
from clients.fachverfahren.reports import Reports
from clients.fachverfahren.sending import JobSender
from clients.fachverfahren.settings import ConnectorSettings, FacadeSettings
from clients.fachverfahren.workspace import Workspace, find_folder_problems

logger = logging.getLogger(__name__)

_SERVER = "server"


class Connector:
    """Works until `stop` is set; a piece that has begun is finished.

    It may be killed at any moment: what it had begun, it finishes when it is started again.
    """

    def __init__(self, settings: ConnectorSettings, stop: threading.Event) -> None:
        self._settings = settings
        self._stop = stop
        self._workspace = Workspace(settings.folders)
        facade = Facade(settings.facade)
        reports = Reports(self._workspace, facade, settings.rhythm.report_seconds)
        self._sender = JobSender(self._workspace, settings, facade, reports)
        self._inbox = Inbox(self._workspace, facade)
        self._reports = reports
        self._patience = Patience(settings.rhythm.longest_wait_seconds)

    def run(self) -> None:
        """Round after round; raises FolderTaken."""
        with self._workspace.locked():
            logger.info("connector started: %s", self._settings.folders.outbox)
            while not self._stop.is_set():
                if self._patience.is_due(_SERVER):
                    self._do_round()
                self._stop.wait(self._settings.rhythm.poll_seconds)
            logger.info("connector stopped")

    def run_once(self) -> bool:
        """One round; False where something failed. Raises FolderTaken.

        Jobs that must be seen unchanged for a while are watched for that long.
        """
        with self._workspace.locked():
            if not self._settings.outbox.ready_files and self._sender.has_unsettled():
                self._stop.wait(self._settings.outbox.settle_seconds)
            return self._do_round()

    def _do_round(self) -> bool:
        pieces = (
            ("outbox", self._sender.send_all),
            ("inbox", self._inbox.fetch_all),
            ("reports", self._reports.ask_all),
        )
        try:
            results = [
                self._guard(name, partial(piece, self._stop.is_set)) for name, piece in pieces
            ]
        except Unreachable as error:
            seconds = self._patience.note_failure(_SERVER)
            logger.warning("the server cannot be used, waits %.0f seconds: %s", seconds, error)
            return False
        self._patience.forget(_SERVER)
        return all(results)

    def _guard(self, name: str, piece: Callable[[], bool]) -> bool:
        """A disk that is full or away stops a piece, not the connector."""
        try:
            return piece()
        except Unreachable:
            raise
        except OSError as error:
            logger.error("%s: %s; tried again in the next round", name, error)
        except Exception:
            logger.exception("%s: unexpected error; tried again in the next round", name)
        return False


def find_problems(settings: ConnectorSettings) -> list[str]:
    """What is wrong with files and folders that the settings name (German sentences)."""
    return [*find_key_problems(settings.facade), *find_folder_problems(settings.folders)]


def find_server_problem(settings: ConnectorSettings) -> str:
    """Why the server cannot be used (a German sentence); empty where it can."""
    try:
        Facade(settings.facade).check()
    except (Unreachable, Postponed, Refused) as error:
        return f"facade.url: Der Server unter {settings.facade.url} nimmt nichts an: {error}"
    return ""


def find_key_problems(facade: FacadeSettings) -> Iterator[str]:
    """What is wrong with the certificate files (German sentences)."""
    context = ssl.create_default_context()
    attempts: tuple[tuple[str, Path, Callable[[Path], None]], ...] = (
        ("facade.certificate", facade.certificate, context.load_cert_chain),
        ("facade.server_ca", facade.server_ca, context.load_verify_locations),
    )
    for key, path, load in attempts:
        if not path.is_file():
            yield f"{key}: Die Datei {path} fehlt."
            continue
        try:
            load(path)
        except (OSError, ValueError):
            yield f"{key}: {path} enthält nichts Brauchbares (PEM, unverschlüsselt)."
