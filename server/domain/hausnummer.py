"""The Hausnummer as written on a letter: "17", "17a", "17 b", "12-14", "12/1".

A number is compared by its digits and then by what follows them.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

_NUMBER = re.compile(r"(\d{1,6})(\s+\d/\d|(?:\s*[a-z](?![a-z]))?(?:\s*/\s*\d+[a-z]?)?)\s*")
_JOINT = re.compile(r"(?:-|–|—|bis|\+|u\.|und|&|,)\s*")
_LETTER = re.compile(r"[a-z]")


class Parity(StrEnum):
    """The side of a street: all numbers, the odd or the even ones."""

    ALL = ""
    ODD = "odd"
    EVEN = "even"

    def contains(self, number: int) -> bool:
        """True where the number is on this side."""
        return self is Parity.ALL or (number % 2 == 1) == (self is Parity.ODD)


@dataclass(frozen=True, order=True, slots=True)
class Hausnummer:
    """Digits, and the suffix in lower case without spaces."""

    number: int
    suffix: str = ""

    def __str__(self) -> str:
        return f"{self.number}{self.suffix}"


@dataclass(frozen=True, slots=True)
class HausnummerRange:
    """From one number to another, both included; a single number is a range of one.

    An upper end without suffix includes all suffixes: 17a belongs to 1–17.
    """

    first: Hausnummer
    last: Hausnummer

    def overlaps(self, other: "HausnummerRange") -> bool:
        """True where both have a number in common."""
        return _reaches(self.last, other.first) and _reaches(other.last, self.first)

    def lies_on(self, parity: Parity) -> bool:
        """True where an end is on this side of the street."""
        return parity.contains(self.first.number) or parity.contains(self.last.number)


@lru_cache(maxsize=4096)
def read_hausnummer(text: str) -> HausnummerRange | None:
    """Reads what people write; None where it is no number."""
    folded = text.strip().casefold()
    found = _NUMBER.match(folded)
    if found is None:
        return None
    first, rest = _to_hausnummer(found), folded[found.end() :]
    last = _read_end(first, rest) if rest else first
    return HausnummerRange(first, max(first, last)) if last else None


def _read_end(first: Hausnummer, rest: str) -> Hausnummer | None:
    """The end of "12-14" or "17 a+b"; words without digits ("17 Hinterhaus") are left out."""
    joint = _JOINT.match(rest)
    if joint is None:
        return None if any(map(str.isdigit, rest)) else first
    end = rest[joint.end() :]
    if _LETTER.fullmatch(end):
        return Hausnummer(first.number, end)
    number = _NUMBER.fullmatch(end)
    return _to_hausnummer(number) if number else None


def _to_hausnummer(match: re.Match[str]) -> Hausnummer:
    return Hausnummer(int(match[1]), "".join(match[2].split()))


def _reaches(last: Hausnummer, first: Hausnummer) -> bool:
    if last.number == first.number:
        return not last.suffix or first.suffix <= last.suffix
    return first.number < last.number
