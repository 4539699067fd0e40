"""House numbers as they are written."""

import pytest

from server.domain.hausnummer import Hausnummer, HausnummerRange, Parity, read_hausnummer


def span(first: str, last: str) -> HausnummerRange:
    start, end = read_hausnummer(first), read_hausnummer(last)
    assert start is not None
    assert end is not None
    return HausnummerRange(start.first, end.last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("17", (17, ""), (17, "")),
        ("17a", (17, "a"), (17, "a")),
        ("17 B", (17, "b"), (17, "b")),
        ("12-14", (12, ""), (14, "")),
        ("12 – 14", (12, ""), (14, "")),
        ("12 bis 14a", (12, ""), (14, "a")),
        ("17a-c", (17, "a"), (17, "c")),
        ("12/1", (12, "/1"), (12, "/1")),
        ("12 1/2", (12, "1/2"), (12, "1/2")),
        ("5 Hinterhaus", (5, ""), (5, "")),
    ],
)
def test_read_hausnummer_as_written(
    text: str, first: tuple[int, str], last: tuple[int, str]
) -> None:
    assert read_hausnummer(text) == HausnummerRange(Hausnummer(*first), Hausnummer(*last))


@pytest.mark.parametrize("text", ["", "ohne", "a17", "17 oder 19 oder 21"])
def test_read_hausnummer_without_a_number_is_none(text: str) -> None:
    assert read_hausnummer(text) is None


@pytest.mark.parametrize(
    ("rule", "asked", "expected"),
    [
        (("1", "17"), "17a", True),
        (("1", "17a"), "17b", False),
        (("17b", "20"), "17a", False),
        (("17b", "20"), "17c", True),
        (("1", "9"), "10", False),
        (("1", "9"), "8-12", True),
        (("100", "199"), "99z", False),
    ],
)
def test_overlaps_compares_number_then_suffix(
    rule: tuple[str, str], asked: str, expected: bool
) -> None:
    number = read_hausnummer(asked)
    assert number is not None
    assert span(*rule).overlaps(number) is expected


def test_lies_on_the_side_of_either_end() -> None:
    assert span("3", "3").lies_on(Parity.ODD)
    assert not span("3", "3").lies_on(Parity.EVEN)
    assert span("3", "4").lies_on(Parity.EVEN)
    assert span("3", "3").lies_on(Parity.ALL)
