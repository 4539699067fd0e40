"""Real Gemeinden and their postal codes: from a CSV file, or the few that are shipped."""

import csv
import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from server.demo.data import read_gemeinden
from server.domain.gemeinde import Gemeinde

_COLUMNS = ("ags", "plz", "ort")
_DEPRECATED = "1"
_MAX_ORT = 100


class PlacesInvalid(Exception):
    """The list of Gemeinden cannot be used; `problems` are German sentences."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Places:
    """Pairs of Gemeinde and postal code; those whose postal code several Gemeinden share."""

    all: tuple[Gemeinde, ...]

    def of_gemeinde(self, ags: str) -> tuple[Gemeinde, ...]:
        """The postal codes of one Gemeinde."""
        return tuple(place for place in self.all if place.ags == ags)

    def with_shared_plz(self) -> tuple[Gemeinde, ...]:
        """The pairs whose postal code belongs to more than one Gemeinde."""
        owners: dict[str, set[str]] = defaultdict(set)
        for place in self.all:
            owners[place.plz].add(place.ags)
        return tuple(place for place in self.all if len(owners[place.plz]) > 1)


def load_places(path: Path | None = None) -> Places:
    """The Gemeinden of a CSV file, or those that are shipped; raises PlacesInvalid."""
    if path is None:
        shared = (files("server.testdata") / "shared-postal-codes.csv").read_text("utf-8")
        return Places((*read_gemeinden(), *_parse(shared)))
    try:
        return Places(_parse(path.read_text(encoding="utf-8-sig")))
    except UnicodeDecodeError as error:
        raise PlacesInvalid([f"{path} ist nicht in UTF-8 kodiert."]) from error
    except OSError as error:
        raise PlacesInvalid([f"{path}: {error.strerror}."]) from error
    except PlacesInvalid as error:
        raise PlacesInvalid([f"{path}, {problem}" for problem in error.problems]) from error


def _parse(text: str) -> tuple[Gemeinde, ...]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        raise PlacesInvalid([f"Zeile 1: Es fehlen die Spalten {', '.join(missing)}."])
    places, problems = [], []
    for row in reader:
        found = list(_find_problems(row))
        problems += [f"Zeile {reader.line_num}: {problem}" for problem in found]
        if not found and row.get("deprecated") != _DEPRECATED:
            places.append(_to_place(row))
    if not (places or problems):
        problems.append("Zeile 1: Die Liste nennt keine Gemeinde.")
    if problems:
        raise PlacesInvalid(problems)
    return tuple(places)


def _find_problems(row: Mapping[str | None, str | list[str] | None]) -> Iterator[str]:
    # DictReader puts what is too much below None, and None where something is missing.
    if None in row or None in row.values():
        yield "Die Zeile hat nicht so viele Felder wie die Kopfzeile."
        return
    if not re.fullmatch("[0-9]{8}", str(row["ags"])):
        yield f"„{row['ags']}“ ist kein AGS (acht Ziffern)."
    if not re.fullmatch("[0-9]{5}", str(row["plz"])):
        yield f"„{row['plz']}“ ist keine Postleitzahl (fünf Ziffern)."
    if not _is_ort(str(row["ort"])):
        yield f"„{row['ort']}“ ist kein Ort."


def _is_ort(text: str) -> bool:
    letters = unicodedata.normalize("NFC", text)
    return (
        1 <= len(letters) <= _MAX_ORT
        and any(map(str.isalpha, letters))
        and all(_is_of_ort(letter) for letter in letters)
    )


def _is_of_ort(letter: str) -> bool:
    return letter in " -.,/()'’0123456789" or unicodedata.name(letter, "").startswith("LATIN ")


def _to_place(row: Mapping[str, str]) -> Gemeinde:
    ort = " ".join(unicodedata.normalize("NFC", row["ort"]).split())
    return Gemeinde(row["ags"], row["plz"], ort)
