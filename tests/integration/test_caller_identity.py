"""Who may call: the client certificate decides, and nothing that a client can write."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from persistence.database import Database
from persistence.engine import make_engine
from server.domain.mandant_access import AccessState, MandantAccess
from server.pki import Authority, Credential, write_private
from server.settings_file import load_settings
from tests.support.installation import (
    XTA_ACTION,
    FaultView,
    Installation,
    read_fault,
    read_sample,
    tls_refuses,
)

ACCOUNT = XTA_ACTION + "CheckAccountActive"
NOW = datetime.now(UTC)


def our_authority(installation: Installation) -> Authority:
    pki = installation.folder / "pki"
    return Authority.load(pki / "ca.pem", pki / "ca.key")


def save(credential: Credential, folder: Path) -> Path:
    path = folder / "client.pem"
    write_private(path, credential.pem_both())
    return path


def bind(installation: Installation, credential: Credential, name: str) -> None:
    """Binds a further certificate to a Mandant of the demo."""
    settings = load_settings(installation.config, {})
    with Database(make_engine(settings.database.url)).writing() as stores:
        caller = stores.mandanten.find_caller(_fingerprint_of(installation, name))
        assert caller is not None
        info = credential.info
        stores.mandanten.bind_certificate(
            caller.mandant.key, info.fingerprint, info.subject, info.not_after
        )


@contextmanager
def deactivated(installation: Installation, name: str) -> Iterator[Path]:
    """The certificate of a Mandant that has no access until the end of the block."""
    database = Database(make_engine(load_settings(installation.config, {}).database.url))
    with database.writing() as stores:
        caller = stores.mandanten.find_caller(_fingerprint_of(installation, name))
        assert caller is not None
        mandant = caller.mandant
        ended = MandantAccess(AccessState.DEACTIVATED, NOW.date())
        stores.mandanten.set_access(mandant.key, ended)
    try:
        yield installation.certificate(name)
    finally:
        with database.writing() as stores:
            stores.mandanten.set_access(mandant.key, mandant.access)


def _fingerprint_of(installation: Installation, name: str) -> str:
    from server.pki import read_certificate

    return read_certificate(installation.certificate(name)).fingerprint


def call_with(installation: Installation, certificate: Path) -> FaultView:
    sample = read_sample("valid", "check-account-active.xml")
    return read_fault(
        installation.post(installation.url("management"), sample, ACCOUNT, certificate)
    )


def test_management_port_without_certificate_gets_9012(installation: Installation) -> None:
    response = requests.post(
        installation.url("management"),
        data=read_sample("valid", "check-account-active.xml"),
        headers={"Content-Type": f'application/soap+xml; action="{ACCOUNT}"'},
        verify=str(installation.ca),
        timeout=30,
    )
    fault = read_fault(response)
    assert (fault.exception, fault.code) == ("PermissionDeniedException", "9012")
    assert "ohne Client-Zertifikat" in fault.text


def test_management_port_certificate_of_nobody_gets_9012(
    installation: Installation, tmp_path: Path
) -> None:
    unknown = our_authority(installation).issue_client("niemand", NOW)
    fault = call_with(installation, save(unknown, tmp_path))
    assert (fault.exception, fault.code) == ("PermissionDeniedException", "9012")


def test_send_port_stranger_with_a_large_body_still_reads_its_fault(
    installation: Installation, tmp_path: Path
) -> None:
    unknown = save(our_authority(installation).issue_client("niemand", NOW), tmp_path)
    action = XTA_ACTION + "SendMessage"
    response = installation.post(installation.url("send"), bytes(2_000_000), action, unknown)
    assert read_fault(response).code == "9012"


def test_management_port_expired_certificate_gets_9010(
    installation: Installation, tmp_path: Path
) -> None:
    expired = our_authority(installation).issue_client("alt", NOW, NOW - timedelta(days=3))
    bind(installation, expired, "jena")
    fault = call_with(installation, save(expired, tmp_path))
    assert (fault.exception, fault.code) == ("PermissionDeniedException", "9010")


def test_management_port_renewed_certificate_is_accepted(
    installation: Installation, tmp_path: Path
) -> None:
    renewed = our_authority(installation).issue_client("neu", NOW)
    bind(installation, renewed, "jena")
    sample = read_sample("valid", "check-account-active.xml")
    response = installation.post(
        installation.url("management"), sample, ACCOUNT, save(renewed, tmp_path)
    )
    assert response.status_code == 200


def test_management_port_deactivated_access_gets_9011_until_it_is_ordered_again(
    installation: Installation,
) -> None:
    sample, url = read_sample("valid", "check-account-active.xml"), installation.url("management")
    with deactivated(installation, "cochem") as certificate:
        fault = call_with(installation, certificate)
    assert (fault.exception, fault.code) == ("PermissionDeniedException", "9011")
    assert "ist deaktiviert, seit dem" in fault.text
    assert installation.post(url, sample, ACCOUNT, certificate).status_code == 200


def test_tls_certificate_of_a_foreign_authority_is_refused(
    installation: Installation, tmp_path: Path
) -> None:
    foreign = Authority.create("Fremde CA", NOW).issue_client("fremd", NOW)
    assert tls_refuses(installation, save(foreign, tmp_path))
    assert not tls_refuses(installation, installation.certificate("jena"))


def test_management_port_author_of_another_gets_9014(installation: Installation) -> None:
    sample = read_sample("valid", "check-account-active.xml").replace(
        b"</env:Header>",
        b'<m:Author xmlns:m="http://www.osci.eu/ws/2014/10/transport">'
        b'<m:Identifier type="xoev">ags:16053000</m:Identifier></m:Author></env:Header>',
    )
    fault = read_fault(installation.post(installation.url("management"), sample, ACCOUNT))
    assert (fault.exception, fault.code) == ("PermissionDeniedException", "9014")


@pytest.mark.parametrize("header", ["X-Client-Cert", "X-Forwarded-Client-Cert", "SSL-Client-Cert"])
def test_management_port_certificate_in_a_header_is_not_read(
    installation: Installation, header: str
) -> None:
    pem = installation.certificate("potsdam").read_text().replace("\n", " ")
    response = requests.post(
        installation.url("management"),
        data=read_sample("valid", "check-account-active.xml"),
        headers={"Content-Type": f'application/soap+xml; action="{ACCOUNT}"', header: pem},
        verify=str(installation.ca),
        timeout=30,
    )
    assert read_fault(response).code == "9012"


def test_authority_server_unknown_certificate_gets_9012(
    installation: Installation, tmp_path: Path
) -> None:
    unknown = our_authority(installation).issue_client("niemand", NOW)
    body = (
        b'<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        b'<findBehoerde xmlns="urn:damtshilfe:authority:1"><kennung typ="xoev">ags:16053000'
        b"</kennung></findBehoerde></env:Body></env:Envelope>"
    )
    url, known = installation.url("authority"), installation.certificate("jena")
    fault = read_fault(installation.post(url, body, certificate=save(unknown, tmp_path)))
    assert (fault.exception, fault.code) == ("fehler", "9012")
    answer = installation.post(url, body, certificate=known)
    assert answer.status_code == 200
    assert "Stadt Jena" in answer.text
