"""Other data centres that call here: who they are, and for whom they may speak.

A data centre forwards messages of the Mandanten that it serves, and asks what became of them.
"""

from collections.abc import Callable
from datetime import timedelta

from server.domain.behoerde import PartyIdentifier
from server.domain.local_time import find_local_day
from server.domain.mandant import AnyCaller, Caller, CentreCaller
from server.domain.stored_message import StoredMessage
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.directory import Directory
from server.services.tenancy import Tenancy, require_own_name

# Raises 9014 where the caller may not speak for the party.
RequireAuthor = Callable[[AnyCaller, PartyIdentifier], None]


class Peers:
    """Knows other data centres by the Authority-Server; `own_name` is the name of this one.

    A data centre may speak for a Mandant so many days after it has moved away: for messages that
    it accepted before, and could not forward yet.
    """

    def __init__(
        self,
        tenancy: Tenancy,
        directory: Directory,
        clock: Clock,
        *,
        own_name: str,
        former_days: int,
    ) -> None:
        self._tenancy = tenancy
        self._directory = directory
        self._clock = clock
        self._own_name = own_name
        self._former_days = former_days

    def identify(self, fingerprint: str | None) -> AnyCaller:
        """The Mandant or the data centre with this client certificate (SHA-256 of DER, hex).

        Raises AmtshilfeError as Tenancy does, and DirectoryUnavailable where a certificate is
        that of no Mandant here and nobody can tell whose it is.
        """
        caller = self._tenancy.find_caller(fingerprint)
        centre = "" if caller or not fingerprint else self._find_centre(fingerprint)
        return CentreCaller(centre) if centre else self._tenancy.identify(fingerprint)

    def require_author(self, caller: AnyCaller, named: PartyIdentifier) -> None:
        """Raises 9014 where the caller may not speak for the party, and DirectoryUnavailable."""
        if isinstance(caller, Caller):
            require_own_name(caller, named)
            return
        since = find_local_day(self._clock()) - timedelta(days=self._former_days)
        serving = self._directory.list_recent_centres(named, since)
        if caller.centre not in serving:
            by = f"von {serving[0]}" if serving else "von keinem Rechenzentrum"
            raise AmtshilfeError(
                Faults.CERTIFICATE_MISMATCH,
                f"Das Client-Zertifikat gehört zum {caller}, {named} wird heute aber {by} betreut.",
            )

    def _find_centre(self, fingerprint: str) -> str:
        """The data centre that holds the certificate; empty where it is none, or this one."""
        if not self._own_name:
            return ""
        holder = self._directory.find_holder(fingerprint)
        return holder.centre if holder and holder.centre != self._own_name else ""


def is_author(caller: AnyCaller, message: StoredMessage) -> bool:
    """True where the caller has sent the message."""
    if isinstance(caller, CentreCaller):
        return message.author_centre == caller.centre
    return message.author_mandant == caller.mandant.key
