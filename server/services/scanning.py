"""Malware: nothing goes on that the scanner has not seen.

While the scanner is away, a message may be held (`scanner.when_down`): it is accepted, but goes
nowhere before it was scanned.
"""

import logging
from collections.abc import Iterable

from clients.scanner import ScannerClient, ScannerFailed
from server.domain.content import Content
from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

_CHUNK = 256 * 1024
_NOT_SCANNED = (
    "Der Virenscanner hat den Inhalt nicht geprüft (vielleicht ist er ihm zu groß); die Nachricht "
    "wurde nicht angenommen."
)


class ScannerDown(AmtshilfeError):
    """9030: the scanner does not answer; nothing is rejected for good and nothing passes unseen."""

    def __init__(self) -> None:
        super().__init__(
            Faults.INTERNAL_ERROR,
            "Der Virenscanner antwortet zurzeit nicht; die Nachricht wurde nicht angenommen.",
        )


class Scanning:
    """Asks the scanner, where one is configured; `holds` says what happens while it is away."""

    def __init__(self, client: ScannerClient | None, *, holds: bool = False) -> None:
        self._client = client
        self.holds = holds

    @property
    def is_configured(self) -> bool:
        """False where this server scans nothing."""
        return self._client is not None

    def find_malware(self, content: Content) -> str | None:
        """The name of what was found; None where nothing was, or where there is no scanner.

        Raises ScannerDown where the scanner does not answer, and 9030 too where it answers but
        does not scan this content.
        """
        if self._client is None:
            return None
        try:
            return self._client.find_malware(content.read_chunks(_CHUNK))
        except ScannerFailed as error:
            logger.error("the scanner failed: %s", error)
            if self._client.is_alive():
                raise AmtshilfeError(Faults.INTERNAL_ERROR, _NOT_SCANNED) from error
            raise ScannerDown from error

    def find_infected_parts(self, parts: Iterable[tuple[str, Content]]) -> Iterable[str]:
        """A German sentence for each part in which something was found; raises ScannerDown.

        Parts come with the names that their sender gave them, empty where there is none.
        """
        for position, (filename, content) in enumerate(parts, start=1):
            found = self.find_malware(content)
            if found:
                yield f"Im Teil „{filename or f'Nr. {position}'}“ wurde {found} gefunden."
