"""Figures as files: CSV for programs and spreadsheets, XLSX with numbers that are numbers."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from server.domain.figures import MessageSums
from server.services.figures.showing import CostTable, FigureTable

_CENTS = 100
_HOUR_SECONDS = 3600
# A spreadsheet would take what begins so for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_FIGURE_HEAD = ("Gruppe", "Schlüssel")
_DIRECTIONS = ("gesendet", "empfangen")
_SUM_HEAD = (
    "Nachrichten",
    "Ersuchen",
    "Forderungen",
    "Betrag in Euro",
    "abgerufen",
    "Stunden bis zum Abruf (Mittel)",
    "bestätigt",
    "Stunden vom Abruf bis zur Bestätigung (Mittel)",
    "Erledigungen",
    "Stunden vom Ersuchen bis zur Erledigung (Mittel)",
)
_COST_HEAD = (
    *("Kostenstelle", "Druckausgabe", "Produkt", "beidseitig", "farbig"),
    *("Briefe", "Seiten", "Blätter", "Kosten in Euro"),
)

Value = str | int | Decimal | None


@dataclass(frozen=True)
class Sheet:
    """A table for a file: rows of texts and numbers, None for an empty cell."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]


def make_figure_sheet(table: FigureTable) -> Sheet:
    """One row a group, and the sum."""
    head = (*_FIGURE_HEAD, *(f"{name}, {way}" for way in _DIRECTIONS for name in _SUM_HEAD))
    rows = [
        (line.label, line.key, *_list_sums(line.outgoing), *_list_sums(line.incoming))
        for line in (*table.lines, table.total)
    ]
    return Sheet(_name_period("Auswertung", table.query.first, table.query.last), head, rows)


def make_cost_sheet(table: CostTable) -> Sheet:
    """One row for letters that are billed together, and the sum."""
    rows: list[Sequence[Value]] = [
        (
            *(line.cost_centre, line.output, line.product),
            *("ja" if line.duplex else "nein", "ja" if line.colour else "nein"),
            *(line.sums.letters, line.sums.pages, line.sums.sheets, line.cost),
        )
        for line in table.lines
    ]
    sums = table.sums
    rows.append(("Summe", "", "", "", "", sums.letters, sums.pages, sums.sheets, table.cost))
    return Sheet(_name_period("Druckkosten", table.first, table.last), _COST_HEAD, rows)


def write_csv(sheet: Sheet) -> bytes:
    """CSV in UTF-8 with BOM, semicolons and decimal commas, as German spreadsheets expect it."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(sheet.head)
    writer.writerows([_to_field(value) for value in row] for row in sheet.rows)
    return buffer.getvalue().encode("utf-8-sig")


def write_xlsx(sheet: Sheet) -> bytes:
    """XLSX with a head that stays in sight."""
    workbook = Workbook(write_only=True)
    page: Any = workbook.create_sheet(sheet.title[:31])
    page.freeze_panes = "A2"
    for number, name in enumerate(sheet.head, 1):
        page.column_dimensions[get_column_letter(number)].width = max(12, min(len(name) + 2, 40))
    page.append([_to_cell(page, name, is_bold=True) for name in sheet.head])
    for row in sheet.rows:
        page.append([_to_cell(page, value) for value in row])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _name_period(title: str, first: date, last: date) -> str:
    return f"{title} {first.isoformat()} {last.isoformat()}"


def _list_sums(sums: MessageSums) -> tuple[Value, ...]:
    return (
        *(sums.messages, sums.ersuchen, sums.claims, Decimal(sums.cents) / _CENTS),
        *(sums.fetched, _average(sums.fetch_seconds, sums.fetched)),
        *(sums.closed, _average(sums.close_seconds, sums.closed)),
        *(sums.done, _average(sums.done_seconds, sums.done)),
    )


def _average(seconds: int, number: int) -> Decimal | None:
    """Hours with two decimals; None where there is nothing to measure."""
    if not number:
        return None
    return (Decimal(seconds) / number / _HOUR_SECONDS).quantize(Decimal("0.01"))


def _to_field(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",")
    if value is None:
        return ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA_STARTS) else text


def _to_cell(page: Any, value: Value, *, is_bold: bool = False) -> Any:
    cell: Any = WriteOnlyCell(page)
    cell.value = value
    if isinstance(value, str):
        # Otherwise a name that begins with "=" would become a formula.
        cell.data_type = "s"
    if isinstance(value, Decimal):
        cell.number_format = "#,##0.00"
    if is_bold:
        cell.font = Font(bold=True)
    return cell
