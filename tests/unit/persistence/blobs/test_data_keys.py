"""Data keys in a real database."""

import threading
from pathlib import Path

import pytest

from persistence.blobs import BlobStoreUnavailable
from persistence.blobs.data_keys import DataKeys
from persistence.blobs.master_key import MasterKeys, write_master_key
from persistence.database import Database
from tests.support.blob_keys import damage, make_data_keys
from tests.unit.conftest import FixedClock


@pytest.fixture
def master(tmp_path: Path) -> Path:
    path = tmp_path / "haupt.key"
    write_master_key(path)
    return path


@pytest.fixture
def keys(database: Database, master: Path, clock: FixedClock) -> DataKeys:
    return make_data_keys(database, master, clock)


def test_current_is_made_once_and_shared_by_processes(
    keys: DataKeys, database: Database, master: Path, clock: FixedClock
) -> None:
    key = keys.current()
    assert keys.current() is key
    assert make_data_keys(database, master, clock).current().id == key.id


def test_current_is_replaced_when_it_is_old_enough(
    keys: DataKeys, database: Database, master: Path, clock: FixedClock
) -> None:
    old = keys.current()
    clock.advance(days=90)
    assert make_data_keys(database, master, clock).current().id == old.id
    clock.advance(seconds=1)
    new = make_data_keys(database, master, clock).current()
    assert new.id != old.id
    assert [(key.id, key.retired) for key in keys.list_all()] == [
        (old.id, clock.now),
        (new.id, None),
    ]
    found = keys.find(old.id)
    assert found is not None and found.id == old.id


def test_current_by_many_threads_is_one_key(keys: DataKeys) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(keys.current().id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {key.id for key in keys.list_all()}


def test_find_unknown_key_is_none(keys: DataKeys) -> None:
    assert keys.find("0" * 16) is None


def test_renew_is_used_at_once_by_who_made_it(keys: DataKeys) -> None:
    old = keys.current()
    new = keys.renew()
    assert keys.current().id == new.id != old.id


def test_rewrap_after_a_new_master_key_every_data_key_opens_with_it_alone(
    keys: DataKeys, database: Database, master: Path, clock: FixedClock
) -> None:
    ids = [keys.current().id, keys.renew().id]
    masters = MasterKeys(master, {})
    masters.replace_file()
    assert (keys.rewrap(), keys.rewrap()) == (2, 0)
    masters.older_file.unlink()
    fresh = make_data_keys(database, master, clock)
    assert [found.id for key_id in ids if (found := fresh.find(key_id))] == ids


def test_rewrap_crash_before_it_leaves_every_key_readable(
    keys: DataKeys, database: Database, master: Path, clock: FixedClock
) -> None:
    old = keys.current().id
    MasterKeys(master, {}).replace_file()
    fresh = make_data_keys(database, master, clock)
    assert fresh.current().id == old
    assert fresh.renew().id != old
    assert fresh.rewrap() == 1


def test_find_with_a_foreign_master_key_is_temporary_and_says_which(
    keys: DataKeys,
    database: Database,
    tmp_path: Path,
    clock: FixedClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    key_id = keys.current().id
    foreign = make_data_keys(database, tmp_path / "fremd.key", clock)
    with pytest.raises(BlobStoreUnavailable, match="passt nicht"):
        foreign.find(key_id)
    assert keys.list_all()[0].master_id in caplog.text


def test_current_without_a_master_key_is_temporary(
    database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    keys = make_data_keys(database, tmp_path / "haupt.key", clock)
    (tmp_path / "haupt.key").unlink()
    with pytest.raises(BlobStoreUnavailable, match="Hauptschlüssel"):
        keys.current()
    assert keys.list_all() == ()


def test_find_key_that_was_damaged_in_the_database_is_told(
    keys: DataKeys, database: Database, master: Path, clock: FixedClock
) -> None:
    key = keys.list_all()[0] if keys.current() else None
    assert key is not None
    with database.writing() as stores:
        stores.data_keys.rewrap(key.id, damage(key.wrapped), key.master_id)
    with pytest.raises(BlobStoreUnavailable, match="beschädigt"):
        make_data_keys(database, master, clock).find(key.id)
