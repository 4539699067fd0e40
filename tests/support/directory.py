"""A directory in an SQLite file, filled by a test."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from persistence.authority_database import AuthorityDatabase
from persistence.authority_tables import behoerde, gemeinde, regel
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.stores.behoerden import to_behoerde_row
from persistence.stores.gemeinden import to_gemeinde_row
from persistence.stores.regeln import to_regel_row
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.eintrag import Eintrag
from server.domain.gemeinde import Gemeinde
from server.domain.regel import Regel

MOMENT = datetime(2026, 11, 25, 9, tzinfo=UTC)


def open_directory(path: Path) -> AuthorityDatabase:
    """An empty directory."""
    made = AuthorityDatabase(make_engine(f"sqlite:///{path}"))
    upgrade_schema(made.engine, DatabaseKind.AUTHORITY)
    return made


def fill_directory(
    directory: AuthorityDatabase,
    gemeinden: Iterable[Gemeinde] = (),
    eintraege: Iterable[Eintrag] = (),
    regeln: Iterable[Regel] = (),
) -> None:
    """One version with these rows."""
    with directory.writing() as store:
        version = store.versions.open("Test", MOMENT)
        for table, rows in (
            (gemeinde, map(to_gemeinde_row, gemeinden)),
            (behoerde, map(to_behoerde_row, eintraege)),
            (regel, map(to_regel_row, regeln)),
        ):
            store.versions.insert_rows(table, rows, version)


def make_behoerde(value: str) -> Behoerde:
    """An authority with this identifier, reached by letter."""
    anschrift = Anschrift("Am Markt", "1", "07743", "Jena")
    return Behoerde(PartyIdentifier(value, "xoev"), f"Kasse {value}", anschrift, Kanal.BRIEF)


def read_gemeinden_file(path: Path) -> tuple[Gemeinde, ...]:
    """The list of all places."""
    with path.open(encoding="utf-8") as file:
        return tuple(
            Gemeinde(row["ags"], row["plz"], row["ort"], row["kreis"], row["deprecated"] == "1")
            for row in csv.DictReader(file)
        )
