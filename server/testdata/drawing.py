"""What everything is drawn from: chance, word lists, places."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from random import Random

from server.domain.anschrift import Anschrift
from server.domain.gemeinde import Gemeinde
from server.testdata.places import Places

_HOUSE_NUMBER_LETTERS = ("", "", "", "", "", " a", " b")
_MAX_HOUSE_NUMBER = 140

WordList = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Words:
    """The word lists; each holds words by origin or kind."""

    first_names: WordList
    family_names: WordList
    sequences: WordList
    streets: tuple[str, ...]
    business: WordList
    remarks: WordList


@dataclass(frozen=True)
class Draw:
    """Chance for one Ersuchen, and what it chooses from."""

    random: Random
    words: Words
    places: Places

    def happens(self, percent: int) -> bool:
        """True in so many of a hundred cases."""
        return self.random.randrange(100) < percent

    def digits(self, count: int) -> str:
        """Digits, the first of them not 0."""
        return str(self.random.randint(10 ** (count - 1), 10**count - 1))

    def address(self, place: Gemeinde) -> Anschrift:
        """An invented street and number in a real place."""
        number = f"{self.random.randint(1, _MAX_HOUSE_NUMBER)}"
        letter = self.random.choice(_HOUSE_NUMBER_LETTERS)
        street = self.random.choice(self.words.streets)
        return Anschrift(street, number + letter, place.plz, place.ort)

    def place(self) -> Gemeinde:
        """Any place; one with many postal codes comes more often, as it has more people."""
        return self.random.choice(self.places.all)


def read_words() -> Words:
    """The word lists that are shipped."""
    return Words(
        first_names=_read("vornamen"),
        family_names=_read("familiennamen"),
        sequences=_read("zeichenfolgen"),
        streets=_read("strassen")["allgemein"],
        business=_read("firmen"),
        remarks=_read("bemerkungen"),
    )


def _read(name: str) -> WordList:
    text = (files("server.testdata") / "words" / f"{name}.csv").read_text("utf-8")
    words: dict[str, list[str]] = defaultdict(list)
    for row in csv.DictReader(text.splitlines()):
        words[row["herkunft"]].append(row["wort"])
    return {origin: tuple(found) for origin, found in words.items()}
