"""Files that go to the disk while they are written."""

import os
from pathlib import Path

import pytest

from persistence.blobs.eager_file import EagerFile

MEBIBYTE = 1024 * 1024


def test_write_begins_each_range_once_and_keeps_all_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[tuple[int, int]] = []
    real = os.posix_fadvise

    def watch(descriptor: int, start: int, size: int, advice: int) -> None:
        begun.append((start, size))
        real(descriptor, start, size, advice)

    monkeypatch.setattr(os, "posix_fadvise", watch)
    pieces = [os.urandom(3 * MEBIBYTE) for _ in range(5)]
    with EagerFile(tmp_path / "neu", "xb") as file:
        for piece in pieces:
            assert file.write(piece) == len(piece)
    assert begun == [(0, 6 * MEBIBYTE), (6 * MEBIBYTE, 6 * MEBIBYTE)]
    assert (tmp_path / "neu").read_bytes() == b"".join(pieces)


def test_write_small_file_is_left_to_the_fsync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "posix_fadvise")
    with EagerFile(tmp_path / "neu", "xb") as file:
        file.write(b"kurz")
    assert (tmp_path / "neu").read_bytes() == b"kurz"
