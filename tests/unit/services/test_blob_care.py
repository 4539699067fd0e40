"""Checking and rewriting all blobs."""

import os
from pathlib import Path

import pytest

from persistence.blobs import FolderBlobs
from persistence.blobs.data_keys import DataKeys
from persistence.blobs.names import find_key_id
from persistence.database import Database
from server.domain.content import BlobRef
from server.domain.mandant import Caller
from server.services.blob_care import BlobCare, KeyUse
from tests.support.blob_keys import damage, make_data_keys
from tests.unit.conftest import FixedClock
from tests.unit.services.test_blob_sweep import commit, keep


@pytest.fixture
def people(author: Caller, reader: Caller) -> tuple[Caller, Caller]:
    return author, reader


@pytest.fixture
def keys(database: Database, tmp_path: Path, clock: FixedClock) -> DataKeys:
    return make_data_keys(database, tmp_path / "haupt.key", clock)


@pytest.fixture
def encrypted(tmp_path: Path, keys: DataKeys) -> FolderBlobs:
    return FolderBlobs(tmp_path / "inhalte", keys)


def read_refs(database: Database) -> tuple[BlobRef, ...]:
    with database.reading() as stores:
        return stores.blobs.list_refs("", 1000)


def find_file(tmp_path: Path, ref: BlobRef) -> Path:
    (found,) = (tmp_path / "inhalte").rglob(ref.name)
    return found


def test_check_tells_what_is_missing_or_damaged_and_reads_the_rest(
    database: Database,
    encrypted: FolderBlobs,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
    tmp_path: Path,
) -> None:
    refs = [keep(encrypted, os.urandom(100_000)) for _ in range(4)] + [keep(blobs)]
    for ref in refs:
        commit(database, clock, people, ref)
    find_file(tmp_path, refs[0]).unlink()
    broken = find_file(tmp_path, refs[1])
    broken.write_bytes(damage(broken.read_bytes()))
    find_file(tmp_path, refs[4]).write_bytes(b"tlahni")
    found = list(BlobCare(database, encrypted).check())
    assert [step.done for step in found] == [1, 2, 3, 4, 5]
    problems = {step.problem.partition(":")[0]: step.problem for step in found if step.problem}
    assert set(problems) == {refs[0].name, refs[1].name, refs[4].name}
    assert "fehlt" in problems[refs[0].name]
    assert "beschädigt" in problems[refs[1].name]


def test_rewrite_puts_plain_and_old_blobs_under_the_newest_key(
    database: Database,
    encrypted: FolderBlobs,
    blobs: FolderBlobs,
    keys: DataKeys,
    clock: FixedClock,
    people: tuple[Caller, Caller],
) -> None:
    texts = [os.urandom(size) for size in (0, 10, 100_000)]
    plain, old = keep(blobs, texts[0]), keep(encrypted, texts[1])
    clock.advance(seconds=1)
    new = keys.renew().id
    for ref in (plain, old, keep(encrypted, texts[2])):
        commit(database, clock, people, ref)
    care = BlobCare(database, encrypted)
    assert {step.problem for step in care.rewrite()} == {""}
    refs = read_refs(database)
    assert {find_key_id(ref.name) for ref in refs} == {new}
    assert sorted(encrypted.find(ref).read() for ref in refs) == sorted(texts)
    size = sum(map(len, texts))
    assert care.count_by_key()[1:] == (KeyUse(new, 3, size), KeyUse(None, 0, 0))
    assert {step.problem for step in care.check()} == {""}


def test_rewrite_broken_off_goes_on_where_it_was(
    database: Database,
    encrypted: FolderBlobs,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
) -> None:
    for number in range(6):
        commit(database, clock, people, keep(blobs, bytes([number])))
    care = BlobCare(database, encrypted)
    steps = care.rewrite()
    assert [next(steps).done for _ in range(3)] == [1, 2, 3]
    del steps
    done = {ref for ref in read_refs(database) if find_key_id(ref.name)}
    assert len(done) >= 2
    assert [step for step in care.rewrite() if step.problem] == []
    refs = read_refs(database)
    assert done <= set(refs)
    assert sorted(encrypted.find(ref).read() for ref in refs) == [bytes([n]) for n in range(6)]


def test_rewrite_crash_between_copy_and_row_leaves_the_old_blob_named(
    database: Database,
    encrypted: FolderBlobs,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ref = keep(blobs)
    commit(database, clock, people, ref)
    care = BlobCare(database, encrypted)

    def fail(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("persistence.stores.blob_rows.BlobRowStore.rename", fail)
        with pytest.raises(KeyboardInterrupt):
            list(care.rewrite())
    assert read_refs(database) == (ref,)
    assert encrypted.find(ref).read() == b"inhalt"


def test_rewrite_damaged_blob_is_told_and_left_as_it_is(
    database: Database,
    encrypted: FolderBlobs,
    blobs: FolderBlobs,
    clock: FixedClock,
    people: tuple[Caller, Caller],
    tmp_path: Path,
) -> None:
    ref = keep(blobs)
    commit(database, clock, people, ref)
    find_file(tmp_path, ref).write_bytes(b"tlahni")
    (step,) = BlobCare(database, encrypted).rewrite()
    assert "nicht der, der angenommen wurde" in step.problem
    assert read_refs(database) == (ref,)


def test_check_of_an_empty_store_has_no_steps(database: Database, blobs: FolderBlobs) -> None:
    assert list(BlobCare(database, blobs).check()) == []
