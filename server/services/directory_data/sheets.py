"""Sheets of XLSX files as text, within limits: such a file is a packed archive."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell

MAX_ROWS = 1_048_576
MAX_COLUMNS = 100
MAX_PARTS = 500
MAX_UNPACKED_BYTES = 1_000_000_000
# An honest sheet of text packs to a tenth or a twentieth.
MAX_RATIO = 200
_SMALL = 1_000_000
_PROLOG = 64 * 1024
_MAGIC = b"PK\x03\x04"
_UNREADABLE = "Das ist keine lesbare XLSX-Datei."

Sheets = Sequence[tuple[str, Sequence[Sequence[str]]]]


class SheetRefused(Exception):
    """The file is no XLSX, or too large; the text is German."""


def is_xlsx(content: bytes) -> bool:
    """True where the content is an archive, as XLSX files are."""
    return content.startswith(_MAGIC)


def read_sheets(content: bytes) -> Sheets:
    """Titles and rows of the visible sheets; raises SheetRefused.

    Of a formula its last value counts. Whole numbers have no decimals, days are written
    2026-11-24.
    """
    try:
        _check_archive(content)
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        return [(sheet.title, _read_rows(sheet)) for sheet in sheets]
    except SheetRefused:
        raise
    except Exception as error:
        # A damaged file makes archive, XML and sheet fail in many ways; all mean the same.
        raise SheetRefused(_UNREADABLE) from error


def write_sheets(sheets: Sheets) -> bytes:
    """An XLSX file in which every cell is text, so that zeros at the front stay.

    Raises SheetRefused where a sheet has no room for so many rows.
    """
    workbook = Workbook(write_only=True)
    for title, rows in sheets:
        if len(rows) > MAX_ROWS:
            raise SheetRefused(f"Ein Blatt fasst höchstens {MAX_ROWS} Zeilen.")
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append([_to_cell(sheet, text) for text in row])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _to_cell(sheet: Any, text: str) -> Any:
    if not text.startswith("="):
        return text
    # Otherwise a name that begins so would become a formula.
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    return cell


def _check_archive(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
            raise SheetRefused("Die XLSX-Datei ist ausgepackt zu groß.")
        if unpacked > max(_SMALL, MAX_RATIO * len(content)):
            raise SheetRefused("Die XLSX-Datei ist ungewöhnlich stark gepackt und wird abgelehnt.")
        for part in parts:
            with archive.open(part) as file:
                prolog = file.read(_PROLOG).replace(b"\0", b"")
            if b"<!DOCTYPE" in prolog:
                raise SheetRefused("Die XLSX-Datei enthält eine DTD und wird abgelehnt.")


def _read_rows(sheet: Any) -> list[list[str]]:
    # What a sheet says of its own size need not be true.
    sheet.reset_dimensions()
    rows = []
    for number, values in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), 1):
        if number > MAX_ROWS:
            raise SheetRefused(f"Ein Blatt hat mehr als {MAX_ROWS} Zeilen.")
        rows.append(_trim([_to_text(value) for value in values]))
    return rows


def _trim(values: list[str]) -> list[str]:
    while values and not values[-1]:
        values.pop()
    return values


def _to_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return (value.date() if value.time() == datetime.min.time() else value).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value).strip()
