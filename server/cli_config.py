"""The commands `damtshilfe config`."""

from pathlib import Path

import click

from server.cli_installation import fail_if, load, now
from server.running.blob_store import find_store_problems
from server.running.preflight import find_problems


@click.group("config")
def config_group() -> None:
    """Commands about settings."""


@config_group.command("check", help="Prüft die Einstellungen in DATEI und was sie nennen.")
@click.argument("config", metavar="DATEI", type=click.Path(path_type=Path))
def config_check(config: Path) -> None:
    """Tells every mistake at once."""
    settings = load(config)
    fail_if([*find_problems(settings, now()), *find_store_problems(settings)])
    click.echo(f"{config} ist in Ordnung.")
