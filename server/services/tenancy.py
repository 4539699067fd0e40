"""Who is calling, and whether the caller may act under the name it gives."""

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.local_time import find_local_day
from server.domain.mandant import AnyCaller, Caller
from server.domain.mandant_access import explain_inactive
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock


class Tenancy:
    """Binds client certificates to Mandanten."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def identify(self, fingerprint: str | None) -> Caller:
        """The caller with this client certificate (SHA-256 of its DER form, hex).

        Raises AmtshilfeError: 9012 without or with an unknown certificate, 9010 after its end,
        9011 where its access is not active yet or not any more.
        """
        if fingerprint is None:
            raise AmtshilfeError(Faults.ACCOUNT_UNKNOWN, "Die Anfrage kam ohne Client-Zertifikat.")
        caller = self.find_caller(fingerprint)
        if caller is None:
            raise AmtshilfeError(
                Faults.ACCOUNT_UNKNOWN,
                f"Das Client-Zertifikat (SHA-256 {fingerprint}) ist hier nicht registriert.",
            )
        self._check_account(caller)
        return caller

    def find_caller(self, fingerprint: str | None) -> Caller | None:
        """The Mandant with this client certificate, whether it may use the server or not."""
        if fingerprint is None:
            return None
        with self._database.reading() as stores:
            return stores.mandanten.find_caller(fingerprint)

    def _check_account(self, caller: Caller) -> None:
        if caller.certificate_not_after < self._clock():
            end = caller.certificate_not_after.strftime("%d.%m.%Y")
            raise AmtshilfeError(
                Faults.CERTIFICATE_EXPIRED, f"Das Client-Zertifikat galt bis zum {end}."
            )
        mandant = caller.mandant
        if not mandant.access.is_active(find_local_day(self._clock())):
            reason = explain_inactive(mandant.name, mandant.access)
            raise AmtshilfeError(Faults.ACCOUNT_LOCKED, reason)


def require_own_name(caller: AnyCaller, named: PartyIdentifier) -> None:
    """Raises 9014 where the named party is not the caller itself."""
    if isinstance(caller, Caller) and caller.mandant.identifier.is_same_party(named):
        return
    raise AmtshilfeError(
        Faults.CERTIFICATE_MISMATCH,
        f"Das Client-Zertifikat gehört zu {caller}, angegeben ist {named}.",
    )
