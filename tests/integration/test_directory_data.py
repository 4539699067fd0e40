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


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_export_of_the_demo_is_imported_without_any_change(
    served: Installation, tmp_path: Path, form: str
) -> None:
    config = ["--config", str(served.config)]
    run_cli("authority", "export", str(tmp_path / "aus"), *config, "--format", form)
    files = sorted(map(str, (tmp_path / "aus").iterdir()))
    assert [Path(file).name for file in files] == [
        f"{kind}.{form}" for kind in ("behoerden", "gemeinden", "regeln")
    ]
    output = run_cli("authority", "import", *files, *config, "--full").stdout
    assert "Es ändert sich nichts" in output


def test_check_tells_what_leads_nowhere(served: Installation, tmp_path: Path) -> None:
    config = ["--config", str(served.config)]
    (file,) = write_files(tmp_path, gemeinden=GEMEINDEN)
    run_cli("authority", "import", file, *config)
    output = run_cli("authority", "check", *config, "--show", "1000").stdout
    assert "Für Ilmenau (16070029, 98693) gilt heute keine Regel." in output


def test_rollback_of_no_version_is_told(served: Installation) -> None:
    result = run_cli("authority", "rollback", "7", "--config", str(served.config), expected=1)
    assert "Die Version 7 gibt es nicht" in result.stderr


REGISTRATION = """
kennung = "zv:saale"
name = "Zweckverband Saale, Kasse"
plz = "07743"
ort = "Jena"
kanal = "brief"
iban = "DE89 3704 0044 0532 0130 00"
einnahmearten = ["abwassergebuehr"]
[[kontakt]]
name = "Eva Beispiel"
email = "eva@example.org"
"""


def test_registration_is_told_only_after_its_confirmation(
    served: Installation, tmp_path: Path
) -> None:
    config = ["--config", str(served.config)]
    file = tmp_path / "registrierung.toml"
    file.write_text(REGISTRATION, encoding="utf-8")
    wrong = run_cli(
        "authority", "register", str(file), *config, "--iban", "DE1", "--plz", "7", expected=1
    )
    assert "Fehler: iban:" in wrong.stderr
    assert "Fehler: plz:" in wrong.stderr
    assert "Es wurde nichts registriert" in wrong.stderr
    kennung = WireKennung("zv:saale", "xoev")
    with serving(served, part="authority"):
        client = make_client(served)
        output = run_cli("authority", "register", str(file), *config, "--hausnummer", "3").stdout
        assert "authority confirm zv:saale" in output
        assert client.find_behoerde(kennung) is None
        assert "zv:saale" in run_cli("authority", "list", *config, "--state", "registriert").stdout
        run_cli("authority", "confirm", "zv:saale", *config)
        found = client.find_behoerde(kennung)
        assert found is not None
        assert found.name == "Zweckverband Saale, Kasse"
    shown = run_cli("authority", "show", "zv:saale", *config).stdout
    assert "IBAN:           DE89370400440532013000" in shown
    assert "Zustand:        aktiv" in shown
    again = run_cli("authority", "confirm", "zv:saale", *config, expected=1)
    assert "schon bestätigt" in again.stderr


def test_doubt_over_the_wire_is_listed_and_cleared(served: Installation) -> None:
    config = ["--config", str(served.config)]
    cochem = str(served.party("cochem").value)
    with serving(served, part="authority"):
        client = make_client(served)
        assert client.report_doubt(WireKennung(cochem, "xoev"), "Der Brief kam zurück.")
        assert not client.report_doubt(WireKennung("ags:99999999", "xoev"), "Kein Postfach.")
    listed = run_cli("authority", "list", "--doubtful", *config).stdout
    assert "Rechenzentrum eigenes: Der Brief kam zurück." in listed
    assert listed.count("zweifelhaft:") == 1
    run_cli("authority", "clear-doubt", cochem, *config)
    assert run_cli("authority", "list", "--doubtful", *config).stdout == ""
    assert (
        "nicht als zweifelhaft"
        in run_cli("authority", "clear-doubt", cochem, *config, expected=1).stderr
    )
    run_cli("authority", "doubt", cochem, "Brief kam zurück", *config)
    shown = run_cli("authority", "show", cochem, *config).stdout
    assert "Verwaltung: Brief kam zurück" in shown


def test_undeliverable_message_makes_its_recipient_doubtful(
    served: Installation, tmp_path: Path
) -> None:
    """The demo's third Mandant gets letters; its entry then says something else."""
    config = ["--config", str(served.config)]
    cochem = str(served.party("cochem").value)
    with serving(served, part="authority"), serving(served, part="xta"):
        xta = served.xta("potsdam")
        message_id = xta.create_message_id()
        xta.send(served.outgoing(message_id, "cochem"))
        export = tmp_path / "aus"
        run_cli("authority", "export", str(export), *config, "--kind", "behoerden")
        file = export / "behoerden.csv"
        text = file.read_text(encoding="utf-8-sig").splitlines()
        lines = [
            line.replace(";brief;", ";elektronisch;") if line.startswith(f"{cochem};") else line
            for line in text
        ]
        file.write_text("\n".join(lines), encoding="utf-8")
        output = run_cli("authority", "import", str(file), *config).stdout
        assert "Behörden: 0 neu, 1 geändert" in output
        with serving(served, part="worker"):
            list_doubtful = ["authority", "list", "--doubtful", *config]
            deadline = time.monotonic() + 30
            while cochem not in (listed := run_cli(*list_doubtful).stdout):
                assert time.monotonic() < deadline, listed
    assert "hat auf diesem Server kein Postfach" in listed
