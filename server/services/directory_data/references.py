"""Whether what rows name is there: authorities and places, in the files or in the directory."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.behoerde import PartyIdentifier
from server.domain.directory_kind import DirectoryKind
from server.domain.hausnummer import Parity
from server.domain.regel import Regel, Region
from server.domain.regel_overlap import find_overlaps
from server.services.directory_data.comparing import KindChanges
from server.services.directory_data.reading import Record, Refusal
from server.services.directory_data.records import Row

ReadRows = Callable[[DirectoryKind], Iterable[tuple[int, Row]]]


@dataclass
class Problems:
    """What an import must not do, and what somebody should look at."""

    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class References:
    """Checks rows against the directory as it will be after the import."""

    def __init__(
        self,
        changes: Mapping[DirectoryKind, KindChanges],
        read_rows: ReadRows,
        einnahmearten: frozenset[str],
    ) -> None:
        self._changes = changes
        self._read_rows = read_rows
        self._einnahmearten = einnahmearten
        self._problems = Problems()

    def check(self) -> Problems:
        """All problems together."""
        regeln = self._changes.get(DirectoryKind.REGELN)
        behoerden = self._changes.get(DirectoryKind.BEHOERDEN)
        ortsteile = self._changes.get(DirectoryKind.ORTSTEILE)
        if (regeln and not regeln.is_empty) or (behoerden and behoerden.ended):
            self._check_regeln(regeln or KindChanges(DirectoryKind.REGELN))
        if ortsteile and ortsteile.added:
            self._check_ortsteile(ortsteile)
        for changes in (regeln, behoerden):
            self._check_einnahmearten(changes)
        return self._problems

    def _iterate_final(self, kind: DirectoryKind) -> Iterator[tuple[Row, bool]]:
        """Rows as they will be, True beside those that are new."""
        changes = self._changes.get(kind) or KindChanges(kind)
        gone = {item.key for item in changes.ended}
        gone.update(change.old.key for change in changes.changed)
        for key, row in self._read_rows(kind):
            if key not in gone:
                yield row, False
        for record in changes.added:
            yield record.row, True
        for change in changes.changed:
            yield change.new, True

    def _check_regeln(self, changes: KindChanges) -> None:
        known = {
            (row["identifier_value"], row["identifier_type"])
            for row, _ in self._iterate_final(DirectoryKind.BEHOERDEN)
        }
        places = self._read_places()
        for record in _list_records(changes):
            row = record.row
            if (row["behoerde_value"], row["behoerde_type"]) not in known:
                self._refuse(record, f"Die Behörde {row['behoerde_value']} ist nicht bekannt.")
            for reason in places.find_unknown(row):
                self._refuse(record, reason)
        self._check_all_regeln(known)

    def _check_all_regeln(self, known: set[tuple[str, str]]) -> None:
        anchors: Counter[str] = Counter()
        orphans: Counter[str] = Counter()
        for row, is_new in self._iterate_final(DirectoryKind.REGELN):
            anchors[row["anchor"]] += 1
            if not is_new and (row["behoerde_value"], row["behoerde_type"]) not in known:
                orphans[row["behoerde_value"]] += 1
        for value, number in orphans.items():
            reason = f"Die Behörde {value} kann nicht enden; Regeln, die sie noch nennen: {number}."
            self._problems.refusals.append(Refusal("Verzeichnis", 0, reason))
        self._check_overlaps({anchor for anchor, number in anchors.items() if number > 1})

    def _check_overlaps(self, anchors: Collection[str]) -> None:
        """Only these anchors have more than one rule; most have one, and there may be millions."""
        regeln = (
            (_to_regel(row), is_new)
            for row, is_new in self._iterate_final(DirectoryKind.REGELN)
            if row["anchor"] in anchors
        )
        for first, second in find_overlaps(regeln):
            self._problems.notes.append(
                f"Zwei gleichrangige Regeln, {first.region}: "
                f"{first.behoerde.value} und {second.behoerde.value}."
            )

    def _check_ortsteile(self, changes: KindChanges) -> None:
        places = self._read_places()
        for record in changes.added:
            for reason in places.find_unknown({"land": "", "kreis": "", **record.row}):
                self._refuse(record, reason)

    def _check_einnahmearten(self, changes: KindChanges | None) -> None:
        """Keys of code lists that only the XTA server knows may be right: this is told."""
        unknown = {
            key
            for record in (_list_records(changes) if changes else ())
            for key in record.row.get("einnahmearten", "").split()
        } - self._einnahmearten
        for key in sorted(unknown):
            self._problems.notes.append(
                f"Die Einnahmeart {key} steht nicht in der mitgelieferten Codeliste."
            )

    def _read_places(self) -> "_Places":
        return _Places(row for row, _ in self._iterate_final(DirectoryKind.GEMEINDEN))

    def _refuse(self, record: Record, reason: str) -> None:
        self._problems.refusals.append(Refusal(record.source, record.line, reason))


class _Places:
    def __init__(self, rows: Iterable[Row]) -> None:
        self._pairs = {(row["ags"], row["plz"]) for row in rows}
        self._ags = {ags for ags, _ in self._pairs}
        self._plz = {plz for _, plz in self._pairs}
        self._kreise = {ags[:5] for ags in self._ags}
        self._laender = {ags[:2] for ags in self._ags}

    def find_unknown(self, row: Mapping[str, Any]) -> Iterator[str]:
        for name, value, known in (
            ("Das Land", row["land"], self._laender),
            ("Der Kreis", row["kreis"], self._kreise),
            ("Die Gemeinde", row["ags"], self._ags),
            ("Die Postleitzahl", row["plz"], self._plz),
        ):
            if value and value not in known:
                yield f"{name} {value} ist nicht bekannt."
                return
        ags, plz = row["ags"], row["plz"]
        if ags and plz and (ags, plz) not in self._pairs:
            yield f"Zur Gemeinde {ags} gehört die Postleitzahl {plz} nicht."


def _list_records(changes: KindChanges) -> Iterator[Record]:
    yield from changes.added
    yield from (change.record for change in changes.changed)


def _to_regel(row: Row) -> Regel:
    region = Region(
        row["land"],
        row["kreis"],
        row["ags"],
        row["plz"],
        row["ort"],
        row["strasse"],
        row["number_from"],
        row["number_to"],
        Parity(row["parity"]),
    )
    return Regel(
        region,
        tuple(row["einnahmearten"].split()),
        PartyIdentifier(row["behoerde_value"], row["behoerde_type"]),
        row["valid_from"],
        row["valid_to"],
    )
