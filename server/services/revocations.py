"""Revocation lists: fetched, kept, and asked for every client certificate.

A list that cannot be fetched, or that is out of date, goes on to count for a while (soft-fail);
after that nobody comes in, because the server cannot tell any more who is revoked. What was
fetched last is kept in a file, so that it survives a restart.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from clients.revocation import RevocationListUnreachable
from server.errors import AmtshilfeError, Faults
from server.pki import BadKeyMaterial, describe_der
from server.pki.revocation import RevocationList, read_crl
from server.services.clock import Clock

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RevocationRules:
    """Where lists come from, the CAs that sign them (PEM), and how long they count."""

    sources: Sequence[str]
    authorities: Path
    cache: Path
    refresh: timedelta
    soft_fail: timedelta


@dataclass
class _Source:
    """A source: when it is asked again, and what it said last."""

    url: str
    due: datetime
    started: datetime
    known: RevocationList | None = None


class Revocations:
    """Tells whether a certificate is revoked; threads may share it."""

    def __init__(self, rules: RevocationRules, fetch: Callable[[str], bytes], clock: Clock) -> None:
        self._rules = rules
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        now = clock()
        self._sources = [_Source(url, now, now) for url in rules.sources]

    def check(self, der: bytes) -> None:
        """Raises 9010 where the certificate is revoked, 9031 where nobody can tell any more."""
        if not self._sources:
            return
        info = describe_der(der)
        for source in self._sources:
            self._refresh(source)
            known = source.known
            if known and known.issuer != info.issuer:
                continue
            if known and info.serial in known.revoked:
                day = known.revoked[info.serial]
                raise AmtshilfeError(
                    Faults.CERTIFICATE_EXPIRED,
                    f"Das Client-Zertifikat ist seit dem {day:%d.%m.%Y} gesperrt.",
                )
            self._require_current(source)

    def _refresh(self, source: _Source) -> None:
        """Asks the source where it is time; who comes meanwhile goes on with what is known."""
        if self._clock() < source.due or not self._lock.acquire(blocking=source.known is None):
            return
        try:
            if self._clock() >= source.due:
                self._ask(source)
        finally:
            self._lock.release()

    def _ask(self, source: _Source) -> None:
        kept = self._rules.cache / f"{hashlib.sha256(source.url.encode()).hexdigest()[:16]}.crl"
        try:
            content = self._fetch(source.url)
            source.known = self._read(content)
            _keep(kept, content)
        except (RevocationListUnreachable, BadKeyMaterial) as error:
            logger.warning("the revocation list %s is not usable: %s", source.url, error)
            if source.known is None and kept.is_file():
                self._recall(source, kept)
        source.due = self._clock() + self._rules.refresh

    def _recall(self, source: _Source, kept: Path) -> None:
        try:
            source.known = self._read(kept.read_bytes())
        except (OSError, BadKeyMaterial) as error:
            logger.warning("the kept revocation list %s is not usable: %s", kept, error)

    def _read(self, content: bytes) -> RevocationList:
        return read_crl(content, self._rules.authorities.read_bytes())

    def _require_current(self, source: _Source) -> None:
        good_until = source.known.next_update if source.known else source.started
        if self._clock() - self._rules.soft_fail > good_until:
            raise AmtshilfeError(
                Faults.DIRECTORY_UNAVAILABLE,
                "Die Sperrliste der Zertifikate ist veraltet und nicht erreichbar.",
            )


def _keep(kept: Path, content: bytes) -> None:
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(f".{threading.get_native_id()}")
        part.write_bytes(content)
        part.replace(kept)
    except OSError as error:
        logger.warning("the revocation list cannot be kept: %s", error)
