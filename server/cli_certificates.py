"""The commands `damtshilfe authority cert`: client certificates and their holders."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from server.bootstrap_trust import make_issuing, make_own_list
from server.cli_installation import CONFIG, fail, load, now, open_database
from server.cli_kennung import Kennung
from server.cli_trust import open_trust
from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import BoundCertificate, ClientCertificate, Holder, RevocationReason
from server.domain.certificate_request import CertificateRequest
from server.pki import BadKeyMaterial, write_private
from server.pki.exchange import (
    make_request,
    read_certificate_der,
    read_pkcs12,
    read_request,
    write_pem,
    write_pkcs12,
)
from server.pki.revocation import CRL_LIFETIME
from server.running.certificates import render_certificate, render_certificates
from server.services.certificates import CertificateRefused, Certificates
from server.services.clock import read_clock
from server.services.mandant_certificates import MandantCertificates
from server.services.own_revocation_list import OwnRevocationList

_PATH = click.Path(path_type=Path)
_FILE = click.argument("file", metavar="DATEI", type=click.Path(path_type=Path, exists=True))
_MANDANT = click.option("--mandant", type=Kennung(), help="Gehört diesem Mandanten (typ:wert).")
_CENTRE = click.option("--centre", default="", help="Gehört diesem Rechenzentrum (Kurzname).")
_PASSWORD = click.option(
    "--password", envvar="DAMTSHILFE_PASSWORD", default="", help="Kennwort der PKCS#12-Datei."
)

# The certificate is revoked, but no revocation list names it.
_NOT_LISTED = 3


@dataclass(frozen=True)
class _Register:
    """The register, and the revocation list that is written from it."""

    certificates: Certificates
    own_list: OwnRevocationList


@click.group("cert")
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


@cert_group.command("issue", help="Stellt mit der eigenen CA ein Zertifikat aus und trägt es ein.")
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
        register.certificates.require_known(holder)
        authority = register.own_list.load_authority()
        if csr:
            public_key = read_request(csr.read_bytes())
            register.certificates.require_new_key(public_key)
            _write_new(out, write_pem(authority.sign_client(str(holder), public_key, now())))
        else:
            credential = authority.issue_client(str(holder), now())
            write_private(out.with_suffix(".key"), credential.pem_key())
            _write_new(out, credential.pem_certificate())
        der = read_certificate_der(out.read_bytes())
        _show(register.certificates.register(der, holder), register)


@cert_group.command(
    "issue-requested", help="Stellt aus, was Administratoren im Web-Client beantragt haben."
)
@CONFIG
def issue_requested(config: Path) -> None:
    """Where the worker does not: by a setting, or because the key of the CA is kept elsewhere."""
    with _refusals(), open_trust(config) as trust, open_database(config) as database:
        issuing = make_issuing(load(config), database, trust)
        lines = [_describe_request(item) for item in iter(issuing.issue_next, None)]
    for line in lines or ["Es wartet kein Antrag."]:
        click.echo(line)


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
        _show(register.certificates.register(der, holder), register)


@cert_group.command(
    "rotate", help="Trägt ein neues Zertifikat ein (PEM, DER, PKCS#12); die alten laufen aus."
)
@_FILE
@_MANDANT
@_CENTRE
@click.option(
    "--overlap-days",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="So viele Tage gelten die alten noch.",
)
@_PASSWORD
@CONFIG
def rotate(file: Path, overlap_days: int, password: str, config: Path, **names: Any) -> None:
    """Old and new both count during the overlap."""
    holder = _read_holder(names["mandant"], names["centre"])
    with _open_register(config) as register:
        der = read_certificate_der(file.read_bytes(), password)
        _show(register.certificates.rotate(der, holder, overlap_days), register)


@cert_group.command("list", help="Zeigt die Zertifikate, das am frühesten endende zuerst.")
@CONFIG
def list_all(config: Path) -> None:
    """With holders and ends."""
    with _open_register(config) as register:
        for line in render_certificates(register.certificates.list_all(), now()):
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
    """Takes effect at once; ends with 3 where no revocation list names it."""
    with _open_register(config) as register:
        revoked = register.certificates.revoke(fingerprint, RevocationReason(reason))
        click.echo(render_certificate(revoked, now()))
        problem = _list_revoked(register.own_list, revoked, config)
    if problem:
        click.echo(f"Gesperrt, aber in keiner Sperrliste: {problem}", err=True)
        sys.exit(_NOT_LISTED)


@cert_group.command("crl", help="Schreibt die Sperrliste der eigenen CA neu.")
@click.option(
    "--days", type=click.IntRange(1), default=30, show_default=True, help="So lange gilt sie."
)
@CONFIG
def crl(days: int, config: Path) -> None:
    """The worker does it too, when half of the time has passed."""
    with _open_register(config) as register:
        _write_list(register.own_list, config, timedelta(days=days))


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
def _open_register(config: Path) -> Iterator[_Register]:
    with _refusals(), open_trust(config) as trust, open_database(config) as database:
        here = MandantCertificates(database, read_clock)
        yield _Register(Certificates(trust, here, read_clock), make_own_list(load(config), trust))


@contextmanager
def _refusals() -> Iterator[None]:
    """Ends the command with what was refused."""
    try:
        yield
    except (CertificateRefused, BadKeyMaterial) as error:
        fail([str(error)])
    except OSError as error:
        fail([f"{error.filename}: {error.strerror}."])


def _describe_request(request: CertificateRequest) -> str:
    outcome = request.fingerprint[:16] or f"abgelehnt: {request.refusal}"
    return f"{request.holder}, beantragt von {request.actor}: {outcome}"


def _read_holder(mandant: PartyIdentifier | None, centre: str) -> Holder:
    if (mandant is None) == (not centre):
        fail(["Bitte genau eines angeben: --mandant oder --centre."])
    return Holder(mandant, centre)


def _require_password(password: str) -> None:
    if not password:
        fail(["Bitte ein Kennwort angeben (--password oder DAMTSHILFE_PASSWORD)."])


def _write_new(path: Path, content: bytes) -> None:
    """A certificate that is there already is not overwritten."""
    with path.open("xb") as file:
        file.write(content)


def _show(bound: ClientCertificate, register: _Register) -> None:
    click.echo(render_certificate(bound, now()))
    if bound.holder.mandant and not register.certificates.is_known_here(bound.holder):
        click.echo(
            f"{bound.holder} ist kein Mandant dieses Servers: eingetragen ist es nur im Register "
            "des Authority-Servers."
        )


def _list_revoked(own_list: OwnRevocationList, revoked: ClientCertificate, config: Path) -> str:
    """Writes the list; returns why no list names the certificate, empty where one does."""
    try:
        if not isinstance(revoked, BoundCertificate):
            return "Es stand nicht im Register; nur der XTA-Server hier kannte es."
        if not own_list.has_issued(revoked):
            return "Die eigene CA hat es nicht ausgestellt; bitte auch bei seiner Stelle sperren."
        _write_list(own_list, config)
    except BadKeyMaterial as error:
        return str(error)
    except OSError as error:
        return f"{error.filename}: {error.strerror}."
    return ""


def _write_list(
    own_list: OwnRevocationList, config: Path, lifetime: timedelta = CRL_LIFETIME
) -> None:
    number = own_list.write(lifetime)
    click.echo(f"{load(config).authority_server.crl}: {number} gesperrt")
