"""Client certificates: bound to exactly one holder, replaced with an overlap, revoked.

The register is that of the Authority-Server. A certificate of a Mandant of this server is bound
in its database too, in the second of two transactions: what a crash between them left out is
caught up by the same command. Certificates that are bound in that database alone (an older
version did that) are listed, replaced and revoked with the others.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from persistence.trust_database import TrustDatabase, TrustStores
from server.domain.certificate import (
    BoundCertificate,
    ClientCertificate,
    Holder,
    RevocationReason,
)
from server.domain.web_user import AuditEntry
from server.pki import describe_client
from server.pki.exchange import has_key
from server.pki.keys import PublicKey
from server.services.clock import Clock
from server.services.mandant_certificates import MandantCertificates

_FINGERPRINT_START = 8
# Makes the entry for the audit, of the certificate that was changed.
CertificateNote = Callable[[ClientCertificate], AuditEntry]


class CertificateRefused(Exception):
    """What was asked for a certificate is not possible; the text is German."""


class Certificates:
    """The register of client certificates, and in step with it the XTA server beside it."""

    def __init__(self, trust: TrustDatabase, here: MandantCertificates, clock: Clock) -> None:
        self._trust = trust
        self._here = here
        self._clock = clock

    def register(
        self, der: bytes, holder: Holder, note: CertificateNote | None = None
    ) -> BoundCertificate:
        """Binds a certificate to its holder; raises CertificateRefused, BadKeyMaterial.

        `note` makes the entry for the audit, which is written with the change.
        """
        new = _describe(der, holder)
        self._require_free_here(new)
        with self._trust.writing() as stores:
            bound = self._bind(stores, new)
            _note(stores, bound, note)
        self._here.bind(bound)
        return bound

    def rotate(
        self, der: bytes, holder: Holder, overlap_days: int, note: CertificateNote | None = None
    ) -> BoundCertificate:
        """Binds a new certificate; those before it count for so many days more."""
        new = _describe(der, holder)
        self._require_free_here(new)
        end = self._clock() + timedelta(days=overlap_days)
        older = [item for item in self.list_all() if _is_older(item, new)]
        if not older:
            raise CertificateRefused(f"{holder} hat noch kein Zertifikat zum Ablösen.")
        with self._trust.writing() as stores:
            bound = self._bind(stores, new)
            for item in older:
                if item.accepted_until > end:
                    stores.certificates.limit(item.fingerprint, end)
            _note(stores, bound, note)
        self._here.bind(bound)
        for item in older:
            self._here.limit(item, end)
        return bound

    def take_in(
        self,
        der: bytes,
        holder: Holder,
        overlap_days: int | None,
        note: CertificateNote | None = None,
    ) -> BoundCertificate:
        """Binds a certificate; those before it count for so many days more, None: to their end."""
        new = _describe(der, holder)
        if overlap_days is None or not any(_is_older(item, new) for item in self.list_all()):
            return self.register(der, holder, note)
        return self.rotate(der, holder, overlap_days, note)

    def require_new_key(self, key: PublicKey) -> None:
        """Raises CertificateRefused where a certificate for this key was revoked."""
        with self._trust.reading() as stores:
            found = stores.certificates.list_all()
        if any(item.revoked and has_key(item.der, key) for item in found):
            raise CertificateRefused(
                "Zu diesem Schlüssel ist ein Zertifikat gesperrt. Bitte erzeugen Sie einen neuen "
                "Schlüssel und damit einen neuen Antrag."
            )

    def revoke(
        self, fingerprint: str, reason: RevocationReason, note: CertificateNote | None = None
    ) -> ClientCertificate:
        """Lets a certificate count no more; `fingerprint` may be its beginning.

        The same again is answered as before, and changes and notes nothing.
        """
        moment = self._clock()
        found = self._find(fingerprint)
        if found.revoked is None:
            with self._trust.writing() as stores:
                stores.certificates.revoke(found.fingerprint, moment, reason.value)
                _note(stores, found, note)
            found = replace(found, revoked=moment, reason=reason.value)
        self._here.limit(found, moment)
        return found

    def require_known(self, holder: Holder) -> None:
        """Raises CertificateRefused where there is no such data centre."""
        with self._trust.reading() as stores:
            _require_known(stores, holder)

    def list_all(self) -> tuple[ClientCertificate, ...]:
        """Every certificate once, the one that ends first at the front."""
        with self._trust.reading() as stores:
            registered = stores.certificates.list_all()
        known = {item.fingerprint for item in registered}
        others = [item for item in self._here.list_all() if item.fingerprint not in known]
        return tuple(sorted((*registered, *others), key=lambda item: item.accepted_until))

    def is_known_here(self, holder: Holder) -> bool:
        """True where the XTA server beside the register knows the holder as its Mandant."""
        return self._here.is_known(holder)

    def _bind(self, stores: TrustStores, new: BoundCertificate) -> BoundCertificate:
        self._require_usable(stores, new)
        known = stores.certificates.find(new.fingerprint)
        if known is None:
            stores.certificates.add(new, self._clock())
            return new
        if known.revoked:
            raise CertificateRefused("Das Zertifikat ist gesperrt.")
        if not known.holder.is_same(new.holder):
            raise CertificateRefused(f"Das Zertifikat gehört schon zu {known.holder}.")
        return replace(new, accepted_until=known.accepted_until)

    def _require_usable(self, stores: TrustStores, new: BoundCertificate) -> None:
        if new.not_after < self._clock():
            raise CertificateRefused(f"Das Zertifikat galt nur bis zum {new.not_after:%d.%m.%Y}.")
        _require_known(stores, new.holder)

    def _require_free_here(self, new: BoundCertificate) -> None:
        """Asked first, so that nothing is registered of what is then refused."""
        owner = self._here.find_owner(new.fingerprint)
        if owner and not new.holder.is_same(owner):
            raise CertificateRefused(f"Das Zertifikat gehört hier schon zu {owner}.")

    def _find(self, fingerprint: str) -> ClientCertificate:
        start = fingerprint.replace(":", "").lower()
        if len(start) < _FINGERPRINT_START:
            raise CertificateRefused(
                f"Vom Fingerabdruck braucht es mindestens {_FINGERPRINT_START} Zeichen."
            )
        found = [item for item in self.list_all() if item.fingerprint.startswith(start)]
        if len(found) != 1:
            raise CertificateRefused(f"Zu {fingerprint} gibt es {len(found)} Zertifikate.")
        return found[0]


def _note(stores: TrustStores, changed: ClientCertificate, note: CertificateNote | None) -> None:
    if note:
        stores.pending_audit.add(note(changed))


def _require_known(stores: TrustStores, holder: Holder) -> None:
    if holder.centre and stores.centres.find(holder.centre) is None:
        raise CertificateRefused(f"Das {holder} gibt es nicht.")


def _describe(der: bytes, holder: Holder) -> BoundCertificate:
    info = describe_client(der)
    return BoundCertificate(
        holder=holder,
        fingerprint=info.fingerprint,
        subject=info.subject,
        accepted_until=info.not_after,
        der=der,
        issuer=info.issuer,
        serial=info.serial,
        not_before=info.not_before,
        not_after=info.not_after,
    )


def _is_older(item: ClientCertificate, new: BoundCertificate) -> bool:
    is_another = item.fingerprint != new.fingerprint and item.revoked is None
    return is_another and item.holder.is_same(new.holder)
