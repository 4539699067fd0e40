"""The commands `damtshilfe mandant key`: keys with which this server opens contents for readers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from persistence.reader_key_files import ReaderKeyFiles
from server.cli_installation import CONFIG, fail, load, open_database
from server.running.mandanten import render_key
from server.services.clock import read_clock
from server.services.mandanten import MandantRefused, UnknownMandant
from server.services.reader_keys import ReaderKeyCare

_KENNUNG = click.argument("kennung", metavar="KENNUNG")


@click.group("key")
def key_group() -> None:
    """Commands about the keys of readers."""


@key_group.command("list", help="Zeigt alle hinterlegten Schlüssel, die zuerst enden zuerst.")
@CONFIG
def list_all(config: Path) -> None:
    """One line for each."""
    with _open(config) as care:
        lines = [render_key(held, read_clock()) for held in care.list_all()]
    for line in lines or ["Es ist kein Schlüssel hinterlegt."]:
        click.echo(line)


@key_group.command(
    "add",
    help="Hinterlegt Schlüssel und Zertifikat aus DATEI (PEM, PKCS#12) für den Mandanten.",
)
@_KENNUNG
@click.argument("file", metavar="DATEI", type=click.Path(path_type=Path))
@click.option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="Datei, deren erste Zeile das Kennwort von DATEI ist.",
)
@CONFIG
def add(kennung: str, file: Path, password_file: Path | None, config: Path) -> None:
    """Others that he has stay: what was encrypted for them can still be opened."""
    try:
        content = file.read_bytes()
        password = password_file.read_text("utf-8").partition("\n")[0] if password_file else ""
    except (OSError, UnicodeDecodeError) as error:
        fail([f"Eine Datei ist nicht lesbar: {error}"])
    with _open(config) as care:
        click.echo(render_key(care.add(kennung, content, password), read_clock()))


@key_group.command(
    "remove",
    help="Löscht den Schlüssel, dessen Fingerabdruck mit ANFANG beginnt; was nur er öffnet, wird "
    "danach verschlüsselt ausgeliefert.",
)
@_KENNUNG
@click.argument("start", metavar="ANFANG")
@CONFIG
def remove(kennung: str, start: str, config: Path) -> None:
    """Takes effect with the next request."""
    with _open(config) as care:
        held = care.remove(kennung, start)
    click.echo(f"Entfernt: {held.certificate.fingerprint} ({held.mandant.name}).")


@contextmanager
def _open(config: Path) -> Iterator[ReaderKeyCare]:
    files = ReaderKeyFiles(load(config).encryption.keys)
    try:
        with open_database(config) as database:
            yield ReaderKeyCare(database, files, read_clock)
    except (UnknownMandant, MandantRefused) as error:
        fail([str(error)])
