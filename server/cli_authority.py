"""The commands `damtshilfe authority`."""

import click

from server.cli_lazy import LazyGroup


@click.group("authority", cls=LazyGroup)
def authority_group() -> None:
    """Commands about the directory."""


authority_group.add_lazies(
    (
        "cert",
        "server.cli_certificates:cert_group",
        "Client-Zertifikate von Mandanten und Rechenzentren.",
    ),
    (
        "centre",
        "server.cli_data_centres:centre_group",
        "Rechenzentren und ihre Mandanten. KENNUNG hat die Form typ:wert.",
    ),
    (
        "check",
        "server.cli_directory:check",
        "Zeigt Gemeinden ohne Regel und Regeln, die ins Leere führen.",
    ),
    (
        "clear-doubt",
        "server.cli_behoerden:clear_doubt",
        "Der Eintrag einer Behörde ist geprüft und gilt wieder.",
    ),
    (
        "confirm",
        "server.cli_behoerden:confirm",
        "Bestätigt eine Registrierung; von da an gilt sie.",
    ),
    (
        "doubt",
        "server.cli_behoerden:doubt",
        "Merkt vor, dass etwas von einer Behörde zurückkam, und warum.",
    ),
    ("explain", "server.cli_explain:explain", "Erklärt, wer für eine Anschrift zuständig ist."),
    (
        "export",
        "server.cli_directory:export",
        "Schreibt das Verzeichnis als Dateien (CSV, XLSX) in ORDNER.",
    ),
    (
        "import",
        "server.cli_directory:import_files",
        "Nimmt Dateien (CSV, XLSX) in das Verzeichnis auf: alle oder keine.",
    ),
    ("list", "server.cli_behoerden:list_all", "Zeigt die Behörden des Verzeichnisses."),
    (
        "register",
        "server.cli_behoerden:register",
        "Registriert eine Behörde: aus DATEI (TOML) oder mit Optionen.",
    ),
    (
        "rollback",
        "server.cli_directory:rollback",
        "Nimmt VERSION zurück; das geht nur mit der neuesten.",
    ),
    ("show", "server.cli_behoerden:show", "Zeigt den Eintrag einer Behörde."),
    (
        "versions",
        "server.cli_directory:versions",
        "Zeigt die Versionen des Verzeichnisses, die neueste zuerst.",
    ),
)
