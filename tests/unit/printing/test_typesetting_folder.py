"""Folders of the compiler: in use they stay, what a killed process left is cleared."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.printing.typesetting_folder import TypesettingFolder, clear_left_folders

_MAKE_AND_DIE = """
import os, signal
from server.printing.typesetting_folder import TypesettingFolder
folder = TypesettingFolder()
(folder.path / "brief.typ").touch()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where folders lie."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def leave(folder: Path) -> Path:
    """A process that is killed leaves its folder there."""
    environment = {**os.environ, "TMPDIR": str(folder)}
    before = set(folder.iterdir())
    ended = subprocess.run([sys.executable, "-c", _MAKE_AND_DIE], env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    (left,) = set(folder.iterdir()) - before
    return left


def age(path: Path) -> None:
    os.utime(path, (0, 0))


def test_folder_ends_with_its_object(temporary: Path) -> None:
    folder = TypesettingFolder()
    assert folder.path.parent == temporary and folder.path.stat().st_mode & 0o777 == 0o700
    del folder
    assert list(temporary.iterdir()) == []


def test_clear_left_folders_removes_what_a_killed_process_left(temporary: Path) -> None:
    left, used = leave(temporary), TypesettingFolder()
    other = temporary / "anderes"
    other.mkdir()
    for path in (left, used.path, other):
        age(path)
    assert clear_left_folders() == 1
    assert set(temporary.iterdir()) == {used.path, other}


def test_clear_left_folders_one_that_was_just_made_stays(temporary: Path) -> None:
    left = leave(temporary)
    assert clear_left_folders() == 0
    assert left.is_dir()


def test_clear_left_folders_follows_no_link(temporary: Path) -> None:
    target = temporary / "ziel"
    target.mkdir()
    age(target)
    (temporary / "damtshilfe-satz-link").symlink_to(target)
    assert clear_left_folders() == 0
    assert target.is_dir()


def test_restore_makes_it_anew_and_holds_it() -> None:
    folder = TypesettingFolder()
    shutil.rmtree(folder.path)
    folder.restore()
    age(folder.path)
    assert clear_left_folders() == 0
    assert list(folder.path.iterdir()) == []
