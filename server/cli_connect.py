"""`damtshilfe connect`: the connector for Fachverfahren that exchange files."""

import logging
import signal
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from clients.fachverfahren.connector import Connector, find_problems, find_server_problem
from clients.fachverfahren.settings import (
    CONFIG_NAME,
    ConnectorSettings,
    ConnectorSettingsError,
    FacadeSettings,
    read_settings,
    render_settings,
)
from clients.fachverfahren.workspace import FolderTaken, create_folders

_DEFAULTS = FacadeSettings()
_FILE = click.Path(path_type=Path)


@click.group("connect", invoke_without_command=True)
@click.option("--config", "config", type=_FILE, help=f"Einstellungsdatei ({CONFIG_NAME}).")
@click.option("--once", is_flag=True, help="Nur ein Durchgang; endet mit 1, wenn etwas misslang.")
@click.pass_context
def connect(context: click.Context, config: Path | None, once: bool) -> None:
    """Runs until SIGTERM."""
    if context.invoked_subcommand:
        return
    if config is None:
        raise click.UsageError("Es fehlt --config DATEI.")
    settings = _load(config)
    _fail_if(find_problems(settings))
    _start_log()
    connector = Connector(settings, _make_stop())
    try:
        if not once:
            connector.run()
        elif not connector.run_once():
            sys.exit(1)
    except FolderTaken as error:
        _fail([str(error)])
    except OSError as error:
        _fail([f"{error.filename}: {error.strerror}."])


@connect.command("init", help="Legt in ORDNER Einstellungen und Ordner an.")
@click.argument("folder", metavar="ORDNER", type=_FILE)
@click.option("--url", default=_DEFAULTS.url, show_default=True, help="Adresse der Fassade.")
@click.option("--certificate", type=_FILE, help="Client-Zertifikat mit Schlüssel (PEM).")
@click.option("--server-ca", type=_FILE, help="Zertifizierungsstelle des Servers (PEM).")
def connect_init(folder: Path, url: str, certificate: Path | None, server_ca: Path | None) -> None:
    """Paths of options are relative to the working directory, those in the file to the file."""
    facade = FacadeSettings(
        url,
        certificate.resolve() if certificate else _DEFAULTS.certificate,
        server_ca.resolve() if server_ca else _DEFAULTS.server_ca,
    )
    config = folder / CONFIG_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with config.open("x", encoding="utf-8") as file:
            file.write(render_settings(replace(ConnectorSettings(), facade=facade)))
        create_folders(_load(config).folders)
    except FileExistsError as error:
        _fail([f"{error.filename} gibt es schon."])
    except OSError as error:
        _fail([f"{error.filename}: {error.strerror}."])
    click.echo(f"Angelegt: {config}")
    click.echo(f"Prüfen:   damtshilfe connect check {config}")
    click.echo(f"Start:    damtshilfe connect --config {config}")


@connect.command("check", help="Prüft die Einstellungen in DATEI, die Ordner und den Server.")
@click.argument("config", metavar="DATEI", type=_FILE)
def connect_check(config: Path) -> None:
    """Tells every mistake at once."""
    settings = _load(config)
    _fail_if(find_problems(settings))
    _fail_if(filter(None, [find_server_problem(settings)]))
    click.echo(f"{config} ist in Ordnung, der Server antwortet.")


def _load(config: Path) -> ConnectorSettings:
    try:
        return read_settings(config)
    except ConnectorSettingsError as error:
        _fail(f"{error.source}: {problem}" for problem in error.problems)


def _start_log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for chatty in ("zeep", "urllib3"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


def _make_stop() -> threading.Event:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    return stop


def _fail_if(problems: Iterable[str]) -> None:
    found = list(problems)
    if found:
        _fail(found)


def _fail(problems: Iterable[str]) -> NoReturn:
    for problem in problems:
        click.echo(f"Fehler: {problem}", err=True)
    sys.exit(1)
