"""Names of blobs: random, never used twice; they tell nothing about what a blob holds.

An encrypted blob is named `a1-<data key>-<random>`: format, key, and what makes it unique. A plain
one has random digits only; those of installations before 0012 have the SHA-256 of their bytes.
"""

import re
import secrets

_FORMAT = "a1"
_NAME = re.compile(r"(?:a1-(?P<key>[0-9a-f]{16})-[0-9a-f]{32}|[0-9a-f]{32}|[0-9a-f]{64})")


def make_name(key_id: str | None) -> str:
    """A new name; `key_id` is None for a blob that is not encrypted."""
    unique = secrets.token_hex(16)
    return f"{_FORMAT}-{key_id}-{unique}" if key_id else unique


def is_name(text: str) -> bool:
    """True for what can be the name of a blob."""
    return _NAME.fullmatch(text) is not None


def find_key_id(name: str) -> str | None:
    """The data key of a blob; None where it is not encrypted. Raises ValueError for no name."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"no name of a blob: {name!r}")
    return match["key"]


def spread(name: str) -> str:
    """Two hex digits that spread names evenly over 256 folders."""
    return name.rpartition("-")[2][:2]


def prefix_of(key_id: str) -> str:
    """What all names under a data key begin with."""
    return f"{_FORMAT}-{key_id}-"
