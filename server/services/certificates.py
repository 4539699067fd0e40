"""Client certificates: bound to exactly one holder, replaced with an overlap, revoked.

A certificate of a Mandant of this server is bound in its database too, in the second of two
transactions: what a crash between them left out is caught up by the same command.
"""

from dataclasses import replace
from datetime import timedelta

from persistence.database import Database
from persistence.trust_database import TrustDatabase, TrustStores
from server.domain.certificate import BoundCertificate, Holder, RevocationReason
from server.pki import describe_der
from server.services.clock import Clock

_FINGERPRINT_START = 8


class CertificateRefused(Exception):
    """What was asked for a certificate is not possible; the text is German."""


class Certificates:
    """The register of client certificates at the Authority-Server."""

    def __init__(self, trust: TrustDatabase, database: Database, clock: Clock) -> None:
        self._trust = trust
        self._database = database
        self._clock = clock

    def register(self, der: bytes, holder: Holder) -> BoundCertificate:
        """Binds a certificate to its holder; raises CertificateRefused, BadKeyMaterial."""
        new = _describe(der, holder)
        self._require_free_here(new)
        with self._trust.writing() as stores:
            self._bind(stores, new)
        self._bind_here(new)
        return new

    def rotate(self, der: bytes, holder: Holder, overlap_days: int) -> BoundCertificate:
        """Binds a new certificate; those before it count for so many days more."""
        new = _describe(der, holder)
        self._require_free_here(new)
        end = self._clock() + timedelta(days=overlap_days)
        with self._trust.writing() as stores:
            older = [item for item in stores.certificates.list_all() if _is_older(item, new)]
            if not older:
                raise CertificateRefused(f"{holder} hat noch kein Zertifikat zum Ablösen.")
            self._bind(stores, new)
            for item in older:
                stores.certificates.limit(item.fingerprint, min(end, item.accepted_until))
        self._bind_here(new)
        with self._database.writing() as here:
            for item in older:
                until = min(end, item.accepted_until)
                here.mandanten.limit_certificate(item.fingerprint, until)
        return new

    def revoke(self, fingerprint: str, reason: RevocationReason) -> BoundCertificate:
        """Lets a certificate count no more; `fingerprint` may be its beginning."""
        moment = self._clock()
        with self._trust.writing() as stores:
            found = _find(stores, fingerprint)
            if found.revoked:
                raise CertificateRefused(f"Es ist schon seit {found.revoked:%d.%m.%Y} gesperrt.")
            stores.certificates.revoke(found.fingerprint, moment, reason.value)
        return replace(found, revoked=moment, reason=reason.value)

    def list_all(self) -> tuple[BoundCertificate, ...]:
        """Every certificate, the one that ends first at the front."""
        with self._trust.reading() as stores:
            return stores.certificates.list_all()

    def _bind(self, stores: TrustStores, new: BoundCertificate) -> None:
        moment = self._clock()
        if new.not_after < moment:
            raise CertificateRefused(f"Das Zertifikat galt nur bis zum {new.not_after:%d.%m.%Y}.")
        if new.holder.centre and stores.centres.find(new.holder.centre) is None:
            raise CertificateRefused(f"Das {new.holder} gibt es nicht.")
        known = stores.certificates.find(new.fingerprint)
        if known is None:
            stores.certificates.add(new, moment)
        elif known.revoked:
            raise CertificateRefused("Das Zertifikat ist gesperrt.")
        elif not known.holder.is_same(new.holder):
            raise CertificateRefused(f"Das Zertifikat gehört schon zu {known.holder}.")

    def _require_free_here(self, new: BoundCertificate) -> None:
        """Asked first, so that nothing is registered of what is then refused."""
        with self._database.reading() as stores:
            known = stores.mandanten.find_caller(new.fingerprint)
        if known and not new.holder.is_same(Holder(known.mandant.identifier)):
            raise CertificateRefused(f"Das Zertifikat gehört hier schon zu {known}.")

    def _bind_here(self, new: BoundCertificate) -> None:
        if new.holder.mandant is None:
            return
        with self._database.writing() as stores:
            mandant = stores.mandanten.find(new.holder.mandant)
            if mandant and stores.mandanten.find_caller(new.fingerprint) is None:
                stores.mandanten.bind_certificate(
                    mandant.key, new.fingerprint, new.subject, new.not_after
                )


def _describe(der: bytes, holder: Holder) -> BoundCertificate:
    info = describe_der(der)
    return BoundCertificate(
        holder,
        der,
        info.fingerprint,
        info.subject,
        info.issuer,
        info.serial,
        info.not_before,
        info.not_after,
        info.not_after,
    )


def _is_older(item: BoundCertificate, new: BoundCertificate) -> bool:
    is_another = item.fingerprint != new.fingerprint and item.revoked is None
    return is_another and item.holder.is_same(new.holder)


def _find(stores: TrustStores, fingerprint: str) -> BoundCertificate:
    start = fingerprint.replace(":", "").lower()
    if len(start) < _FINGERPRINT_START:
        raise CertificateRefused(
            f"Vom Fingerabdruck braucht es mindestens {_FINGERPRINT_START} Zeichen."
        )
    found = [item for item in stores.certificates.list_all() if item.fingerprint.startswith(start)]
    if len(found) != 1:
        raise CertificateRefused(f"Zu {fingerprint} gibt es {len(found)} Zertifikate.")
    return found[0]
