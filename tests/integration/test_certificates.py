"""`damtshilfe authority cert` beside running servers: TLS, the register, revocation lists."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from server.pki import Authority, read_certificate
from server.pki.revocation import read_crl
from tests.integration.test_caller_identity import call_with
from tests.support.installation import (
    XTA_ACTION,
    Installation,
    make_installation,
    read_sample,
    run_cli,
    serving,
)

JENA, POTSDAM = "xoev:ags:16053000", "xoev:ags:12054000"


def manage(installation: Installation, *arguments: str, expected: int = 0) -> str:
    config = ("--config", str(installation.config))
    result = run_cli("authority", "cert", *arguments, *config, expected=expected)
    return result.stdout if expected == 0 else result.stderr


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return make_installation(tmp_path_factory.mktemp("zertifikate") / "demo")


def issue(installation: Installation, folder: Path, name: str) -> Path:
    """Certificate and key of a new client certificate of Jena in one file."""
    target = folder / f"{name}.pem"
    manage(installation, "issue", str(target), "--mandant", JENA)
    key = target.with_suffix(".key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    both = folder / f"{name}-both.pem"
    both.write_bytes(key.read_bytes() + target.read_bytes())
    return both


def is_let_in(installation: Installation, certificate: Path) -> bool:
    sample = read_sample("valid", "check-account-active.xml")
    action = XTA_ACTION + "CheckAccountActive"
    answer = installation.post(installation.url("management"), sample, action, certificate)
    return answer.status_code == 200


def test_certificates_old_and_new_work_and_a_revoked_one_gets_9010(
    made: Installation, tmp_path: Path
) -> None:
    old, new = (issue(made, tmp_path, name) for name in ("alt", "neu"))
    manage(made, "rotate", str(new), "--mandant", JENA, "--overlap-days", "1")
    with serving(made):
        assert is_let_in(made, old)
        assert is_let_in(made, new)
        serial, fingerprint = (
            read_certificate(old).serial,
            read_certificate(old).fingerprint,
        )
        assert "gesperrt seit dem" in manage(made, "revoke", fingerprint[:16])
        url = made.url("authority").removesuffix("/1") + "/sperrliste.crl"
        published = requests.get(url, verify=str(made.ca), timeout=10)
        assert list(read_crl(published.content, made.ca.read_bytes()).revoked) == [serial]
    # A server that starts fetches the list at its first request.
    with serving(made):
        fault = call_with(made, old)
        assert (fault.exception, fault.code) == ("PermissionDeniedException", "9010")
        assert "gesperrt" in fault.text
        assert is_let_in(made, new)
    assert fingerprint[:16] in manage(made, "list")


def test_certificate_of_somebody_else_cannot_be_registered(
    made: Installation, tmp_path: Path
) -> None:
    issue(made, tmp_path, "meins")
    path = str(tmp_path / "meins.pem")
    error = manage(made, "register", path, "--mandant", POTSDAM, expected=1)
    assert f"gehört hier schon zu {JENA}" in error
    known = str(made.certificate("jena"))
    error = manage(made, "register", known, "--mandant", POTSDAM, expected=1)
    assert f"gehört hier schon zu {JENA}" in error
    assert "genau eines" in manage(made, "register", known, expected=1)


def test_certificate_signed_for_a_request_of_another_machine(
    made: Installation, tmp_path: Path
) -> None:
    run_cli("authority", "cert", "request", str(tmp_path / "gera"))
    key, csr, target = (tmp_path / f"gera.{kind}" for kind in ("key", "csr", "pem"))
    manage(made, "issue", str(target), "--csr", str(csr), "--mandant", "xoev:ags:16052000")
    assert b"PRIVATE KEY" not in target.read_bytes()
    packed, unpacked = tmp_path / "gera.p12", tmp_path / "wieder.pem"
    password = ("--password", "geheim")
    run_cli("authority", "cert", "export", str(target), str(key), str(packed), *password)
    run_cli("authority", "cert", "import", str(packed), str(unpacked), *password)
    assert read_certificate(unpacked) == read_certificate(target)
    assert stat.S_IMODE(unpacked.stat().st_mode) == 0o600
    wrong = ("import", str(packed), str(tmp_path / "x.pem"), "--password", "falsch")
    assert "Kennwort" in run_cli("authority", "cert", *wrong, expected=1).stderr
    key.chmod(0o644)
    again = ("export", str(target), str(key), str(tmp_path / "y.p12"), *password)
    assert "0600" in run_cli("authority", "cert", *again, expected=1).stderr
    assert not (tmp_path / "y.p12").exists()


def test_certificate_of_a_foreign_authority_is_registered(
    made: Installation, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    foreign = Authority.create("Fremde CA", now).issue_client("x", now)
    path = tmp_path / "fremd.pem"
    path.write_bytes(foreign.pem_certificate())
    assert "gültig bis zum" in manage(made, "register", str(path), "--mandant", JENA)


def test_status_tells_a_certificate_that_ends_soon_to_people_and_to_monitoring(
    made: Installation, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    pki = made.folder / "pki"
    authority = Authority.load(pki / "ca.pem", pki / "ca.key")
    soon = authority.issue_client("bald", now, now + timedelta(days=5))
    path = tmp_path / "bald.pem"
    path.write_bytes(soon.pem_certificate())
    manage(made, "register", str(path), "--mandant", "xoev:ags:16055000")
    config = ("--config", str(made.config))
    shown = run_cli("status", *config).stdout
    assert "Zertifikat endet bald: " + soon.info.fingerprint[:16] in shown
    assert "(Stufe: 7 Tage)" in shown
    metrics = run_cli("status", "--format", "prometheus", *config).stdout
    line = next(item for item in metrics.splitlines() if soon.info.fingerprint in item)
    assert line.startswith('damtshilfe_certificate_days_left{holder="xoev:ags:16055000"')
    assert 4.9 < float(line.rpartition(" ")[2]) <= 5
    assert 'damtshilfe_mandanten{state="bestellt"} 3' in metrics


def test_config_check_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    made = make_installation(tmp_path / "demo")
    (made.folder / "pki" / "server.key").chmod(0o640)
    error = run_cli("config", "check", str(made.config), expected=1).stderr
    assert "server.key ist auch für andere lesbar" in error
