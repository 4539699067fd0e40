"""The command `damtshilfe testdata`."""

from pathlib import Path

import click

from server.cli_installation import fail
from server.cli_kennung import Kennung
from server.domain.behoerde import PartyIdentifier
from server.testdata.authorities import PartiesInvalid
from server.testdata.folder import FolderNotEmpty, prepare_folder, write_all
from server.testdata.generator import Generator, Plan
from server.testdata.places import PlacesInvalid, load_places

_MOST = 999_999  # file names have six digits
_MOST_PROBLEMS = 20


@click.command("testdata")
@click.option(
    "--count",
    type=click.IntRange(1, _MOST),
    default=100,
    show_default=True,
    help="Wie viele Ersuchen.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Startwert des Zufalls.")
@click.option(
    "--out",
    "folder",
    metavar="ORDNER",
    required=True,
    type=click.Path(path_type=Path),
    help="Neuer oder leerer Ordner.",
)
@click.option(
    "--gemeinden",
    metavar="CSV",
    type=click.Path(path_type=Path),
    help="Gemeinden und Postleitzahlen (Spalten ags, plz, ort); sonst die mitgelieferten.",
)
@click.option("--asking", type=Kennung(), multiple=True, help="Wer ersucht; mehrfach möglich.")
@click.option("--asked", type=Kennung(), multiple=True, help="Wer ersucht wird; mehrfach möglich.")
def testdata(
    *,
    count: int,
    seed: int,
    folder: Path,
    gemeinden: Path | None,
    asking: tuple[PartyIdentifier, ...],
    asked: tuple[PartyIdentifier, ...],
) -> None:
    """The same options give the same files."""
    try:
        plan = Plan(count, seed, load_places(gemeinden), asking, asked)
        generator = Generator(plan)
        prepare_folder(folder)
        _tell_impossible_cases(generator)
        _write(generator, count, folder)
    except PlacesInvalid as error:
        fail(_shorten(error.problems))
    except (PartiesInvalid, FolderNotEmpty) as error:
        fail([str(error)])
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}."])


def _write(generator: Generator, count: int, folder: Path) -> None:
    with click.progressbar(generator.generate(), length=count, label="Erzeugt") as generated:
        write_all(generated, folder)
    click.echo(f"{count} Ersuchen liegen in {folder}; manifest.csv zählt sie auf.")


def _tell_impossible_cases(generator: Generator) -> None:
    for case in sorted(generator.impossible_cases):
        click.echo(f"Hinweis: Den Sonderfall „{case}“ gibt es mit diesen Orten nicht.", err=True)


def _shorten(problems: list[str]) -> list[str]:
    left = len(problems) - _MOST_PROBLEMS
    return [*problems[:_MOST_PROBLEMS], *([f"... und {left} weitere."] if left > 0 else [])]
