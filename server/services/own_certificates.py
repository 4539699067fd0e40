"""The client certificates of an authority, as its administrator sees, replaces and revokes them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.domain.certificate import (
    BoundCertificate,
    ClientCertificate,
    Holder,
    RevocationReason,
    find_expiry_step,
    list_current,
)
from server.domain.certificate_request import CertificateRequest, NewCertificateRequest
from server.domain.web_user import Actor
from server.pki import BadKeyMaterial
from server.pki.exchange import belongs_to, read_certificate_der, read_request, to_pem
from server.pki.keys import describe_key
from server.services.certificate_issuing import describe_overlap
from server.services.certificates import CertificateNote, CertificateRefused, Certificates
from server.services.clock import Clock
from server.services.mandant_certificates import MandantCertificates
from server.services.web_access.audit import make_entry
from server.services.web_access.audit_carrying import AuditCarrier

_NO_REGISTER = (
    "Das Register der Zertifikate liegt nicht in dieser Installation. Bitte wenden Sie sich an "
    "den Betreiber."
)
_NO_CA = "Diese Installation stellt keine Zertifikate aus: Ihr fehlt das Zertifikat der CA."
_MAX_OPEN = 5
_MAX_REQUEST = 64 * 1024
_SHOWN_REQUESTS = 5


@dataclass(frozen=True)
class CertificatePlace:
    """The certificate of the own CA, and those of the CAs that the XTA server trusts at its TLS
    port (PEM); the address of an Authority-Server of another installation, empty where it is ours.
    """

    ca_certificate: Path
    trusted: Path
    other_server: str = ""


@dataclass(frozen=True)
class OwnCertificate:
    """A certificate; `step` is that of the ladder that its end has reached (0: it has ended).

    None where the end is far, or does not matter any more.
    """

    certificate: ClientCertificate
    step: int | None


@dataclass(frozen=True)
class CertificateView:
    """A certificate, whether the own CA has issued it, and the others that count still.

    `certificate` is a BoundCertificate where the register has it; `counts` says whether there is
    anything left to revoke.
    """

    certificate: ClientCertificate
    is_bound: bool
    is_issued_here: bool
    counts: bool
    others: tuple[ClientCertificate, ...]


class OwnCertificates:
    """`find_trust` gives the register, None where this installation has none."""

    def __init__(
        self,
        database: Database,
        find_trust: Callable[[], TrustDatabase | None],
        place: CertificatePlace,
        clock: Clock,
        carrier: AuditCarrier,
    ) -> None:
        self._database = database
        self._find_trust = find_trust
        self.place = place
        self._clock = clock
        self._carrier = carrier

    @property
    def has_register(self) -> bool:
        """False where certificates can only be looked at."""
        return self._find_trust() is not None

    @property
    def can_issue(self) -> bool:
        """True where the own CA may be asked for certificates."""
        return self.has_register and self.place.ca_certificate.is_file()

    def list_all(self, actor: Actor) -> tuple[OwnCertificate, ...]:
        """Those of the actor's Mandant, the one that ends first at the front."""
        own, moment = self._list_own(actor), self._clock()
        current = list_current(own, moment)
        return tuple(
            OwnCertificate(
                item, find_expiry_step(item.accepted_until, moment) if item in current else None
            )
            for item in own
        )

    def find(self, actor: Actor, fingerprint: str) -> CertificateView | None:
        """One of the actor's Mandant; None where it has none with this fingerprint."""
        own, moment = self._list_own(actor), self._clock()
        found = next((item for item in own if item.fingerprint == fingerprint), None)
        if found is None:
            return None
        others = tuple(
            item
            for item in own
            if item is not found and item.revoked is None and item.accepted_until > moment
        )
        # One that a newer one has replaced may still be shown elsewhere, until its own end.
        is_bound = isinstance(found, BoundCertificate)
        end = found.not_after if isinstance(found, BoundCertificate) else found.accepted_until
        counts = found.revoked is None and end > moment
        return CertificateView(found, is_bound, self._is_issued_here(found), counts, others)

    def read_file(self, actor: Actor, fingerprint: str, *, with_chain: bool) -> bytes | None:
        """A certificate of the actor's Mandant as PEM, with that of its CA where wanted.

        None where there is none, or its chain is not known here.
        """
        view = self.find(actor, fingerprint)
        if view is None or not isinstance(view.certificate, BoundCertificate):
            return None
        pem = to_pem(view.certificate.der)
        if not with_chain:
            return pem
        return pem + self.place.ca_certificate.read_bytes() if view.is_issued_here else None

    def replace(
        self, actor: Actor, content: bytes, password: str, overlap_days: int | None
    ) -> BoundCertificate:
        """Binds a certificate (PEM, DER, PKCS#12); older ones count for so many days more.

        Raises CertificateRefused.
        """
        register, holder = self._require_register(actor), _find_holder(actor)
        try:
            der = read_certificate_der(content, password)
            note = self._make_note(actor, "zertifikat-eingetragen", describe_overlap(overlap_days))
            bound = register.take_in(der, holder, overlap_days, note)
        except BadKeyMaterial as error:
            raise CertificateRefused(str(error)) from error
        self._carrier.carry()
        return bound

    def is_trusted(self, certificate: BoundCertificate) -> bool:
        """False where the XTA server does not trust its issuer, and accepts it only if the client
        sends an intermediate certificate; True where that is not known here.
        """
        try:
            return belongs_to(certificate.der, self.place.trusted.read_bytes())
        except OSError:
            return True

    def revoke(self, actor: Actor, fingerprint: str, reason: RevocationReason) -> bool:
        """Lets a certificate of the actor's Mandant count no more, at once; False where it has
        none with this fingerprint. Raises CertificateRefused.
        """
        register = self._require_register(actor)
        view = self.find(actor, fingerprint)
        if view is None:
            return False
        note = self._make_note(actor, "zertifikat-gesperrt", reason.value)
        register.revoke(fingerprint, reason, note)
        self._carrier.carry()
        return True

    def ask(self, actor: Actor, content: bytes, overlap_days: int | None) -> None:
        """Keeps a request (PKCS#10, PEM or DER) for the CA; raises CertificateRefused."""
        register = self._require_register(actor)
        if not self.can_issue:
            raise CertificateRefused(_NO_CA)
        if len(content) > _MAX_REQUEST:
            raise CertificateRefused("Ein Zertifikatsantrag hat höchstens 64 KiB.")
        try:
            key = read_request(content)
        except BadKeyMaterial as error:
            raise CertificateRefused(str(error)) from error
        register.require_new_key(key)
        self._keep_request(
            NewCertificateRequest(
                mandant_key=actor.mandant_key,
                actor=str(actor),
                csr=content,
                key_name=describe_key(key),
                overlap_days=overlap_days,
                created=self._clock(),
            ),
            actor,
        )

    def list_requests(self, actor: Actor) -> tuple[CertificateRequest, ...]:
        """The newest ones of the actor's Mandant."""
        with self._database.reading() as stores:
            return stores.certificate_requests.list_newest(actor.mandant_key, _SHOWN_REQUESTS)

    def _keep_request(self, new: NewCertificateRequest, actor: Actor) -> None:
        text = f"{new.key_name}; {describe_overlap(new.overlap_days)}"
        holder = str(_find_holder(actor))
        entry = make_entry(actor, new.created, "zertifikat-beantragt", holder, text)
        with self._database.writing() as stores:
            if stores.certificate_requests.count_open(new.mandant_key) >= _MAX_OPEN:
                raise CertificateRefused(
                    f"Es warten schon {_MAX_OPEN} Anträge. Bitte warten Sie, bis sie bearbeitet "
                    "sind, oder wenden Sie sich an den Betreiber."
                )
            stores.certificate_requests.add(new)
            stores.audit.add(entry)

    def _list_own(self, actor: Actor) -> Sequence[ClientCertificate]:
        holder = _find_holder(actor)
        register = self._open(actor)
        found = register.list_all() if register else self._make_here(actor).list_all()
        return [item for item in found if item.holder.is_same(holder)]

    def _is_issued_here(self, certificate: ClientCertificate) -> bool:
        if not isinstance(certificate, BoundCertificate):
            return False
        ca = self.place.ca_certificate
        return ca.is_file() and belongs_to(certificate.der, ca.read_bytes())

    def _make_note(self, actor: Actor, action: str, text: str) -> CertificateNote:
        moment = self._clock()
        return lambda changed: make_entry(
            actor, moment, action, changed.fingerprint, f"{changed.subject}; {text}"
        )

    def _require_register(self, actor: Actor) -> Certificates:
        register = self._open(actor)
        if register is None:
            raise CertificateRefused(_NO_REGISTER)
        return register

    def _open(self, actor: Actor) -> Certificates | None:
        trust = self._find_trust()
        return Certificates(trust, self._make_here(actor), self._clock) if trust else None

    def _make_here(self, actor: Actor) -> MandantCertificates:
        return MandantCertificates(self._database, self._clock, str(actor))


def _find_holder(actor: Actor) -> Holder:
    return Holder(actor.own_mandant.identifier)
