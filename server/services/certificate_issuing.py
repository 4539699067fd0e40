"""Signing what was asked for in the Web-Client, by a process that no browser reaches.

The worker does it where it has the key of the CA, `damtshilfe authority cert issue-requested` where
somebody brings the key. A certificate is kept before it counts, so that a crash in between makes
no second one.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from persistence.database import Database
from persistence.trust_database import TrustDatabase
from server.domain.certificate import BoundCertificate
from server.domain.certificate_request import CertificateRequest
from server.domain.web_user import AuditEntry
from server.errors import AmtshilfeError
from server.pki import Authority, BadKeyMaterial
from server.pki.exchange import read_request, to_der
from server.services.certificates import CertificateRefused, Certificates
from server.services.clock import Clock
from server.services.mandant_certificates import MandantCertificates

logger = logging.getLogger(__name__)

_LOOK_AFTER_FAILURE = timedelta(minutes=5)


class CertificateIssuing:
    """`load_authority` gives the CA; it raises BadKeyMaterial or OSError where its key is away."""

    def __init__(
        self,
        database: Database,
        trust: TrustDatabase,
        load_authority: Callable[[], Authority],
        clock: Clock,
    ) -> None:
        self._database = database
        self._trust = trust
        self._load_authority = load_authority
        self._clock = clock
        self._next_look = datetime.min.replace(tzinfo=UTC)

    def issue_due(self) -> bool:
        """Signs one; True where it did. Without the key or the register it waits a while."""
        if self._clock() < self._next_look:
            return False
        try:
            return self.issue_next() is not None
        except (BadKeyMaterial, OSError, AmtshilfeError) as error:
            self._next_look = self._clock() + _LOOK_AFTER_FAILURE
            logger.warning("certificates that were asked for are not signed: %s", error)
            return False

    def issue_next(self) -> CertificateRequest | None:
        """Signs the oldest one and returns what became of it; None where none waits.

        Raises BadKeyMaterial, OSError where the key of the CA is away.
        """
        with self._database.reading() as stores:
            if not stores.certificate_requests.is_any_open():
                return None
        authority = self._load_authority()
        try:
            request = self._sign_oldest(authority)
        except _Refused as error:
            return self._finish(error.request, refusal=str(error))
        return self._take_in(request) if request else None

    def _sign_oldest(self, authority: Authority) -> CertificateRequest | None:
        with self._database.writing() as stores:
            request = stores.certificate_requests.claim_oldest()
            if request is None or request.der:
                return request
            der = self._sign(authority, request)
            stores.certificate_requests.keep_signed(request.key, der)
        return replace(request, der=der)

    def _sign(self, authority: Authority, request: CertificateRequest) -> bytes:
        try:
            key = read_request(request.csr)
            self._open_register(request).require_new_key(key)
        except (BadKeyMaterial, CertificateRefused) as error:
            raise _Refused(request, str(error)) from error
        return to_der(authority.sign_client(str(request.holder), key, self._clock()))

    def _take_in(self, request: CertificateRequest) -> CertificateRequest:
        register = self._open_register(request)
        try:
            bound = register.take_in(request.der or b"", request.holder, request.overlap_days)
        except (BadKeyMaterial, CertificateRefused) as error:
            return self._finish(request, refusal=str(error))
        return self._finish(request, bound)

    def _finish(
        self, request: CertificateRequest, bound: BoundCertificate | None = None, refusal: str = ""
    ) -> CertificateRequest:
        """The register is another database: the audit of it stands with the end of the request."""
        moment = self._clock()
        fingerprint = bound.fingerprint if bound else ""
        action = "zertifikat-ausgestellt" if bound else "zertifikat-abgelehnt"
        text = f"{request.key_name}; {refusal or describe_overlap(request.overlap_days)}"
        subject = fingerprint or str(request.holder)
        entry = AuditEntry(moment, request.actor, request.mandant_key, action, subject, text)
        with self._database.writing() as stores:
            # Of two workers at one request the second one has nothing to tell.
            if stores.certificate_requests.finish(
                request.key, moment, fingerprint=fingerprint, refusal=refusal
            ):
                stores.audit.add(entry)
        return replace(request, finished=moment, fingerprint=fingerprint, refusal=refusal)

    def _open_register(self, request: CertificateRequest) -> Certificates:
        here = MandantCertificates(self._database, self._clock, request.actor)
        return Certificates(self._trust, here, self._clock)


class _Refused(Exception):
    """What was asked for is not signed; the text is German."""

    def __init__(self, request: CertificateRequest, text: str) -> None:
        super().__init__(text)
        self.request = request


def describe_overlap(overlap_days: int | None) -> str:
    """What becomes of the certificates before a new one."""
    if overlap_days is None:
        return "die bisherigen gelten weiter"
    if overlap_days == 1:
        return "die bisherigen gelten noch einen Tag"
    return f"die bisherigen gelten noch {overlap_days} Tage"
