"""The command `damtshilfe init`."""

from pathlib import Path
from typing import Any

import click

from server.cli_installation import fail, now
from server.running.installation import (
    DEFAULT_CENTRE,
    DEFAULT_HOST,
    AlreadyInstalled,
    InstallationPlan,
    InstallationRefused,
    install,
)
from server.services.data_centres import DataCentreRefused


@click.command("init")
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
