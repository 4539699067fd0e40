"""Names of blobs."""

import pytest

from persistence.blobs.names import find_key_id, is_name, make_name, prefix_of, spread

KEY = "0123456789abcdef"


def test_make_name_is_never_the_same_and_tells_its_key() -> None:
    names = {make_name(key) for key in (None, KEY) for _ in range(100)}
    assert len(names) == 200
    assert {find_key_id(name) for name in names} == {None, KEY}
    assert all(is_name(name) and len(name) <= 64 for name in names)
    assert make_name(KEY).startswith(prefix_of(KEY))


@pytest.mark.parametrize("text", ["", "..", "../" + "a" * 61, "a1-x-y", "A" * 32, "a" * 33])
def test_find_key_id_of_no_name_is_refused(text: str) -> None:
    assert not is_name(text)
    with pytest.raises(ValueError, match="no name"):
        find_key_id(text)


def test_spread_is_by_what_is_random_and_by_the_hash_of_old_names() -> None:
    assert spread(f"a1-{KEY}-fe" + "0" * 30) == "fe"
    assert spread("cd" + "0" * 62) == "cd"
