"""`damtshilfe massnahmen`: which measures a Mandant accepts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from server.cli_installation import CONFIG, fail, open_database
from server.domain.behoerde import PartyIdentifier
from server.domain.land import Land
from server.domain.massnahme import ANGABE_NAMES, Angabe, Massnahme
from server.services.massnahmenkatalog import KatalogChangeRefused, Massnahmenkataloge
from server.services.standard_massnahmen import read_standard_massnahmen

_KEY = click.argument("key", metavar="SCHLUESSEL")
_NOTE = click.option("--hinweis", "note", help="Hinweis für ersuchende Behörden; leer löscht ihn.")


def _of_mandant(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name an installation and one of its Mandanten."""
    for option in (
        click.option("--type", "kind", default="xoev", show_default=True, help="Typ der Kennung."),
        click.option("--mandant", required=True, metavar="KENNUNG", help="Etwa ags:12054000."),
        CONFIG,
    ):
        command = option(command)
    return command


@click.group("massnahmen")
def massnahmen_group() -> None:
    """Commands about the catalogue of measures."""


@massnahmen_group.command("list", help="Zeigt den Katalog mit allem, was gesperrt ist.")
@_of_mandant
def list_all(config: Path, mandant: str, kind: str) -> None:
    """One paragraph a measure."""
    with _open_kataloge(config) as kataloge:
        identifier = _read_identifier(mandant, kind)
        name = kataloge.require_mandant(identifier).name
        katalog = kataloge.find_for(identifier)
    click.echo(f"Maßnahmenkatalog von {name}:")
    for massnahme in katalog.massnahmen:
        _print_massnahme(massnahme)
    for massnahme in katalog.disabled:
        _print_massnahme(massnahme, " [gesperrt]")


@massnahmen_group.command("disable", help="Sperrt eine Maßnahme, auch eine eigene.")
@_KEY
@_of_mandant
@_NOTE
def disable(key: str, config: Path, mandant: str, kind: str, note: str | None) -> None:
    """The Mandant does not accept it any more."""
    with _open_kataloge(config) as kataloge:
        kataloge.change(_read_identifier(mandant, kind), key, is_disabled=True, note=note)
    click.echo(f"{key} ist gesperrt.")


@massnahmen_group.command("enable", help="Gibt eine Maßnahme frei; mit --hinweis auch nur den.")
@_KEY
@_of_mandant
@_NOTE
def enable(key: str, config: Path, mandant: str, kind: str, note: str | None) -> None:
    """The Mandant accepts it."""
    with _open_kataloge(config) as kataloge:
        kataloge.change(_read_identifier(mandant, kind), key, is_disabled=False, note=note)
    click.echo(f"{key} ist freigegeben.")


@massnahmen_group.command("add", help="Fügt eine eigene Maßnahme hinzu.")
@_KEY
@_of_mandant
@click.option("--name", required=True, help="Bezeichnung.")
@click.option("--erlaeuterung", default="", help="Erläuterung.")
@click.option("--rechtsgrundlage", multiple=True, required=True, help="Auch mehrfach.")
@click.option(
    "--angabe",
    multiple=True,
    type=click.Choice([item.value for item in Angabe]),
    help="Was die Nachricht dazu enthalten muss; auch mehrfach.",
)
@click.option(
    "--land",
    multiple=True,
    type=click.Choice([item.value for item in Land]),
    help="Land, das die Maßnahme kennt; auch mehrfach, sonst alle.",
)
def add(key: str, config: Path, mandant: str, kind: str, **texts: Any) -> None:
    """A measure that only this Mandant knows."""
    massnahme = Massnahme(
        key,
        texts["name"],
        texts["erlaeuterung"],
        tuple(texts["rechtsgrundlage"]),
        tuple(dict.fromkeys(Angabe(value) for value in texts["angabe"])),
        frozenset(Land(value) for value in texts["land"]),
    )
    with _open_kataloge(config) as kataloge:
        kataloge.add_own(_read_identifier(mandant, kind), massnahme)
    click.echo(f"{key} ist hinzugefügt.")


@massnahmen_group.command("remove", help="Entfernt eine eigene Maßnahme.")
@_KEY
@_of_mandant
def remove(key: str, config: Path, mandant: str, kind: str) -> None:
    """Only measures of the Mandant's own."""
    with _open_kataloge(config) as kataloge:
        kataloge.remove_own(_read_identifier(mandant, kind), key)
    click.echo(f"{key} ist entfernt.")


@contextmanager
def _open_kataloge(config: Path) -> Iterator[Massnahmenkataloge]:
    with open_database(config) as database:
        try:
            yield Massnahmenkataloge(database, read_standard_massnahmen())
        except KatalogChangeRefused as error:
            fail([str(error)])


def _read_identifier(text: str, kind: str) -> PartyIdentifier:
    """An identifier may be written with its type in front, as the server writes it in its texts."""
    return PartyIdentifier(text.removeprefix(f"{kind}:"), kind)


def _print_massnahme(massnahme: Massnahme, mark: str = "") -> None:
    click.echo(f"{massnahme.key}: {massnahme.name}{mark}")
    click.echo(f"  Rechtsgrundlage: {'; '.join(massnahme.legal_bases)}")
    if massnahme.angaben:
        click.echo(f"  Angaben: {'; '.join(ANGABE_NAMES[item] for item in massnahme.angaben)}")
    if massnahme.laender:
        click.echo(f"  Länder: {', '.join(sorted(massnahme.laender))}")
    if massnahme.note:
        click.echo(f"  Hinweis: {massnahme.note}")
