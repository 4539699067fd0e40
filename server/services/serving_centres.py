"""Whether this data centre serves a reader today, or another one."""

import logging
import time
from collections.abc import Callable

from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import DataCentre
from server.services.directory import Directory, DirectoryUnavailable

logger = logging.getLogger(__name__)

# While the directory is away, messages between Mandanten of one server do not wait for it.
_PAUSE_SECONDS = 10


class ServingCentres:
    """Asks the directory who serves whom; a data centre without a name stands alone.

    Threads may share it.
    """

    def __init__(
        self,
        directory: Directory,
        own_name: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._directory = directory
        self._own_name = own_name
        self._monotonic = monotonic
        self._paused_until = 0.0

    def find_other(
        self, reader: PartyIdentifier, *, is_asked_anew: bool = False
    ) -> DataCentre | None:
        """The other data centre that serves the reader today; raises DirectoryUnavailable.

        None where it is this one, or none at all.
        """
        if not self._own_name:
            return None
        serving = self._directory.find_data_centre(reader, is_asked_anew=is_asked_anew)
        return serving if serving and serving.name != self._own_name else None

    def find_other_of_mandant(self, reader: PartyIdentifier) -> DataCentre | None:
        """The same for a Mandant with a mailbox here, who stays here while nobody can tell."""
        if self._monotonic() < self._paused_until:
            return None
        try:
            return self.find_other(reader)
        except DirectoryUnavailable:
            logger.warning("whether %s has moved cannot be asked, its mailbox is used", reader)
            self._paused_until = self._monotonic() + _PAUSE_SECONDS
            return None
