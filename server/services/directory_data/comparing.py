"""What the rows of files would change of what is there."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.directory_kind import DirectoryKind
from server.services.directory_data.reading import Record
from server.services.directory_data.records import DEFAULTS, IDENTITIES, Row

Identity = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Existing:
    """A current row of the directory."""

    key: int
    row: Row


@dataclass(frozen=True, slots=True)
class Change:
    """A row that takes the place of another; `record` tells where it came from."""

    old: Existing
    new: Row
    record: Record


@dataclass
class KindChanges:
    """What happens to the rows of a kind; `current` is how the kind will be."""

    kind: DirectoryKind
    added: list[Record] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    ended: list[Existing] = field(default_factory=list)
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        """True where everything stays as it is."""
        return not (self.added or self.changed or self.ended)

    def count(self) -> dict[str, int]:
        """In numbers."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "ended": len(self.ended),
            "unchanged": self.unchanged,
        }


def compare(
    kind: DirectoryKind,
    records: Mapping[Identity, Record],
    existing: Iterable[tuple[int, Row]],
    is_full: bool,
) -> KindChanges:
    """Every record against the row with its identity; where it is full, what is missing ends."""
    identify, defaults = IDENTITIES[kind], DEFAULTS[kind]
    changes = KindChanges(kind)
    found: set[Identity] = set()
    for key, row in existing:
        identity = identify(row)
        record = records.get(identity)
        if record is None:
            if is_full:
                changes.ended.append(Existing(key, row))
            continue
        found.add(identity)
        if any(row[name] != value for name, value in record.row.items()):
            changes.changed.append(Change(Existing(key, row), {**row, **record.row}, record))
        else:
            changes.unchanged += 1
    changes.added = [
        Record(record.source, record.line, {**defaults, **record.row}) if defaults else record
        for identity, record in records.items()
        if identity not in found
    ]
    return changes


def list_differences(change: Change) -> list[str]:
    """The columns that differ, with what was there and what comes (German)."""
    return [
        f"{name}: {_quote(change.old.row[name])} → {_quote(value)}"
        for name, value in change.new.items()
        if change.old.row[name] != value
    ]


def describe(kind: DirectoryKind, row: Mapping[str, Any]) -> str:
    """A row in short."""
    return _DESCRIPTIONS[kind](row)


def _quote(value: object) -> str:
    return f"„{value}“" if value not in (None, "") else "leer"


def _describe_regel(row: Mapping[str, Any]) -> str:
    place = " ".join(
        filter(
            None,
            (
                row["land"],
                row["kreis"],
                row["ags"],
                row["plz"],
                row["ort"],
                row["strasse"],
                row["number_from"] or row["number_to"],
            ),
        )
    )
    return f"{place} ({row['einnahmearten'] or 'alle Einnahmearten'}) → {row['behoerde_value']}"


_DESCRIPTIONS: Mapping[DirectoryKind, Callable[[Mapping[str, Any]], str]] = {
    DirectoryKind.GEMEINDEN: lambda row: f"{row['plz']} {row['ort']} ({row['ags']})",
    DirectoryKind.ORTSTEILE: lambda row: f"{row['name']} ({row['ags']})",
    DirectoryKind.BEHOERDEN: lambda row: f"{row['identifier_value']} {row['name']}",
    DirectoryKind.REGELN: _describe_regel,
    DirectoryKind.TEILNEHMER: lambda row: f"{row['name']} ({row['fingerprint'][:16]}…)",
}
