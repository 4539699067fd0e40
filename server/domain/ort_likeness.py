"""How like a written name of a place is to the name of a Gemeinde, by rules and not by chance."""

from dataclasses import dataclass
from enum import IntEnum

from server.domain.address_normalisation import (
    KREIS_WORDS,
    WEAK_WORDS,
    OrtName,
    fold,
    read_ort,
    write_bare,
)
from server.domain.gemeinde import Gemeinde
from server.domain.land import find_land_name

# A part of a town has a name of its own, not an initial.
_SHORTEST_TEIL = 3
# Words that tell neighbouring places apart, however long the rest of their names is.
_CONTRASTS = (
    *("ober", "unter", "nieder", "mittel", "vorder", "hinter", "gross", "klein", "hohen"),
    *("alt", "neu", "nord", "sued", "ost", "west", "inner", "ausser"),
)


class OrtLikeness(IntEnum):
    """From nothing in common to the same name; the value is a score of 100."""

    NONE = 0
    PART = 85
    TEIL = 90
    SHORT = 95
    SAME = 100


@dataclass(frozen=True, slots=True)
class KnownOrt:
    """The name of a Gemeinde, prepared for comparing.

    `bare` is its key with umlauts as plain vowels; `region` are the words of its Kreis and Land,
    which people write behind its name.
    """

    name: OrtName
    bare: str
    region: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, str, str]:
        """Under which a search finds it: whole name, name without umlauts, without addition."""
        return self.name.key, self.bare, self.name.base


def prepare_ort(gemeinde: Gemeinde) -> KnownOrt:
    """Takes the name of a Gemeinde apart, once."""
    name = read_ort(gemeinde.ort)
    bare = read_ort(write_bare(gemeinde.ort)).key
    place = f"{gemeinde.kreis} {find_land_name(gemeinde.ags)}"
    words = fold(place).replace("-", " ").split()
    return KnownOrt(name, bare, tuple(word for word in words if word not in KREIS_WORDS))


def compare_ort(written: OrtName, known: KnownOrt) -> OrtLikeness:
    """The best rule by which the written name means the known one."""
    name = known.name
    if written.key in (name.key, known.bare):
        return OrtLikeness.SAME
    if _is_short_for(written, known):
        return OrtLikeness.SHORT
    if find_teil(written, known):
        return OrtLikeness.TEIL
    return OrtLikeness.PART if _is_part_of(written, name) else OrtLikeness.NONE


def find_teil(written: OrtName, known: KnownOrt) -> str:
    """The part of the town that is named beside it: Berlin-Spandau, Porz (Köln); empty if none."""
    if written.teil:
        return written.teil
    name, words = known.name, written.words
    if (
        written.aside
        and written.aside == written.addition
        and written.aside
        in (
            name.words,
            name.name,
        )
    ):
        return _require_name(written.name)
    size = next(
        (len(known_words) for known_words in (name.words, name.name) if _leads(known_words, words)),
        0,
    )
    # "Hof" alone makes no name, but in "Hof/Saale" it is one.
    is_name = written.base == name.base or not WEAK_WORDS.issuperset(words[:size])
    return _require_name(words[size:]) if size and is_name else ""


def fits_kreis(written: OrtName, known: KnownOrt) -> bool:
    """True where the address names the Kreis or the Land of this Gemeinde."""
    hints = written.kreis or written.addition
    return bool(hints) and all(_has_prefix(hint, known.region) for hint in hints)


def has_same_contrast(first: str, second: str) -> bool:
    """False where one name is Ober- and the other Unter-: no typing error makes that."""
    return _find_contrast(first) == _find_contrast(second)


def _is_short_for(written: OrtName, known: KnownOrt) -> bool:
    """A.M. for am Main; the addition left out; the Kreis or the Land in its place."""
    name = known.name
    if _abbreviates(written.words, name.words):
        return True
    if written.base not in (name.base, name.base.removeprefix("bad")):
        return False
    return (
        not written.addition
        or _abbreviates(written.addition, name.addition, is_first_free=True)
        or fits_kreis(written, known)
    )


def _abbreviates(
    short: tuple[str, ...], long: tuple[str, ...], is_first_free: bool = False
) -> bool:
    """True where each word begins a word of the other, in order; the first is written in full."""
    if not short or len(short) > len(long):
        return False
    if not is_first_free and (short[0] != long[0] or len(short) != len(long)):
        return False
    words = iter(long)
    return all(any(_is_alike(word, other) for other in words) for word in short)


def _is_alike(word: str, other: str) -> bool:
    return other.startswith(word) or word.startswith(other)


def _has_prefix(word: str, words: tuple[str, ...]) -> bool:
    return any(other.startswith(word) for other in words)


def _leads(beginning: tuple[str, ...], words: tuple[str, ...]) -> bool:
    return len(beginning) < len(words) and words[: len(beginning)] == beginning


def _require_name(words: tuple[str, ...]) -> str:
    key = "".join(words)
    return key if len(key) >= _SHORTEST_TEIL and not WEAK_WORDS.issuperset(words) else ""


def _is_part_of(written: OrtName, name: OrtName) -> bool:
    """Garmisch or Partenkirchen for Garmisch-Partenkirchen."""
    words, whole = written.words, name.words
    if not words or len(words) >= len(whole) or WEAK_WORDS.issuperset(words):
        return False
    return any(
        whole[start : start + len(words)] == words for start in range(len(whole) - len(words) + 1)
    )


def _find_contrast(name: str) -> str:
    return next((word for word in _CONTRASTS if name.startswith(word)), "")
