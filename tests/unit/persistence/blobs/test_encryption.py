"""Encrypted blobs that somebody tampered with, and honest ones of every awkward size."""

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from persistence.blobs.encryption import DataKey, DecryptionFailed, size_encrypted
from persistence.blobs.master_key import AesMasterKey

SEGMENT = 64 * 1024
FIRST = SEGMENT - 56  # header of 40 bytes, tag of 16
NEXT = SEGMENT - 16
KEY = DataKey.create()
NAME = "a1-0011223344556677-000102030405060708090a0b0c0d0e0f"
PLAIN = random.Random(1).randbytes(FIRST + 2 * NEXT + 10_000)


class KeptBytes(io.BytesIO):
    """Keeps what was written when it is closed."""

    kept = b""

    def close(self) -> None:
        self.kept = self.getvalue() if not self.closed else self.kept
        super().close()


def encrypt(plain: bytes, name: str = NAME, key: DataKey = KEY) -> bytes:
    sink = KeptBytes()
    writer = key.encrypting(sink, name)
    for start in range(0, len(plain), 10_000):
        writer.write(plain[start : start + 10_000])
    writer.finish()
    return sink.kept


def decrypt(stored: bytes, name: str = NAME, key: DataKey = KEY) -> bytes:
    with key.decrypting(io.BytesIO(stored), name) as plain:
        return plain.read()


def read_honest_part(stored: bytes) -> bytes:
    """What comes out before the error."""
    found = b""
    with pytest.raises(DecryptionFailed), KEY.decrypting(io.BytesIO(stored), NAME) as plain:
        while chunk := plain.read(1000):
            found += chunk
    return found


STORED = encrypt(PLAIN)


@pytest.mark.parametrize("size", [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT, len(PLAIN)])
def test_encrypt_then_decrypt_gives_the_same_and_has_the_computed_size(size: int) -> None:
    stored = encrypt(PLAIN[:size])
    assert decrypt(stored) == PLAIN[:size]
    assert len(stored) == size_encrypted(size)


def test_encrypt_same_bytes_twice_differ_everywhere() -> None:
    assert encrypt(b"") != encrypt(b"")
    assert encrypt(PLAIN)[40:80] != STORED[40:80]


def test_stored_bytes_hold_nothing_plain() -> None:
    stored = encrypt(b"Musterbescheid " * 10_000)
    assert b"Musterbescheid" not in stored


_REGIONS = [0, 1, 32, 33, 39, 40, SEGMENT - 17, SEGMENT - 16, SEGMENT - 1, SEGMENT]
_REGIONS += [2 * SEGMENT + 5, 3 * SEGMENT, len(STORED) - 17, len(STORED) - 1]


@pytest.mark.parametrize("position", _REGIONS)
def test_a_flipped_bit_in_any_region_is_seen(position: int) -> None:
    for bit in (1, 128):
        broken = bytearray(STORED)
        broken[position] ^= bit
        assert PLAIN.startswith(read_honest_part(bytes(broken)))


def test_flipped_bits_anywhere_are_seen() -> None:
    chance = random.Random(2)
    for _ in range(100):
        broken = bytearray(STORED)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        assert PLAIN.startswith(read_honest_part(bytes(broken)))


@pytest.mark.parametrize(
    "length", [0, 1, 39, 40, 56, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT, len(STORED) - 1]
)
def test_a_cut_blob_is_seen_also_between_segments(length: int) -> None:
    assert PLAIN.startswith(read_honest_part(STORED[:length]))


def test_an_empty_blob_that_was_cut_is_seen() -> None:
    stored = encrypt(b"")
    for length in range(len(stored)):
        with pytest.raises(DecryptionFailed):
            decrypt(stored[:length])


def test_bytes_added_at_the_end_are_seen() -> None:
    for rest in (b"\0", STORED[-SEGMENT:], STORED):
        with pytest.raises(DecryptionFailed):
            decrypt(STORED + rest)


def _swap(stored: bytes) -> bytes:
    one, two = stored[SEGMENT : 2 * SEGMENT], stored[2 * SEGMENT : 3 * SEGMENT]
    return stored[:SEGMENT] + two + one + stored[3 * SEGMENT :]


def _repeat(stored: bytes) -> bytes:
    one = stored[SEGMENT : 2 * SEGMENT]
    return stored[:SEGMENT] + one + one + stored[3 * SEGMENT :]


def _drop(stored: bytes) -> bytes:
    return stored[:SEGMENT] + stored[2 * SEGMENT :]


@pytest.mark.parametrize("change", [_swap, _repeat, _drop])
def test_segments_swapped_repeated_or_dropped_are_seen(change: Callable[[bytes], bytes]) -> None:
    found = read_honest_part(change(STORED))
    assert PLAIN.startswith(found) and len(found) <= FIRST + NEXT


def test_a_segment_of_another_version_of_the_same_blob_is_seen() -> None:
    other = encrypt(PLAIN)
    mixed = STORED[:SEGMENT] + other[SEGMENT : 2 * SEGMENT] + STORED[2 * SEGMENT :]
    found = read_honest_part(mixed)
    assert PLAIN.startswith(found) and 0 < len(found) <= FIRST


def test_a_foreign_blob_under_the_same_key_is_seen() -> None:
    foreign = encrypt(PLAIN, NAME[:-1] + "e")
    assert read_honest_part(foreign) == b""


def test_a_wrong_key_is_seen() -> None:
    with pytest.raises(DecryptionFailed):
        decrypt(STORED, key=DataKey.create())


def test_an_abandoned_blob_cannot_be_read() -> None:
    sink = KeptBytes()
    writer = KEY.encrypting(sink, NAME)
    writer.write(PLAIN)
    writer.abandon()
    with pytest.raises(DecryptionFailed):
        decrypt(sink.kept)


class _Full(io.BytesIO):
    def write(self, _data: object) -> int:
        raise OSError(28, "voll")


def test_an_error_of_the_sink_comes_out_as_it_was() -> None:
    writer = KEY.encrypting(_Full(), NAME)
    with pytest.raises(OSError, match="voll"):
        for _ in range(10):
            writer.write(PLAIN)
    writer.abandon()


def test_an_error_of_the_source_is_no_damage(tmp_path: Path) -> None:
    class Away(io.BytesIO):
        def read(self, _size: int | None = -1) -> bytes:
            raise ConnectionResetError("weg")

    source: BinaryIO = Away()
    with pytest.raises(ConnectionResetError, match="weg"), KEY.decrypting(source, NAME) as plain:
        plain.read(1)


def test_wrapped_key_opens_with_its_master_key_and_id_only() -> None:
    master, other = AesMasterKey(b"m" * 32), AesMasterKey(b"n" * 32)
    wrapped = KEY.wrap(master)
    assert decrypt(STORED, key=DataKey.unwrap(KEY.id, wrapped, master)) == PLAIN
    for key_id, data, wrapper in (
        ("0" * 16, wrapped, master),
        (KEY.id, wrapped, other),
        (KEY.id, wrapped[:-1], master),
        (KEY.id, b"", master),
    ):
        with pytest.raises(DecryptionFailed):
            DataKey.unwrap(key_id, data, wrapper)


def test_wrapped_key_does_not_show_the_key() -> None:
    first, second = KEY.wrap(AesMasterKey(b"m" * 32)), KEY.wrap(AesMasterKey(b"m" * 32))
    assert first != second
