"""The commands `damtshilfe mandant certificate`: by which certificates a Mandant is known."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from server.cli_installation import CONFIG, fail, now, open_database
from server.domain.client_certificate import ClientCertificate
from server.pki import BadKeyMaterial, read_certificate
from server.running.mandanten import render_certificate
from server.services.clock import read_clock
from server.services.mandant_certificates import MandantCertificates
from server.services.mandanten import MandantRefused, UnknownMandant

_KENNUNG = click.argument("kennung", metavar="KENNUNG")


@click.group("certificate", help="Client-Zertifikate der Mandanten.")
def certificate_group() -> None:
    """Commands about client certificates."""


@certificate_group.command("list", help="Zeigt alle Zertifikate, die zuerst enden zuerst.")
@CONFIG
def list_all(config: Path) -> None:
    """One line for each."""
    with _open(config) as certificates:
        for bound in certificates.list_all():
            click.echo(render_certificate(bound, now()))


@certificate_group.command("add", help="Bindet das Zertifikat in DATEI (PEM) an den Mandanten.")
@_KENNUNG
@click.argument("file", metavar="DATEI", type=click.Path(path_type=Path))
@CONFIG
def add(kennung: str, file: Path, config: Path) -> None:
    """Others that he has stay valid."""
    try:
        info = read_certificate(file)
    except OSError as error:
        fail([f"{file}: {error.strerror}."])
    except BadKeyMaterial as error:
        fail([str(error)])
    certificate = ClientCertificate(info.fingerprint, info.subject, info.not_after)
    with _open(config) as certificates:
        click.echo(render_certificate(certificates.bind(kennung, certificate), now()))


@certificate_group.command(
    "remove", help="Entzieht das Zertifikat, dessen Fingerabdruck mit ANFANG beginnt."
)
@_KENNUNG
@click.argument("start", metavar="ANFANG")
@CONFIG
def remove(kennung: str, start: str, config: Path) -> None:
    """Takes effect with the next request."""
    with _open(config) as certificates:
        bound = certificates.take_away(kennung, start)
    click.echo(f"Entzogen: {bound.certificate.fingerprint} ({bound.mandant.name}).")


@contextmanager
def _open(config: Path) -> Iterator[MandantCertificates]:
    try:
        with open_database(config) as database:
            yield MandantCertificates(database, read_clock)
    except (UnknownMandant, MandantRefused) as error:
        fail([str(error)])
