"""The command `damtshilfe`."""

import logging
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click

from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, is_schema_current, upgrade_schema
from server.bootstrap import (
    AMTSHILFE_BASE,
    AUTHORITY_BASE,
    VERSION_1,
    XTA_BASE,
    XTA_DEFAULT_CLIENT_BASE,
)
from server.running.installation import AlreadyInstalled, InstallationPlan, install
from server.running.mandanten import UnknownMandant, render_mandanten, set_unknown_schemas
from server.running.parts import Part, run_part
from server.running.preflight import find_problems, find_taken_ports
from server.running.status import render_status
from server.running.supervisor import StartFailed, Supervisor
from server.running.walkthrough import StepFailed, walk_through
from server.settings import Settings, SettingsError, load_settings

_CONFIG = click.option(
    "--config",
    "config",
    required=True,
    type=click.Path(path_type=Path),
    help="Einstellungsdatei (damtshilfe.toml).",
)
_PORTS = ("ManagementPort", "SendXtaPort", "MsgBoxPort")


@click.group(help="Austausch von Vollstreckungshilfeersuchen zwischen Behörden.")
@click.version_option(package_name="damtshilfe")
def main() -> None:
    """Entry point."""


@main.command("init", help="Legt in ORDNER eine Installation an.")
@click.argument("folder", metavar="ORDNER", type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="Mit drei Mandanten und einem kleinen Verzeichnis.")
@click.option("--port", default=8443, show_default=True, help="Port des XTA-Servers.")
@click.option(
    "--authority-port", default=8444, show_default=True, help="Port des Authority-Servers."
)
def init(folder: Path, demo: bool, port: int, authority_port: int) -> None:
    """Settings, certificates, databases."""
    try:
        config = install(InstallationPlan(folder, port, authority_port, demo), _now())
    except AlreadyInstalled as error:
        _fail([str(error)])
    except OSError as error:
        _fail([f"{error.filename}: {error.strerror}."])
    click.echo(f"Angelegt: {config}")
    click.echo(f"Start:    damtshilfe serve --config {config}")


@main.command("serve", help="Startet XTA-Server, Authority-Server und Worker.")
@_CONFIG
@click.option(
    "--part",
    type=click.Choice([part.value for part in Part]),
    help="Nur diesen Teil, im Vordergrund.",
)
def serve(config: Path, part: str | None) -> None:
    """Runs until SIGTERM."""
    settings = _load(config)
    if part:
        run_part(Part(part), settings)
        return
    logging.basicConfig(level=settings.log.level, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    _fail_if([*find_problems(settings, _now()), *find_taken_ports(settings)])
    _upgrade(settings)
    addresses = [
        (settings.server.host, settings.server.port),
        (settings.authority_server.host, settings.authority_server.port),
    ]
    try:
        Supervisor(config.resolve(), addresses).run(lambda: _print_urls(settings))
    except StartFailed as error:
        _fail([str(error)])
    click.echo("dAmtshilfe ist beendet.")


@main.group("config", help="Einstellungen.")
def config_group() -> None:
    """Commands about settings."""


@config_group.command("check", help="Prüft die Einstellungen in DATEI und was sie nennen.")
@click.argument("config", metavar="DATEI", type=click.Path(path_type=Path))
def config_check(config: Path) -> None:
    """Tells every mistake at once."""
    _fail_if(find_problems(_load(config), _now()))
    click.echo(f"{config} ist in Ordnung.")


@main.group("mandant", help="Mandanten dieses Servers.")
def mandant_group() -> None:
    """Commands about Mandanten."""


@mandant_group.command("list", help="Zeigt die Mandanten und was für sie gilt.")
@_CONFIG
def mandant_list(config: Path) -> None:
    """One line for each."""
    for line in render_mandanten(_open_database(config)):
        click.echo(line)


@mandant_group.command("set", help="Ändert, was für den Mandanten KENNUNG (typ:wert) gilt.")
@click.argument("kennung", metavar="KENNUNG")
@click.option(
    "--unknown-schemas",
    required=True,
    type=click.Choice(["carry", "refuse"]),
    help="Nachrichten, deren Schema hier nicht bekannt ist: befördern oder ablehnen.",
)
@_CONFIG
def mandant_set(kennung: str, unknown_schemas: str, config: Path) -> None:
    """Takes effect with the next message."""
    try:
        echo = set_unknown_schemas(_open_database(config), kennung, unknown_schemas == "carry")
    except UnknownMandant as error:
        _fail([str(error)])
    click.echo(echo)


@main.command("demo", help="Führt die Hauptaufgabe einmal vor, mit echten Prozessen.")
@click.argument("folder", metavar="[ORDNER]", required=False, type=click.Path(path_type=Path))
def demo(folder: Path | None) -> None:
    """Exits 0 only if every step was checked."""
    try:
        walk_through(folder, click.echo)
    except (StepFailed, AlreadyInstalled) as error:
        _fail([str(error)])


@main.command("status", help="Zeigt Server, Nachrichten und Aufträge.")
@_CONFIG
def status(config: Path) -> None:
    """What is going on."""
    settings = _load(config)
    _fail_if(find_problems(settings, _now()))
    for line in render_status(settings):
        click.echo(line)


def _now() -> datetime:
    return datetime.now(UTC)


def _load(config: Path) -> Settings:
    try:
        return load_settings(config)
    except SettingsError as error:
        _fail([f"{error.source}: {problem}" for problem in error.problems])


def _upgrade(settings: Settings) -> None:
    for url, kind in (
        (settings.database.url, DatabaseKind.XTA),
        (settings.authority_server.database_url, DatabaseKind.AUTHORITY),
    ):
        engine = make_engine(url)
        upgrade_schema(engine, kind)
        engine.dispose()


def _open_database(config: Path) -> Database:
    settings = _load(config)
    _fail_if(find_problems(settings, _now()))
    engine = make_engine(settings.database.url)
    if not is_schema_current(engine, DatabaseKind.XTA):
        _fail(["Der Datenbank fehlen Migrationen; „damtshilfe serve“ holt sie beim Start nach."])
    return Database(engine)


def _print_urls(settings: Settings) -> None:
    base = settings.server.public_url
    click.echo("dAmtshilfe ist bereit.")
    for port in _PORTS:
        click.echo(f"  XTA 2.1.1         {base}{XTA_BASE}/{port}?wsdl")
    click.echo(f"  XTA, Pfad der Clients {base}{XTA_DEFAULT_CLIENT_BASE}/…")
    click.echo(f"  Fachverfahren     {base}{AMTSHILFE_BASE}/{VERSION_1}?wsdl")
    authority = settings.authority_server.public_url
    click.echo(f"  Authority-Server  {authority}{AUTHORITY_BASE}/{VERSION_1}?wsdl")
    sys.stdout.flush()


def _fail_if(problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        _fail(found)


def _fail(problems: Iterable[str]) -> NoReturn:
    for problem in problems:
        click.echo(f"Fehler: {problem}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
