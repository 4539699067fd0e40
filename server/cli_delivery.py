"""The commands `damtshilfe delivery`: what waits, what is parked, and what to do about it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from persistence.stores.order_desk import OrderFilter
from persistence.stores.orders import ACTIVE_STATES, OrderState
from server.bootstrap_control import build_delivery_control
from server.cli_installation import CONFIG, fail, load, now, open_database
from server.domain.behoerde import PartyIdentifier
from server.domain.destination import Destination, DestinationKind, read_destination
from server.running.deliveries import (
    render_destinations,
    render_message,
    render_orders,
    write_orders,
)
from server.services.delivery_control import DeliveryControl, DeliveryRefused

_MESSAGE_ID = click.argument("message_id", metavar="MESSAGE_ID")
_DESTINATION = click.option(
    "--destination",
    metavar="ZIEL",
    help="Nur dieses Ziel, wie die Liste es nennt: „brief“, „postfach:typ:wert“, "
    "„rechenzentrum:name“, „druckausgabe:name“; ohne Namen alle dieser Art.",
)
_STATES = {
    "active": ACTIVE_STATES,
    "parked": (OrderState.PARKED,),
    "due": (OrderState.DUE, OrderState.HELD),
    "all": (),
}


@click.group("delivery")
def delivery_group() -> None:
    """Commands about delivery orders."""


@delivery_group.command("list", help="Zeigt Zustellaufträge; ohne Angabe alle, die offen sind.")
@click.option("--parked", "which", flag_value="parked", help="Nur angehaltene.")
@click.option("--due", "which", flag_value="due", help="Nur offene und wartende.")
@click.option("--all", "which", flag_value="all", help="Auch erledigte und zurückgezogene.")
@_DESTINATION
@click.option("--mandant", metavar="KENNUNG", help="Nur Nachrichten von oder an typ:wert.")
@click.option("--limit", default=100, show_default=True, help="Höchstzahl der Zeilen.")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table")
@CONFIG
def delivery_list(
    *,
    which: str | None,
    destination: str | None,
    mandant: str | None,
    limit: int,
    form: str,
    config: Path,
) -> None:
    """One line for each."""
    chosen = OrderFilter(
        _STATES[which or "active"],
        _read_destination(destination) if destination else None,
        _read_party(mandant) if mandant else None,
    )
    with _open_control(config) as control:
        orders, total = control.list_orders(chosen, limit)
    if form == "json":
        click.echo(write_orders(orders))
        return
    for line in render_orders(orders, total, now()):
        click.echo(line)


@delivery_group.command("show", help="Zeigt die Aufträge einer Nachricht mit ihrem Verlauf.")
@_MESSAGE_ID
@CONFIG
def show(message_id: str, config: Path) -> None:
    """Everything about one message."""
    with _open_control(config) as control:
        for line in render_message(control.show(message_id), now()):
            click.echo(line)


@delivery_group.command("destinations", help="Zeigt Ziele, die zuletzt nicht erreichbar waren.")
@CONFIG
def destinations(config: Path) -> None:
    """One line for each."""
    with _open_control(config) as control:
        found = control.list_destinations()
    for line in render_destinations(found, now()):
        click.echo(line)
    if not found:
        click.echo("Kein Ziel ist gestört.")


@delivery_group.command("retry", help="Stellt sofort wieder zu, auch was angehalten ist.")
@click.argument("message_id", metavar="[MESSAGE_ID]", required=False)
@click.option("--all-parked", is_flag=True, help="Alles, was angehalten ist.")
@_DESTINATION
@click.option("--yes", is_flag=True, help="Ohne Rückfrage.")
@CONFIG
def retry(
    message_id: str | None, all_parked: bool, destination: str | None, yes: bool, config: Path
) -> None:
    """One message, or many."""
    if sum(map(bool, (message_id, all_parked, destination))) != 1:
        fail(["Bitte genau eines angeben: MESSAGE_ID, --all-parked oder --destination."])
    target = _read_destination(destination) if destination else None
    with _open_control(config) as control:
        if message_id:
            click.echo(control.retry(message_id))
        else:
            _retry_many(control, target, is_sure=yes)


@delivery_group.command("redirect", help="Leitet eine Nachricht auf einen anderen Weg um.")
@_MESSAGE_ID
@click.option("--to", required=True, type=click.Choice([DestinationKind.LETTER.value]))
@CONFIG
def redirect(message_id: str, to: str, config: Path) -> None:
    """To a letter, the only other way."""
    with _open_control(config) as control:
        click.echo(control.redirect(message_id))


@delivery_group.command("cancel", help="Bricht ab: Die Nachricht geht an ihren Absender zurück.")
@_MESSAGE_ID
@click.option("--reason", required=True, help="Warum; steht im Report des Absenders.")
@CONFIG
def cancel(message_id: str, reason: str, config: Path) -> None:
    """For good."""
    with _open_control(config) as control:
        click.echo(control.cancel(message_id, reason))


def _retry_many(control: DeliveryControl, target: Destination | None, *, is_sure: bool) -> None:
    total = control.count_resumable(target)
    tried = control.find_tried(target) if target else ()
    if total and not is_sure:
        click.confirm(f"{total} Aufträge sofort wieder zustellen?", abort=True)
    done = 0
    for done in control.retry_all(target):
        click.echo(f"{done} von {total} Aufträgen wieder aufgenommen.")
    for destination in tried:
        click.echo(f"{destination}: wird sofort wieder versucht.")
    if not done and not tried:
        click.echo("Kein Auftrag war wieder aufzunehmen.")


def _read_destination(text: str) -> Destination:
    try:
        return read_destination(text)
    except ValueError:
        kinds = ", ".join(kind.value for kind in DestinationKind)
        fail([f"Das Ziel {text} beginnt mit keiner bekannten Art ({kinds})."])


def _read_party(text: str) -> PartyIdentifier:
    kind, separator, value = text.partition(":")
    if not separator:
        fail([f"Die Kennung {text} hat nicht die Form typ:wert, etwa xoev:ags:16053000."])
    return PartyIdentifier(value, kind)


@contextmanager
def _open_control(config: Path) -> Iterator[DeliveryControl]:
    """The service; ends the command with what it refuses."""
    try:
        with open_database(config) as database:
            actor = f"Betreiber ({getpass.getuser()})"
            yield build_delivery_control(load(config), database, actor)
    except DeliveryRefused as error:
        fail([str(error)])
