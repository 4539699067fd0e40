"""Which version of a code list counts on a day."""

from datetime import date

import pytest

from server.domain.codeliste import Codeliste, choose_valid, sort_versions


def make_version(
    version: str, valid_from: date | None = None, valid_to: date | None = None
) -> Codeliste:
    return Codeliste("urn:x:liste", version, "Liste", {"a": "A"}, valid_from, valid_to)


YEAR_30 = make_version("1", date(2030, 1, 1), date(2030, 12, 31))
FROM_31 = make_version("2", date(2031, 1, 1))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2029, 12, 31), None),
        (date(2030, 1, 1), "1"),
        (date(2030, 12, 31), "1"),
        (date(2031, 1, 1), "2"),
        (date(2099, 1, 1), "2"),
    ],
)
def test_choose_valid_both_ends_of_an_interval_are_included(
    day: date, expected: str | None
) -> None:
    found = choose_valid([YEAR_30, FROM_31], day)
    assert (found.version if found else None) == expected


def test_choose_valid_gap_between_versions_has_none() -> None:
    later = make_version("2", date(2032, 1, 1))
    assert choose_valid([YEAR_30, later], date(2031, 6, 1)) is None


@pytest.mark.parametrize(
    ("older", "newer"),
    [("9", "10"), ("1.9", "1.10"), ("2029-12-31", "2030-04-01"), ("1", "1.1"), ("entwurf", "1")],
)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_choose_valid_newest_of_overlapping_versions_wins(
    older: str, newer: str, is_reversed: bool
) -> None:
    versions = [make_version(older), make_version(newer)]
    if is_reversed:
        versions.reverse()
    found = choose_valid(versions, date(2030, 1, 1))
    assert found is not None
    assert found.version == newer


def test_choose_valid_without_versions_has_none() -> None:
    assert choose_valid([], date(2030, 1, 1)) is None


def test_sort_versions_is_by_uri_and_from_old_to_new() -> None:
    other = Codeliste("urn:a", "7", "Andere", {})
    ten, nine = make_version("10"), make_version("9")
    assert sort_versions([ten, other, nine]) == (other, nine, ten)


def test_has_same_content_order_of_the_entries_counts() -> None:
    first = Codeliste("urn:x", "1", "Liste", {"a": "A", "b": "B"})
    assert first.has_same_content(Codeliste("urn:x", "1", "Liste", {"a": "A", "b": "B"}))
    assert not first.has_same_content(Codeliste("urn:x", "1", "Liste", {"b": "B", "a": "A"}))
    assert not first.has_same_content(Codeliste("urn:x", "1", "Liste", {"a": "A"}))
