"""`damtshilfe codelist`: importing, showing and giving back code lists."""

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import click

from persistence.database import Database
from server.cli_day import Day
from server.cli_installation import CONFIG, fail, fail_if, open_database
from server.domain.codeliste import Codeliste
from server.services.clock import read_clock
from server.services.codelist_import import (
    CodelistImport,
    ImportOutcome,
    ImportRefused,
    PlannedCodeliste,
)
from server.services.codelisten import Codelisten
from server.services.derived_codelisten import render_derived_codelisten
from server.xmlio.genericode import Validity, read_codeliste, write_codeliste
from server.xmlio.genericode_problems import GenericodeInvalid
from server.xmlio.shipped_codelisten import read_shipped_codelisten

_URI = click.argument("uri", metavar="URI")
_VERSION = click.option("--version", help="Diese Version; sonst die heute gültige.")

_PLANS = {
    ImportOutcome.ADDED: "importiert werden",
    ImportOutcome.UNCHANGED: "nichts ändern",
    ImportOutcome.REPLACED: "die vorhandene Version ersetzen (--replace)",
}


@click.group("codelist")
def codelist_group() -> None:
    """Commands about code lists."""


@codelist_group.command("import", help="Importiert Codelisten: alle, oder bei einem Fehler keine.")
@click.argument(
    "files", metavar="DATEI...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@CONFIG
@click.option("--gueltig-ab", type=Day(), help="Erster Tag der Gültigkeit, statt dem der Datei.")
@click.option("--gueltig-bis", type=Day(), help="Letzter Tag der Gültigkeit, statt dem der Datei.")
@click.option("--replace", is_flag=True, help="Ersetzt eine Version, die es anders schon gibt.")
@click.option("--dry-run", is_flag=True, help="Zeigt nur, was sich ändern würde.")
def import_files(
    files: tuple[Path, ...],
    config: Path,
    gueltig_ab: date | None,
    gueltig_bis: date | None,
    **flags: bool,
) -> None:
    """Tells every mistake of every file."""
    codelisten = _read_files(files, Validity(gueltig_ab, gueltig_bis))
    with open_database(config) as database:
        job = CodelistImport(database, read_clock, read_shipped_codelisten())
        try:
            if flags["dry_run"]:
                lines = [line for item in job.plan(codelisten) for line in _render_plan(item)]
            else:
                results = job.run(codelisten, flags["replace"])
                lines = [f"{_describe(item.codeliste)}: {item.outcome.value}" for item in results]
        except ImportRefused as error:
            fail([*error.problems, "Es wurde nichts importiert."])
    for line in lines:
        click.echo(line)


@codelist_group.command("list", help="Zeigt alle Versionen aller Codelisten.")
@CONFIG
def list_all(config: Path) -> None:
    """One line a version."""
    with open_database(config) as database:
        for codeliste in _make_service(database).list_all():
            click.echo(f"{_describe(codeliste)}, {len(codeliste.entries)} Einträge")


@codelist_group.command("show", help="Zeigt die Einträge einer Codeliste.")
@_URI
@_VERSION
@CONFIG
def show(uri: str, version: str | None, config: Path) -> None:
    """The head and a line for each entry."""
    with open_database(config) as database:
        codeliste = _find(_make_service(database), uri, version)
    click.echo(_describe(codeliste))
    width = max(map(len, codeliste.entries), default=0)
    for key, name in codeliste.entries.items():
        click.echo(f"  {key.ljust(width)}  {name}")


@codelist_group.command("export", help="Schreibt eine Codeliste als Genericode nach DATEI.")
@_URI
@click.argument("target", metavar="DATEI", type=click.Path(path_type=Path))
@_VERSION
@CONFIG
def export(uri: str, target: Path, version: str | None, config: Path) -> None:
    """Genericode that an import takes back."""
    with open_database(config) as database:
        codeliste = _find(_make_service(database), uri, version)
    try:
        target.write_bytes(write_codeliste(codeliste))
    except OSError as error:
        fail([f"{target}: {error.strerror}."])
    click.echo(f"{_describe(codeliste)} → {target}")


@codelist_group.command("render", hidden=True)
@click.argument("folder", type=click.Path(path_type=Path))
def render(folder: Path) -> None:
    """Writes the lists that the source code itself is the source of (`make codelisten`)."""
    for name, content in render_derived_codelisten().items():
        (folder / name).write_bytes(content)


def _read_files(files: Iterable[Path], validity: Validity) -> list[Codeliste]:
    found: list[Codeliste] = []
    problems: list[str] = []
    for path in files:
        try:
            found.append(read_codeliste(path.read_bytes(), validity))
        except OSError as error:
            problems.append(f"{path}: {error.strerror}.")
        except GenericodeInvalid as error:
            problems += [f"{path}: {problem}" for problem in error.problems]
    fail_if([*problems, "Es wurde nichts importiert."] if problems else [])
    return found


def _render_plan(planned: PlannedCodeliste) -> Iterator[str]:
    """What would become of a list, and a line for each entry that differs."""
    yield f"{_describe(planned.codeliste)}: würde {_PLANS[planned.outcome]}"
    if planned.base:
        yield f"  verglichen mit Version {planned.base.version}"
    changes = planned.changes
    yield from (f"  neu: {key}  {name}" for key, name in changes.added)
    yield from (f"  geändert: {key}  {old} → {new}" for key, old, new in changes.changed)
    yield from (f"  entfallen: {key}  {name}" for key, name in changes.retired)


def _make_service(database: Database) -> Codelisten:
    return Codelisten(database, read_clock, read_shipped_codelisten())


def _find(codelisten: Codelisten, uri: str, version: str | None) -> Codeliste:
    if version is not None:
        found = codelisten.find_version(uri, version)
    else:
        found = codelisten.find_valid(uri, codelisten.today())
    if found is None:
        which = f"Version {version}" if version is not None else "heute gültige Version"
        fail([f"Von der Codeliste {uri} ist hier keine {which} bekannt."])
    return found


def _describe(codeliste: Codeliste) -> str:
    days = ""
    if codeliste.valid_from:
        days += f", gültig ab {codeliste.valid_from:%d.%m.%Y}"
    if codeliste.valid_to:
        days += f", gültig bis {codeliste.valid_to:%d.%m.%Y}"
    return f"{codeliste.uri}, Version {codeliste.version} ({codeliste.name}){days}"
