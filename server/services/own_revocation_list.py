"""The revocation list of the CA of this installation: written from the register, kept fresh."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from persistence.trust_database import TrustDatabase
from server.domain.certificate import BoundCertificate
from server.errors import AmtshilfeError
from server.pki import Authority, BadKeyMaterial, read_certificate
from server.pki.exchange import require_private
from server.pki.revocation import CRL_LIFETIME, Revocation, RevocationList, read_crl, write_crl
from server.services.clock import Clock

logger = logging.getLogger(__name__)

# What was revoked in the Web-Client is in the list after a minute.
_LOOK_EVERY = timedelta(minutes=1)
_LOOK_AFTER_FAILURE = timedelta(hours=1)


@dataclass(frozen=True)
class OwnAuthority:
    """Certificate and key of the CA (PEM), and its list."""

    certificate: Path
    key: Path
    crl: Path


class OwnRevocationList:
    """Writes the list; it names what the register has as revoked at the moment of writing."""

    def __init__(self, trust: TrustDatabase, own: OwnAuthority, clock: Clock) -> None:
        self._trust = trust
        self._own = own
        self._clock = clock
        self._next_look = datetime.min.replace(tzinfo=UTC)

    def load_authority(self) -> Authority:
        """The CA; raises BadKeyMaterial, and OSError where a file is missing."""
        require_private(self._own.key)
        return Authority.load(self._own.certificate, self._own.key)

    def has_issued(self, certificate: BoundCertificate) -> bool:
        """True where a certificate was issued by the CA; raises BadKeyMaterial, OSError."""
        return certificate.issuer == read_certificate(self._own.certificate).subject

    def write(self, lifetime: timedelta = CRL_LIFETIME) -> int:
        """Writes the list and returns how many it names; raises BadKeyMaterial, OSError."""
        authority = self.load_authority()
        with _locked(self._own.crl):
            # Read under the lock, so that no older list replaces a newer one.
            with self._trust.reading() as stores:
                found = stores.certificates.list_all()
            revocations = [
                Revocation(item.serial, item.revoked, item.reason)
                for item in found
                if item.revoked and item.issuer == authority.credential.info.subject
            ]
            _replace(self._own.crl, write_crl(authority, revocations, self._clock(), lifetime))
        return len(revocations)

    def find_end(self) -> datetime | None:
        """Until when the list counts; None where there is none that can be read."""
        try:
            return self._read().next_update
        except (BadKeyMaterial, OSError):
            return None

    def renew(self) -> bool:
        """Writes a list anew that has passed half of its time or lacks what the register has as
        revoked; True where it did.
        """
        if self._clock() < self._next_look or not self._own.crl.is_file():
            return False
        self._next_look = self._clock() + _LOOK_EVERY
        try:
            return self._renew()
        except (BadKeyMaterial, OSError, AmtshilfeError) as error:
            self._next_look = self._clock() + _LOOK_AFTER_FAILURE
            logger.warning("the revocation list %s is not renewed: %s", self._own.crl, error)
            return False

    def _renew(self) -> bool:
        known = self._read()
        lifetime = known.next_update - known.last_update
        is_fresh = known.next_update - self._clock() > lifetime / 2
        if is_fresh and self._list_serials() <= known.revoked.keys():
            return False
        self.write(lifetime)
        logger.info("the revocation list %s is renewed", self._own.crl)
        return True

    def _list_serials(self) -> set[str]:
        """What the register has as revoked of our CA."""
        subject = read_certificate(self._own.certificate).subject
        with self._trust.reading() as stores:
            found = stores.certificates.list_all()
        return {item.serial for item in found if item.revoked and item.issuer == subject}

    def _read(self) -> RevocationList:
        return read_crl(self._own.crl.read_bytes(), self._own.certificate.read_bytes())


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(".crl.neu")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
