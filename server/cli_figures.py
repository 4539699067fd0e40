"""The commands `damtshilfe figures`: care for the figures of the Auswertung."""

from pathlib import Path

import click

from persistence.blobs import BlobStoreUnavailable
from server.bootstrap_figures import make_claim_reading
from server.bootstrap_parts import MessageParts
from server.cli_installation import CONFIG, fail, load, open_database
from server.services.figures.claims import ClaimProgress


@click.group("figures")
def figures_group() -> None:
    """Commands about figures."""


@figures_group.command(
    "claims", help="Liest die Forderungen von Ersuchen, die ohne sie gespeichert sind."
)
@CONFIG
def claims(config: Path) -> None:
    """May run beside a server, and again."""

    def tell(progress: ClaimProgress) -> None:
        click.echo(f"{progress.seen} Nachrichten geprüft, {progress.found} mit Forderungen.")

    with open_database(config) as database:
        reading = make_claim_reading(MessageParts(load(config), 1, database=database))
        try:
            progress = reading.read_all(tell)
        except BlobStoreUnavailable as error:
            fail([f"Die Ablage der Inhalte ist nicht erreichbar: {error}"])
    if progress.unreadable:
        click.echo(
            f"{progress.unreadable} Inhalte waren nicht lesbar und bleiben ohne Forderungen."
        )
    click.echo("Fertig. Der Worker zählt die Änderungen.")


@figures_group.command("recount", help="Vergisst alle Summen; der Worker zählt alles neu.")
@CONFIG
def recount(config: Path) -> None:
    """Until everything is counted again, pages say what is missing."""
    with open_database(config) as database, database.writing() as stores:
        stores.figures.begin_anew()
    click.echo("Alle Nachrichten werden neu gezählt.")
