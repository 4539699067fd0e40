"""`damtshilfe authority`: what the directory answers."""

from datetime import datetime
from pathlib import Path

import click

from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current
from server.bootstrap import make_authority, open_directory
from server.cli_installation import CONFIG, fail, fail_if, load, now
from server.domain.anschrift import Anschrift
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.running.preflight import find_problems
from server.settings import Settings


@click.group("authority", help="Zentrales Verzeichnis.")
def authority_group() -> None:
    """Commands about the directory."""


@authority_group.command("explain", help="Erklärt, wer für eine Anschrift zuständig ist.")
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
    settings = load(config)
    fail_if(find_problems(settings, now()))
    _require_current_schema(settings)
    day = stichtag.date() if stichtag else None
    anfrage = ZustaendigkeitAnfrage(einnahmeart.strip(), Anschrift(**anschrift), day)
    for sentence in (
        make_authority(settings, open_directory(settings))
        .explain_zustaendigkeit(anfrage)
        .list_sentences()
    ):
        click.echo(sentence)


def _require_current_schema(settings: Settings) -> None:
    engine = make_engine(settings.authority_server.database_url)
    if not is_schema_current(engine, DatabaseKind.AUTHORITY):
        fail(["Dem Verzeichnis fehlen Migrationen; „damtshilfe serve“ holt sie beim Start nach."])
    engine.dispose()
