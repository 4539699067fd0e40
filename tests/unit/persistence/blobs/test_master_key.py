"""Master keys from files and from the environment."""

import base64
import os
from pathlib import Path

import pytest

from persistence.blobs.encryption import DecryptionFailed
from persistence.blobs.master_key import (
    MASTER_KEY_VARIABLE,
    OLD_MASTER_KEY_VARIABLE,
    AesMasterKey,
    BadMasterKey,
    MasterKeys,
    write_master_key,
)


def test_write_master_key_only_the_owner_may_read_and_nothing_is_overwritten(
    tmp_path: Path,
) -> None:
    path = tmp_path / "haupt.key"
    write_master_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        write_master_key(path)
    assert MasterKeys(path, {}).read().primary.id == MasterKeys(path, {}).read().primary.id


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_read_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "haupt.key"
    write_master_key(path)
    path.chmod(mode)
    with pytest.raises(BadMasterKey, match="0600"):
        MasterKeys(path, {}).read()


@pytest.mark.parametrize("text", ["", "abc", "ä" * 44, base64.b64encode(b"x" * 31).decode()])
def test_read_file_without_a_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "haupt.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(BadMasterKey, match="kein Hauptschlüssel"):
        MasterKeys(path, {}).read()


def test_read_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadMasterKey, match="fehlt"):
        MasterKeys(tmp_path / "haupt.key", {}).read()


def test_read_environment_goes_before_the_file(tmp_path: Path) -> None:
    path = tmp_path / "haupt.key"
    write_master_key(path)
    new, old = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    ring = MasterKeys(path, {MASTER_KEY_VARIABLE: new, OLD_MASTER_KEY_VARIABLE: old}).read()
    assert ring.primary.id == AesMasterKey(b"\1" * 32).id
    assert [key.id for key in ring.older] == [AesMasterKey(b"\2" * 32).id]


def test_read_bad_environment_names_the_variable_and_not_the_value(tmp_path: Path) -> None:
    with pytest.raises(BadMasterKey, match=MASTER_KEY_VARIABLE) as raised:
        MasterKeys(tmp_path / "haupt.key", {MASTER_KEY_VARIABLE: "geheim"}).read()
    assert "geheim" not in str(raised.value)


def test_replace_file_the_old_key_stays_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "haupt.key"
    write_master_key(path)
    keys = MasterKeys(path, {})
    ids = [keys.read().primary.id]
    for _ in range(2):
        keys.replace_file()
        ring = keys.read()
        assert [key.id for key in ring.older] == [ids[-1]]
        assert ring.primary.id not in ids
        ids.append(ring.primary.id)
    assert sorted(os.listdir(tmp_path)) == ["haupt.key", "haupt.key.alt"]
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("leftover", ["haupt.key.neu", "haupt.key.alt-"])
def test_replace_file_after_a_crash_half_way_begins_anew(tmp_path: Path, leftover: str) -> None:
    path = tmp_path / "haupt.key"
    write_master_key(path)
    (tmp_path / leftover).write_bytes(b"rest")
    keys = MasterKeys(path, {})
    before = keys.read().primary.id
    keys.replace_file()
    assert keys.read().find(before) is not None
    assert sorted(os.listdir(tmp_path)) == ["haupt.key", "haupt.key.alt"]


def test_unwrap_what_was_changed_or_moved_is_refused() -> None:
    key = AesMasterKey(b"m" * 32)
    wrapped = key.wrap(b"daten", b"ort")
    assert key.unwrap(wrapped, b"ort") == b"daten"
    for data, context in ((wrapped, b"anderer"), (wrapped[:-1], b"ort"), (b"kurz", b"ort")):
        with pytest.raises(DecryptionFailed):
            key.unwrap(data, context)
