"""`damtshilfe mandant`: what holds for a Mandant, shown and changed, in German."""

from collections.abc import Iterator

from persistence.database import Database
from server.domain.mandant import Mandant

_UNKNOWN_SCHEMAS = {True: "befördert", False: "abgelehnt"}


class UnknownMandant(Exception):
    """This server has no such Mandant; the text is German."""


def render_mandanten(database: Database) -> Iterator[str]:
    """The lines of the list."""
    with database.reading() as stores:
        found = stores.mandanten.list_all()
    if not found:
        yield "Auf diesem Server gibt es keine Mandanten."
    for mandant in found:
        yield _render(mandant)


def set_unknown_schemas(database: Database, kennung: str, carries_unknown: bool) -> str:
    """Says whether messages of unknown schemas are carried; gives the new line of the list.

    `kennung` is an identifier as the list shows it. Raises UnknownMandant.
    """
    with database.writing() as stores:
        mandant = _find(stores.mandanten.list_all(), kennung)
        stores.mandanten.set_carries_unknown(mandant.key, carries_unknown)
        return _render(_find(stores.mandanten.list_all(), kennung))


def _find(mandanten: tuple[Mandant, ...], kennung: str) -> Mandant:
    for mandant in mandanten:
        if str(mandant.identifier) == kennung:
            return mandant
    raise UnknownMandant(
        f"Den Mandanten {kennung} gibt es hier nicht; „damtshilfe mandant list“ zeigt alle."
    )


def _render(mandant: Mandant) -> str:
    way = "Postfach" if mandant.is_electronic else "Brief"
    lock = ", gesperrt" if mandant.is_locked else ""
    unknown = _UNKNOWN_SCHEMAS[mandant.carries_unknown]
    return f"{mandant.identifier}  {mandant.name} ({way}{lock}), unbekannte Schemata: {unknown}"
