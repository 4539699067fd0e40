"""`damtshilfe authority explain`: what the directory answers."""

from datetime import datetime
from pathlib import Path

import click

from server.bootstrap_authority import make_authority
from server.cli_installation import CONFIG, load, open_directory
from server.domain.anschrift import Anschrift
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage


@click.command("explain")
@CONFIG
@click.option("--einnahmeart", required=True, help="Schlüssel der Codeliste, etwa grundsteuer.")
@click.option("--plz", default="", help="Postleitzahl.")
@click.option("--ort", default="", help="Ort, so wie er geschrieben wurde.")
@click.option("--strasse", default="", help="Straße.")
@click.option("--hausnummer", default="", help="Hausnummer.")
@click.option(
    "--stichtag",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Tag, für den gefragt wird (JJJJ-MM-TT); sonst heute.",
)
def explain(config: Path, einnahmeart: str, stichtag: datetime | None, **anschrift: str) -> None:
    """The answer of the directory with its reasons, one sentence a line."""
    day = stichtag.date() if stichtag else None
    anfrage = ZustaendigkeitAnfrage(einnahmeart.strip(), Anschrift(**anschrift), day)
    with open_directory(config) as directory:
        authority = make_authority(load(config), directory)
        for sentence in authority.explain_zustaendigkeit(anfrage).list_sentences():
            click.echo(sentence)
