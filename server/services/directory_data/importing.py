"""Taking files into the directory: everything in one transaction and one version, or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from persistence.authority_database import AuthorityDatabase, DirectoryStore
from server.domain.codeliste import EINNAHMEART_URI, Codeliste
from server.domain.directory_kind import DirectoryKind
from server.domain.web_user import AuditEntry
from server.services.clock import Clock
from server.services.directory_data.comparing import KindChanges, compare
from server.services.directory_data.reading import Batch, Refusal
from server.services.directory_data.references import References


@dataclass
class ImportPlan:
    """What an import would change (or did), in the order of the kinds."""

    changes: dict[DirectoryKind, KindChanges]
    refusals: list[Refusal]
    notes: list[str]
    version: int | None = None
    sources: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """True where everything stays as it is."""
        return all(changes.is_empty for changes in self.changes.values())

    def summarise(self) -> dict[str, dict[str, int]]:
        """In numbers, as the version keeps them."""
        return {kind.value: changes.count() for kind, changes in self.changes.items()}


# Makes the entry for the audit, of what was taken in.
ImportNote = Callable[[ImportPlan], AuditEntry]


class ImportRefused(Exception):
    """Something in the files cannot be taken; nothing was imported."""

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__(f"{len(plan.refusals)} refusals")
        self.plan = plan


class DirectoryImport:
    """Compares a batch with the directory, and takes it in."""

    def __init__(
        self, database: AuthorityDatabase, clock: Clock, codelisten: Iterable[Codeliste]
    ) -> None:
        self._database = database
        self._clock = clock
        self._einnahmearten = collect_einnahmearten(codelisten)

    def plan(self, batch: Batch, is_full: bool = False) -> ImportPlan:
        """What would change; nothing is written."""
        with self._database.reading() as directory:
            return self._plan(directory, batch, is_full)

    def run(
        self, batch: Batch, is_full: bool = False, note: ImportNote | None = None
    ) -> ImportPlan:
        """Takes the batch in, with the entry for the audit that `note` makes of it.

        Raises ImportRefused where anything in it is refused.
        """
        if batch.refusals:
            raise ImportRefused(self.plan(batch, is_full))
        with self._database.writing() as directory:
            plan = self._plan(directory, batch, is_full)
            if plan.refusals:
                raise ImportRefused(plan)
            if not plan.is_empty:
                plan.version = self._write(directory, plan)
            if note:
                directory.pending_audit.add(note(plan))
        return plan

    def _plan(self, directory: DirectoryStore, batch: Batch, is_full: bool) -> ImportPlan:
        changes = {
            kind: compare(kind, batch.records[kind], directory.rows.iterate_current(kind), is_full)
            for kind in DirectoryKind
            if kind in batch.records
        }
        references = References(changes, directory.rows.iterate_current, self._einnahmearten)
        problems = references.check()
        return ImportPlan(
            changes,
            [*batch.refusals, *problems.refusals],
            [*batch.notes, *problems.notes],
            sources=batch.sources,
        )

    def _write(self, directory: DirectoryStore, plan: ImportPlan) -> int:
        source = ", ".join(plan.sources)
        version = directory.versions.open(source, self._clock(), plan.summarise())
        for kind, changes in plan.changes.items():
            closed = [item.key for item in changes.ended]
            closed += [change.old.key for change in changes.changed]
            directory.rows.close(kind, closed, version)
            directory.rows.insert(kind, (item.row for item in changes.added), version)
            directory.rows.insert(kind, (item.new for item in changes.changed), version)
        return version


def collect_einnahmearten(codelisten: Iterable[Codeliste]) -> frozenset[str]:
    """The keys of the code list of Einnahmearten, of all its versions."""
    return frozenset(
        key for item in codelisten if item.uri == EINNAHMEART_URI for key in item.entries
    )
