"""Settings: defaults, environment, mistakes."""

from pathlib import Path

import pytest

from server.settings import Settings
from server.settings_file import SettingsError, load_settings, render_settings
from server.settings_printing import CutOffChoice


def write(folder: Path, text: str) -> Path:
    path = folder / "damtshilfe.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_load_settings_empty_file_gives_defaults_with_absolute_paths(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), {})
    assert settings.server.port == 8443
    assert settings.tls.key == tmp_path / "pki" / "server.key"
    assert settings.database.url == f"sqlite:///{tmp_path}/daten/damtshilfe.sqlite"
    assert settings.printing.outputs["folder"].options == {"folder": "druck"}
    assert settings.printing.base == tmp_path


def test_load_settings_schema_folder_is_taken_from_the_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[schemas]\ndir = "schemata"\n'), {})
    assert settings.schemas.directory == tmp_path / "schemata"
    assert load_settings(write(tmp_path, ""), {}).schemas.directory is None


def test_load_settings_templates_are_taken_from_the_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[printing]\ntemplates = "vorlagen"\n'), {})
    assert settings.printing.templates_folder == tmp_path / "vorlagen"
    assert load_settings(write(tmp_path, ""), {}).printing.templates_folder is None


def test_load_settings_unknown_key_of_schemas_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"schemas\.folder: diesen Schlüssel gibt es nicht"):
        load_settings(write(tmp_path, '[schemas]\nfolder = "schemata"\n'), {})


def test_render_settings_read_back_gives_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, render_settings(Settings()))
    assert load_settings(path, {}) == load_settings(write(tmp_path, ""), {})


def test_load_settings_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "[server]\nport = 1\n")
    settings = load_settings(path, {"DAMTSHILFE_SERVER__PORT": "9443", "DAMTSHILFE_OTHER": "x"})
    assert settings.server.port == 9443


def test_load_settings_all_mistakes_are_told_together_in_german(tmp_path: Path) -> None:
    text = """
[server]
port = 0
public_url = "http://example.org"
unsinn = 1
[log]
level = "LAUT"
[limits]
xml_depth = "viel"
"""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(tmp_path, text), {})
    problems = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 5
    for words in (
        "server.port: muss mindestens 1 sein",
        "server.public_url: muss mit https:// beginnen",
        "server.unsinn: diesen Schlüssel gibt es nicht",
        "log.level: hat keinen der erlaubten Werte",
        "limits.xml_depth: muss eine ganze Zahl sein",
    ):
        assert words in problems


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"[server", "Kein gültiges TOML"), (b"\xff\xfe", "nicht in UTF-8")],
)
def test_load_settings_unreadable_file_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "damtshilfe.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=words):
        load_settings(path, {})


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(Exception, match="frozen"):
        Settings().server.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(("text", "problem"), [("400", ""), ("404", "muss 400 oder 500 sein")])
def test_load_settings_status_of_faults_is_one_of_two(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = tmp_path / "damtshilfe.toml"
    path.write_text("")
    environment = {"DAMTSHILFE_SERVER__SENDER_FAULT_STATUS": text}
    if not problem:
        assert load_settings(path, environment).server.sender_fault_status == int(text)
        return
    with pytest.raises(SettingsError, match=problem):
        load_settings(path, environment)


def test_load_settings_days_come_from_the_file_and_from_the_environment(tmp_path: Path) -> None:
    path = write(tmp_path, "[access]\nreminder_days = [7, 2]\n")
    assert load_settings(path, {}).access.reminder_days == (7, 2)
    environment = {"DAMTSHILFE_ACCESS__REMINDER_DAYS": "14, 3"}
    assert load_settings(path, environment).access.reminder_days == (14, 3)


@pytest.mark.parametrize(
    ("value", "words"), [("[0]", "muss größer als 0"), ('"bald"', "ganze Zahl"), ("3", "Liste")]
)
def test_load_settings_days_that_are_none_are_told(tmp_path: Path, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load_settings(write(tmp_path, f"[access]\nreminder_days = {value}\n"), {})


def test_load_mistake_beside_the_url_of_a_database_hides_its_password(tmp_path: Path) -> None:
    config = tmp_path / "damtshilfe.toml"
    config.write_text('database = "postgresql+psycopg://d:ge@heim@rechner/xta"\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(config, {})
    assert "rechner/xta" in caught.value.problems[0]
    assert "heim" not in caught.value.problems[0]


def test_load_settings_cut_offs_of_an_output_go_before_those_of_all(tmp_path: Path) -> None:
    text = """
[printing]
output = "a"
cut_offs = ["11:00", "16:30"]
holidays = "DE-TH"
free_days = ["24.12.", "15.05.2026"]
news_days = 7
[printing.outputs.a]
plugin = "folder"
[printing.outputs.b]
plugin = "folder"
cut_offs = []
cut_off_days = ["sa"]
holidays = ""
free_days = []
news_days = 0
"""
    printing = load_settings(write(tmp_path, text), {}).printing
    assert printing.find_cut_offs("a") == CutOffChoice(
        ("11:00", "16:30"),
        ("mo", "di", "mi", "do", "fr"),
        holidays="DE-TH",
        free_days=("24.12.", "15.05.2026"),
    )
    assert printing.find_cut_offs("b") == CutOffChoice((), ("sa",), holidays="", free_days=())
    assert [printing.find_news_days(name) for name in "ab"] == [7, 0]
    rendered = write(tmp_path, render_settings(load_settings(write(tmp_path, text), {})))
    assert load_settings(rendered, {}).printing == printing


def test_load_settings_cut_offs_come_from_the_environment(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, ""), {"DAMTSHILFE_PRINTING__CUT_OFFS": "09:00,15:00"})
    assert settings.printing.cut_offs == ("09:00", "15:00")


@pytest.mark.parametrize("value", ['["25:00"]', '["9:00"]', '["16 Uhr"]', "[16]"])
def test_load_settings_cut_offs_that_are_none_are_told(tmp_path: Path, value: str) -> None:
    with pytest.raises(SettingsError, match=r"printing\.cut_offs"):
        load_settings(write(tmp_path, f"[printing]\ncut_offs = {value}\n"), {})


@pytest.mark.parametrize("day", ["24.12", "31.02.", "29.02.2026", "1.5.", "2026-05-15", "32.01."])
def test_load_settings_free_day_that_is_none_is_told(tmp_path: Path, day: str) -> None:
    with pytest.raises(SettingsError, match=r"printing\.free_days"):
        load_settings(write(tmp_path, f'[printing]\nfree_days = ["{day}"]\n'), {})


def test_load_settings_free_day_of_leap_years_is_one(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, '[printing]\nfree_days = ["29.02."]\n'), {})
    assert settings.printing.free_days == ("29.02.",)


@pytest.mark.parametrize("land", ["TH", "DE", "DE-XX", "AT-1", "de-th"])
def test_load_settings_land_that_is_none_is_told(tmp_path: Path, land: str) -> None:
    with pytest.raises(SettingsError, match=r"printing\.holidays"):
        load_settings(write(tmp_path, f'[printing]\nholidays = "{land}"\n'), {})


def test_load_settings_weekday_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"printing\.cut_off_days"):
        load_settings(write(tmp_path, '[printing]\ncut_off_days = ["montag"]\n'), {})
