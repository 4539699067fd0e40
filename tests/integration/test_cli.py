"""The command `damtshilfe`: what it writes, what it says, how it ends."""

import itertools
import json
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from lxml import etree
from zeep.exceptions import Fault

from clients.fachverfahren import FachverfahrenClient
from server.pki import Authority
from server.settings_file import load_settings
from server.xmlio.contract_files import XSD_FOLDER
from tests.support.installation import (
    Installation,
    is_served,
    make_installation,
    port_of,
    run_cli,
    serving,
)


@pytest.fixture(scope="module")
def unserved(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A demo installation that nothing runs."""
    return make_installation(tmp_path_factory.mktemp("cli") / "demo")


@pytest.fixture
def copied(unserved: Installation, tmp_path: Path) -> Path:
    """The settings of a copy that a test may spoil."""
    shutil.copytree(unserved.folder, tmp_path / "demo")
    return tmp_path / "demo" / "damtshilfe.toml"


def test_init_demo_describes_all_that_a_foreign_client_needs(unserved: Installation) -> None:
    facts = unserved.facts
    assert set(facts["ports"]) == {"management", "send", "msgbox", "amtshilfe", "authority"}
    assert Path(facts["ca"]) == unserved.folder.resolve() / "pki" / "ca.pem"
    assert sum(mandant["electronic"] for mandant in facts["mandanten"]) >= 2
    for mandant in facts["mandanten"]:
        path = Path(mandant["certificate"])
        assert path == unserved.folder.resolve() / "pki" / f"{mandant['name']}.pem"
        assert b"PRIVATE KEY" in path.read_bytes()
        assert set(mandant["identifier"]) == {"value", "type", "name", "category"}
        assert set(mandant["address"]) == {"strasse", "hausnummer", "plz", "ort", "einnahmeart"}
    payload = Path(facts["sample"]["payload"])
    schema = etree.XMLSchema(file=str(XSD_FOLDER / "amtshilfe-1" / "amtshilfe.xsd"))
    assert schema.validate(etree.parse(str(payload)))
    assert {"message_type", "schema"} <= set(facts["sample"])


def test_init_keys_are_readable_by_their_owner_only(unserved: Installation) -> None:
    private = [
        path for path in (unserved.folder / "pki").iterdir() if b"PRIVATE KEY" in path.read_bytes()
    ]
    assert len(private) == 8
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}


def test_init_settings_explain_every_key_and_are_in_order(unserved: Installation) -> None:
    lines = unserved.config.read_text(encoding="utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if " = " in line and not line.startswith("#"):
            assert before.startswith("# "), line
            assert "Vorgabe: " in before
    assert "in Ordnung" in run_cli("config", "check", str(unserved.config)).stdout


def test_init_without_demo_makes_an_installation_without_mandanten(tmp_path: Path) -> None:
    run_cli("init", str(tmp_path / "leer"))
    output = run_cli("status", "--config", str(tmp_path / "leer" / "damtshilfe.toml")).stdout
    assert "Mandanten: 0" in output
    assert "Antwort überfällig: 0" in output
    assert not (tmp_path / "leer" / "demo.json").exists()


def test_init_host_name_stands_in_addresses_and_certificate(tmp_path: Path) -> None:
    run_cli("init", str(tmp_path / "a"), "--host-name", "xta.example")
    settings = load_settings(tmp_path / "a" / "damtshilfe.toml", {})
    assert settings.server.public_url == "https://xta.example:8443"
    assert settings.authority_client.url == "https://xta.example:8444/authority/1"
    assert settings.revocation.sources == ("https://xta.example:8444/authority/sperrliste.crl",)
    certificate = x509.load_pem_x509_certificate(settings.tls.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["xta.example", "localhost"]


def test_init_host_name_that_is_none_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    result = run_cli("init", str(tmp_path / "a"), "--host-name", "https://xta.example", expected=1)
    assert "weder ein Rechnername" in result.stderr
    assert not (tmp_path / "a").exists()


def test_init_into_an_installation_is_refused(unserved: Installation) -> None:
    before = unserved.config.read_bytes()
    result = run_cli("init", str(unserved.folder), "--demo", expected=1)
    assert "liegt bereits eine Installation" in result.stderr
    assert unserved.config.read_bytes() == before


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (("port = ", "port = 99999 #"), "server.port"),
        (("[limits]", "[limits]\nunsinn = 1"), "limits.unsinn: diesen Schlüssel gibt es nicht"),
        (('key = "pki/server.key"', 'key = "pki/fehlt.key"'), "fehlt.key fehlt"),
        (('key = "pki/server.key"', 'key = "pki/ca.key"'), "gehört nicht zum Zertifikat"),
        (
            ('key = "pki/server.key"', 'key = "demo.json"'),
            "keinen lesbaren, unverschlüsselten Schlüssel",
        ),
        (
            ('\nurl = "sqlite:///daten/damtshilfe.sqlite', '\nurl = "sqlite:///daten/fehlt.sqlite'),
            "fehlt.sqlite fehlt",
        ),
        (('output = "folder"', 'output = "rohrpost"'), "vorhanden: folder"),
        (("[server]", "[server"), "Kein gültiges TOML"),
    ],
)
def test_config_check_and_serve_mistake_is_told_in_german(
    copied: Path, spoil: tuple[str, str], words: str
) -> None:
    text = copied.read_text(encoding="utf-8")
    assert spoil[0] in text
    copied.write_text(text.replace(spoil[0], spoil[1], 1), encoding="utf-8")
    for arguments in (["config", "check", str(copied)], ["serve", "--config", str(copied)]):
        result = run_cli(*arguments, expected=1)
        assert "Fehler: " in result.stderr
        assert words in result.stderr
        assert "Traceback" not in result.stderr


def test_config_check_two_mistakes_are_told_together(copied: Path) -> None:
    text = copied.read_text(encoding="utf-8")
    text = text.replace("pki/server.key", "pki/x.key").replace("pki/ca.pem", "pki/y.pem")
    copied.write_text(text, encoding="utf-8")
    errors = run_cli("config", "check", str(copied), expected=1).stderr
    assert "x.key fehlt" in errors
    assert "y.pem fehlt" in errors


def test_config_check_missing_file_is_told(tmp_path: Path) -> None:
    result = run_cli("config", "check", str(tmp_path / "fehlt.toml"), expected=1)
    assert "nicht lesbar" in result.stderr


def test_serve_taken_port_is_told(unserved: Installation) -> None:
    port = port_of(unserved.url("management"))
    with socket.create_server(("127.0.0.1", port)):
        result = run_cli("serve", "--config", str(unserved.config), expected=1)
    assert f"An 127.0.0.1:{port} kann nicht gelauscht werden" in result.stderr


def test_serve_sigterm_ends_every_process_cleanly(unserved: Installation) -> None:
    with serving(unserved) as process:
        output = run_cli("status", "--config", str(unserved.config)).stdout
        assert "nicht erreichbar" not in output
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    log = next(unserved.folder.glob("serve-*.log")).read_text(encoding="utf-8")
    assert unserved.url("amtshilfe") + "?wsdl" in log
    assert "dAmtshilfe ist beendet." in log
    assert not is_served(unserved.url("management"))
    assert not is_served(unserved.url("authority"))


def test_serve_killed_leaves_no_process_behind(unserved: Installation) -> None:
    with serving(unserved) as process:
        process.kill()
        process.wait(10)
        deadline = time.monotonic() + 30
        while any(is_served(unserved.url(name)) for name in ("management", "authority")):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_config_check_expired_certificate_is_told(copied: Path) -> None:
    pki = copied.parent / "pki"
    now = datetime.now(UTC)
    authority = Authority.load(pki / "ca.pem", pki / "ca.key")
    (pki / "xta-server.pem").write_bytes(
        authority.issue_client("alt", now, now - timedelta(days=1)).pem_both()
    )
    errors = run_cli("config", "check", str(copied), expected=1).stderr
    assert "authority_client.certificate: Das Zertifikat" in errors
    assert "galt bis zum" in errors


def test_serve_part_that_dies_is_started_again(unserved: Installation) -> None:
    with serving(unserved):
        children = subprocess.run(
            ["pgrep", "-f", f"{unserved.config} --part authority"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        subprocess.run(["kill", "-KILL", *children], check=True)
        client = unserved.fachverfahren("potsdam")
        anfrage = dict(unserved.mandant("jena")["address"])
        einnahmeart = anfrage.pop("einnahmeart")
        deadline = time.monotonic() + 60
        while not _is_answered(client, einnahmeart, anfrage):
            assert time.monotonic() < deadline
            time.sleep(0.2)


def _is_answered(client: FachverfahrenClient, einnahmeart: str, anschrift: dict[str, str]) -> bool:
    try:
        return bool(client.ask_zustaendigkeit(einnahmeart, anschrift).eindeutig)
    except Fault as fault:
        # While the Authority-Server is away, the caller is told so.
        assert "9031" in str(fault)
        return False


def test_demo_command_walks_through_every_step(tmp_path: Path) -> None:
    result = run_cli("demo", str(tmp_path / "demo"))
    assert "Alle Schritte sind geprüft." in result.stdout
    letter = next(line.split()[1] for line in result.stdout.splitlines() if "Brief   " in line)
    assert Path(letter).read_bytes().startswith(b"%PDF-")
    assert "Status 1" in (tmp_path / "demo" / "report-jena.txt").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "demo" / "demo.json").read_text(encoding="utf-8"))


def test_command_without_arguments_shows_help() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "server.cli", "--help"], capture_output=True, text=True, check=True
    )
    for name in ("init", "serve", "config", "status", "demo", "codelist", "massnahmen"):
        assert name in result.stdout
