"""The commands `damtshilfe authority cert`: client certificates and their holders."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from server.cli_installation import CONFIG, fail, load, now, open_database
from server.cli_trust import Kennung, open_trust
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import Holder, RevocationReason
from server.pki import Authority, BadKeyMaterial, describe_der, write_private
from server.pki.exchange import (
    make_request,
    read_certificate_der,
    read_pkcs12,
    read_request,
    require_private,
    write_pem,
    write_pkcs12,
)
from server.pki.revocation import CRL_LIFETIME, Revocation, write_crl
from server.running.certificates import render_certificate, render_certificates
from server.services.certificates import CertificateRefused, Certificates
from server.services.clock import read_clock

_PATH = click.Path(path_type=Path)
_FILE = click.argument("file", metavar="DATEI", type=click.Path(path_type=Path, exists=True))
_MANDANT = click.option("--mandant", type=Kennung(), help="Gehört diesem Mandanten (typ:wert).")
_CENTRE = click.option("--centre", default="", help="Gehört diesem Rechenzentrum (Kurzname).")
_PASSWORD = click.option(
    "--password", envvar="DAMTSHILFE_PASSWORD", default="", help="Kennwort der PKCS#12-Datei."
)


@click.group("cert", help="Client-Zertifikate von Mandanten und Rechenzentren.")
def cert_group() -> None:
    """Commands about certificates."""


@cert_group.command(
    "request", help="Erzeugt NAME.key (0600) und NAME.csr; der Schlüssel bleibt auf diesem Rechner."
)
@click.argument("name", metavar="NAME", type=_PATH)
def request(name: Path) -> None:
    """For who asks elsewhere for a certificate."""
    key, pem = make_request(name.name)
    with _refusals():
        write_private(name.with_name(f"{name.name}.key"), key)
        name.with_name(f"{name.name}.csr").write_bytes(pem)
    click.echo(f"{name}.key und {name}.csr")


@cert_group.command(
    "issue", help="Stellt mit der eigenen CA (pki/ca.pem) ein Zertifikat aus und trägt es ein."
)
@click.argument("out", metavar="DATEI.pem", type=_PATH)
@click.option("--csr", type=click.Path(path_type=Path, exists=True), help="Antrag (PKCS#10).")
@_MANDANT
@_CENTRE
@CONFIG
def issue(
    out: Path, csr: Path | None, mandant: PartyIdentifier | None, centre: str, config: Path
) -> None:
    """Without a request, the key is made here and written beside the certificate."""
    holder = _read_holder(mandant, centre)
    with _open_register(config) as register:
        authority = _load_authority(config)
        if csr:
            certificate = authority.sign_client(str(holder), read_request(csr.read_bytes()), now())
            out.write_bytes(write_pem(certificate))
        else:
            credential = authority.issue_client(str(holder), now())
            write_private(out.with_suffix(".key"), credential.pem_key())
            out.write_bytes(credential.pem_certificate())
        der = read_certificate_der(out.read_bytes())
        click.echo(render_certificate(register.register(der, holder), now()))


@cert_group.command("register", help="Trägt ein fremdes Zertifikat ein (PEM, DER, PKCS#12).")
@_FILE
@_MANDANT
@_CENTRE
@_PASSWORD
@CONFIG
def register_certificate(
    file: Path, mandant: PartyIdentifier | None, centre: str, password: str, config: Path
) -> None:
    """One that another CA has issued."""
    holder = _read_holder(mandant, centre)
    with _open_register(config) as register:
        der = read_certificate_der(file.read_bytes(), password)
        click.echo(render_certificate(register.register(der, holder), now()))


@cert_group.command("rotate", help="Trägt ein neues Zertifikat ein; die alten laufen aus.")
@_FILE
@_MANDANT
@_CENTRE
@click.option(
    "--overlap-days", type=click.IntRange(0), default=30, show_default=True,
    help="So viele Tage gelten die alten noch.",
)  # fmt: skip
@CONFIG
def rotate(
    file: Path, mandant: PartyIdentifier | None, centre: str, overlap_days: int, config: Path
) -> None:
    """Old and new both count during the overlap."""
    holder = _read_holder(mandant, centre)
    with _open_register(config) as register:
        der = read_certificate_der(file.read_bytes())
        click.echo(render_certificate(register.rotate(der, holder, overlap_days), now()))


@cert_group.command("list", help="Zeigt die Zertifikate, das am frühesten endende zuerst.")
@CONFIG
def list_all(config: Path) -> None:
    """With holders and ends."""
    with _open_register(config) as register:
        for line in render_certificates(register.list_all(), now()):
            click.echo(line)


@cert_group.command("revoke", help="Sperrt ein Zertifikat und schreibt die Sperrliste neu.")
@click.argument("fingerprint", metavar="FINGERABDRUCK")
@click.option(
    "--reason",
    type=click.Choice([reason.value for reason in RevocationReason]),
    default=RevocationReason.UNSPECIFIED.value,
    show_default=True,
    help="Grund.",
)
@CONFIG
def revoke(fingerprint: str, reason: str, config: Path) -> None:
    """Takes effect at once."""
    with _open_register(config) as register:
        revoked = register.revoke(fingerprint, RevocationReason(reason))
        click.echo(render_certificate(revoked, now()))
        _write_crl(register, config, CRL_LIFETIME.days)


@cert_group.command("crl", help="Schreibt die Sperrliste der eigenen CA (pki/ca.crl) neu.")
@click.option(
    "--days", type=click.IntRange(1), default=30, show_default=True, help="So lange gilt sie."
)
@CONFIG
def crl(days: int, config: Path) -> None:
    """Before the last one runs out."""
    with _open_register(config) as register:
        _write_crl(register, config, days)


@cert_group.command("export", help="Verpackt Zertifikat und Schlüssel als PKCS#12.")
@_FILE
@click.argument("key", metavar="SCHLÜSSEL", type=click.Path(path_type=Path, exists=True))
@click.argument("target", metavar="ZIEL.p12", type=_PATH)
@_PASSWORD
def export(file: Path, key: Path, target: Path, password: str) -> None:
    """On the machine on which the key was made."""
    _require_password(password)
    with _refusals():
        write_pkcs12(file, key, target, password)
    click.echo(str(target))


@cert_group.command("import", help="Entpackt PKCS#12 in eine PEM-Datei (Rechte 0600).")
@_FILE
@click.argument("target", metavar="ZIEL.pem", type=_PATH)
@_PASSWORD
def import_file(file: Path, target: Path, password: str) -> None:
    """Certificate and key in one file, as TLS clients take it."""
    _require_password(password)
    with _refusals():
        write_private(target, read_pkcs12(file.read_bytes(), password).pem_both())
    click.echo(str(target))


@contextmanager
def _open_register(config: Path) -> Iterator[Certificates]:
    with _refusals(), open_trust(config) as trust, open_database(config) as database:
        yield Certificates(trust, database, read_clock)


@contextmanager
def _refusals() -> Iterator[None]:
    """Ends the command with what was refused."""
    try:
        yield
    except (CertificateRefused, BadKeyMaterial) as error:
        fail([str(error)])
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}."])


def _read_holder(mandant: PartyIdentifier | None, centre: str) -> Holder:
    if (mandant is None) == (not centre):
        fail(["Bitte genau eines angeben: --mandant oder --centre."])
    return Holder(mandant, centre)


def _require_password(password: str) -> None:
    if not password:
        fail(["Bitte ein Kennwort angeben (--password oder DAMTSHILFE_PASSWORD)."])


def _load_authority(config: Path) -> Authority:
    folder = config.resolve().parent / "pki"
    require_private(folder / "ca.key")
    return Authority.load(folder / "ca.pem", folder / "ca.key")


def _write_crl(register: Certificates, config: Path, days: int) -> None:
    authority = _load_authority(config)
    issuer = describe_der(authority.credential.der_certificate()).subject
    revocations = [
        Revocation(item.serial, item.revoked, item.reason)
        for item in register.list_all()
        if item.revoked and item.issuer == issuer
    ]
    target = load(config).authority_server.crl
    part = target.with_suffix(".crl.neu")
    part.write_bytes(write_crl(authority, revocations, now(), timedelta(days=days)))
    part.replace(target)
    click.echo(f"{target}: {len(revocations)} gesperrt")
