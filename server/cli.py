"""The command `damtshilfe`."""

import logging
import sys
from pathlib import Path
from typing import Any

import click

from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.bootstrap import AMTSHILFE_BASE, XTA_BASE, XTA_DEFAULT_CLIENT_BASE, XTA_PORTS
from server.bootstrap_authority import AUTHORITY_BASE, VERSION_1
from server.cli_authority import authority_group
from server.cli_batches import BATCH_COMMANDS
from server.cli_behoerden import behoerde_commands
from server.cli_blobs import blobs_group
from server.cli_certificates import cert_group
from server.cli_codelisten import codelist_group
from server.cli_connect import connect
from server.cli_data_centres import centre_group
from server.cli_delivery import delivery_group
from server.cli_directory import directory_commands
from server.cli_figures import figures_group
from server.cli_installation import CONFIG, fail, fail_if, load, now
from server.cli_mandant_fallback import fallback_group
from server.cli_mandant_keys import key_group
from server.cli_mandanten import mandant_group
from server.cli_massnahmen import massnahmen_group
from server.cli_print import mandant_print_group, print_group
from server.cli_testdata import testdata
from server.cli_users import user_group
from server.errors import AmtshilfeError
from server.running.blob_store import find_store_problems, seal_secrets
from server.running.installation import (
    DEFAULT_CENTRE,
    DEFAULT_HOST,
    AlreadyInstalled,
    InstallationPlan,
    InstallationRefused,
    install,
)
from server.running.metrics import render_metrics
from server.running.parts import Part, list_listeners, list_parts, run_part
from server.running.preflight import find_problems, find_taken_ports
from server.running.status import render_status
from server.running.supervisor import StartFailed, Supervisor
from server.running.walkthrough import StepFailed, walk_through
from server.running.worker_lock import WorkerRunning
from server.services.data_centres import DataCentreRefused
from server.settings import Settings


class _Commands(click.Group):
    """Ends with a reason where a database fails while a command runs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except AmtshilfeError as error:
            fail([f"{error.reason} {error.fault.remedy}"])


@click.group(cls=_Commands, help="Austausch von Vollstreckungshilfeersuchen zwischen Behörden.")
@click.version_option(package_name="damtshilfe")
def main() -> None:
    """Entry point."""


for command in (*directory_commands, *behoerde_commands, centre_group, cert_group):
    authority_group.add_command(command)
main.add_command(authority_group)
main.add_command(blobs_group)
main.add_command(codelist_group)
main.add_command(connect)
mandant_group.add_command(key_group)
main.add_command(delivery_group)
main.add_command(figures_group)
mandant_group.add_command(fallback_group)
main.add_command(mandant_group)
main.add_command(massnahmen_group)
mandant_group.add_command(mandant_print_group)
for _command in BATCH_COMMANDS:
    print_group.add_command(_command)
main.add_command(print_group)
main.add_command(testdata)
main.add_command(user_group)


@main.command("init", help="Legt in ORDNER eine Installation an.")
@click.argument("folder", metavar="ORDNER", type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="Mit drei Mandanten und einem kleinen Verzeichnis.")
@click.option("--port", default=8443, show_default=True, help="Port des XTA-Servers.")
@click.option(
    "--authority-port", default=8444, show_default=True, help="Port des Authority-Servers."
)
@click.option("--web-port", default=8445, show_default=True, help="Port des Web-Clients.")
@click.option(
    "--centre",
    default=DEFAULT_CENTRE,
    show_default=True,
    help="Kurzname dieses Rechenzentrums beim Authority-Server.",
)
@click.option(
    "--host-name",
    default=DEFAULT_HOST,
    show_default=True,
    help="Name oder IPv4-Adresse, unter der andere diese Installation erreichen; steht im "
    "Zertifikat und in den Adressen.",
)
@click.option(
    "--database-url", default="", help="Datenbank des XTA-Servers, sonst eine Datei im Ordner."
)
@click.option(
    "--authority-database-url",
    default="",
    help="Datenbank des Authority-Servers, sonst eine Datei im Ordner.",
)
def init(folder: Path, demo: bool, **choices: Any) -> None:
    """Settings, certificates, databases."""
    try:
        plan = InstallationPlan(folder, is_demo=demo, **choices)
        config = install(plan, now())
    except (AlreadyInstalled, DataCentreRefused) as error:
        fail([str(error)])
    except InstallationRefused as error:
        fail(error.problems)
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}."])
    click.echo(f"Angelegt: {config}")
    click.echo(f"Start:    damtshilfe serve --config {config}")


@main.command("serve", help="Startet XTA-Server, Authority-Server und Worker.")
@CONFIG
@click.option(
    "--part",
    type=click.Choice([part.value for part in Part]),
    help="Nur diesen Teil, im Vordergrund.",
)
def serve(config: Path, part: str | None) -> None:
    """Runs until SIGTERM."""
    settings = load(config)
    if part:
        try:
            run_part(Part(part), settings)
        except WorkerRunning as error:
            fail([str(error)])
        return
    logging.basicConfig(level=settings.log.level, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    listeners = list_listeners(settings)
    fail_if([*find_problems(settings, now()), *find_taken_ports(listeners)])
    fail_if(find_store_problems(settings))
    _upgrade(settings)
    _seal_secrets(settings)
    addresses = [(host, port) for _, host, port in listeners]
    try:
        supervisor = Supervisor(config.resolve(), list_parts(settings), addresses)
        supervisor.run(lambda: _print_urls(settings))
    except StartFailed as error:
        fail([str(error)])
    click.echo("dAmtshilfe ist beendet.")


@main.group("config", help="Einstellungen.")
def config_group() -> None:
    """Commands about settings."""


@config_group.command("check", help="Prüft die Einstellungen in DATEI und was sie nennen.")
@click.argument("config", metavar="DATEI", type=click.Path(path_type=Path))
def config_check(config: Path) -> None:
    """Tells every mistake at once."""
    settings = load(config)
    fail_if([*find_problems(settings, now()), *find_store_problems(settings)])
    click.echo(f"{config} ist in Ordnung.")


@main.command("demo", help="Führt die Hauptaufgabe einmal vor, mit echten Prozessen.")
@click.argument("folder", metavar="[ORDNER]", required=False, type=click.Path(path_type=Path))
@click.option("--keep", is_flag=True, help="Danach geöffnet lassen, bis Strg-C.")
def demo(folder: Path | None, keep: bool) -> None:
    """Exits 0 only if every step was checked."""
    try:
        walk_through(folder, click.echo, stays_open=keep)
    except (StepFailed, AlreadyInstalled) as error:
        fail([str(error)])


@main.command("status", help="Zeigt Server, Nachrichten und Aufträge.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "prometheus"]),
    default="text",
    show_default=True,
    help="Für Menschen oder für die Überwachung.",
)
@CONFIG
def status(form: str, config: Path) -> None:
    """What is going on."""
    settings = load(config)
    fail_if(find_problems(settings, now()))
    render = render_metrics if form == "prometheus" else render_status
    for line in render(settings):
        click.echo(line)


def _upgrade(settings: Settings) -> None:
    for url, kind in (
        (settings.database.url, DatabaseKind.XTA),
        (settings.authority_server.database_url, DatabaseKind.AUTHORITY),
    ):
        engine = make_engine(url)
        upgrade_schema(engine, kind)
        engine.dispose()


def _seal_secrets(settings: Settings) -> None:
    try:
        number = seal_secrets(settings)
    except AmtshilfeError as error:
        fail([error.reason])
    if number:
        logging.getLogger(__name__).info("%d secrets of second factors encrypted", number)


def _print_urls(settings: Settings) -> None:
    base = settings.server.public_url
    click.echo("dAmtshilfe ist bereit.")
    for port in XTA_PORTS:
        click.echo(f"  XTA 2.1.1         {base}{XTA_BASE}/{port}?wsdl")
    click.echo(f"  XTA, Pfad der Clients {base}{XTA_DEFAULT_CLIENT_BASE}/…")
    click.echo(f"  Fachverfahren     {base}{AMTSHILFE_BASE}/{VERSION_1}?wsdl")
    authority = settings.authority_server.public_url
    click.echo(f"  Authority-Server  {authority}{AUTHORITY_BASE}/{VERSION_1}?wsdl")
    if settings.web.enabled:
        click.echo(f"  Web-Client        {settings.web.public_url}/")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
