"""`damtshilfe authority`: data of the directory in and out, and its versions."""

import logging
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import click

from persistence.stores.directory_versions import DirectoryVersion, VersionState
from server.cli_installation import CONFIG, fail, open_directory
from server.domain.directory_kind import DirectoryKind
from server.services.clock import read_clock
from server.services.directory_data.checking import DirectoryCheck
from server.services.directory_data.comparing import (
    KindChanges,
    describe,
    list_differences,
)
from server.services.directory_data.exporting import DirectoryExport
from server.services.directory_data.importing import DirectoryImport, ImportPlan, ImportRefused
from server.services.directory_data.reading import read_files
from server.services.directory_data.sheets import SheetRefused
from server.services.directory_data.tables import UTF_8, WINDOWS_1252, Line
from server.services.directory_data.versions import DirectoryVersions, RollbackRefused
from server.xmlio.shipped_codelisten import read_shipped_codelisten

logger = logging.getLogger(__name__)

_KINDS = click.Choice([kind.value for kind in DirectoryKind])
# Smaller tables are read before anybody looks.
_LARGE = 50_000
_T = TypeVar("_T")


@click.command("import")
@click.argument(
    "files", metavar="DATEI...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@CONFIG
@click.option("--dry-run", is_flag=True, help="Zeigt nur, was sich ändern würde.")
@click.option("--full", is_flag=True, help="Was in den Dateien fehlt, endet.")
@click.option("--kind", type=_KINDS, help="Art der Dateien, sonst an der Kopfzeile erkannt.")
@click.option(
    "--encoding",
    type=click.Choice([UTF_8, WINDOWS_1252]),
    default=UTF_8,
    show_default=True,
    help="Zeichensatz der CSV-Dateien.",
)
@click.option("--show", default=10, show_default=True, help="So viele von jeder Sorte zeigen.")
def import_files(
    files: tuple[Path, ...],
    config: Path,
    dry_run: bool,
    full: bool,
    **options: str | int | None,
) -> None:
    """Ends with 1 where anything is refused; then nothing was imported."""
    kind = DirectoryKind(str(options["kind"])) if options["kind"] else None
    show = int(options["show"] or 0)
    with open_directory(config) as directory:
        batch = read_files(files, _watch, kind, str(options["encoding"]))
        job = DirectoryImport(directory, read_clock, read_shipped_codelisten())
        try:
            plan = job.plan(batch, full) if dry_run else job.run(batch, full)
        except ImportRefused as error:
            plan = error.plan
    _show_plan(plan, show)
    if plan.refusals:
        fail([f"{len(plan.refusals)} abgelehnt. Es wurde nichts importiert."])
    click.echo(_conclude(plan, dry_run))


@click.command("export")
@click.argument("folder", metavar="ORDNER", type=click.Path(path_type=Path))
@CONFIG
@click.option(
    "--kind", "kinds", type=_KINDS, multiple=True, help="Nur diese Art (mehrmals möglich)."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "xlsx"]),
    default="csv",
    show_default=True,
    help="Form der Dateien.",
)
def export(folder: Path, config: Path, kinds: tuple[str, ...], form: str) -> None:
    """Files that an import takes back without any change."""
    with open_directory(config) as directory:
        job = DirectoryExport(directory)
        write = job.write_xlsx if form == "xlsx" else job.write_csv
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for kind in map(DirectoryKind, kinds or DirectoryKind):
                content = write(kind)
                if content is not None:
                    target = folder / f"{kind.value}.{form}"
                    target.write_bytes(content)
                    click.echo(f"{kind.label} → {target}")
        except OSError as error:
            fail([f"{error.filename}: {error.strerror}."])
        except SheetRefused as error:
            fail([f"{kind.label}: {error} Als CSV geht es."])


@click.command("versions")
@CONFIG
def versions(config: Path) -> None:
    """One line a version."""
    with open_directory(config) as directory:
        for version in DirectoryVersions(directory).list_all():
            click.echo(_describe_version(version))


@click.command("rollback")
@click.argument("version", metavar="VERSION", type=int)
@CONFIG
def rollback(version: int, config: Path) -> None:
    """Running servers know it within seconds."""
    with open_directory(config) as directory:
        try:
            DirectoryVersions(directory).roll_back(version)
        except RollbackRefused as error:
            fail([str(error)])
    click.echo(f"Version {version} ist zurückgenommen.")


@click.command("check")
@CONFIG
@click.option("--show", default=20, show_default=True, help="So viele von jeder Sorte zeigen.")
def check(config: Path, show: int) -> None:
    """Tells only: a gap may be meant."""
    with open_directory(config) as directory:
        report = DirectoryCheck(directory, read_clock).run()
    for title, sentences in (("Gemeinden", report.gaps), ("Behörden", report.authorities)):
        for sentence in sentences[:show]:
            click.echo(sentence)
        _show_rest(len(sentences), show, title)
    if not (report.gaps or report.authorities):
        click.echo("Für jede Gemeinde gilt eine Regel, und jede führt zu einer Behörde im Amt.")


def _watch(lines: Iterable[Line], size: int, name: str) -> Iterable[Line]:
    """Progress of large tables: a bar on a terminal, else a line now and then."""
    if size < _LARGE:
        return lines
    return _draw(lines, size, name) if sys.stderr.isatty() else _tell(lines, size, name)


def _draw(lines: Iterable[_T], size: int, name: str) -> Iterator[_T]:
    with click.progressbar(lines, length=size, label=name, file=sys.stderr) as bar:
        yield from bar


def _tell(lines: Iterable[_T], size: int, name: str) -> Iterator[_T]:
    for number, line in enumerate(lines, 1):
        if number % _LARGE == 0:
            click.echo(f"{name}: {number} von etwa {size} Zeilen gelesen", err=True)
        yield line


def _show_plan(plan: ImportPlan, show: int) -> None:
    for changes in plan.changes.values():
        _show_changes(changes, show)
    for note in plan.notes[:show]:
        click.echo(f"Hinweis: {note}")
    _show_rest(len(plan.notes), show, "Hinweise")
    for refusal in plan.refusals[:show]:
        click.echo(f"Abgelehnt: {refusal}")
    _show_rest(len(plan.refusals), show, "abgelehnte Zeilen")


def _show_changes(changes: KindChanges, show: int) -> None:
    kind = changes.kind
    counts = changes.count()
    click.echo(
        f"{kind.label}: {counts['added']} neu, {counts['changed']} geändert, "
        f"{counts['ended']} beendet, {counts['unchanged']} unverändert"
    )
    for record in changes.added[:show]:
        click.echo(f"  neu:      {describe(kind, record.row)}")
    _show_rest(len(changes.added), show, "neue", "  ")
    for change in changes.changed[:show]:
        differences = "; ".join(list_differences(change))
        click.echo(f"  geändert: {describe(kind, change.new)}: {differences}")
    _show_rest(len(changes.changed), show, "geänderte", "  ")
    for item in changes.ended[:show]:
        click.echo(f"  beendet:  {describe(kind, item.row)}")
    _show_rest(len(changes.ended), show, "beendete", "  ")


def _show_rest(number: int, show: int, what: str, indent: str = "") -> None:
    if number > show:
        click.echo(f"{indent}… und {number - show} weitere {what}")


def _conclude(plan: ImportPlan, is_dry_run: bool) -> str:
    if plan.is_empty:
        return "Es ändert sich nichts."
    if is_dry_run:
        return "Probelauf: Es wurde nichts geschrieben."
    return f"Importiert als Version {plan.version}."


def _describe_version(version: DirectoryVersion) -> str:
    parts = [
        f"{DirectoryKind(kind).label} +{counts['added']} ~{counts['changed']} -{counts['ended']}"
        for kind, counts in version.summary.items()
    ]
    state = "" if version.state is VersionState.ACTIVE else " (zurückgenommen)"
    moment = version.created.astimezone()
    return f"{version.key:>5}  {moment:%d.%m.%Y %H:%M}  {version.source}{state}  {', '.join(parts)}"
