"""Data keys for tests: a master key in a file, a clock that goes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from persistence.blobs.data_keys import DataKeys
from persistence.blobs.master_key import MasterKeys, write_master_key
from persistence.database import Database


def make_data_keys(
    database: Database,
    master_file: Path,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> DataKeys:
    """Keys as a process of an installation has them; the master key is made where none is."""
    if not master_file.exists():
        write_master_key(master_file)
    return DataKeys(database, MasterKeys(master_file, {}), clock, timedelta(days=90))


def damage(data: bytes) -> bytes:
    """The same with another last bit: a fixed byte might be the one that stands there."""
    return data[:-1] + bytes([data[-1] ^ 1])
