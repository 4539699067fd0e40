"""The commands `damtshilfe mandant fallback`: what becomes of messages that do not arrive."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.cli_installation import CONFIG, fail, open_database
from server.domain.fallback import (
    NO_ENDPOINT_ACTIONS,
    REFUSED_ACTIONS,
    FallbackAction,
    FallbackRules,
)
from server.domain.mandant import Mandant
from server.services.clock import read_clock
from server.services.mandant_fallbacks import FallbackChange, MandantFallbacks, describe_rules
from server.services.mandanten import UnknownMandant

_KENNUNG = click.argument("kennung", metavar="KENNUNG")


@click.group("fallback")
def fallback_group() -> None:
    """Commands about fallback rules."""


@fallback_group.command("show", help="Zeigt die Ersatzwege eines Mandanten.")
@_KENNUNG
@CONFIG
def show(kennung: str, config: Path) -> None:
    """One line a rule."""
    with _open(config) as fallbacks:
        _print(*fallbacks.show(kennung))


@fallback_group.command(
    "set", help="Legt Ersatzwege fest; was nicht genannt ist, bleibt, wie es war."
)
@_KENNUNG
@click.option(
    "--unread-days",
    type=click.IntRange(0, 3650),
    metavar="TAGE",
    help="Nach so vielen Tagen im Postfach wird eine nicht abgeholte Nachricht ein Brief; 0: nie.",
)
@click.option(
    "--refused",
    type=click.Choice([action.value for action in REFUSED_ACTIONS]),
    help="Der Server des Lesers lehnt ab: Brief, oder zurück an den Absender.",
)
@click.option(
    "--no-endpoint",
    type=click.Choice([action.value for action in NO_ENDPOINT_ACTIONS]),
    help="Der Leser ist elektronisch nicht erreichbar: Brief, oder anhalten.",
)
@CONFIG
def set_rules(
    kennung: str,
    unread_days: int | None,
    refused: str | None,
    no_endpoint: str | None,
    config: Path,
) -> None:
    """Takes effect with the next round of the worker."""
    if unread_days is None and not refused and not no_endpoint:
        fail(["Bitte mindestens eine Regel nennen: --unread-days, --refused, --no-endpoint."])
    change = FallbackChange(
        unread_days,
        FallbackAction(refused) if refused else None,
        FallbackAction(no_endpoint) if no_endpoint else None,
    )
    with _open(config) as fallbacks:
        _print(*fallbacks.change(kennung, change))


def _print(mandant: Mandant, rules: FallbackRules) -> None:
    click.echo(f"Ersatzwege von {mandant.name} ({mandant.identifier}):")
    for line in describe_rules(rules):
        click.echo(f"  {line}")


@contextmanager
def _open(config: Path) -> Iterator[MandantFallbacks]:
    try:
        with open_database(config) as database:
            yield MandantFallbacks(database, read_clock)
    except UnknownMandant as error:
        fail([str(error)])
