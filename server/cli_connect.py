"""`damtshilfe connect`: the connector for Fachverfahren that exchange files."""

import logging
import signal
import sys
import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from clients.fachverfahren.connector import (
    Connector,
    find_key_problems,
    find_problems,
    find_server_problem,
)
from clients.fachverfahren.facade import Facade, Postponed, Refused, Unreachable
from clients.fachverfahren.job_content import read_outgoing
from clients.fachverfahren.settings import (
    CONFIG_NAME,
    ConnectorSettings,
    ConnectorSettingsError,
    FacadeSettings,
    read_settings,
    render_settings,
)
from clients.fachverfahren.trial import Trial
from clients.fachverfahren.workspace import FolderTaken, create_folders

_DEFAULTS = FacadeSettings()
_FILE = click.Path(path_type=Path)
# The status of a report that is closed without success.
_FAILED = "rot"


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


@connect.command("test", help="Sendet NACHRICHT als Testnachricht und zeigt ihren Weg.")
@click.argument("config", metavar="DATEI", type=_FILE)
@click.argument("message", metavar="NACHRICHT", type=_FILE)
@click.option("--attachment", "attachments", type=_FILE, multiple=True, help="Anlage; mehrfach.")
@click.option(
    "--seconds", type=click.IntRange(0), default=60, show_default=True, help="So lange warten."
)
def connect_test(config: Path, message: Path, attachments: tuple[Path, ...], seconds: int) -> None:
    """Exit code 1 where it is refused, fails, or is still open when time is up."""
    settings = _load(config)
    _fail_if(find_key_problems(settings.facade))
    trial, stop = Trial(Facade(settings.facade)), _make_stop()
    try:
        accepted = trial.send(read_outgoing(message, attachments, settings.outbox.max_bytes))
        click.echo(f"Testnachricht {trial.message_id}")
        click.echo(f"{_show(accepted)}  angenommen")
        for entry in trial.follow(seconds, stop):
            click.echo(f"{_show(entry.moment)}  {entry.weight}  {entry.code}  {entry.text}")
    except Refused as error:
        _fail([" ".join(filter(None, (str(error), error.remedy)))])
    except (Postponed, Unreachable) as error:
        _fail([f"Der Server unter {settings.facade.url} nimmt zurzeit nichts an: {error}"])
    except OSError as error:
        _fail([f"{error.filename}: {error.strerror}."])
    _tell_end(trial, seconds)


def _tell_end(trial: Trial, seconds: int) -> None:
    if not trial.is_closed:
        _fail(
            [
                f"Nach {seconds} Sekunden ist der Report noch offen. Vielleicht hat der Empfänger "
                "die Testnachricht noch nicht abgeholt."
            ]
        )
    click.echo(f"Abgeschlossen: {trial.status}")
    if trial.status == _FAILED:
        sys.exit(1)


def _show(moment: datetime) -> str:
    return f"{moment.astimezone():%d.%m.%Y %H:%M:%S}"


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
