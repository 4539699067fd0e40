"""The commands `damtshilfe mandant`: the access of a Mandant, and what holds for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.cli_installation import CONFIG, fail, load, open_database
from server.cli_lazy import LazyGroup
from server.domain.behoerde import PartyIdentifier
from server.domain.mandant_access import AccessEvent
from server.running.mandanten import render_details, render_mandant, render_mandanten
from server.services.clock import read_clock
from server.services.mandanten import Mandanten, MandantRefused, Registration, UnknownMandant

_KENNUNG = click.argument("kennung", metavar="KENNUNG")
_CONTACT = click.option(
    "--contact", required=True, help="Kontaktperson, etwa „Eva Ahorn, e.ahorn@jena.example“."
)


@click.group("mandant", cls=LazyGroup)
def mandant_group() -> None:
    """Commands about Mandanten."""


mandant_group.add_lazies(
    (
        "fallback",
        "server.cli_mandant_fallback:fallback_group",
        "Ersatzwege für Nachrichten eines Mandanten, die nicht ankommen.",
    ),
    (
        "key",
        "server.cli_mandant_keys:key_group",
        "Schlüssel, mit denen der Server Inhalte für Mandanten entschlüsselt.",
    ),
    (
        "print",
        "server.cli_print:mandant_print_group",
        "Wie die Briefe eines Mandanten gedruckt werden.",
    ),
)


@mandant_group.command("list", help="Zeigt die Mandanten und was für sie gilt.")
@CONFIG
def mandant_list(config: Path) -> None:
    """One line for each."""
    with _open_mandanten(config) as mandanten:
        for line in render_mandanten(mandanten.list_all()):
            click.echo(line)


@mandant_group.command("show", help="Zeigt einen Mandanten mit dem Verlauf seines Zugangs.")
@_KENNUNG
@CONFIG
def show(kennung: str, config: Path) -> None:
    """Everything about one."""
    with _open_mandanten(config) as mandanten:
        for line in render_details(mandanten.show(kennung)):
            click.echo(line)


@mandant_group.command(
    "register", help="Meldet einen Mandanten an; „confirm“ eröffnet ihm den Testzugang."
)
@_KENNUNG
@click.option("--name", required=True, help="Name der Behörde.")
@_CONTACT
@click.option("--letter", is_flag=True, help="Ohne Postfach: Nachrichten erhält er als Brief.")
@CONFIG
def register(kennung: str, name: str, contact: str, letter: bool, config: Path) -> None:
    """Also for one who comes back."""
    kind, separator, value = kennung.partition(":")
    if not separator:
        fail([f"Die Kennung {kennung} hat nicht die Form typ:wert, etwa xoev:ags:16053000."])
    identifier = PartyIdentifier(value, kind, name)
    with _open_mandanten(config) as mandanten:
        new = Registration(identifier, name, contact, not letter)
        click.echo(render_mandant(mandanten.register(new)))


@mandant_group.command("confirm", help="Bestätigt die Anmeldung: Der Testzugang beginnt heute.")
@_KENNUNG
@CONFIG
def confirm(kennung: str, config: Path) -> None:
    """Opens the test access."""
    _change(config, kennung, AccessEvent.CONFIRMED)


@mandant_group.command(
    "order", help="Nimmt die verbindliche Bestellung auf; auch statt einer Kündigung."
)
@_KENNUNG
@CONFIG
def order(kennung: str, config: Path) -> None:
    """Within the test access."""
    _change(config, kennung, AccessEvent.ORDERED)


@mandant_group.command("cancel", help="Kündigt zum Ende des Monats.")
@_KENNUNG
@CONFIG
def cancel(kennung: str, config: Path) -> None:
    """Until then the access stays."""
    _change(config, kennung, AccessEvent.CANCELLED)


@mandant_group.command("deactivate", help="Beendet den Zugang sofort.")
@_KENNUNG
@CONFIG
def deactivate(kennung: str, config: Path) -> None:
    """On request, without delay."""
    _change(config, kennung, AccessEvent.DEACTIVATED)


@mandant_group.command("contact", help="Ändert die Kontaktperson.")
@_KENNUNG
@_CONTACT
@CONFIG
def change_contact(kennung: str, contact: str, config: Path) -> None:
    """The history keeps the former one."""
    with _open_mandanten(config) as mandanten:
        mandanten.change_contact(kennung, contact)
        click.echo(f"{kennung}: Kontaktperson ist jetzt {contact}.")


@mandant_group.command("set", help="Ändert, was für den Mandanten gilt.")
@_KENNUNG
@click.option(
    "--unknown-schemas",
    type=click.Choice(["carry", "refuse"]),
    help="Nachrichten, deren Schema hier nicht bekannt ist: befördern oder ablehnen.",
)
@click.option(
    "--mailbox",
    type=click.Choice(["web", "fachverfahren"]),
    help="Wer das Postfach führt: Benutzer des Web-Clients, oder ein Fachverfahren; dann sehen "
    "Benutzer Nachrichten an, ohne dass sie als abgeholt gelten.",
)
@CONFIG
def mandant_set(
    kennung: str, unknown_schemas: str | None, mailbox: str | None, config: Path
) -> None:
    """Takes effect with the next message."""
    if not (unknown_schemas or mailbox):
        fail(["Bitte --unknown-schemas oder --mailbox angeben."])
    with _open_mandanten(config) as mandanten:
        if unknown_schemas:
            mandanten.set_carries_unknown(kennung, unknown_schemas == "carry")
        if mailbox:
            mandanten.set_mailbox_led_by_web(kennung, mailbox == "web")
        click.echo(render_mandant(mandanten.show(kennung)))


def _change(config: Path, kennung: str, event: AccessEvent) -> None:
    with _open_mandanten(config) as mandanten:
        click.echo(render_mandant(mandanten.change(kennung, event)))


@contextmanager
def _open_mandanten(config: Path) -> Iterator[Mandanten]:
    """The service; ends the command with what it refuses."""
    test_days = load(config).access.test_days
    try:
        with open_database(config) as database:
            yield Mandanten(database, read_clock, test_days)
    except (UnknownMandant, MandantRefused) as error:
        fail([str(error)])
