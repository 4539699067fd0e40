"""The outbox: which jobs lie there, and which of them are complete.

A job is `NAME.xml`, with attachments also the folder `NAME`, and where the settings ask for it
`NAME.fertig`. Nothing is changed or opened here.
"""

import logging
import os
import stat
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from clients.fachverfahren.names import is_hidden, is_temporary
from clients.fachverfahren.settings import OutboxSettings

logger = logging.getLogger(__name__)

MESSAGE_SUFFIX = ".xml"
READY_SUFFIX = ".fertig"


@dataclass(frozen=True)
class Candidate:
    """What belongs together under a name (NFC): names in the outbox, in the order to take them.

    The last one is what made the job a job, so that an interrupted taking is seen.
    """

    name: str
    entries: tuple[str, ...]


def is_message(name: str, entry: str) -> bool:
    """True where an entry of the outbox is the message of the job with this name."""
    stem, suffix = os.path.splitext(entry)
    return suffix.lower() == MESSAGE_SUFFIX and _compose(stem) == name


def is_attachments(name: str, entry: str) -> bool:
    """True where an entry of the outbox is the folder of attachments of the job."""
    return _compose(entry) == name


@dataclass(frozen=True)
class _Look:
    """What was seen of a candidate, and since when it is so."""

    traces: tuple[tuple[object, ...], ...]
    since: float


class Outbox:
    """Looks into the folder; between two looks it remembers what it saw."""

    def __init__(
        self,
        folder: Path,
        settings: OutboxSettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._settings = settings
        self._clock = clock
        self._looks: dict[str, _Look] = {}
        self._told: set[str] = set()

    def list_complete(self) -> tuple[list[Candidate], int]:
        """Complete jobs, oldest first, and how many others are still being watched."""
        groups = self._group_entries()
        looks: dict[str, _Look] = {}
        complete: list[tuple[int, Candidate]] = []
        for name, candidate in groups.items():
            traces = self._trace(candidate)
            if traces is None:
                continue
            look = self._looks.get(name)
            looks[name] = look if look and look.traces == traces else _Look(traces, self._clock())
            if self._is_complete(candidate, looks[name]):
                complete.append((_find_age(self.folder, candidate), candidate))
        self._looks = looks
        return [candidate for _, candidate in sorted(complete, key=_order)], len(looks) - len(
            complete
        )

    def _is_complete(self, candidate: Candidate, look: _Look) -> bool:
        if self._settings.ready_files:
            return True
        return self._clock() - look.since >= self._settings.settle_seconds

    def _group_entries(self) -> dict[str, Candidate]:
        """Names are compared composed (NFC): systems write umlauts in two ways."""
        messages, folders, ready = (defaultdict[str, list[str]](list) for _ in range(3))
        for entry in self._list_visible():
            stem, suffix = os.path.splitext(entry.name)
            if entry.is_dir(follow_symlinks=False):
                folders[_compose(entry.name)].append(entry.name)
                self._tell_if_misleading(entry.name)
            elif suffix.lower() == MESSAGE_SUFFIX:
                messages[_compose(stem)].append(entry.name)
            elif suffix.lower() == READY_SUFFIX:
                ready[_compose(stem)].append(entry.name)
            elif entry.is_symlink():
                folders[_compose(entry.name)].append(entry.name)
        needs_ready = self._settings.ready_files
        return {
            name: Candidate(name, (*folders[name], *messages[name], *ready[name]))
            for name in list(messages)
            if ready[name] or not needs_ready
        }

    def _list_visible(self) -> Iterator[os.DirEntry[str]]:
        with os.scandir(self.folder) as entries:
            for entry in sorted(entries, key=lambda item: item.name):
                if not is_hidden(entry.name) and not is_temporary(entry.name):
                    yield entry

    def _tell_if_misleading(self, name: str) -> None:
        if name.lower().endswith(MESSAGE_SUFFIX) and name not in self._told:
            self._told.add(name)
            logger.warning("outbox: %s is a folder, no message; it is left alone", name)

    def _trace(self, candidate: Candidate) -> tuple[tuple[object, ...], ...] | None:
        """What changes when somebody writes; None while something is being written or moved."""
        traces: list[tuple[object, ...]] = []
        try:
            for entry in candidate.entries:
                for path in _walk(self.folder / entry):
                    if is_temporary(path.name):
                        self._tell_unfinished(path)
                        return None
                    traces.append(_trace_file(path))
        except FileNotFoundError:
            return None
        return tuple(traces)

    def _tell_unfinished(self, path: Path) -> None:
        if str(path) not in self._told:
            self._told.add(str(path))
            logger.warning("outbox: %s is not finished by its name; its job waits", path)


def _order(item: tuple[int, Candidate]) -> tuple[int, str]:
    return item[0], item[1].name


def _find_age(folder: Path, candidate: Candidate) -> int:
    """When the message was written; 0 where it is gone meanwhile."""
    try:
        return min(
            os.lstat(folder / entry).st_mtime_ns
            for entry in candidate.entries
            if is_message(candidate.name, entry)
        )
    except FileNotFoundError:
        return 0


def _walk(path: Path) -> Iterator[Path]:
    """The entry and, of a folder, all within it; links are not followed."""
    yield path
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        return
    try:
        names = sorted(os.listdir(path))
    except PermissionError:
        # Told when the job is read: then it can be moved aside with a reason.
        return
    for name in names:
        yield from _walk(path / name)


def _trace_file(path: Path) -> tuple[object, ...]:
    found = os.lstat(path)
    return str(path), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _compose(name: str) -> str:
    return unicodedata.normalize("NFC", name)
