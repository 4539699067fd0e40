"""Code lists from a browser: read, kept, compared, and imported when the operator has seen what
would change.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta

from persistence.database import Database, Stores
from server.domain.codeliste import Codeliste, UploadedCodeliste
from server.domain.web_user import Actor
from server.errors import Faults
from server.services.clock import Clock
from server.services.codelist_import import (
    CodelistImport,
    ImportedCodeliste,
    ImportOutcome,
    ImportRefused,
    PlannedCodeliste,
)
from server.services.web_access.audit import make_entry
from server.xmlio.genericode import UPLOAD_LIMITS, Validity, read_codeliste
from server.xmlio.genericode_problems import GenericodeInvalid

_KEPT = timedelta(days=1)
_NAME_LENGTH = 255


class CodelistUnreadable(Exception):
    """Files cannot be read as code lists: `code` of the fault table, the German causes with file
    and line, and what to do.
    """

    code = Faults.SCHEMA_VIOLATION.code
    remedy = (
        "Bitte berichtigen Sie die Datei, oder holen Sie die Liste noch einmal beim Herausgeber, "
        "etwa im XRepository, als Genericode 1.0."
    )

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class CodelistUploads:
    """What is kept belongs to who uploaded it, for a day."""

    def __init__(self, database: Database, shipped: Iterable[Codeliste], clock: Clock) -> None:
        self._database = database
        self._import = CodelistImport(database, clock, shipped)
        self._clock = clock

    def keep(self, actor: Actor, files: Sequence[UploadedCodeliste]) -> str:
        """Keeps files that can be read; returns the token under which the actor finds them.

        Raises CodelistUnreadable, ImportRefused.
        """
        named = [_rename(file) for file in files]
        self._import.plan(_read(named))
        token, moment = secrets.token_urlsafe(24), self._clock()
        with self._database.writing() as stores:
            stores.codelist_uploads.remove_older(moment - _KEPT)
            stores.codelist_uploads.add(token, actor.user.key, named, moment)
        return token

    def plan(self, actor: Actor, token: str) -> tuple[PlannedCodeliste, ...]:
        """What would change; empty where nothing is kept for the actor under the token."""
        return self._import.plan(_read(self._find(actor, token)))

    def run(self, actor: Actor, token: str, *, is_replacing: bool) -> tuple[ImportedCodeliste, ...]:
        """Imports the lists, all or none; empty as `plan`. Raises ImportRefused, and they stay."""
        lists = _read(self._find(actor, token))
        if not lists:
            return ()
        planned = self._import.plan(lists)
        text = "; ".join(f"{_name(item.codeliste)}: {_count(item)}" for item in planned)
        subject = ", ".join(sorted({item.uri for item in lists}))
        entry = make_entry(actor, self._clock(), "codelisten-importiert", subject, text)

        def end(stores: Stores) -> None:
            if not stores.codelist_uploads.list_files(token, actor.user.key):
                # The same click again: it was imported meanwhile.
                raise ImportRefused(["Die Dateien sind schon übernommen oder verworfen."])
            stores.codelist_uploads.remove(token)
            stores.audit.add(entry)

        return self._import.run(lists, is_replacing, end)

    def discard(self, actor: Actor, token: str) -> bool:
        """Forgets the files; False where there are none."""
        if not self._find(actor, token):
            return False
        self._database.write(lambda stores: stores.codelist_uploads.remove(token))
        return True

    def _find(self, actor: Actor, token: str) -> tuple[UploadedCodeliste, ...]:
        with self._database.reading() as stores:
            return stores.codelist_uploads.list_files(token, actor.user.key)


def _read(files: Iterable[UploadedCodeliste]) -> list[Codeliste]:
    """Tells every mistake of every file."""
    found, problems = [], []
    for file in files:
        try:
            validity = Validity(file.valid_from, file.valid_to)
            found.append(read_codeliste(file.content, validity, UPLOAD_LIMITS))
        except GenericodeInvalid as error:
            problems += [f"{file.name}: {problem}" for problem in error.problems]
    if problems:
        raise CodelistUnreadable(problems)
    return found


def _rename(file: UploadedCodeliste) -> UploadedCodeliste:
    name = file.name.replace("\\", "/").rpartition("/")[2][-_NAME_LENGTH:] or "Datei"
    return UploadedCodeliste(name, file.content, file.valid_from, file.valid_to)


def _name(codeliste: Codeliste) -> str:
    return f"{codeliste.name}, Version {codeliste.version}"


def _count(planned: PlannedCodeliste) -> str:
    if planned.outcome is ImportOutcome.UNCHANGED:
        return planned.outcome.value
    changes = planned.changes
    return (
        f"{planned.outcome.value}, {len(changes.added)} neu, {len(changes.changed)} geändert, "
        f"{len(changes.retired)} entfallen"
    )
