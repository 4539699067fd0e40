"""Code lists in use: the shipped ones and what was imported.

Imports are made by another process; every few seconds the cache asks whether there was one.
"""

import threading
import time
from collections.abc import Callable, Iterable
from datetime import date

from persistence.database import Database
from server.domain.codeliste import EINNAHMEART_URI, Codeliste, choose_valid, sort_versions
from server.domain.local_time import find_local_day
from server.services.clock import Clock

_REFRESH_SECONDS = 2.0


class Codelisten:
    """Looks up keys; threads may share it."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        shipped: Iterable[Codeliste],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._clock = clock
        self._shipped = {item.identity: item for item in shipped}
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._revision = -1
        self._checked = 0.0
        self._by_uri: dict[str, tuple[Codeliste, ...]] = {}

    def today(self) -> date:
        """The day where the server runs."""
        return find_local_day(self._clock())

    def list_all(self) -> tuple[Codeliste, ...]:
        """All versions of all lists, by URI and from old to new."""
        return tuple(item for versions in self._read().values() for item in versions)

    def find_version(self, uri: str, version: str) -> Codeliste | None:
        """The list with this URI and version."""
        versions = self._read().get(uri, ())
        return next((item for item in versions if item.version == version), None)

    def find_valid(self, uri: str, day: date) -> Codeliste | None:
        """The version that counts on a day."""
        return choose_valid(self._read().get(uri, ()), day)

    def find_name(self, uri: str, key: str, day: date) -> str | None:
        """The German name of a key on a day; None where the list does not have it then."""
        codeliste = self.find_valid(uri, day)
        return codeliste.entries.get(key) if codeliste else None

    def find_problem(self, uri: str, key: str, day: date, noun: str = "Der Schlüssel") -> str:
        """Why a key cannot be used on a day, as a German sentence; empty where it can.

        `noun` says what the key stands for, with its article.
        """
        codeliste = self.find_valid(uri, day)
        if codeliste is None:
            return f"Zur Codeliste {uri} gibt es keine Version, die am {day:%d.%m.%Y} gilt."
        if key in codeliste.entries:
            return ""
        return (
            f"{noun} „{key}“ steht nicht in der Codeliste {codeliste.name} ({uri}), "
            f"Version {codeliste.version}."
        )

    def find_einnahmeart_problem(self, key: str, day: date) -> str:
        """Why an Einnahmeart cannot be used on a day; empty where it can (see `find_problem`)."""
        return self.find_problem(EINNAHMEART_URI, key, day, "Die Einnahmeart")

    def name_einnahmeart(self, key: str, day: date) -> str:
        """The German name of an Einnahmeart; the key itself where the list does not have it."""
        return self.find_name(EINNAHMEART_URI, key, day) or key

    def _read(self) -> dict[str, tuple[Codeliste, ...]]:
        with self._lock:
            now = self._monotonic()
            if self._revision < 0 or now - self._checked >= _REFRESH_SECONDS:
                self._refresh()
                self._checked = now
            return self._by_uri

    def _refresh(self) -> None:
        with self._database.reading() as stores:
            revision = stores.codelisten.read_revision()
            if revision == self._revision:
                return
            imported = {item.identity: item for item in stores.codelisten.list_all()}
        by_uri: dict[str, list[Codeliste]] = {}
        for item in sort_versions({**self._shipped, **imported}.values()):
            by_uri.setdefault(item.uri, []).append(item)
        self._by_uri = {uri: tuple(versions) for uri, versions in by_uri.items()}
        self._revision = revision
