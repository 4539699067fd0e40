"""Imports through the command while the Authority-Server runs: it sees new data at once."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.authority import AuthorityClient, AuthorityServerAccess, WireAnschrift, WireKennung
from server.xmlio.contract_files import AUTHORITY_WSDL
from tests.support.installation import Installation, make_installation, run_cli, serving

ILMENAU = "ags:16070029"
GEMEINDEN = "ags;plz;ort;kreis\n16070029;98693;Ilmenau;Ilm-Kreis\n"
BEHOERDEN = (
    "kennung;name;strasse;hausnummer;plz;ort;kanal\n"
    f"{ILMENAU};Stadt Ilmenau, Stadtkasse;Marktstraße;5;98693;Ilmenau;brief\n"
)
REGELN = f"ags;einnahmearten;behoerde\n16070029;;{ILMENAU}\n"
ADDRESS = WireAnschrift("Marktstraße", "1", "98693", "Ilmenau")


@pytest.fixture
def served(tmp_path: Path) -> Installation:
    return make_installation(tmp_path / "demo")


def make_client(installation: Installation) -> AuthorityClient:
    certificate = installation.folder / "pki" / "xta-server.pem"
    return AuthorityClient(
        AuthorityServerAccess(
            installation.url("authority"), AUTHORITY_WSDL, certificate, installation.ca, 10
        )
    )


def write_files(folder: Path, **texts: str) -> list[str]:
    paths = []
    for name, text in texts.items():
        path = folder / f"{name}.csv"
        path.write_text(text, encoding="utf-8")
        paths.append(str(path))
    return paths


def await_answer(ask: Callable[[], list[str]], expected: list[str]) -> None:
    """The server asks every two seconds whether there was a change."""
    deadline = time.monotonic() + 15
    while ask() != expected:
        assert time.monotonic() < deadline, f"{ask()} instead of {expected}"
        time.sleep(0.2)


def test_import_and_rollback_are_seen_by_a_running_server(
    served: Installation, tmp_path: Path
) -> None:
    files = write_files(tmp_path, gemeinden=GEMEINDEN, behoerden=BEHOERDEN, regeln=REGELN)
    config = ["--config", str(served.config)]
    with serving(served, part="authority"):
        client = make_client(served)

        def ask() -> list[str]:
            return [item.kennung.value for item in client.ask_zustaendigkeit("bussgeld", ADDRESS)]

        assert ask() == []
        output = run_cli("authority", "import", *files, *config, "--dry-run").stdout
        assert "Behörden: 1 neu, 0 geändert, 0 beendet, 0 unverändert" in output
        assert "Probelauf" in output
        assert client.find_behoerde(WireKennung(ILMENAU, "xoev")) is None
        output = run_cli("authority", "import", *files, *config).stdout
        assert "Importiert als Version 2" in output
        await_answer(ask, [ILMENAU])
        assert "gemeinden.csv" in run_cli("authority", "versions", *config).stdout
        run_cli("authority", "rollback", "2", *config)
        await_answer(ask, [])
        assert "(zurückgenommen)" in run_cli("authority", "versions", *config).stdout


def test_import_one_refused_line_leaves_nothing(served: Installation, tmp_path: Path) -> None:
    config = ["--config", str(served.config)]
    before = run_cli("authority", "versions", *config).stdout
    files = write_files(
        tmp_path, gemeinden=GEMEINDEN, behoerden=BEHOERDEN, regeln=REGELN + "x;;y\n"
    )
    for options in ([], ["--dry-run"]):
        result = run_cli("authority", "import", *files, *config, *options, expected=1)
        assert "Abgelehnt: regeln.csv, Zeile 3: ags: 8 Ziffern erwartet" in result.stdout
        assert "Es wurde nichts importiert" in result.stderr
    assert run_cli("authority", "versions", *config).stdout == before


def test_export_of_the_demo_is_imported_without_any_change(
    served: Installation, tmp_path: Path
) -> None:
    config = ["--config", str(served.config)]
    run_cli("authority", "export", str(tmp_path / "aus"), *config)
    files = sorted(map(str, (tmp_path / "aus").iterdir()))
    assert len(files) == 4
    output = run_cli("authority", "import", *files, *config, "--full").stdout
    assert "Es ändert sich nichts" in output


def test_rollback_of_no_version_is_told(served: Installation) -> None:
    result = run_cli("authority", "rollback", "7", "--config", str(served.config), expected=1)
    assert "Die Version 7 gibt es nicht" in result.stderr
