"""The command `damtshilfe demo`."""

from pathlib import Path

import click

from server.cli_installation import fail
from server.running.installation import AlreadyInstalled
from server.running.walkthrough import StepFailed, walk_through


@click.command("demo")
@click.argument("folder", metavar="[ORDNER]", required=False, type=click.Path(path_type=Path))
@click.option("--keep", is_flag=True, help="Danach geöffnet lassen, bis Strg-C.")
def demo(folder: Path | None, keep: bool) -> None:
    """Exits 0 only if every step was checked."""
    try:
        walk_through(folder, click.echo, stays_open=keep)
    except (StepFailed, AlreadyInstalled) as error:
        fail([str(error)])
