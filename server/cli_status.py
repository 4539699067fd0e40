"""The command `damtshilfe status`."""

from pathlib import Path

import click

from server.cli_installation import CONFIG, fail_if, load, now
from server.running.installation_check import find_installation_problems
from server.running.metrics import render_metrics
from server.running.status import render_status


@click.command("status")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "prometheus"]),
    default="text",
    show_default=True,
    help="Für Menschen oder für die Überwachung.",
)
@CONFIG
def status(form: str, config: Path) -> None:
    """What is going on."""
    settings = load(config)
    fail_if(find_installation_problems(settings, now()))
    render = render_metrics if form == "prometheus" else render_status
    for line in render(settings):
        click.echo(line)
