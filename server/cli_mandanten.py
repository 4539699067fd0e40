"""The commands `damtshilfe mandant`: what holds for a Mandant."""

from pathlib import Path

import click

from server.cli_installation import CONFIG, fail, open_database
from server.running.mandanten import UnknownMandant, render_mandanten, set_unknown_schemas


@click.group("mandant", help="Mandanten dieses Servers.")
def mandant_group() -> None:
    """Commands about Mandanten."""


@mandant_group.command("list", help="Zeigt die Mandanten und was für sie gilt.")
@CONFIG
def mandant_list(config: Path) -> None:
    """One line for each."""
    with open_database(config) as database:
        for line in render_mandanten(database):
            click.echo(line)


@mandant_group.command("set", help="Ändert, was für den Mandanten KENNUNG (typ:wert) gilt.")
@click.argument("kennung", metavar="KENNUNG")
@click.option(
    "--unknown-schemas",
    required=True,
    type=click.Choice(["carry", "refuse"]),
    help="Nachrichten, deren Schema hier nicht bekannt ist: befördern oder ablehnen.",
)
@CONFIG
def mandant_set(kennung: str, unknown_schemas: str, config: Path) -> None:
    """Takes effect with the next message."""
    try:
        with open_database(config) as database:
            click.echo(set_unknown_schemas(database, kennung, unknown_schemas == "carry"))
    except UnknownMandant as error:
        fail([str(error)])
