"""The blob store on a real disk."""

import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from persistence.blobs import BlobMissing, FileContent, FolderBlobs
from server.domain.content import InlineContent

DATA = b"inhalt" * 1000


def list_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "inhalte").rglob("*") if path.is_file()]


def stage(blobs: FolderBlobs, *chunks: bytes) -> FileContent:
    writer = blobs.stage()
    for chunk in chunks:
        writer.write(chunk)
    return writer.finish()


def test_keep_same_bytes_are_kept_once(blobs: FolderBlobs, tmp_path: Path) -> None:
    names = {blobs.keep(InlineContent(DATA)) for _ in range(3)}
    assert names == {hashlib.sha256(DATA).hexdigest()}
    assert blobs.find(names.pop(), len(DATA)).read() == DATA
    assert len(list_files(tmp_path)) == 1


def test_keep_staged_content_is_moved_not_copied(blobs: FolderBlobs, tmp_path: Path) -> None:
    staged = stage(blobs, DATA[:1], DATA[1:])
    inode = staged.path.stat().st_ino
    kept = blobs.find(blobs.keep(staged), staged.size)
    assert kept.path.stat().st_ino == inode
    assert list_files(tmp_path) == [kept.path]
    staged.discard()
    assert kept.read() == DATA


def test_keep_staged_content_twice_keeps_one_and_discards_the_other(
    blobs: FolderBlobs, tmp_path: Path
) -> None:
    first, second = stage(blobs, DATA), stage(blobs, DATA)
    assert blobs.keep(first) == blobs.keep(second)
    second.discard()
    assert len(list_files(tmp_path)) == 1


def test_keep_many_threads_with_one_content_all_succeed(blobs: FolderBlobs, tmp_path: Path) -> None:
    threads = [threading.Thread(target=blobs.keep, args=(InlineContent(DATA),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert blobs.find(hashlib.sha256(DATA).hexdigest(), len(DATA)).read() == DATA


def test_keep_failed_flush_leaves_nothing(
    blobs: FolderBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        blobs.keep(InlineContent(b"inhalt"))
    assert list_files(tmp_path) == []


def test_writer_discarded_half_way_leaves_nothing(blobs: FolderBlobs, tmp_path: Path) -> None:
    writer = blobs.stage()
    writer.write(DATA)
    writer.discard()
    assert list_files(tmp_path) == []


def test_read_chunks_all_but_the_last_have_the_size(blobs: FolderBlobs) -> None:
    content = stage(blobs, b"0123456789")
    assert list(content.read_chunks(4)) == [b"0123", b"4567", b"89"]
    assert list(InlineContent(b"0123456789").read_chunks(4)) == [b"0123", b"4567", b"89"]


def test_find_missing_blob_is_told(blobs: FolderBlobs) -> None:
    with pytest.raises(BlobMissing):
        blobs.find("0" * 64, 1)


def test_find_blob_that_was_cut_off_is_told(blobs: FolderBlobs) -> None:
    sha256 = blobs.keep(InlineContent(DATA))
    os.truncate(blobs.find(sha256, len(DATA)).path, 5)
    with pytest.raises(BlobMissing):
        blobs.find(sha256, len(DATA))


def test_discard_leftovers_old_staged_files_go_and_young_ones_stay(blobs: FolderBlobs) -> None:
    now = datetime.now(UTC)
    assert blobs.discard_leftovers(now) == 0
    old, young = stage(blobs, b"alt"), stage(blobs, b"neu")
    two_days_ago = (now - timedelta(days=2)).timestamp()
    os.utime(old.path, (two_days_ago, two_days_ago))
    assert blobs.discard_leftovers(now - timedelta(days=1)) == 1
    assert (old.path.exists(), young.path.exists()) == (False, True)
