"""`damtshilfe print` and `damtshilfe mandant print`, and the letters that follow."""

import shutil
from pathlib import Path

import pytest

from tests.support.installation import Installation, make_installation, run_cli


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Nothing runs; commands need the files and the database only."""
    return make_installation(tmp_path_factory.mktemp("druck") / "demo")


def run(installation: Installation, *arguments: str, expected: int = 0) -> str:
    result = run_cli(*arguments, "--config", str(installation.config), expected=expected)
    return result.stdout + result.stderr


@pytest.fixture
def another(installation: Installation, tmp_path: Path) -> Installation:
    """The same, with settings that a test may change."""
    shutil.copytree(installation.folder, tmp_path / "demo")
    return Installation(tmp_path / "demo", installation.facts)


def add_output(installation: Installation, text: str) -> None:
    with installation.config.open("a", encoding="utf-8") as file:
        file.write(text)


def test_print_outputs_lists_plugins_and_tells_what_is_there(another: Installation) -> None:
    add_output(
        another,
        '[printing.outputs.drucker]\nplugin = "ipp"\n'
        'options = { url = "ipp://127.0.0.1:9/printers/briefe" }\n',
    )
    told = run(another, "print", "outputs", expected=1)
    assert "Plugins: folder, http, ipp, sftp" in told
    assert "folder (folder), Vorgabe: ist erreichbar" in told
    assert "drucker (ipp): nicht erreichbar: Die Druckausgabe „drucker“" in told
    assert "ist erreichbar" in run(another, "print", "check", "folder")
    assert "nicht in den Einstellungen" in run(another, "print", "check", "fax", expected=1)


def test_config_check_tells_all_wrong_options_together(another: Installation) -> None:
    add_output(
        another,
        '[printing.outputs.a]\nplugin = "sftp"\noptions = { host = "", kennwort = "geheim" }\n'
        '[printing.outputs.b]\nplugin = "fax"\n',
    )
    result = run_cli("config", "check", str(another.config), expected=1)
    for problem in (
        "printing.outputs.a.options: host: darf nicht leer sein",
        "printing.outputs.a.options: user: die Angabe fehlt",
        "printing.outputs.a.options: kennwort: diesen Schlüssel gibt es nicht",
        "Das Plugin „fax“ gibt es nicht",
    ):
        assert problem in result.stderr
    assert "geheim" not in result.stderr


def test_mandant_print_set_is_shown_and_reset(installation: Installation) -> None:
    kennung = next(
        line.split()[0]
        for line in run(installation, "mandant", "list").splitlines()
        if "Potsdam" in line
    )
    assert "Druckausgabe:     folder  (Vorgabe)" in run(
        installation, "mandant", "print", "show", kennung
    )
    told = run(
        installation,
        *("mandant", "print", "set", kennung, "--simplex", "--colour", "--cost-centre", "47 11"),
    )
    assert "Seiten:           einseitig\n" in told
    assert "Kostenstelle:     47 11\n" in told
    assert "Papiersorte:      –  (Vorgabe)" in told
    assert told == run(installation, "mandant", "print", "show", kennung)
    reset = run(installation, "mandant", "print", "set", kennung, "--reset")
    assert "Seiten:           beidseitig  (Vorgabe)" in reset


def test_mandant_print_set_wrong_output_is_told(installation: Installation) -> None:
    kennung = run(installation, "mandant", "list").split()[0]
    told = run(installation, "mandant", "print", "set", kennung, "--output", "fax", expected=1)
    assert "Die Druckausgabe „fax“ gibt es nicht; eingestellt: folder." in told
    nothing = run(installation, "mandant", "print", "set", kennung, expected=1)
    assert "nichts angegeben" in nothing
