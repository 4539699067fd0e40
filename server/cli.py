"""The command `damtshilfe`."""

import sys
from typing import Any

import click

from server.cli_lazy import LazyGroup
from server.errors import AmtshilfeError


class _Commands(LazyGroup):
    """Ends with a reason where a database fails while a command runs."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except AmtshilfeError as error:
            click.echo(f"Fehler: {error.reason} {error.fault.remedy}", err=True)
            sys.exit(1)


@click.group(cls=_Commands, help="Austausch von Vollstreckungshilfeersuchen zwischen Behörden.")
@click.version_option(package_name="damtshilfe")
def main() -> None:
    """Entry point."""


main.add_lazies(
    ("authority", "server.cli_authority:authority_group", "Zentrales Verzeichnis."),
    ("blobs", "server.cli_blobs:blobs_group", "Ablage der Inhalte und ihre Schlüssel."),
    ("codelist", "server.cli_codelisten:codelist_group", "Codelisten in Genericode."),
    ("config", "server.cli_config:config_group", "Einstellungen."),
    (
        "connect",
        "server.cli_connect:connect",
        "Bindet ein Fachverfahren an, das Dateien austauscht: sendet, was im Ausgang liegt, holt "
        "ab, was im Postfach liegt, und schreibt Quittungen und Reports.",
    ),
    (
        "delivery",
        "server.cli_delivery:delivery_group",
        "Zustellaufträge: ansehen, fortsetzen, umleiten, abbrechen.",
    ),
    (
        "demo",
        "server.cli_demo:demo",
        "Führt die Hauptaufgabe einmal vor, mit echten Prozessen.",
    ),
    (
        "figures",
        "server.cli_figures:figures_group",
        "Auswertung: Zahlen nachholen und neu zählen.",
    ),
    ("init", "server.cli_init:init", "Legt in ORDNER eine Installation an."),
    (
        "mandant",
        "server.cli_mandanten:mandant_group",
        "Mandanten dieses Servers. KENNUNG hat die Form typ:wert.",
    ),
    ("massnahmen", "server.cli_massnahmen:massnahmen_group", "Maßnahmenkatalog eines Mandanten."),
    ("print", "server.cli_print_group:print_group", "Druckausgaben für Briefe."),
    ("serve", "server.cli_serve:serve", "Startet XTA-Server, Authority-Server und Worker."),
    ("status", "server.cli_status:status", "Zeigt Server, Nachrichten und Aufträge."),
    (
        "testdata",
        "server.cli_testdata:testdata",
        "Erzeugt Ersuchen als Testdaten: erfundene Personen, echte Orte.",
    ),
    ("user", "server.cli_users:user_group", "Benutzer des Web-Clients."),
)

if __name__ == "__main__":
    main()
