"""`damtshilfe mandant`: a Mandant refuses messages of unknown schemas, and carries them again."""

from pathlib import Path

import pytest
from sqlalchemy import text

from persistence.engine import make_engine
from server.settings_file import load_settings
from tests.integration.test_bad_input import FOREIGN, send_sample
from tests.support.installation import Installation, make_installation, read_sample, run_cli

POTSDAM, JENA = "xoev:ags:12054000", "xoev:ags:16053000"
UNKNOWN = b"<a xmlns='urn:beispiel:fremd'/>"


def set_unknown(installation: Installation, kennung: str, value: str) -> str:
    config = str(installation.config)
    return run_cli("mandant", "set", kennung, "--unknown-schemas", value, "--config", config).stdout


@pytest.mark.parametrize("kennung", [POTSDAM, JENA], ids=["author", "reader"])
def test_mandant_set_refuse_takes_effect_at_once_and_can_be_taken_back(
    installation: Installation, kennung: str
) -> None:
    assert set_unknown(installation, kennung, "refuse").endswith("Schemata: abgelehnt\n")
    try:
        for payload in (UNKNOWN, b"Text"):
            fault = send_sample(installation, payload, schema=FOREIGN)
            assert fault is not None
            assert (fault.exception, fault.code) == ("MessageSchemaViolationException", "9050")
            assert "tauscht nur Nachrichten bekannter Schemata aus" in fault.text
        assert send_sample(installation, read_sample("valid", "ersuchen.xml")) is None
    finally:
        assert set_unknown(installation, kennung, "carry").endswith("Schemata: befördert\n")
    assert send_sample(installation, UNKNOWN, schema=FOREIGN) is None
    installation.empty_mailbox()


def test_mandant_list_shows_what_holds_for_each(tmp_path: Path) -> None:
    made = make_installation(tmp_path / "demo")
    config = str(made.config)
    set_unknown(made, JENA, "refuse")
    lines = run_cli("mandant", "list", "--config", config).stdout.splitlines()
    assert len(lines) == len(made.facts["mandanten"])
    shown = {line.split()[0]: line for line in lines}
    assert "(Postfach), Zugang: bestellt, " in shown[POTSDAM]
    assert shown[POTSDAM].endswith("unbekannte Schemata: befördert")
    assert shown[JENA].endswith("unbekannte Schemata: abgelehnt")
    assert made.mandant("jena")["behoerde"] in shown[JENA]
    assert sum("(Brief)" in line for line in lines) == 1


def test_mandant_list_of_an_older_database_says_what_to_do(tmp_path: Path) -> None:
    made = make_installation(tmp_path / "demo")
    settings = load_settings(made.config, {})
    with make_engine(settings.database.url).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    result = run_cli("mandant", "list", "--config", str(made.config), expected=1)
    assert "Der Datenbank fehlen Migrationen" in result.stderr


def test_mandant_set_unknown_kennung_is_told(installation: Installation) -> None:
    result = run_cli(
        *("mandant", "set", "xoev:niemand", "--unknown-schemas", "carry"),
        *("--config", str(installation.config)),
        expected=1,
    )
    assert "Den Mandanten xoev:niemand gibt es hier nicht" in result.stderr
