"""Files for the directory from a browser: kept, tried, and taken in when the operator has seen what
would change.
"""

import re
import secrets
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from persistence.authority_database import AuthorityDatabase
from persistence.database import Database
from persistence.stores.directory_uploads import Upload, UploadedFile
from persistence.stores.directory_versions import DirectoryVersion, VersionState
from server.domain.codeliste import Codeliste
from server.domain.web_user import Actor, AuditEntry
from server.services.clock import Clock
from server.services.directory_data.importing import DirectoryImport, ImportPlan
from server.services.directory_data.reading import Batch, read_files
from server.services.directory_data.tables import Line
from server.services.directory_data.versions import DirectoryVersions
from server.services.web_access.audit import make_entry
from server.services.web_access.audit_carrying import AuditCarrier

_KEPT = timedelta(days=1)
_UNSAFE = re.compile(r"[^\w. ()-]")
_NAME_LENGTH = 150


class NoDirectory(Exception):
    """The directory lies in another installation."""


@dataclass(frozen=True)
class VersionView:
    """A version, and whether it can be taken back: the newest that stands."""

    version: DirectoryVersion
    is_active: bool
    is_newest: bool


class DirectoryUploads:
    """`find_directory` gives the directory, None where it is elsewhere (NoDirectory)."""

    def __init__(
        self,
        database: Database,
        find_directory: Callable[[], AuthorityDatabase | None],
        codelisten: Iterable[Codeliste],
        clock: Clock,
    ) -> None:
        self._database = database
        self._find_directory = find_directory
        self._carrier = AuditCarrier(database, find_directory)
        self._codelisten = tuple(codelisten)
        self._clock = clock

    @property
    def is_possible(self) -> bool:
        """False where the directory is elsewhere."""
        return self._find_directory() is not None

    def keep(
        self, actor: Actor, files: Sequence[tuple[str, bytes]], *, is_full: bool, encoding: str
    ) -> str:
        """Keeps files (name, content) for a day; returns the token under which the actor finds
        them.
        """
        token, moment = secrets.token_urlsafe(24), self._clock()
        named = tuple(UploadedFile(_clean(name), content) for name, content in files)
        upload = Upload(named, is_full, encoding)
        with self._database.writing() as stores:
            stores.directory_uploads.remove(stores.directory_uploads.list_older(moment - _KEPT))
            stores.directory_uploads.add(token, actor.user.key, upload, moment)
        return token

    def plan(self, actor: Actor, token: str) -> ImportPlan | None:
        """What would change; None where nothing is kept for the actor under the token."""
        upload = self._find(actor, token)
        return self._make_import().plan(_read(upload), upload.is_full) if upload else None

    def run(self, actor: Actor, token: str) -> ImportPlan | None:
        """Takes the files in; None as `plan`. Raises ImportRefused, and the files stay."""
        upload = self._find(actor, token)
        if upload is None:
            return None

        def note(plan: ImportPlan) -> AuditEntry:
            return make_entry(actor, self._clock(), "verzeichnis-importiert", _describe(plan))

        plan = self._make_import().run(_read(upload), upload.is_full, note)
        self._database.write(lambda stores: stores.directory_uploads.remove([token]))
        self._carrier.carry()
        return plan

    def discard(self, actor: Actor, token: str) -> bool:
        """Forgets the files; False where there are none."""
        if self._find(actor, token) is None:
            return False
        self._database.write(lambda stores: stores.directory_uploads.remove([token]))
        return True

    def list_versions(self) -> tuple[VersionView, ...]:
        """The versions of the directory, the newest first."""
        found = DirectoryVersions(self._require_directory()).list_all()
        active = [item.key for item in found if item.state is VersionState.ACTIVE]
        newest = max(active, default=None)
        return tuple(VersionView(item, item.key in active, item.key == newest) for item in found)

    def roll_back(self, actor: Actor, version: int) -> None:
        """Takes the newest version back; raises RollbackRefused."""
        entry = make_entry(
            actor, self._clock(), "verzeichnis-zurueckgenommen", f"Version {version}"
        )
        DirectoryVersions(self._require_directory()).roll_back(version, entry)
        self._carrier.carry()

    def _find(self, actor: Actor, token: str) -> Upload | None:
        with self._database.reading() as stores:
            return stores.directory_uploads.find(token, actor.user.key)

    def _make_import(self) -> DirectoryImport:
        return DirectoryImport(self._require_directory(), self._clock, self._codelisten)

    def _require_directory(self) -> AuthorityDatabase:
        found = self._find_directory()
        if found is None:
            raise NoDirectory
        return found


def _read(upload: Upload) -> Batch:
    """Files are read from a folder, since their names decide how."""
    with tempfile.TemporaryDirectory(prefix="damtshilfe-") as folder:
        paths = []
        for number, file in enumerate(upload.files):
            path = Path(folder, str(number), file.name)
            path.parent.mkdir()
            path.write_bytes(file.content)
            paths.append(path)
        return read_files(paths, _watch, encoding=upload.encoding)


def _watch(lines: Iterable[Line], _size: int, _name: str) -> Iterable[Line]:
    return lines


def _clean(name: str) -> str:
    """A name that is one in any folder, with its ending."""
    cleaned = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).lstrip(".")
    return cleaned[-_NAME_LENGTH:] or "datei"


def _describe(plan: ImportPlan) -> str:
    what = ", ".join(plan.sources)
    return f"Version {plan.version}: {what}" if plan.version else f"ohne Änderung: {what}"
