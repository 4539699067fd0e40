"""Certificates: what is issued works in a real TLS handshake."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from server.pki import (
    Authority,
    BadKeyMaterial,
    Credential,
    check_key,
    read_certificate,
    write_private,
)

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority.create("Test CA", NOW)


def save(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    write_private(path, content)
    return path


def shake_hands(
    folder: Path, ca: Credential, server: Credential, client: Credential, host: str
) -> bytes | None:
    """The client certificate as the server sees it; raises ssl.SSLError."""
    ca_file = save(folder, "ca.pem", ca.pem_certificate())
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(save(folder, "server.pem", server.pem_both()))
    server_context.load_verify_locations(ca_file)
    server_context.verify_mode = ssl.CERT_REQUIRED
    client_context = ssl.create_default_context(cafile=str(ca_file))
    client_context.load_cert_chain(save(folder, "client.pem", client.pem_both()))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    left = server_context.wrap_bio(to_server, to_client, server_side=True)
    right = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(4):
        for side in (right, left):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return left.getpeercert(binary_form=True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_issued_certificates_shake_hands(tmp_path: Path, authority: Authority, host: str) -> None:
    server = authority.issue_server(["localhost", "127.0.0.1", "::1"], NOW)
    client = authority.issue_client("potsdam", NOW)
    seen = shake_hands(tmp_path, authority.credential, server, client, host)
    assert seen is not None
    assert ssl.DER_cert_to_PEM_cert(seen).strip() == client.pem_certificate().decode().strip()


def test_server_for_another_host_is_refused(tmp_path: Path, authority: Authority) -> None:
    server = authority.issue_server(["localhost"], NOW)
    client = authority.issue_client("potsdam", NOW)
    with pytest.raises(ssl.SSLError, match="mismatch"):
        shake_hands(tmp_path, authority.credential, server, client, "example.org")


def test_client_of_a_foreign_authority_is_refused(tmp_path: Path, authority: Authority) -> None:
    server = authority.issue_server(["localhost"], NOW)
    client = Authority.create("Fremd", NOW).issue_client("potsdam", NOW)
    with pytest.raises(ssl.SSLError):
        shake_hands(tmp_path, authority.credential, server, client, "localhost")


def test_server_certificate_is_no_client_certificate(tmp_path: Path, authority: Authority) -> None:
    server = authority.issue_server(["localhost"], NOW)
    with pytest.raises(ssl.SSLError, match="purpose"):
        shake_hands(tmp_path, authority.credential, server, server, "localhost")


def test_certificate_info_times_and_fingerprint(tmp_path: Path, authority: Authority) -> None:
    ended = NOW - timedelta(days=3)
    client = authority.issue_client("ä" * 100, NOW, ended)
    info = read_certificate(save(tmp_path, "c.pem", client.pem_both()))
    assert info == client.info
    assert info.not_after == ended.replace(microsecond=0)
    assert info.not_before < info.not_after
    assert len(info.fingerprint) == 64


def test_authority_loaded_again_issues_for_the_same_ca(
    tmp_path: Path, authority: Authority
) -> None:
    loaded = Authority.load(
        save(tmp_path, "x.pem", authority.credential.pem_certificate()),
        save(tmp_path, "x.key", authority.credential.pem_key()),
    )
    (tmp_path / "hands").mkdir()
    server = loaded.issue_server(["localhost"], NOW)
    client = authority.issue_client("a", NOW)
    assert shake_hands(tmp_path / "hands", authority.credential, server, client, "localhost")


def test_check_key_tells_what_is_wrong(tmp_path: Path, authority: Authority) -> None:
    one, other = (authority.issue_client(name, NOW) for name in ("a", "b"))
    certificate = save(tmp_path, "a.pem", one.pem_certificate())
    check_key(certificate, save(tmp_path, "a.key", one.pem_key()))
    with pytest.raises(BadKeyMaterial, match="gehört nicht zum Zertifikat"):
        check_key(certificate, save(tmp_path, "b.key", other.pem_key()))
    with pytest.raises(BadKeyMaterial, match="keinen lesbaren"):
        check_key(certificate, certificate)
    with pytest.raises(BadKeyMaterial, match="kein lesbares Zertifikat"):
        check_key(tmp_path / "a.key", tmp_path / "a.key")
    with pytest.raises(BadKeyMaterial, match="kein lesbares PEM"):
        Authority.load(certificate, certificate)


def test_write_private_is_for_the_owner_and_never_overwrites(tmp_path: Path) -> None:
    path = save(tmp_path, "key", b"one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        write_private(path, b"two")
    assert path.read_bytes() == b"one"
