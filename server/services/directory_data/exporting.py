"""The directory as files that an import takes back without any change."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from persistence.authority_database import AuthorityDatabase
from server.domain.directory_kind import DirectoryKind
from server.services.directory_data.columns import COLUMNS
from server.services.directory_data.fields import (
    CONTACT_PARTS,
    PART_SEPARATOR,
    PERSON_SEPARATOR,
)
from server.services.directory_data.records import PARITY_WORDS, STATE_WORDS
from server.services.directory_data.sheets import write_sheets

# Column of a file → column of the row, where the names differ.
_ROW_NAMES: Mapping[DirectoryKind, Mapping[str, str]] = {
    DirectoryKind.GEMEINDEN: {"deprecated": "is_deprecated"},
    DirectoryKind.ORTSTEILE: {"ortsteil": "name"},
    DirectoryKind.BEHOERDEN: {
        "kennung": "identifier_value",
        "typ": "identifier_type",
        "kategorie": "identifier_category",
        "status": "state",
        "gueltig_von": "valid_from",
        "gueltig_bis": "valid_to",
        "kontakte": "contact",
    },
    DirectoryKind.REGELN: {
        "hausnummer_von": "number_from",
        "hausnummer_bis": "number_to",
        "seite": "parity",
        "behoerde": "behoerde_value",
        "behoerde_typ": "behoerde_type",
        "gueltig_von": "valid_from",
        "gueltig_bis": "valid_to",
    },
    DirectoryKind.TEILNEHMER: {"fingerabdruck": "fingerprint", "gueltig_bis": "not_after"},
}
_STATES = {value: word for word, value in STATE_WORDS.items()}
_PARITIES = {parity.value: word for word, parity in PARITY_WORDS.items()}


class DirectoryExport:
    """Writes the current rows of a kind."""

    def __init__(self, database: AuthorityDatabase) -> None:
        self._database = database

    def write_csv(self, kind: DirectoryKind) -> bytes | None:
        """CSV in UTF-8 with BOM, as spreadsheets expect it; None where there is nothing."""
        rows = list(self.list_rows(kind))
        if not rows:
            return None
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
        writer.writerow(COLUMNS[kind].names)
        writer.writerows(rows)
        return buffer.getvalue().encode("utf-8-sig")

    def write_xlsx(self, kind: DirectoryKind) -> bytes | None:
        """XLSX in which every cell is text; None where there is nothing.

        Raises SheetRefused where a sheet has no room for so many rows.
        """
        rows = list(self.list_rows(kind))
        if not rows:
            return None
        return write_sheets([(kind.value, [COLUMNS[kind].names, *rows])])

    def list_rows(self, kind: DirectoryKind) -> Iterator[list[str]]:
        """The fields of each row, in the order of the columns of the file."""
        names = [_ROW_NAMES[kind].get(name, name) for name in COLUMNS[kind].names]
        with self._database.reading() as directory:
            for _, row in directory.rows.iterate_current(kind):
                yield [_to_text(name, row[name]) for name in names]


def _to_text(name: str, value: Any) -> str:
    if name in _WRITERS:
        return _WRITERS[name](value)
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _write_contacts(contacts: Iterable[Mapping[str, str]]) -> str:
    return f" {PERSON_SEPARATOR} ".join(map(_write_person, contacts))


def _write_person(person: Mapping[str, str]) -> str:
    parts = [person.get(part, "") for part in CONTACT_PARTS]
    return f"{PART_SEPARATOR} ".join(parts).rstrip(f"{PART_SEPARATOR} ")


_WRITERS: Mapping[str, Callable[[Any], str]] = {
    "contact": _write_contacts,
    "state": lambda value: _STATES[value],
    "parity": lambda value: _PARITIES[value],
}
