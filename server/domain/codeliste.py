"""Code lists: which keys mean what, and which version of a list counts on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

EINNAHMEART_URI = "urn:damtshilfe:codeliste:einnahmeart"
NACHRICHTENTYP_URI = "urn:damtshilfe:codeliste:nachrichtentyp"

_SEPARATORS = str.maketrans("-_ ", "...")


@dataclass(frozen=True)
class Codeliste:
    """One version of a code list: `entries` are the keys with their German names, in order.

    It is valid from `valid_from` to `valid_to`, both days included; None leaves that side open.
    """

    uri: str
    version: str
    name: str
    entries: Mapping[str, str]
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def identity(self) -> tuple[str, str]:
        """URI and version: what makes two lists the same one."""
        return self.uri, self.version

    def is_valid_on(self, day: date) -> bool:
        """True where the day lies within the validity."""
        is_begun = self.valid_from is None or self.valid_from <= day
        return is_begun and (self.valid_to is None or day <= self.valid_to)

    def has_same_content(self, other: "Codeliste") -> bool:
        """True where both say the same, in the same order."""
        return self == other and tuple(self.entries) == tuple(other.entries)


@dataclass(frozen=True)
class UploadedCodeliste:
    """A file as a person named it; days that were typed go before those of the file."""

    name: str
    content: bytes
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class CodelisteChanges:
    """What a list does to one before it; names are German. `changed` are key, old and new name."""

    added: tuple[tuple[str, str], ...]
    changed: tuple[tuple[str, str, str], ...]
    retired: tuple[tuple[str, str], ...]


def compare_entries(old: Mapping[str, str], new: Mapping[str, str]) -> CodelisteChanges:
    """Keys that are new, called otherwise, and gone, in the order of their lists."""
    return CodelisteChanges(
        tuple((key, name) for key, name in new.items() if key not in old),
        tuple(
            (key, old[key], name) for key, name in new.items() if key in old and old[key] != name
        ),
        tuple((key, name) for key, name in old.items() if key not in new),
    )


def choose_valid(versions: Iterable[Codeliste], day: date) -> Codeliste | None:
    """The version that counts on a day: of several valid ones the newest; None where none is."""
    valid = [version for version in versions if version.is_valid_on(day)]
    return max(valid, key=_measure_age, default=None)


def sort_versions(versions: Iterable[Codeliste]) -> tuple[Codeliste, ...]:
    """By URI, and within one from the oldest version to the newest."""
    return tuple(sorted(versions, key=lambda version: (version.uri, _measure_age(version))))


def _measure_age(version: Codeliste) -> tuple[tuple[tuple[int, int, str], ...], date, str]:
    begin = version.valid_from or date.min
    return _split_version(version.version), begin, version.version


def _split_version(text: str) -> tuple[tuple[int, int, str], ...]:
    """Numbers count as numbers, so that 10 is newer than 9; words are older than numbers."""
    return tuple(
        (1, int(part), "") if part.isdecimal() else (0, 0, part)
        for part in text.translate(_SEPARATORS).split(".")
    )
