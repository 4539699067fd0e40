"""Malware: nothing is accepted that the scanner has not seen."""

import logging

from clients.scanner import ScannerClient, ScannerFailed
from server.domain.content import Content
from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

_CHUNK = 256 * 1024


class Scanning:
    """Asks the scanner, where one is configured."""

    def __init__(self, client: ScannerClient | None) -> None:
        self._client = client

    def find_malware(self, content: Content) -> str | None:
        """The name of what was found; None where nothing was, or where there is no scanner.

        Raises 9030 where the scanner does not answer: the sender repeats, nothing is rejected
        for good and nothing passes unseen.
        """
        if self._client is None:
            return None
        try:
            return self._client.find_malware(content.read_chunks(_CHUNK))
        except ScannerFailed as error:
            logger.error("the scanner failed: %s", error)
            raise AmtshilfeError(
                Faults.INTERNAL_ERROR,
                "Der Virenscanner antwortet zurzeit nicht; die Nachricht wurde nicht angenommen.",
            ) from error
