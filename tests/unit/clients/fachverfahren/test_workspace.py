"""The folders of the connector."""

from dataclasses import fields
from pathlib import Path

import pytest

from clients.fachverfahren.settings import FolderSettings
from clients.fachverfahren.workspace import (
    FolderTaken,
    Workspace,
    create_folders,
    find_folder_problems,
)

OTHER_FILE_SYSTEM = Path("/dev/shm")


@pytest.fixture
def folders(tmp_path: Path) -> FolderSettings:
    made = FolderSettings(*(tmp_path / key.name for key in fields(FolderSettings)))
    create_folders(made)
    return made


def test_find_folder_problems_folders_of_init_have_none(folders: FolderSettings) -> None:
    assert find_folder_problems(folders) == []
    assert all(list(getattr(folders, key.name).iterdir()) == [] for key in fields(folders))


def test_find_folder_problems_missing_folder_is_told_and_not_made(folders: FolderSettings) -> None:
    folders.outbox.rmdir()
    assert find_folder_problems(folders) == [
        f"folders.outbox: Den Ordner {folders.outbox} gibt es nicht."
    ]
    assert not folders.outbox.exists()


@pytest.mark.skipif(
    not OTHER_FILE_SYSTEM.is_dir() or OTHER_FILE_SYSTEM.stat().st_dev == Path("/tmp").stat().st_dev,
    reason="there is no other file system",
)
def test_find_folder_problems_other_file_system_is_told(folders: FolderSettings) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(dir=OTHER_FILE_SYSTEM) as other:
        folders.inbox.rmdir()
        changed = FolderSettings(**{**vars(folders), "inbox": Path(other)})
        (problem,) = find_folder_problems(changed)
        assert "anderen Dateisystem" in problem


def test_locked_second_one_is_refused_until_the_first_is_gone(
    folders: FolderSettings, tmp_path: Path
) -> None:
    (tmp_path / "z").mkdir()
    other = FolderSettings(
        **{**vars(folders), "state": tmp_path / "z", "outbox": tmp_path / "z" / "x"}
    )
    create_folders(other)
    with (
        Workspace(folders).locked(),
        pytest.raises(FolderTaken, match="andere Anbindung"),
        Workspace(other).locked(),
    ):
        pass
    with Workspace(other).locked():
        pass


def test_locked_throws_away_what_was_not_complete(folders: FolderSettings) -> None:
    workspace = Workspace(folders)
    with workspace.locked():
        (workspace.staging / "halb").mkdir()
    with workspace.locked():
        assert list(workspace.staging.iterdir()) == []
