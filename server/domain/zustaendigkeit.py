"""Zustaendigkeit: which Behoerde may enforce a claim at an address.

The decision knows Gemeinden and rules; where these lie is not its concern.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde


@dataclass(frozen=True)
class ZustaendigkeitAnfrage:
    """The question: an Einnahmeart (a code of the code list) and where the debtor lives."""

    einnahmeart: str
    anschrift: Anschrift


@dataclass(frozen=True)
class Zustaendigkeit:
    """The answer: none, one, or several candidates among whom nobody guesses."""

    behoerde_list: tuple[Behoerde, ...] = ()

    @property
    def is_unambiguous(self) -> bool:
        """True where exactly one Behoerde is responsible."""
        return len(self.behoerde_list) == 1


@dataclass(frozen=True)
class Regel:
    """In the Gemeinde `ags` the Behoerde enforces this Einnahmeart; an empty one means all."""

    ags: str
    einnahmeart: str
    behoerde: Behoerde


def fold_ort(ort: str) -> str:
    """The form in which names of places are compared: case and white space do not count."""
    return " ".join(unicodedata.normalize("NFC", ort).casefold().split())


def choose_zustaendigkeit(
    anfrage: ZustaendigkeitAnfrage, regeln: Iterable[Regel]
) -> Zustaendigkeit:
    """The Behoerden whose rules fit; in each Gemeinde a rule for the Einnahmeart beats one for all.

    `regeln` are those of the Gemeinden to which the address may belong.
    """
    by_gemeinde: dict[str, list[Regel]] = {}
    for regel in regeln:
        if regel.einnahmeart in ("", anfrage.einnahmeart):
            by_gemeinde.setdefault(regel.ags, []).append(regel)
    found: dict[str, Behoerde] = {}
    for candidates in by_gemeinde.values():
        for regel in _keep_most_specific(candidates):
            found.setdefault(str(regel.behoerde.identifier), regel.behoerde)
    return Zustaendigkeit(tuple(found.values()))


def _keep_most_specific(regeln: list[Regel]) -> list[Regel]:
    specific = [regel for regel in regeln if regel.einnahmeart]
    return specific or regeln
