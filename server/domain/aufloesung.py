"""The Aufloesung of an address: which Gemeinde it means, how surely, and what is odd about it."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.gemeinde import Gemeinde


class Certainty(StrEnum):
    """How surely an address was resolved; the value is told over the wire."""

    CERTAIN = "sicher"
    AMBIGUOUS = "mehrdeutig"
    UNCERTAIN = "unsicher"
    UNKNOWN = "unbekannt"


class Mark(StrEnum):
    """What a person should know about an answer; the value is told over the wire."""

    SPELLING = "schreibweise-angeglichen"
    SIMILAR = "schreibweise-aehnlich"
    TEIL = "ortsteil"
    PLZ_MISSING = "postleitzahl-fehlt"
    PLZ_INVALID = "postleitzahl-ungueltig"
    PLZ_UNKNOWN = "postleitzahl-unbekannt"
    PLZ_MISMATCH = "postleitzahl-passt-nicht"
    ORT_MISSING = "ort-fehlt"
    ORT_UNKNOWN = "ort-unbekannt"
    SEVERAL_GEMEINDEN = "mehrere-gemeinden"
    GEMEINDE_DEPRECATED = "gemeinde-aufgeloest"
    FOREIGN = "ausland"
    NO_ADDRESS = "keine-anschrift"
    STRASSE_MISSING = "strasse-fehlt"
    HAUSNUMMER_MISSING = "hausnummer-fehlt"
    HAUSNUMMER_UNREADABLE = "hausnummer-unlesbar"
    EQUAL_RULES = "regeln-gleichrangig"
    NO_RULE = "keine-regel"
    BEHOERDE_INVALID = "behoerde-nicht-gueltig"
    BEHOERDE_DOUBTFUL = "behoerde-zweifelhaft"


@dataclass(frozen=True, slots=True)
class Kandidat:
    """A Gemeinde that the address may mean.

    `score` of 100 tells how like the names are, `ort_key` and `teil` are the folded names of the
    Gemeinde and of the part that was named.
    """

    gemeinde: Gemeinde
    score: int
    ort_key: str
    teil: str = ""


@dataclass(frozen=True, slots=True)
class Aufloesung:
    """What an address means; one candidate where it is certain, several where it is not."""

    certainty: Certainty
    candidates: tuple[Kandidat, ...] = ()
    marks: tuple[Mark, ...] = ()
    plz: str = ""
    ort_key: str = ""
