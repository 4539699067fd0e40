"""Who may ask the Authority-Server: whoever has a certificate in its register."""

from collections.abc import Callable

from persistence.trust_database import TrustDatabase
from server.domain.certificate import BoundCertificate, Holder
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock


class Participants:
    """Knows the holders of certificates; `otherwise` knows those who are in no register."""

    def __init__(
        self, database: TrustDatabase, clock: Clock, otherwise: Callable[[str | None], str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._otherwise = otherwise

    def identify(self, fingerprint: str | None) -> str:
        """The holder of the certificate; raises 9010 where it counts no more, 9012."""
        found = self._find(fingerprint) if fingerprint else None
        if found is None:
            return self._otherwise(fingerprint)
        if found.revoked:
            raise AmtshilfeError(
                Faults.CERTIFICATE_EXPIRED,
                f"Das Client-Zertifikat ist seit dem {found.revoked:%d.%m.%Y} gesperrt.",
            )
        if not found.is_accepted(self._clock()):
            raise AmtshilfeError(
                Faults.CERTIFICATE_EXPIRED,
                f"Das Client-Zertifikat galt bis zum {found.accepted_until:%d.%m.%Y}.",
            )
        return str(found.holder)

    def find_holder(self, fingerprint: str) -> Holder | None:
        """To whom a certificate is bound that counts now."""
        found = self._find(fingerprint)
        return found.holder if found and found.is_accepted(self._clock()) else None

    def _find(self, fingerprint: str) -> BoundCertificate | None:
        with self._database.reading() as stores:
            return stores.certificates.find(fingerprint)
