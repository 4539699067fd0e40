"""`damtshilfe authority cert` beside running servers: TLS, the register, revocation lists."""

import stat
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from server.pki import Authority, read_certificate
from server.pki.revocation import Revocation, read_crl, write_crl
from tests.support.installation import (
    XTA_ACTION,
    Installation,
    is_served,
    make_installation,
    read_fault,
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
    return knock(installation, certificate) == ""


def knock(installation: Installation, certificate: Path) -> str:
    """What the XTA server says against a certificate; empty where it lets it in."""
    sample = read_sample("valid", "check-account-active.xml")
    action = XTA_ACTION + "CheckAccountActive"
    answer = installation.post(installation.url("management"), sample, action, certificate)
    return "" if answer.status_code == 200 else read_fault(answer).text


def await_refusal(installation: Installation, certificate: Path, code: str) -> str:
    """The text of the refusal as soon as the XTA server refuses."""
    deadline = time.monotonic() + 60
    while not (text := knock(installation, certificate)):
        assert time.monotonic() < deadline, "the certificate is still let in"
        time.sleep(0.2)
    assert text.startswith(f"{code}: ")
    return text


def write_list(installation: Installation, lifetime: timedelta, *revoked: Path) -> bytes:
    """The list of the CA as if it were led elsewhere: the register knows nothing of it."""
    pki = installation.folder / "pki"
    authority = Authority.load(pki / "ca.pem", pki / "ca.key")
    now = datetime.now(UTC)
    items = [Revocation(read_certificate(path).serial, now, "superseded") for path in revoked]
    content = write_crl(authority, items, now, lifetime)
    (pki / "neu.crl").write_bytes(content)
    (pki / "neu.crl").replace(pki / "ca.crl")
    return content


def test_rotate_old_and_new_are_let_in_then_the_old_is_refused(
    made: Installation, tmp_path: Path
) -> None:
    old, new, last = (issue(made, tmp_path, name) for name in ("alt", "neu", "letztes"))
    manage(made, "rotate", str(new), "--mandant", JENA, "--overlap-days", "1")
    with serving(made):
        assert [knock(made, path) for path in (old, new, last)] == ["", "", ""]
        packed = tmp_path / "letztes.p12"
        password = ("--password", "geheim")
        parts = (str(tmp_path / "letztes.pem"), str(tmp_path / "letztes.key"), str(packed))
        run_cli("authority", "cert", "export", *parts, *password)
        manage(made, "rotate", str(packed), "--mandant", JENA, "--overlap-days", "0", *password)
        for path in (old, new, made.certificate("jena")):
            assert knock(made, path).startswith("9010: Das Client-Zertifikat galt bis zum")
        assert is_let_in(made, last)
        assert is_let_in(made, made.certificate("potsdam"))


def test_revoke_takes_effect_at_once_and_is_published(made: Installation, tmp_path: Path) -> None:
    path = issue(made, tmp_path, "verloren")
    info = read_certificate(path)
    with serving(made):
        assert is_let_in(made, path)
        told = manage(made, "revoke", info.fingerprint[:16], "--reason", "keyCompromise")
        assert "gesperrt seit dem" in told
        assert "1 gesperrt" in told
        assert knock(made, path).startswith("9010: ")
        ask = '<findBehoerde xmlns="urn:damtshilfe:authority:1"><kennung typ="xoev">x</kennung>'
        body = (
            '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
            f"{ask}</findBehoerde></env:Body></env:Envelope>"
        )
        answer = made.post(made.url("authority"), body.encode(), certificate=path)
        assert "gesperrt" in read_fault(answer).text
        url = made.url("authority").removesuffix("/1") + "/sperrliste.crl"
        published = requests.get(url, verify=str(made.ca), timeout=10)
        assert list(read_crl(published.content, made.ca.read_bytes()).revoked) == [info.serial]
    # A server that starts fetches the list at its first request.
    with serving(made):
        assert "gesperrt" in knock(made, path)
    assert info.fingerprint[:16] in manage(made, "list")


def test_revoke_without_the_key_of_the_ca_is_revoked_and_told(
    made: Installation, tmp_path: Path
) -> None:
    path = issue(made, tmp_path, "ohne-ca")
    fingerprint = read_certificate(path).fingerprint
    key, away = made.folder / "pki" / "ca.key", made.folder / "pki" / "weg.key"
    before = (made.folder / "pki" / "ca.crl").read_bytes()
    key.rename(away)
    try:
        error = manage(made, "revoke", fingerprint[:16], expected=3)
    finally:
        away.rename(key)
    assert "Gesperrt, aber in keiner Sperrliste" in error
    assert "ca.key" in error
    assert (made.folder / "pki" / "ca.crl").read_bytes() == before
    line = next(item for item in manage(made, "list").splitlines() if fingerprint[:16] in item)
    assert "gesperrt seit dem" in line
    # The same again writes the list that was missing.
    assert "gesperrt" in manage(made, "revoke", fingerprint[:16])
    crl = read_crl((made.folder / "pki" / "ca.crl").read_bytes(), made.ca.read_bytes())
    assert read_certificate(path).serial in crl.revoked


def test_revoke_of_a_foreign_certificate_tells_that_no_list_names_it(
    made: Installation, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    foreign = Authority.create("Fremde CA", now).issue_client("x", now)
    path = tmp_path / "fremd.pem"
    path.write_bytes(foreign.pem_certificate())
    told = manage(made, "register", str(path), "--mandant", "xoev:ags:16052000")
    assert "kein Mandant dieses Servers" in told
    error = manage(made, "revoke", foreign.info.fingerprint, expected=3)
    assert "bitte auch bei seiner Stelle sperren" in error


def test_revocation_list_is_followed_after_the_refresh_and_goes_on_to_count_for_a_while(
    made: Installation,
) -> None:
    potsdam, cochem = made.certificate("potsdam"), made.certificate("cochem")
    changes = {
        "DAMTSHILFE_REVOCATION__REFRESH_MINUTES": "0.01",
        "DAMTSHILFE_REVOCATION__SOFT_FAIL_HOURS": "0.008",
    }
    kept = made.folder / "daten" / "sperrlisten"
    own = (made.folder / "pki" / "ca.crl").read_bytes()
    write_list(made, timedelta(days=1))
    with serving(made, changes, "xta"):
        with serving(made, changes, "authority"):
            assert [knock(made, path) for path in (potsdam, cochem)] == ["", ""]
            write_list(made, timedelta(days=1), potsdam)
            text = await_refusal(made, potsdam, "9010")
            assert "gesperrt" in text
            assert is_let_in(made, cochem)
            content = write_list(made, timedelta(seconds=1))
            deadline = time.monotonic() + 30
            while content not in [path.read_bytes() for path in kept.glob("*.crl")]:
                assert time.monotonic() < deadline, "the list was not fetched anew"
                assert is_let_in(made, cochem)
        assert not is_served(made.url("authority"))
        assert is_let_in(made, cochem)
        assert "Sperrliste" in await_refusal(made, cochem, "9031")
        (made.folder / "pki" / "ca.crl").write_bytes(own)
        with serving(made, changes, "authority"):
            deadline = time.monotonic() + 30
            while not is_let_in(made, cochem):
                assert time.monotonic() < deadline, "the list was not fetched anew"
                time.sleep(0.2)


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


def test_issue_for_an_unknown_data_centre_leaves_no_file(
    made: Installation, tmp_path: Path
) -> None:
    error = manage(made, "issue", str(tmp_path / "x.pem"), "--centre", "fehlt", expected=1)
    assert "Das Rechenzentrum fehlt gibt es nicht" in error
    assert list(tmp_path.iterdir()) == []


def test_register_weak_key_is_refused(made: Installation, tmp_path: Path) -> None:
    key, csr = tmp_path / "k.pem", tmp_path / "k.csr"
    openssl = ["openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    subprocess.run([*openssl, "-keyout", key, "-out", csr], check=True, capture_output=True)
    target = str(tmp_path / "x.pem")
    error = manage(made, "issue", target, "--csr", str(csr), "--mandant", JENA, expected=1)
    assert "2048 Bit" in error
    assert not Path(target).exists()


def test_request_of_another_program_with_an_rsa_key_is_signed(
    made: Installation, tmp_path: Path
) -> None:
    key, csr, target = (tmp_path / f"k.{kind}" for kind in ("key", "csr", "pem"))
    openssl = ["openssl", "req", "-new", "-newkey", "rsa:3072", "-nodes", "-subj", "/CN=x"]
    subprocess.run([*openssl, "-keyout", key, "-out", csr], check=True, capture_output=True)
    manage(made, "issue", str(target), "--csr", str(csr), "--mandant", JENA)
    both = tmp_path / "beides.pem"
    both.write_bytes(key.read_bytes() + target.read_bytes())
    with serving(made, part="xta"), serving(made, part="authority"):
        assert is_let_in(made, both)


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
    foreign = Authority.create("Fremde CA", now).issue_client("y", now)
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
    holder = "xoev:ags:12054000"
    manage(made, "register", str(path), "--mandant", holder)
    config = ("--config", str(made.config))
    shown = run_cli("status", *config).stdout
    # The XTA server knows it too: it is told once.
    (line,) = [item for item in shown.splitlines() if soon.info.fingerprint[:16] in item]
    assert line.endswith("(Stufe: 7 Tage)")
    assert "Sperrliste: gilt bis zum" in shown
    metrics = run_cli("status", "--format", "prometheus", *config).stdout
    (line,) = [item for item in metrics.splitlines() if soon.info.fingerprint in item]
    assert line.startswith(f'damtshilfe_certificate_days_left{{holder="{holder}"')
    assert 4.9 < float(line.rpartition(" ")[2]) <= 5
    assert 'damtshilfe_mandanten{state="bestellt"} 3' in metrics
    for name in ("certificate_requests_waiting", "certificate_requests_oldest_seconds"):
        assert f"\n# TYPE damtshilfe_{name} gauge\ndamtshilfe_{name} 0\n" in metrics
    assert "\ndamtshilfe_directory_doubts 0\n" in metrics
    _, _, left = metrics.rpartition("\ndamtshilfe_revocation_list_days_left ")
    assert 29.9 < float(left) <= 30


def test_config_check_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    made = make_installation(tmp_path / "demo")
    (made.folder / "pki" / "server.key").chmod(0o640)
    error = run_cli("config", "check", str(made.config), expected=1).stderr
    assert "server.key ist auch für andere lesbar" in error
