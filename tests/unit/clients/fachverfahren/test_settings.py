"""The settings of the connector."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from clients.fachverfahren.settings import (
    ConnectorSettings,
    ConnectorSettingsError,
    FacadeSettings,
    read_settings,
    render_settings,
)


def write(folder: Path, text: str) -> Path:
    path = folder / "connector.toml"
    path.write_text(text, encoding="utf-8")
    return path


def find_problems(path: Path) -> list[str]:
    with pytest.raises(ConnectorSettingsError) as caught:
        read_settings(path)
    return caught.value.problems


def test_read_settings_empty_file_has_the_defaults_beside_it(tmp_path: Path) -> None:
    settings = read_settings(write(tmp_path, ""))
    assert settings.folders.outbox == tmp_path.resolve() / "ausgang"
    assert settings.facade.certificate == tmp_path.resolve() / "pki" / "fachverfahren.pem"
    assert settings.outbox == ConnectorSettings().outbox


def test_render_settings_is_read_back_as_it_was(tmp_path: Path) -> None:
    facade = FacadeSettings('https://x/a"b', Path("/pki/ä \\ b.pem"), Path("/ca.pem"), 7)
    text = render_settings(replace(ConnectorSettings(), facade=facade))
    assert read_settings(write(tmp_path, text)).facade == facade
    keys = sum(len(section) for section in tomllib.loads(text).values())
    assert text.count("Vorgabe: ") == keys == 17


def test_read_settings_all_mistakes_are_told_together(tmp_path: Path) -> None:
    problems = find_problems(
        write(
            tmp_path,
            """
            rhythm = 3
            [facade]
            url = "http://localhost"
            timeout_seconds = true
            [folders]
            inbox = ""
            ausgang = "x"
            [outbox]
            ready_files = "ja"
            max_bytes = -1
            [drucker]
            """,
        )
    )
    assert [problem.partition(":")[0] for problem in problems] == [
        "rhythm",
        "facade.url",
        "facade.timeout_seconds",
        "folders.inbox",
        "folders.ausgang",
        "outbox.ready_files",
        "outbox.max_bytes",
        "drucker",
    ]


@pytest.mark.parametrize(
    "folders",
    [
        'sent = "ausgang"',
        'failed = "ausgang/fehler"',
        'state = "."',
        'inbox = "eingang/../ausgang"',
    ],
)
def test_read_settings_folders_within_each_other_are_refused(tmp_path: Path, folders: str) -> None:
    problems = find_problems(write(tmp_path, f"[folders]\n{folders}"))
    assert all("verschieden" in problem for problem in problems)
    assert any("folders.outbox" in problem for problem in problems)


def test_read_settings_link_to_another_folder_counts_as_that_folder(tmp_path: Path) -> None:
    (tmp_path / "ausgang").mkdir()
    (tmp_path / "gesendet").symlink_to("ausgang")
    assert "folders.outbox und folders.sent" in find_problems(write(tmp_path, ""))[0]


def test_read_settings_broken_or_missing_file_is_told(tmp_path: Path) -> None:
    assert "nicht lesbar" in find_problems(tmp_path / "fehlt.toml")[0]
    assert "TOML" in find_problems(write(tmp_path, "[facade"))[0]
    (tmp_path / "connector.toml").write_bytes(b"# \xff")
    assert "TOML" in find_problems(tmp_path / "connector.toml")[0]
