"""Files become tables of text: a header and numbered lines. What they mean is not known here.

CSV is UTF-8 (with or without BOM) unless the caller says otherwise: a wrong guess would spoil
names without anybody noticing.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from server.services.directory_data.sheets import SheetRefused, is_xlsx, read_sheets

MAX_BYTES = 500_000_000
UTF_8, WINDOWS_1252 = "utf-8", "windows-1252"
_DELIMITERS = ";,\t"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class FileRefused(Exception):
    """The file as a whole cannot be read; the text is German."""


class TableBroken(Exception):
    """From a line on the table cannot be read; the text is German."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


class Line(NamedTuple):
    """A line of a table; `number` is that of an editor or a spreadsheet."""

    number: int
    values: Sequence[str]


@dataclass(frozen=True)
class Table:
    """A table of a file. `lines` can be run through once and may raise TableBroken.

    `size` is about how many lines there are.
    """

    name: str
    header: tuple[str, ...]
    lines: Iterable[Line]
    size: int


def read_tables(path: Path, encoding: str = UTF_8) -> list[Table]:
    """The table of a CSV file, or those of the sheets of an XLSX file; raises FileRefused."""
    content = _read_bytes(path)
    if content.startswith(_OLD_EXCEL):
        raise FileRefused("Das ist eine Datei des alten Excel; bitte als XLSX oder CSV speichern.")
    if is_xlsx(content):
        return _read_workbook(path.name, content)
    if path.suffix.casefold() in (".xlsx", ".xlsm"):
        raise FileRefused("Das ist keine XLSX-Datei, obwohl sie so heißt.")
    return [_read_csv(path.name, _decode(content, encoding))]


def _read_bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise FileRefused(f"Die Datei ist größer als {MAX_BYTES // 1_000_000} MB.")
        content = path.read_bytes()
    except OSError as error:
        raise FileRefused(f"{error.strerror}.") from error
    if not content.strip():
        raise FileRefused("Die Datei ist leer.")
    return content


def _read_workbook(name: str, content: bytes) -> list[Table]:
    try:
        sheets = read_sheets(content)
    except SheetRefused as error:
        raise FileRefused(str(error)) from error
    tables = []
    for title, rows in sheets:
        label = f"{name}, Blatt {title}" if len(sheets) > 1 else name
        lines = (Line(number, values) for number, values in enumerate(rows, 1) if any(values))
        header = next(lines, None)
        if header:
            tables.append(Table(label, tuple(header.values), _fill(lines, header), len(rows)))
    if not tables:
        raise FileRefused("Die Datei ist leer.")
    return tables


def _fill(lines: Iterable[Line], header: Line) -> Iterator[Line]:
    """In a sheet the empty cells at the end of a row are not there."""
    width = len(header.values)
    for number, values in lines:
        yield Line(number, [*values, *[""] * (width - len(values))])


def _decode(content: bytes, encoding: str) -> str:
    codec = "utf-8-sig" if encoding == UTF_8 else "cp1252"
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        hint = (
            " In Excel: Speichern unter „CSV UTF-8“; oder --encoding windows-1252 angeben."
            if encoding == UTF_8
            else ""
        )
        raise FileRefused(f"Zeile {line}: Das ist kein Text in {encoding}.{hint}") from error
    found = _CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise FileRefused(f"Zeile {line}: Das Steuerzeichen U+{ord(found[0]):04X} ist kein Text.")
    return text


def _read_csv(name: str, text: str) -> Table:
    delimiter = _find_delimiter(text)
    lines = _iterate_csv(text, delimiter)
    try:
        header = next(lines, None)
    except TableBroken as error:
        raise FileRefused(f"Zeile {error.line}: {error}") from error
    if header is None:
        raise FileRefused("Die Datei ist leer.")
    return Table(name, tuple(header.values), lines, text.count("\n"))


def _find_delimiter(text: str) -> str:
    """What separates most columns of the first line."""
    first = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _iterate_csv(text: str, delimiter: str) -> Iterator[Line]:
    """Lines that are not empty; one with a line break within quotes is called by its first."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    end = 0
    try:
        for values in reader:
            start, end = end + 1, reader.line_num
            if any(map(str.strip, values)):
                yield Line(start, values)
    except csv.Error as error:
        raise TableBroken(
            end + 1,
            "Ab hier ist die Datei nicht lesbar: ein Anführungszeichen ist nicht geschlossen oder "
            "steht am falschen Platz.",
        ) from error
