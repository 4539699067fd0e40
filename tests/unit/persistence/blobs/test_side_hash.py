"""SHA-256 beside other work is that of all pieces in their order."""

import hashlib
import os

import pytest

from persistence.blobs.side_hash import SideHash


@pytest.mark.parametrize("sizes", [(), (10,), (64 * 1024,), (300_000, 7, 300_000, 65_536, 1)])
def test_hexdigest_is_that_of_all_pieces_in_order(sizes: tuple[int, ...]) -> None:
    pieces = [os.urandom(size) for size in sizes]
    side = SideHash()
    for piece in pieces:
        side.begin(memoryview(piece))
    expected = hashlib.sha256(b"".join(pieces)).hexdigest()
    assert side.hexdigest() == expected
    assert side.hexdigest() == expected
