"""The blob store on a real disk: mixed stores, damage, full and read-only disks."""

import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from persistence.blobs import (
    BlobDamaged,
    BlobKeyMissing,
    BlobStoreUnavailable,
    FolderBlobs,
)
from persistence.blobs.data_keys import DataKeys
from persistence.database import Database
from server.domain.content import BlobRef, InlineContent
from server.errors import Faults
from tests.support.blob_keys import make_data_keys
from tests.unit.conftest import FixedClock

DATA = b"inhalt" * 1000
PLAIN_TEXT = b"Streng vertraulich: Musterschuldner. " * 20_000


@pytest.fixture
def keys(database: Database, tmp_path: Path, clock: FixedClock) -> DataKeys:
    return make_data_keys(database, tmp_path / "haupt.key", clock)


@pytest.fixture
def encrypted(tmp_path: Path, keys: DataKeys) -> FolderBlobs:
    return FolderBlobs(tmp_path / "inhalte", keys)


def list_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "inhalte").rglob("*") if path.is_file()]


def test_keep_staged_content_is_moved_not_copied(blobs: FolderBlobs, tmp_path: Path) -> None:
    writer = blobs.stage()
    writer.write(DATA)
    staged = writer.finish()
    inode = staged.path.stat().st_ino
    ref = blobs.keep(staged)
    (kept,) = list_files(tmp_path)
    assert (kept.name, kept.stat().st_ino) == (ref.name, inode)
    staged.discard()
    assert blobs.find(ref).read() == DATA


def test_keep_failed_flush_leaves_nothing(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        blobs.keep(InlineContent(b"inhalt"))
    assert list_files(tmp_path) == []


def test_stage_encrypted_no_plain_byte_reaches_the_disk(
    encrypted: FolderBlobs, tmp_path: Path
) -> None:
    writer = encrypted.stage()
    writer.write(PLAIN_TEXT)
    (coming,) = list_files(tmp_path)
    assert coming.stat().st_size > 65_536
    assert b"Musterschuldner" not in coming.read_bytes()
    staged = writer.finish()
    assert b"Musterschuldner" not in coming.read_bytes()
    assert encrypted.find(encrypted.keep(staged)).read() == PLAIN_TEXT


def test_find_plain_blob_of_before_is_readable_after_encryption_is_on(
    blobs: FolderBlobs, encrypted: FolderBlobs, tmp_path: Path
) -> None:
    plain, old = blobs.keep(InlineContent(DATA)), "ab" * 32
    folder = tmp_path / "inhalte" / "ab"
    folder.mkdir(exist_ok=True)
    (folder / old).write_bytes(DATA)
    new = encrypted.keep(InlineContent(DATA))
    for ref in (plain, BlobRef(old, len(DATA), plain.sha256), new):
        assert encrypted.find(ref).read() == DATA


def test_find_small_content_is_decrypted_once_and_read_as_often_as_one_likes(
    encrypted: FolderBlobs, tmp_path: Path
) -> None:
    ref = encrypted.keep(InlineContent(DATA))
    content = encrypted.find(ref)
    (file,) = list_files(tmp_path)
    away = file.rename(tmp_path / "woanders")
    assert content.read() == DATA
    away.rename(file)
    assert b"".join(content.read_chunks(7)) == DATA
    assert b"".join(encrypted.find(ref).read_chunks(7)) == DATA


def test_find_encrypted_blob_without_keys_is_told(
    blobs: FolderBlobs, encrypted: FolderBlobs
) -> None:
    ref = encrypted.keep(InlineContent(DATA))
    with pytest.raises(BlobKeyMissing, match="Schlüssel fehlt"):
        blobs.find(ref)


def test_find_plain_bytes_in_the_place_of_an_encrypted_blob_are_refused(
    encrypted: FolderBlobs, tmp_path: Path
) -> None:
    ref = encrypted.keep(InlineContent(DATA))
    (file,) = list_files(tmp_path)
    file.write_bytes(b"x" * file.stat().st_size)
    with pytest.raises(BlobDamaged):
        encrypted.find(ref)


def test_find_exchanged_blobs_of_the_same_size_are_refused(
    encrypted: FolderBlobs, tmp_path: Path
) -> None:
    refs = [encrypted.keep(InlineContent(DATA)) for _ in range(2)]
    one, two = list_files(tmp_path)
    spare = tmp_path / "tausch"
    one.rename(spare)
    two.rename(one)
    spare.rename(two)
    for ref in refs:
        with pytest.raises(BlobDamaged):
            encrypted.find(ref)


def test_read_blob_damaged_far_behind_stops_before_a_wrong_byte(
    encrypted: FolderBlobs, tmp_path: Path
) -> None:
    data = os.urandom(2 * 1024 * 1024)
    ref = encrypted.keep(InlineContent(data))
    (file,) = list_files(tmp_path)
    with file.open("r+b") as stored:
        stored.seek(-100, os.SEEK_END)
        stored.write(b"\0" * 50)
    found, read = encrypted.find(ref), b""
    with pytest.raises(BlobDamaged) as raised:
        for chunk in found.read_chunks(100_000):
            read += chunk
    assert raised.value.fault == Faults.INTERNAL_ERROR
    assert data.startswith(read) and len(read) > 1024 * 1024


@contextmanager
def mounted(folder: Path, size: int) -> Iterator[Path]:
    """A small file system of its own; needs root."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system can be mounted by root only")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_stage_on_a_full_disk_is_a_temporary_fault_and_leaves_room(
    tmp_path: Path, keys: DataKeys, is_encrypted: bool
) -> None:
    with mounted(tmp_path / "klein", 1024 * 1024) as folder:
        blobs = FolderBlobs(folder, keys if is_encrypted else None)
        with pytest.raises(BlobStoreUnavailable, match="voll") as raised:
            blobs.keep(InlineContent(os.urandom(3 * 1024 * 1024)))
        assert raised.value.fault == Faults.STORAGE_UNAVAILABLE
        ref = blobs.keep(InlineContent(DATA))
        assert blobs.find(ref).read() == DATA
        assert [path.name for path in folder.rglob("*") if path.is_file()] == [ref.name]


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_keep_on_a_disk_that_became_read_only_is_a_temporary_fault_and_old_blobs_stay(
    tmp_path: Path, keys: DataKeys, is_encrypted: bool
) -> None:
    with mounted(tmp_path / "klein", 4 * 1024 * 1024) as folder:
        blobs = FolderBlobs(folder, keys if is_encrypted else None)
        ref = blobs.keep(InlineContent(DATA))
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        with pytest.raises(BlobStoreUnavailable, match="schreibgeschützt"):
            blobs.keep(InlineContent(DATA))
        assert blobs.find(ref).read() == DATA


def test_keep_full_disk_at_the_rename_discards_what_was_staged(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    with pytest.raises(BlobStoreUnavailable, match="voll"):
        blobs.keep(InlineContent(DATA))
    assert list_files(tmp_path) == []
