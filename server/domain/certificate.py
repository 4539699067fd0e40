"""Client certificates and to whom they belong; when their end is near."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.behoerde import PartyIdentifier

# An end is told from so many days before it, and again at each step.
EXPIRY_LADDER = (90, 60, 30, 14, 7, 1)


class RevocationReason(StrEnum):
    """Why a certificate does not count any more (RFC 5280)."""

    UNSPECIFIED = "unspecified"
    KEY_COMPROMISE = "keyCompromise"
    SUPERSEDED = "superseded"
    CESSATION = "cessationOfOperation"


@dataclass(frozen=True)
class Holder:
    """To whom a certificate is bound: a Mandant, or a data centre by its name; never both."""

    mandant: PartyIdentifier | None = None
    centre: str = ""

    def __post_init__(self) -> None:
        if (self.mandant is None) == (not self.centre):
            raise ValueError("a certificate is bound to exactly one holder")

    def is_same(self, other: "Holder") -> bool:
        """True where both name the same holder."""
        if self.mandant is None or other.mandant is None:
            return (self.mandant, self.centre) == (other.mandant, other.centre)
        return self.mandant.is_same_party(other.mandant)

    def __str__(self) -> str:
        return str(self.mandant) if self.mandant else f"Rechenzentrum {self.centre}"


@dataclass(frozen=True, kw_only=True)
class ClientCertificate:
    """A client certificate in short, and its holder.

    `fingerprint` is the SHA-256 of its DER form in hex. `accepted_until` is its own end, or
    earlier where a newer one has replaced it or where it was revoked.
    """

    holder: Holder
    fingerprint: str
    subject: str
    accepted_until: datetime
    revoked: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class BoundCertificate(ClientCertificate):
    """A certificate of the register: with its DER form, its issuer and its own times."""

    der: bytes
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime

    def is_accepted(self, moment: datetime) -> bool:
        """True where it counts at the moment."""
        return self.revoked is None and self.not_before <= moment <= self.accepted_until


def list_current(found: Sequence[ClientCertificate], moment: datetime) -> list[ClientCertificate]:
    """Those whose end matters: not revoked, and not ended while their holder has a later one."""
    valid = [item for item in found if item.revoked is None]
    return [
        item
        for item in valid
        if item.accepted_until >= moment
        or not any(
            other.accepted_until > item.accepted_until and other.holder.is_same(item.holder)
            for other in valid
        )
    ]


def find_expiry_step(end: datetime, moment: datetime) -> int | None:
    """The step of the ladder that is reached (0: it has ended); None where the end is far."""
    if end < moment:
        return 0
    left = end - moment
    return min((step for step in EXPIRY_LADDER if left <= timedelta(days=step)), default=None)
