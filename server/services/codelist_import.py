"""Importing code lists: all of them in one transaction, or none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from persistence.database import Database, Stores
from server.domain.codeliste import (
    Codeliste,
    CodelisteChanges,
    compare_entries,
    sort_versions,
)
from server.services.clock import Clock


class ImportOutcome(StrEnum):
    """What became of a list; the value is what is told of it."""

    ADDED = "importiert"
    UNCHANGED = "war schon da"
    REPLACED = "ersetzt"


@dataclass(frozen=True)
class ImportedCodeliste:
    """A list and what became of it."""

    codeliste: Codeliste
    outcome: ImportOutcome


@dataclass(frozen=True)
class PlannedCodeliste:
    """What would become of a list, and how its entries differ from those of `base`: the same
    version as it is known, else the newest known one of the list; None where there is none.
    """

    codeliste: Codeliste
    outcome: ImportOutcome
    base: Codeliste | None
    changes: CodelisteChanges


class ImportRefused(Exception):
    """Nothing was imported; `problems` are German sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


class CodelistImport:
    """Adds versions of code lists to those that are known."""

    def __init__(self, database: Database, clock: Clock, shipped: Iterable[Codeliste]) -> None:
        self._database = database
        self._clock = clock
        self._shipped = {item.identity: item for item in shipped}

    def plan(self, codelisten: Iterable[Codeliste]) -> tuple[PlannedCodeliste, ...]:
        """What an import would change; nothing is written. Raises ImportRefused."""
        asked = tuple(codelisten)
        if problems := _find_doubles(asked):
            raise ImportRefused(problems)
        with self._database.reading() as stores:
            return tuple(self._plan(stores, item) for item in asked)

    def run(
        self,
        codelisten: Iterable[Codeliste],
        is_replacing: bool,
        also: Callable[[Stores], None] | None = None,
    ) -> tuple[ImportedCodeliste, ...]:
        """Imports lists; raises ImportRefused with every reason. `also` is done within the same
        transaction.

        A known version with the same content stays as it is; with another content it is refused,
        or replaced where that is asked for.
        """
        asked = tuple(codelisten)
        problems = _find_doubles(asked)
        moment = self._clock()

        def write(stores: Stores) -> tuple[ImportedCodeliste, ...]:
            results, refused = [], list(problems)
            for item in asked:
                stored = stores.codelisten.find(*item.identity)
                outcome = _decide(item, stored or self._shipped.get(item.identity))
                if outcome == ImportOutcome.REPLACED and not is_replacing:
                    refused.append(_refuse(item))
                elif outcome != ImportOutcome.UNCHANGED and not refused:
                    (stores.codelisten.replace if stored else stores.codelisten.add)(item, moment)
                results.append(ImportedCodeliste(item, outcome))
            if refused:
                # Leaving the transaction by an error takes back what was written.
                raise ImportRefused(refused)
            if also:
                also(stores)
            return tuple(results)

        # Of two imports of one list at once the slower one is repeated, and finds it there.
        return self._database.write(write)

    def _plan(self, stores: Stores, item: Codeliste) -> PlannedCodeliste:
        known = stores.codelisten.find(*item.identity) or self._shipped.get(item.identity)
        base = known or self._find_newest(stores, item.uri)
        changes = compare_entries(base.entries if base else {}, item.entries)
        return PlannedCodeliste(item, _decide(item, known), base, changes)

    def _find_newest(self, stores: Stores, uri: str) -> Codeliste | None:
        shipped = [item for item in self._shipped.values() if item.uri == uri]
        imported = {item.identity: item for item in stores.codelisten.list_of(uri)}
        versions = {**{item.identity: item for item in shipped}, **imported}
        found = sort_versions(versions.values())
        return found[-1] if found else None


def _decide(item: Codeliste, known: Codeliste | None) -> ImportOutcome:
    if known is None:
        return ImportOutcome.ADDED
    if known.has_same_content(item):
        return ImportOutcome.UNCHANGED
    return ImportOutcome.REPLACED


def _find_doubles(codelisten: tuple[Codeliste, ...]) -> list[str]:
    identities = [item.identity for item in codelisten]
    doubles = {identity for identity in identities if identities.count(identity) > 1}
    return [
        f"Die Codeliste {uri}, Version {version}, ist mehrfach angegeben."
        for uri, version in sorted(doubles)
    ]


def _refuse(item: Codeliste) -> str:
    return (
        f"Die Codeliste {item.uri}, Version {item.version}, gibt es schon mit anderem Inhalt; "
        "--replace ersetzt sie."
    )
