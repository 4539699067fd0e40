"""What commands about data centres and certificates need of an installation."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current
from persistence.trust_database import TrustDatabase
from server.cli_installation import fail, fail_if, load, now
from server.domain.behoerde import PartyIdentifier
from server.running.preflight import find_problems


class Kennung(click.ParamType[PartyIdentifier]):
    """An identifier of the form typ:wert."""

    name = "KENNUNG"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> PartyIdentifier:
        """The identifier; ends the command where the text is none."""
        kind, _, rest = value.partition(":")
        if not kind.strip() or not rest.strip():
            example = "xoev:ags:16053000"
            self.fail(f"„{value}“ hat nicht die Form typ:wert, etwa {example}.", param, ctx)
        return PartyIdentifier(rest, kind)


@contextmanager
def open_trust(config: Path) -> Iterator[TrustDatabase]:
    """The Authority-Server's database; ends the command where it cannot be used."""
    settings = load(config)
    fail_if(find_problems(settings, now()))
    database = TrustDatabase(make_engine(settings.authority_server.database_url))
    try:
        if not is_schema_current(database.engine, DatabaseKind.AUTHORITY):
            fail(
                ["Dem Verzeichnis fehlen Migrationen; „damtshilfe serve“ holt sie beim Start nach."]
            )
        yield database
    finally:
        database.engine.dispose()
