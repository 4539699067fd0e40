"""The Regel of the directory: in a region a Behoerde enforces some Einnahmearten for some time.

Sachliche before örtliche Zuständigkeit: a rule that names the Einnahmeart beats one for all,
however small the region of that one is; among equals the smaller region wins.
"""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from itertools import pairwise

from server.domain.address_normalisation import fold_ort, fold_strasse
from server.domain.behoerde import PartyIdentifier
from server.domain.eintrag import lies_within
from server.domain.hausnummer import HausnummerRange, Parity, read_hausnummer


class RegionLevel(IntEnum):
    """How small a region is; the gaps leave room for what a rule names in addition."""

    LAND = 10
    KREIS = 20
    GEMEINDE = 30
    PLZ = 40
    ORT = 50
    STRASSE = 60
    STRASSENSEITE = 65
    HAUSNUMMER = 70


_LEVEL_NAMES = {
    RegionLevel.LAND: "Land",
    RegionLevel.KREIS: "Kreis",
    RegionLevel.GEMEINDE: "Gemeinde",
    RegionLevel.PLZ: "Postleitzahl",
    RegionLevel.ORT: "Ort",
    RegionLevel.STRASSE: "Straße",
    RegionLevel.STRASSENSEITE: "Straßenseite",
    RegionLevel.HAUSNUMMER: "Hausnummern",
}
# A rule for all Einnahmearten, and one for exactly one; any other number ranks between.
_EINNAHMEART_RANKS = {0: 0, 1: 2}
_LAND_DIGITS, _KREIS_DIGITS, _AGS_DIGITS, _PLZ_DIGITS = 2, 5, 8, 5


@dataclass(frozen=True, slots=True)
class Region:
    """Where a rule holds; what is empty does not restrict.

    `land`, `kreis` and `ags` are the first 2, the first 5 and all 8 digits of the AGS. `ort` and
    `strasse` are names as written; both need a postal code or an AGS beside them. `number_from`
    and `number_to` are house numbers, `number_to` empty: no end.
    """

    land: str = ""
    kreis: str = ""
    ags: str = ""
    plz: str = ""
    ort: str = ""
    strasse: str = ""
    number_from: str = ""
    number_to: str = ""
    parity: Parity = Parity.ALL

    @property
    def level(self) -> RegionLevel:
        """The smallest thing that the region names."""
        if self.strasse:
            return self._street_level
        if self.ort:
            return RegionLevel.ORT
        if self.plz:
            return RegionLevel.PLZ
        if self.ags:
            return RegionLevel.GEMEINDE
        return RegionLevel.KREIS if self.kreis else RegionLevel.LAND

    @property
    def specificity(self) -> int:
        """Grows while the region shrinks."""
        both = 1 if self.plz and self.ags else 0
        place = 1 if self.strasse and self.ort else 0
        side = 4 if self.level is RegionLevel.HAUSNUMMER and self.parity is not Parity.ALL else 0
        return self.level + both + place + side

    @property
    def anchor(self) -> str:
        """The key by which a look-up finds the rule: the smallest thing that it names."""
        place = self.plz or self.ags
        if self.strasse:
            return make_strasse_anchor(place, fold_strasse(self.strasse))
        if self.ort:
            return make_ort_anchor(place, fold_ort(self.ort))
        return make_place_anchor(place or self.kreis or self.land, is_plz=bool(self.plz))

    @property
    def number_range(self) -> HausnummerRange | None:
        """The house numbers; None where all of them are meant."""
        if not (self.number_from or self.number_to):
            return None
        first = read_hausnummer(self.number_from or "1")
        last = read_hausnummer(self.number_to or "999999")
        if first is None or last is None:
            raise ValueError(f"{self.number_from}-{self.number_to} are no house numbers")
        return HausnummerRange(first.first, last.last)

    @property
    def _street_level(self) -> RegionLevel:
        if self.number_from or self.number_to:
            return RegionLevel.HAUSNUMMER
        is_one_side = self.parity is not Parity.ALL
        return RegionLevel.STRASSENSEITE if is_one_side else RegionLevel.STRASSE

    def __str__(self) -> str:
        """What a person reads: Straße Saalstraße (07743)."""
        parts = [_LEVEL_NAMES[self.level], self.strasse, self._numbers(), self.ort]
        place = ", ".join(filter(None, (self.plz, self.ags)))
        parts.append(f"({place})" if self.strasse or self.ort else place or self.kreis or self.land)
        return " ".join(filter(None, parts))

    def _numbers(self) -> str:
        side = {Parity.ALL: "", Parity.ODD: "ungerade", Parity.EVEN: "gerade"}[self.parity]
        if not (self.number_from or self.number_to):
            return side
        return f"{self.number_from or '1'}–{self.number_to or '…'} {side}".strip()


@dataclass(frozen=True, slots=True)
class Regel:
    """The Behoerde with this identifier enforces these Einnahmearten (none named: all) there.

    It holds from a day to a day, both inclusive; None: open.
    """

    region: Region
    einnahmearten: tuple[str, ...]
    behoerde: PartyIdentifier
    valid_from: date | None = None
    valid_to: date | None = None

    def covers(self, einnahmeart: str) -> bool:
        """True where the rule is for this Einnahmeart."""
        return not self.einnahmearten or einnahmeart in self.einnahmearten

    def is_valid_on(self, day: date) -> bool:
        """True where the rule holds on the day."""
        return lies_within(day, self.valid_from, self.valid_to)

    @property
    def specificity(self) -> tuple[int, int]:
        """Einnahmeart (all, several, one), then region: the greatest wins."""
        return _EINNAHMEART_RANKS.get(len(self.einnahmearten), 1), self.region.specificity


def make_place_anchor(key: str, is_plz: bool = False) -> str:
    """The anchor of a rule for a Land, Kreis or Gemeinde by its digits, or a postal code."""
    return f"P{key}" if is_plz else key


def make_ort_anchor(place: str, ort_key: str) -> str:
    """The anchor of a rule for an Ort; `place` is postal code or AGS, `ort_key` is folded."""
    return f"O{place}|{ort_key}"


def make_strasse_anchor(place: str, strasse_key: str) -> str:
    """The anchor of a rule for a street; `place` is postal code or AGS, the street is folded."""
    return f"S{place}|{strasse_key}"


def find_region_problem(region: Region) -> str:
    """Why a region cannot be used, as a German sentence; empty where it can."""
    for name, value, digits in (
        ("Das Land", region.land, _LAND_DIGITS),
        ("Der Kreis", region.kreis, _KREIS_DIGITS),
        ("Die Gemeinde", region.ags, _AGS_DIGITS),
        ("Die Postleitzahl", region.plz, _PLZ_DIGITS),
    ):
        if value and not (len(value) == digits and value.isascii() and value.isdigit()):
            return f"{name} hat {digits} Ziffern; angegeben ist „{value}“."
    return _find_contradiction(region) or _find_street_problem(region)


def _find_contradiction(region: Region) -> str:
    if not any((region.land, region.kreis, region.ags, region.plz)):
        return "Die Regel nennt weder Land noch Kreis, Gemeinde oder Postleitzahl."
    chain = [key for key in (region.land, region.kreis, region.ags) if key]
    for large, small in pairwise(chain):
        if not small.startswith(large):
            return f"{small} liegt nicht in {large}."
    return ""


def _find_street_problem(region: Region) -> str:
    has_place = bool(region.plz or region.ags)
    if (region.ort or region.strasse) and not has_place:
        return "Ort und Straße brauchen eine Postleitzahl oder eine Gemeinde."
    if region.strasse and not fold_strasse(region.strasse):
        return f"„{region.strasse}“ ist kein Straßenname."
    if region.ort and not fold_ort(region.ort):
        return f"„{region.ort}“ ist kein Ortsname."
    has_numbers = bool(region.number_from or region.number_to)
    if (has_numbers or region.parity is not Parity.ALL) and not region.strasse:
        return "Hausnummern und Straßenseite brauchen eine Straße."
    return _find_number_problem(region) if has_numbers else ""


def _find_number_problem(region: Region) -> str:
    for text in filter(None, (region.number_from, region.number_to)):
        if read_hausnummer(text) is None:
            return f"„{text}“ ist keine Hausnummer."
    numbers = region.number_range
    if numbers and numbers.last < numbers.first and numbers.last.number != numbers.first.number:
        return f"Die Hausnummern {region.number_from}–{region.number_to} enden vor ihrem Anfang."
    return ""
