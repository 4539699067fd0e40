"""The command `damtshilfe serve`."""

import logging
import sys
from pathlib import Path

import click

from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.bootstrap import AMTSHILFE_BASE, XTA_BASE, XTA_DEFAULT_CLIENT_BASE, XTA_PORTS
from server.bootstrap_authority import AUTHORITY_BASE, VERSION_1
from server.cli_installation import CONFIG, fail, fail_if, load, now
from server.errors import AmtshilfeError
from server.running.blob_store import find_store_problems, seal_secrets
from server.running.parts import Part, list_listeners, list_parts, run_part
from server.running.preflight import find_problems, find_taken_ports
from server.running.supervisor import StartFailed, Supervisor
from server.running.worker_lock import WorkerRunning
from server.settings import Settings


@click.command("serve")
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
