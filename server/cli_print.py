"""The commands `damtshilfe print` and `damtshilfe mandant print`: where letters go, and how."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.bootstrap_printing import list_choices, load_outputs_of, make_print_choices
from server.cli_installation import CONFIG, fail, fail_if, load, open_database
from server.domain.print_settings import PrintChoice
from server.printing.dispatcher import Outputs, find_output_problems
from server.running.printing import check_outputs, render_print_settings
from server.services.mandanten import UnknownMandant
from server.services.print_settings import PrintChoiceRefused, PrintChoices
from server.settings import Settings

_KENNUNG = click.argument("kennung", metavar="KENNUNG")


@click.command("outputs")
@CONFIG
def print_outputs(config: Path) -> None:
    """Exits 1 where one cannot be reached."""
    settings = load(config)
    outputs = _load_outputs(settings)
    _tell(settings, outputs, outputs.names)


@click.command("check")
@click.argument("name", metavar="NAME")
@CONFIG
def print_check(name: str, config: Path) -> None:
    """Exits 1 where it cannot be reached."""
    settings = load(config)
    outputs = _load_outputs(settings)
    _tell(settings, outputs, (name,))


@click.group("print")
def mandant_print_group() -> None:
    """Commands about the letters of a Mandant."""


@mandant_print_group.command("show", help="Zeigt, was für die Briefe des Mandanten gilt.")
@_KENNUNG
@CONFIG
def mandant_print_show(kennung: str, config: Path) -> None:
    """What was chosen, and what is a default."""
    with _open_choices(config) as choices:
        for line in render_print_settings(choices.show(kennung)):
            click.echo(line)


@mandant_print_group.command(
    "set", help="Ändert, was für die Briefe des Mandanten gilt; leerer Text: wie bei der Ausgabe."
)
@_KENNUNG
@click.option("--output", help="Druckausgabe, wie sie in den Einstellungen heißt.")
@click.option("--duplex/--simplex", default=None, help="Beidseitig oder einseitig.")
@click.option("--colour/--mono", default=None, help="In Farbe oder schwarz-weiß.")
@click.option("--stock", help="Papiersorte, wie die Ausgabe sie nennt.")
@click.option("--envelope", help="Umschlag, wie die Ausgabe ihn nennt.")
@click.option("--product", help="Versandprodukt, wie die Ausgabe es nennt.")
@click.option("--cost-centre", help="Kostenstelle.")
@click.option("--reset", is_flag=True, help="Vorher alles auf die Vorgaben der Installation.")
@CONFIG
def mandant_print_set(kennung: str, config: Path, reset: bool, **chosen: str | bool | None) -> None:
    """Takes effect with the next letter."""
    new = PrintChoice(**chosen)  # type: ignore[arg-type]  # the options bear the names of the fields
    if new == PrintChoice() and not reset:
        fail(["Es ist nichts angegeben, was sich ändern soll."])
    with _open_choices(config) as choices:
        for line in render_print_settings(choices.change(kennung, new, is_reset=reset)):
            click.echo(line)


def _load_outputs(settings: Settings) -> Outputs:
    fail_if(find_output_problems(list_choices(settings), settings.printing.output))
    return load_outputs_of(settings)


def _tell(settings: Settings, outputs: Outputs, names: tuple[str, ...]) -> None:
    is_fine = True
    for line, is_there in check_outputs(settings.printing, outputs, names):
        click.echo(line)
        is_fine = is_fine and is_there
    if not is_fine:
        raise SystemExit(1)


@contextmanager
def _open_choices(config: Path) -> Iterator[PrintChoices]:
    settings = load(config)
    try:
        with open_database(config) as database:
            yield make_print_choices(settings, database)
    except (UnknownMandant, PrintChoiceRefused) as error:
        fail([str(error)])
