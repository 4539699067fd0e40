"""Zustaendigkeit: which Behoerde may enforce a claim at an address.

The decision knows a place, rules and entries; where these lie is not its concern. Nothing is
guessed: what equal rules or missing details leave open is an ambiguity with its candidates.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from server.domain.address_normalisation import fold_ort, fold_strasse
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.eintrag import Eintrag
from server.domain.hausnummer import HausnummerRange
from server.domain.regel import (
    Regel,
    Region,
    RegionLevel,
    make_ort_anchor,
    make_place_anchor,
    make_strasse_anchor,
)

_LAND, _KREIS = slice(2), slice(5)


@dataclass(frozen=True)
class ZustaendigkeitAnfrage:
    """The question: an Einnahmeart (a code of the code list) and where the debtor lives.

    `stichtag` asks for another day than today.
    """

    einnahmeart: str
    anschrift: Anschrift
    stichtag: date | None = None


@dataclass(frozen=True)
class Zustaendigkeit:
    """The answer: none, one, or several candidates among whom nobody guesses.

    `is_from_cache` where the directory could not be asked and an older answer helps out.
    """

    behoerde_list: tuple[Behoerde, ...] = ()
    is_from_cache: bool = False

    @property
    def is_unambiguous(self) -> bool:
        """True where exactly one Behoerde is responsible."""
        return len(self.behoerde_list) == 1


class Verdict(StrEnum):
    """What became of a rule; the value is told over the wire."""

    WINS = "gilt"
    OUTRANKED = "allgemeiner"
    POSSIBLE = "angabe-fehlt"
    OTHER_EINNAHMEART = "andere-einnahmeart"
    OTHER_DAY = "nicht-am-stichtag"
    OTHER_REGION = "andere-region"
    OTHER_HAUSNUMMER = "andere-hausnummer"
    BEHOERDE_INVALID = "behoerde-nicht-gueltig"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the address lies, in the form in which rules compare it.

    `ort_keys` are the names by which the address calls the place, `strasse` is folded; `numbers`
    is None where the address has no house number.
    """

    ags: str
    plz: str
    ort_keys: frozenset[str] = frozenset()
    strasse: str = ""
    numbers: HausnummerRange | None = None

    @property
    def anchors(self) -> Iterator[str]:
        """Where rules for this place are found: a fixed number of keys."""
        yield self.ags[_LAND]
        yield self.ags[_KREIS]
        yield self.ags
        yield make_place_anchor(self.plz, is_plz=True)
        for place in (self.plz, self.ags):
            for key in self.ort_keys:
                yield make_ort_anchor(place, key)
            if self.strasse:
                yield make_strasse_anchor(place, self.strasse)


@dataclass(frozen=True, slots=True)
class ConsideredRegel:
    """A rule that was found, and what became of it."""

    regel: Regel
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class PlaceDecision:
    """Who is responsible at one place.

    `is_certain` is False where a detail is missing that rules ask for. Several identifiers are an
    ambiguity.
    """

    place: Place
    considered: tuple[ConsideredRegel, ...]
    behoerden: tuple[PartyIdentifier, ...]
    is_certain: bool = True

    def has(self, verdict: Verdict) -> bool:
        """True where a rule got this verdict."""
        return any(item.verdict is verdict for item in self.considered)


def decide_place(
    place: Place,
    question: tuple[str, date],
    regeln: Iterable[Regel],
    eintraege: Mapping[tuple[str, str], Eintrag],
) -> PlaceDecision:
    """Judges every rule; `question` is Einnahmeart and day, `eintraege` by value and type."""
    einnahmeart, day = question
    judged = [(regel, judge_regel(regel, place, einnahmeart, day)) for regel in regeln]
    fitting = [regel for regel, verdict in judged if verdict is Verdict.WINS]
    best = max((regel.specificity for regel in fitting), default=(-1, 0))
    top = [regel for regel in fitting if regel.specificity == best]
    winners = [regel for regel in top if _is_in_office(regel, eintraege, day)]
    possible = [
        regel
        for regel, verdict in judged
        if verdict is Verdict.POSSIBLE
        and regel.specificity > best
        and _is_in_office(regel, eintraege, day)
    ]
    behoerden = _list_once([*winners, *possible])
    considered = tuple(
        ConsideredRegel(regel, _settle(regel, verdict, best, winners)) for regel, verdict in judged
    )
    is_certain = not possible or _list_once(winners) == behoerden
    return PlaceDecision(place, considered, behoerden, is_certain)


def judge_regel(regel: Regel, place: Place, einnahmeart: str, day: date) -> Verdict:
    """What becomes of one rule by itself; WINS where it fits."""
    if not regel.covers(einnahmeart):
        return Verdict.OTHER_EINNAHMEART
    if not regel.is_valid_on(day):
        return Verdict.OTHER_DAY
    if not _contains(regel.region, place):
        return Verdict.OTHER_REGION
    return _judge_street(regel.region, place)


def _contains(region: Region, place: Place) -> bool:
    """True where the place lies in the region, streets aside."""
    return (
        place.ags.startswith(region.ags or region.kreis or region.land)
        and region.plz in ("", place.plz)
        and (not region.ort or fold_ort(region.ort) in place.ort_keys)
    )


def _judge_street(region: Region, place: Place) -> Verdict:
    if not region.strasse:
        return Verdict.WINS
    if not place.strasse:
        return Verdict.POSSIBLE
    if fold_strasse(region.strasse) != place.strasse:
        return Verdict.OTHER_REGION
    if region.level is RegionLevel.STRASSE:
        return Verdict.WINS
    if place.numbers is None:
        return Verdict.POSSIBLE
    numbers = region.number_range
    fits = place.numbers.lies_on(region.parity) and (
        numbers is None or numbers.overlaps(place.numbers)
    )
    return Verdict.WINS if fits else Verdict.OTHER_HAUSNUMMER


def _settle(regel: Regel, verdict: Verdict, best: tuple[int, int], winners: list[Regel]) -> Verdict:
    """The verdict beside the other rules."""
    if verdict is not Verdict.WINS:
        return verdict
    if regel.specificity < best:
        return Verdict.OUTRANKED
    return Verdict.WINS if regel in winners else Verdict.BEHOERDE_INVALID


def _is_in_office(regel: Regel, eintraege: Mapping[tuple[str, str], Eintrag], day: date) -> bool:
    eintrag = eintraege.get((regel.behoerde.value, regel.behoerde.type))
    return eintrag is not None and eintrag.is_valid_on(day)


def _list_once(regeln: Iterable[Regel]) -> tuple[PartyIdentifier, ...]:
    return tuple(dict.fromkeys(regel.behoerde for regel in regeln))
