"""The Authority-Server tells which data centre serves a Mandant on a day."""

from datetime import timedelta
from pathlib import Path

import pytest

from clients.authority import AuthorityClient, AuthorityServerAccess, WireHolder, WireKennung
from server.pki import describe_der, read_certificate
from server.services.clock import read_clock
from server.xmlio.contract_files import AUTHORITY_WSDL
from tests.support.installation import Installation, run_cli

ERFURT = "ags:16051000"


def manage(installation: Installation, *arguments: str, expected: int = 0) -> str:
    config = ("--config", str(installation.config))
    result = run_cli("authority", "centre", *arguments, *config, expected=expected)
    return result.stdout if expected == 0 else result.stderr


@pytest.fixture(scope="module")
def client(installation: Installation) -> AuthorityClient:
    certificate = installation.folder / "pki" / "xta-server.pem"
    return AuthorityClient(
        AuthorityServerAccess(
            installation.url("authority"), AUTHORITY_WSDL, certificate, installation.ca, 30
        )
    )


def test_find_data_centre_answers_by_day_before_and_after_a_move(
    installation: Installation, client: AuthorityClient
) -> None:
    # The day of the server, whatever zone this machine is in.
    today = read_clock().date()
    first, moving = today - timedelta(days=100), today + timedelta(days=20)
    for name in ("mitte", "ost"):
        base = f"https://{name}.example"
        urls = ("--management", f"{base}/m", "--send", f"{base}/s", "--msgbox", f"{base}/b")
        manage(installation, "add", name, "--title", f"Rechenzentrum {name}", *urls)
    kennung = f"xoev:{ERFURT}"
    manage(installation, "serve", kennung, "mitte", "--from", first.isoformat())
    refusal = manage(
        installation, "serve", kennung, "ost", "--from", moving.isoformat(), expected=1
    )
    assert "schon von mitte betreut" in refusal
    moved = manage(installation, "move", kennung, "ost", "--on", moving.isoformat())
    assert f"ost: ab dem {moving:%d.%m.%Y}" in moved
    asked = WireKennung(ERFURT, "xoev")
    before, after = client.find_data_centre(asked), client.find_data_centre(asked, moving)
    assert before is not None
    assert after is not None
    assert (before.name, before.title) == ("mitte", "Rechenzentrum mitte")
    assert (before.management, before.send) == (
        "https://mitte.example/m",
        "https://mitte.example/s",
    )
    assert (before.valid_from, before.valid_to) == (first, moving - timedelta(days=1))
    assert (after.name, after.msgbox, after.valid_to) == ("ost", "https://ost.example/b", None)
    assert client.find_data_centre(asked, first - timedelta(days=1)) is None
    assert client.find_data_centre(WireKennung("ags:0", "xoev")) is None
    assert manage(installation, "who", kennung).startswith("mitte  Rechenzentrum mitte")
    assert "https://ost.example/b" in manage(installation, "list")


def test_init_registers_the_data_centre_its_certificate_and_its_mandanten(
    installation: Installation, client: AuthorityClient
) -> None:
    own = read_certificate(installation.folder / "pki" / "xta-server.pem")
    for name in ("potsdam", "jena", "cochem"):
        identifier = installation.mandant(name)["identifier"]
        asked = WireKennung(identifier["value"], identifier["type"])
        found = client.find_data_centre(asked)
        assert found is not None
        assert (found.name, found.send) == ("eigenes", installation.url("send"))
        assert found.msgbox == installation.url("msgbox")
        assert [describe_der(item).fingerprint for item in found.certificates] == [own.fingerprint]
        certificate = read_certificate(installation.certificate(name))
        assert client.find_holder(certificate.fingerprint) == WireHolder(mandant=asked)
    assert client.find_holder(own.fingerprint) == WireHolder("eigenes")
    assert client.find_holder("0" * 64) == WireHolder()


@pytest.mark.parametrize("name", ["", "x" * 65, "zwei\nzeilen"])
def test_init_centre_name_that_cannot_be_is_told_and_nothing_written(
    tmp_path: Path, name: str
) -> None:
    result = run_cli("init", str(tmp_path / "neu"), "--centre", name, expected=1)
    assert "Der Kurzname braucht 1 bis 64 Zeichen" in result.stderr
    assert not (tmp_path / "neu").exists()


def test_centre_who_of_nobody_is_told(installation: Installation) -> None:
    assert "von keinem Rechenzentrum" in manage(installation, "who", "xoev:ags:0", expected=1)


def test_centre_kennung_without_type_is_told(installation: Installation) -> None:
    assert "nicht die Form typ:wert" in manage(installation, "who", "12345", expected=2)
