"""The commands `damtshilfe authority centre`: data centres and whom they serve."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from server.cli_day import Day
from server.cli_installation import CONFIG, fail
from server.cli_kennung import Kennung
from server.cli_trust import open_trust
from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import DataCentre, MandantService
from server.services.clock import read_clock
from server.services.data_centres import (
    DataCentreRefused,
    DataCentres,
    MandantServices,
    describe_period,
)

_KENNUNG = click.argument("kennung", metavar="KENNUNG", type=Kennung())
_CENTRE = click.argument("centre", metavar="RECHENZENTRUM")


@click.group("centre")
def centre_group() -> None:
    """Commands about data centres."""


@centre_group.command("add", help="Nimmt ein Rechenzentrum unter seinem Kurznamen auf.")
@_CENTRE
@click.option("--title", required=True, help="Bezeichnung.")
@click.option("--management", required=True, help="Adresse seines ManagementPort (https://…).")
@click.option("--send", required=True, help="Adresse seines SendXtaPort.")
@click.option("--msgbox", required=True, help="Adresse seines MsgBoxPort.")
@click.option("--replace", is_flag=True, help="Ändert ein Rechenzentrum, das es schon gibt.")
@CONFIG
def add(centre: str, config: Path, replace: bool, **facts: str) -> None:
    """A data centre with its endpoints."""
    with _open_centres(config) as centres:
        centres.register(DataCentre(centre, **facts), replaces=replace)
    click.echo(f"{centre}: {'geändert' if replace else 'aufgenommen'}.")


@centre_group.command("list", help="Zeigt Rechenzentren, ihre Adressen und ihre Mandanten.")
@CONFIG
def list_all(config: Path) -> None:
    """Centres, then Mandanten with their gaps."""
    with _open_centres(config) as centres:
        known, services = centres.list_all(), centres.list_services()
    if not known:
        click.echo("Es ist kein Rechenzentrum aufgenommen.")
    for centre in known:
        click.echo(f"{centre.name}  {centre.title}")
        for url in (centre.management, centre.send, centre.msgbox):
            click.echo(f"  {url}")
    for mandant in services:
        _show(mandant)


@centre_group.command("serve", help="Trägt ein, welches Rechenzentrum einen Mandanten betreut.")
@_KENNUNG
@_CENTRE
@click.option("--from", "first", type=Day(), required=True, help="Erster Tag.")
@click.option("--to", "last", type=Day(), help="Letzter Tag; sonst bis auf Weiteres.")
@CONFIG
def serve_mandant(
    kennung: PartyIdentifier, centre: str, first: date, last: date | None, config: Path
) -> None:
    """Refused where another one serves it on one of these days."""
    with _open_centres(config) as centres:
        _show(centres.serve(MandantService(kennung, centre, first, last)))


@centre_group.command(
    "move", help="Lässt einen Mandanten umziehen: Das bisherige endet am Tag davor."
)
@_KENNUNG
@_CENTRE
@click.option("--on", "day", type=Day(), required=True, help="Erster Tag im neuen Rechenzentrum.")
@CONFIG
def move(kennung: PartyIdentifier, centre: str, day: date, config: Path) -> None:
    """Both in one transaction."""
    with _open_centres(config) as centres:
        _show(centres.move(kennung, centre, day))


@centre_group.command("who", help="Zeigt, welches Rechenzentrum einen Mandanten betreut.")
@_KENNUNG
@click.option("--day", type=Day(), help="An diesem Tag; sonst heute.")
@CONFIG
def who(kennung: PartyIdentifier, day: date | None, config: Path) -> None:
    """The answer that the Authority-Server gives."""
    with _open_centres(config) as centres:
        answer = centres.find(kennung, day)
    if answer is None:
        fail([f"{kennung} wird an diesem Tag von keinem Rechenzentrum betreut."])
    click.echo(f"{answer.centre.name}  {answer.centre.title}, {describe_period(answer.service)}")


@contextmanager
def _open_centres(config: Path) -> Iterator[DataCentres]:
    """The service; ends the command with what it refuses."""
    try:
        with open_trust(config) as database:
            yield DataCentres(database, read_clock)
    except DataCentreRefused as error:
        fail([str(error)])


def _show(mandant: MandantServices) -> None:
    click.echo(str(mandant.mandant))
    for service in mandant.services:
        click.echo(f"  {service.centre}: {describe_period(service)}")
    for gap in mandant.gaps:
        click.echo(
            f"  Lücke: Vom {gap.first:%d.%m.%Y} bis zum {gap.last:%d.%m.%Y} betreut ihn niemand."
        )
