"""The client certificates of an authority, as its administrator sees and replaces them."""

from collections.abc import Callable
from dataclasses import dataclass

from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.domain.certificate import (
    BoundCertificate,
    ClientCertificate,
    Holder,
    find_expiry_step,
    list_current,
)
from server.domain.web_user import Actor
from server.pki import BadKeyMaterial
from server.pki.exchange import read_certificate_der
from server.services.certificates import CertificateRefused, Certificates
from server.services.clock import Clock
from server.services.mandant_certificates import MandantCertificates
from server.services.web_access.audit import make_entry

_NO_REGISTER = (
    "Das Register der Zertifikate liegt nicht in dieser Installation. Bitte wenden Sie sich an "
    "den Betreiber."
)


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate; `step` is that of the ladder that its end has reached (0: it has ended).

    None where the end is far, or does not matter any more.
    """

    certificate: ClientCertificate
    step: int | None


class OwnCertificates:
    """`find_trust` gives the register, None where this installation has none."""

    def __init__(
        self, database: Database, find_trust: Callable[[], TrustDatabase | None], clock: Clock
    ) -> None:
        self._database = database
        self._find_trust = find_trust
        self._clock = clock

    def list_all(self, actor: Actor) -> tuple[OwnCertificate, ...]:
        """Those of the actor's Mandant, the one that ends first at the front."""
        holder, moment = _find_holder(actor), self._clock()
        register = self._open(actor)
        found = register.list_all() if register else self._make_here(actor).list_all()
        own = [item for item in found if item.holder.is_same(holder)]
        current = list_current(own, moment)
        return tuple(
            OwnCertificate(
                item, find_expiry_step(item.accepted_until, moment) if item in current else None
            )
            for item in own
        )

    def replace(
        self, actor: Actor, content: bytes, password: str, overlap_days: int
    ) -> BoundCertificate:
        """Binds a certificate (PEM, DER, PKCS#12); older ones count for so many days more.

        Raises CertificateRefused.
        """
        register, holder = self._open(actor), _find_holder(actor)
        if register is None:
            raise CertificateRefused(_NO_REGISTER)
        try:
            der = read_certificate_der(content, password)
            if self.list_all(actor):
                bound = register.rotate(der, holder, overlap_days)
            else:
                bound = register.register(der, holder)
        except BadKeyMaterial as error:
            raise CertificateRefused(str(error)) from error
        self._note(actor, bound, overlap_days)
        return bound

    def _note(self, actor: Actor, bound: BoundCertificate, overlap_days: int) -> None:
        """The register is another database: the audit follows right after."""
        text = f"{bound.subject}; die bisherigen gelten noch {overlap_days} Tage"
        entry = make_entry(actor, self._clock(), "zertifikat-eingetragen", bound.fingerprint, text)
        self._database.write(lambda stores: stores.audit.add(entry))

    def _open(self, actor: Actor) -> Certificates | None:
        trust = self._find_trust()
        return Certificates(trust, self._make_here(actor), self._clock) if trust else None

    def _make_here(self, actor: Actor) -> MandantCertificates:
        return MandantCertificates(self._database, self._clock, str(actor))


def _find_holder(actor: Actor) -> Holder:
    if actor.mandant is None:
        raise ValueError(f"{actor} belongs to no Mandant")
    return Holder(actor.mandant.identifier)
