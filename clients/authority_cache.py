"""What the Authority-Server answered, remembered for a while.

Within its lifetime an answer is given again without asking. Where the server then gives no answer,
an older one is given and marked as such, as long as it is not too old.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from clients.authority import (
    AuthorityClient,
    AuthorityServerFailed,
    WireAnschrift,
    WireBehoerde,
    WireDataCentre,
    WireErklaerung,
    WireHolder,
    WireKennung,
    WireOrt,
)

logger = logging.getLogger(__name__)

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class CacheLimits:
    """How long an answer counts as new, how long it helps out, and how many are kept."""

    fresh_seconds: float
    stale_seconds: float
    entries: int = 10_000


@dataclass(frozen=True)
class Answered(Generic[_Value]):
    """An answer; `is_from_cache` where the server could not be asked and this is an older one."""

    value: _Value
    is_from_cache: bool = False


@dataclass(frozen=True)
class _Remembered:
    value: Any
    asked: float


class CachedAuthority:
    """Asks through the cache; threads may share it. Raises AuthorityServerFailed as the client."""

    def __init__(
        self,
        client: AuthorityClient,
        limits: CacheLimits,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._limits = limits
        self._monotonic = monotonic
        self._remembered: OrderedDict[Hashable, _Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def ask_zustaendigkeit(
        self, einnahmeart: str, anschrift: WireAnschrift
    ) -> Answered[tuple[WireBehoerde, ...]]:
        """The responsible Behoerden: none of them, one, or several candidates."""
        return self._ask(
            ("zustaendigkeit", einnahmeart, anschrift),
            lambda: self._client.ask_zustaendigkeit(einnahmeart, anschrift),
        )

    def explain_zustaendigkeit(
        self, einnahmeart: str, anschrift: WireAnschrift
    ) -> Answered[WireErklaerung]:
        """Who is responsible today, with reasons; the address may be incomplete."""
        return self._ask(
            ("erklaerung", einnahmeart, anschrift),
            lambda: self._client.explain_zustaendigkeit(einnahmeart, anschrift),
        )

    def find_orte(self, beginning: str) -> Answered[tuple[WireOrt, ...]]:
        """Places whose postal code or name begins so."""
        return self._ask(("orte", beginning), lambda: self._client.find_orte(beginning))

    def find_behoerde(self, kennung: WireKennung) -> Answered[WireBehoerde | None]:
        """The Behoerde with this identifier."""
        return self._ask(("behoerde", kennung), lambda: self._client.find_behoerde(kennung))

    def find_certificates(self, kennung: WireKennung) -> Answered[tuple[bytes, ...]]:
        """Certificates (DER) for which to encrypt, newest first."""
        return self._ask(("zertifikate", kennung), lambda: self._client.find_certificates(kennung))

    def find_data_centre(
        self, mandant: WireKennung, day: date | None = None
    ) -> Answered[WireDataCentre | None]:
        """Who serves the Mandant on the day (None: today)."""
        return self._ask(
            _centre_key(mandant, day), lambda: self._client.find_data_centre(mandant, day)
        )

    def find_holder(self, fingerprint: str) -> Answered[WireHolder]:
        """To whom a client certificate (SHA-256 of its DER form, hex) is bound now."""
        return self._ask(("inhaber", fingerprint), lambda: self._client.find_holder(fingerprint))

    def forget_data_centre(self, mandant: WireKennung) -> None:
        """The next question about who serves the Mandant goes to the server.

        Where that gives no answer, the former one still helps out.
        """
        key = _centre_key(mandant)
        with self._lock:
            known = self._remembered.get(key)
            if known:
                asked = min(known.asked, self._monotonic() - self._limits.fresh_seconds)
                self._remembered[key] = replace(known, asked=asked)

    def report_doubt(self, kennung: WireKennung, reason: str) -> bool:
        """Tells that something did not arrive, and forgets what is remembered of the Behoerde."""
        is_known = self._client.report_doubt(kennung, reason)
        with self._lock:
            self._remembered.pop(("behoerde", kennung), None)
        return is_known

    def _ask(self, key: Hashable, ask: Callable[[], _Value]) -> Answered[_Value]:
        known = self._find(key)
        if known and self._is_younger(known, self._limits.fresh_seconds):
            return Answered(known.value)
        try:
            value = ask()
        except AuthorityServerFailed as error:
            if known is None or not self._is_younger(known, self._limits.stale_seconds):
                raise
            logger.warning("an older answer helps out, the Authority-Server failed: %s", error)
            return Answered(known.value, is_from_cache=True)
        self._keep(key, value)
        return Answered(value)

    def _find(self, key: Hashable) -> _Remembered | None:
        with self._lock:
            if key in self._remembered:
                self._remembered.move_to_end(key)
            return self._remembered.get(key)

    def _keep(self, key: Hashable, value: object) -> None:
        with self._lock:
            self._remembered[key] = _Remembered(value, self._monotonic())
            self._remembered.move_to_end(key)
            while len(self._remembered) > self._limits.entries:
                self._remembered.popitem(last=False)

    def _is_younger(self, known: _Remembered, seconds: float) -> bool:
        return self._monotonic() - known.asked < seconds


def _centre_key(mandant: WireKennung, day: date | None = None) -> Hashable:
    return "rechenzentrum", mandant, day
