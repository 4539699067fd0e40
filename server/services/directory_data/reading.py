"""Files become rows: each is read to its end, and what cannot be read is kept with its reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.domain.directory_kind import DirectoryKind
from server.services.directory_data.columns import Header, HeaderRefused, read_header
from server.services.directory_data.fields import Fields
from server.services.directory_data.records import IDENTITIES, READERS, Row
from server.services.directory_data.tables import (
    UTF_8,
    FileRefused,
    Line,
    Table,
    TableBroken,
    read_tables,
)

# Shows progress: lines, their number, the name of the table.
Watch = Callable[[Iterable[Line], int, str], Iterable[Line]]


@dataclass(frozen=True, slots=True)
class Record:
    """A row and the line that it came from."""

    source: str
    line: int
    row: Row


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line (0: the file as a whole) that cannot be taken, and why (German)."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        place = f"{self.source}, Zeile {self.line}" if self.line else self.source
        return f"{place}: {self.reason}"


@dataclass
class Batch:
    """All that files hold: rows by kind and identity, and what is wrong with them."""

    sources: list[str] = field(default_factory=list)
    records: dict[DirectoryKind, dict[tuple[object, ...], Record]] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_files(
    paths: Sequence[Path],
    watch: Watch,
    kind: DirectoryKind | None = None,
    encoding: str = UTF_8,
) -> Batch:
    """Everything in the files; nothing is raised, what is wrong stands in the refusals."""
    batch = Batch()
    for path in paths:
        batch.sources.append(path.name)
        try:
            tables = read_tables(path, encoding)
        except FileRefused as error:
            batch.refusals.append(Refusal(path.name, 0, str(error)))
            continue
        for table in tables:
            _read_table(table, kind, watch, batch)
    return batch


def _read_table(table: Table, kind: DirectoryKind | None, watch: Watch, batch: Batch) -> None:
    try:
        header = read_header(table.header, kind)
    except HeaderRefused as error:
        batch.refusals.append(Refusal(table.name, 0, str(error)))
        return
    reader = _TableReader(table.name, header, batch)
    try:
        for line in watch(table.lines, table.size, table.name):
            reader.read(line)
    except TableBroken as error:
        batch.refusals.append(Refusal(table.name, error.line, str(error)))
    else:
        reader.refuse_emptiness()
    reader.add_notes()


class _TableReader:
    def __init__(self, name: str, header: Header, batch: Batch) -> None:
        self._name = name
        self._header = header
        self._batch = batch
        self._read_row = READERS[header.kind]
        self._identify = IDENTITIES[header.kind]
        self._records = batch.records.setdefault(header.kind, {})
        self._lines = 0
        self._padded: list[int] = []
        self._repeated: list[int] = []

    def read(self, line: Line) -> None:
        self._lines += 1
        if len(line.values) != self._header.width and not self._fits(line):
            return
        values = line.values
        fields = Fields(
            {name: values[position] for name, position in self._header.positions.items()}
        )
        row = self._read_row(fields)
        if fields.padded:
            self._padded.append(line.number)
        if fields.problems:
            self._refuse(line, *fields.problems)
        else:
            self._keep(line, row)

    def refuse_emptiness(self) -> None:
        if not self._lines:
            reason = "Unter der Kopfzeile steht keine Zeile."
            self._batch.refusals.append(Refusal(self._name, 0, reason))

    def add_notes(self) -> None:
        self._note(self._padded, "eine verlorene führende Null wurde ergänzt.")
        self._note(self._repeated, "sie wiederholt, was vorher steht, und zählt einmal.")

    def _note(self, lines: list[int], text: str) -> None:
        if lines:
            more = f" und {len(lines) - 1} weitere" if len(lines) > 1 else ""
            self._batch.notes.append(f"{self._name}, Zeile {lines[0]}{more}: {text}")

    def _fits(self, line: Line) -> bool:
        """Spreadsheets add empty columns at the end."""
        number, width = len(line.values), self._header.width
        if number > width and not any(line.values[width:]):
            return True
        self._refuse(line, f"Die Zeile hat {number} Felder, die Kopfzeile {width}.")
        return False

    def _keep(self, line: Line, row: Row) -> None:
        record = Record(self._name, line.number, row)
        earlier = self._records.setdefault(self._identify(row), record)
        if earlier is record:
            return
        if earlier.row == row:
            self._repeated.append(line.number)
        else:
            self._refuse(
                line, f"Der Eintrag steht anders schon in {earlier.source}, Zeile {earlier.line}."
            )

    def _refuse(self, line: Line, *reasons: str) -> None:
        self._batch.refusals.append(Refusal(self._name, line.number, " ".join(reasons)))
