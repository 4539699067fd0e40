"""A certificate that an administrator has asked for: what it says, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from server.domain.certificate import Holder

# The worker signs within seconds; what waits longer waits for a person.
LATE_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class WaitingRequests:
    """How many are not signed yet, and since when the oldest of them waits (None without any)."""

    number: int = 0
    oldest: datetime | None = None

    def find_age(self, moment: datetime) -> timedelta:
        """How long the oldest one has been waiting."""
        return moment - self.oldest if self.oldest else timedelta(0)

    def is_late(self, moment: datetime) -> bool:
        """True where nobody seems to sign."""
        return self.find_age(moment) >= LATE_AFTER


@dataclass(frozen=True, kw_only=True)
class NewCertificateRequest:
    """`csr` is the request (PKCS#10, PEM or DER), `key_name` its key in words.

    Older certificates count for `overlap_days` more, to their own end where it is None.
    """

    mandant_key: int
    actor: str
    csr: bytes
    key_name: str
    overlap_days: int | None
    created: datetime


@dataclass(frozen=True, kw_only=True)
class CertificateRequest(NewCertificateRequest):
    """One that is kept. `der` is the certificate once it is signed, `fingerprint` its name in the
    register once it counts; `refusal` says why there will be none.
    """

    key: int
    holder: Holder
    der: bytes | None
    finished: datetime | None
    fingerprint: str
    refusal: str
