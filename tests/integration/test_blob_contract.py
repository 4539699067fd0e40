"""What every blob store keeps: folder and S3 (a real server), plain and encrypted."""

import hashlib
import os
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from persistence.blobs import (
    BlobDamaged,
    BlobMissing,
    BlobWriter,
    FolderBlobs,
    ObjectBlobs,
    StagedBlob,
)
from persistence.blobs.data_keys import DataKeys
from persistence.database import Database
from persistence.engine import make_engine
from persistence.schema import DatabaseKind, upgrade_schema
from server.domain.content import BlobRef, InlineContent
from tests.support.blob_keys import make_data_keys
from tests.support.s3 import S3Server, find_missing, running_s3

DATA = b"inhalt" * 1000
KINDS = ["folder-plain", "folder-encrypted", "s3-plain", "s3-encrypted"]
LARGE = 12 * 1024 * 1024


@dataclass(frozen=True)
class Store:
    """A blob store, where its blobs lie as files, and a second process on the same store."""

    blobs: FolderBlobs | ObjectBlobs
    staging: Path
    list_files: Callable[[], list[Path]]
    open_again: Callable[[], FolderBlobs | ObjectBlobs]

    def file_of(self, ref: BlobRef) -> Path:
        return next(path for path in self.list_files() if path.name == ref.name)


@pytest.fixture(scope="module")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server | None]:
    if find_missing():
        yield None
        return
    with running_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[DataKeys]:
    database = Database(make_engine(f"sqlite:///{tmp_path}/schluessel.sqlite"))
    upgrade_schema(database.engine, DatabaseKind.XTA)
    yield make_data_keys(database, tmp_path / "haupt.key")
    database.engine.dispose()


@pytest.fixture(params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path: Path, keys: DataKeys, s3_server: S3Server | None
) -> Store:
    kind, mode = request.param.split("-")
    used_keys = keys if mode == "encrypted" else None
    folder = tmp_path / "inhalte"
    if kind == "folder":
        return _make_folder_store(folder, used_keys)
    if s3_server is None:
        pytest.skip(find_missing())
    server, prefix = s3_server, f"{uuid.uuid4()}/"

    def open_blobs() -> ObjectBlobs:
        return ObjectBlobs(folder, server.access(prefix=prefix), used_keys)

    return Store(open_blobs(), folder / "eingang", lambda: server.list_files(prefix), open_blobs)


def _make_folder_store(folder: Path, keys: DataKeys | None) -> Store:
    def list_files() -> list[Path]:
        return [
            path for path in folder.rglob("*") if path.is_file() and path.parent.name != "eingang"
        ]

    def open_blobs() -> FolderBlobs:
        return FolderBlobs(folder, keys)

    return Store(open_blobs(), folder / "eingang", list_files, open_blobs)


def stage(store: Store, *chunks: bytes) -> StagedBlob:
    writer: BlobWriter = store.blobs.stage()
    for chunk in chunks:
        writer.write(chunk)
    return writer.finish()


@pytest.mark.parametrize(
    "size", [0, 1, 65_536 - 56, 65_536 - 55, 2 * 65_536 - 72, 2 * 65_536 - 71, LARGE]
)
def test_keep_then_find_by_another_process_gives_the_same_bytes(store: Store, size: int) -> None:
    data = random.Random(size).randbytes(size)
    ref = store.blobs.keep(stage(store, data[: size // 3], data[size // 3 :]))
    assert (ref.size, ref.sha256) == (size, hashlib.sha256(data).hexdigest())
    found = store.open_again().find(ref)
    assert (found.size, found.sha256, found.read()) == (size, ref.sha256, data)


def test_keep_leaves_one_complete_file_and_nothing_staged(store: Store) -> None:
    ref = store.blobs.keep(stage(store, DATA))
    assert [path.name for path in store.list_files()] == [ref.name]
    assert list(store.staging.iterdir()) == []


def test_keep_the_same_staged_content_twice_keeps_it_once(store: Store) -> None:
    staged = stage(store, DATA)
    first = store.blobs.keep(staged)
    written = store.file_of(first).stat().st_mtime_ns
    assert store.blobs.keep(staged) == first
    staged.discard()
    assert store.file_of(first).stat().st_mtime_ns == written
    assert store.blobs.find(first).read() == DATA


def test_keep_equal_content_of_two_messages_has_two_names_that_tell_nothing(store: Store) -> None:
    first, second = (store.blobs.keep(InlineContent(DATA)) for _ in range(2))
    assert first.name != second.name
    assert first.sha256 not in (first.name, second.name)
    store.blobs.delete([first.name])
    assert store.blobs.find(second).read() == DATA


def test_keep_by_many_threads_all_are_kept(store: Store) -> None:
    refs: list[BlobRef] = []
    contents = [os.urandom(1000) for _ in range(8)]
    threads = [
        threading.Thread(
            target=lambda data=data: refs.append(store.blobs.keep(InlineContent(data)))
        )
        for data in contents
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(store.blobs.find(ref).read() for ref in refs) == sorted(contents)


def test_staged_content_can_be_read_before_it_is_kept(store: Store) -> None:
    staged = stage(store, b"0123456789")
    assert list(staged.read_chunks(4)) == [b"0123", b"4567", b"89"]
    assert staged.read() == b"0123456789"
    staged.discard()
    assert list(store.staging.iterdir()) == []


def test_read_chunks_all_but_the_last_have_the_size(store: Store) -> None:
    data = random.Random(3).randbytes(5 * 1024 * 1024 + 7)
    found = store.blobs.find(store.blobs.keep(InlineContent(data)))
    chunks = list(found.read_chunks(300_000))
    assert {len(chunk) for chunk in chunks[:-1]} == {300_000}
    assert b"".join(chunks) == data


def test_find_missing_blob_is_told(store: Store) -> None:
    ref = store.blobs.keep(InlineContent(DATA))
    store.blobs.delete([ref.name])
    with pytest.raises(BlobMissing, match="9030"):
        store.blobs.find(ref)


def test_find_blob_that_was_cut_off_is_told(store: Store) -> None:
    ref = store.blobs.keep(InlineContent(DATA))
    os.truncate(store.file_of(ref), 500)
    with pytest.raises(BlobDamaged, match="9030"):
        store.blobs.find(ref)


def test_blob_that_goes_while_it_is_read_is_told(store: Store) -> None:
    # What is small may have been read whole when it was found.
    found = store.blobs.find(store.blobs.keep(InlineContent(DATA * 1000)))
    store.blobs.delete([found.ref.name])
    with pytest.raises(BlobMissing):
        found.read()


def test_list_names_lists_what_is_kept_and_nothing_staged(store: Store) -> None:
    assert [name for batch in store.blobs.list_names() for name in batch] == []
    refs = [store.blobs.keep(InlineContent(bytes([number]))) for number in range(5)]
    stage(store, DATA)
    found = [name for batch in store.open_again().list_names() for name in batch]
    assert sorted(found) == sorted(ref.name for ref in refs)


def test_delete_removes_what_is_there_and_passes_over_what_is_not(store: Store) -> None:
    first, second = (store.blobs.keep(InlineContent(DATA)) for _ in range(2))
    store.blobs.delete([first.name])
    store.blobs.delete([first.name, second.name])
    assert store.list_files() == []


def test_writer_discarded_half_way_leaves_nothing(store: Store) -> None:
    writer = store.blobs.stage()
    writer.write(DATA)
    writer.discard()
    assert list(store.staging.iterdir()) == []
    assert store.list_files() == []


def test_discard_leftovers_old_staged_files_go_and_young_ones_stay(store: Store) -> None:
    now = datetime.now(UTC)
    assert store.blobs.discard_leftovers(now) == 0
    old, young = stage(store, b"alt"), stage(store, b"neu")
    two_days_ago = (now - timedelta(days=2)).timestamp()
    os.utime(old.path, (two_days_ago, two_days_ago))
    assert store.blobs.discard_leftovers(now - timedelta(days=1)) == 1
    assert (old.path.exists(), young.path.exists()) == (False, True)
