"""Importing code lists: all of them in one transaction, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from persistence.database import Database, Stores
from server.domain.codeliste import Codeliste
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

    def run(
        self, codelisten: Iterable[Codeliste], is_replacing: bool
    ) -> tuple[ImportedCodeliste, ...]:
        """Imports lists; raises ImportRefused with every reason.

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
            return tuple(results)

        # Of two imports of one list at once the slower one is repeated, and finds it there.
        return self._database.write(write)


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
