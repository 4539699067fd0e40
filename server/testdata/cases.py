"""The special cases and how many of the generated Ersuchen each of them gets."""

from collections.abc import Collection
from enum import StrEnum
from random import Random


class SpecialCase(StrEnum):
    """What is unusual about an Ersuchen; each has one special case at most."""

    FIRMA = "firma"
    GESAMTSCHULDNER = "gesamtschuldner"
    ANSCHRIFT_UNBEKANNT = "anschrift-unbekannt"
    OHNE_HAUSNUMMER = "ohne-hausnummer"
    OHNE_STRASSE = "ohne-strasse"
    ABGEKUERZTE_STRASSE = "abgekuerzte-strasse"
    ORTSTEIL = "ortsteil"
    PLZ_MEHRERER_GEMEINDEN = "plz-mehrerer-gemeinden"
    LANGER_NAME = "langer-name"
    DIN_91379_SEQUENZEN = "din-91379-sequenzen"
    VIELE_FORDERUNGEN = "viele-forderungen"
    CENTBETRAG = "centbetrag"
    GROSSER_BETRAG = "grosser-betrag"
    OHNE_ANLAGE = "ohne-anlage"
    VIELE_ANLAGEN = "viele-anlagen"
    UMLAUT_DATEINAME = "umlaut-dateiname"
    LANGE_BEMERKUNG = "lange-bemerkung"


# Of a thousand Ersuchen; docs/testdata.md holds the same table.
PER_MILLE: dict[SpecialCase, int] = {
    SpecialCase.FIRMA: 80,
    SpecialCase.GESAMTSCHULDNER: 50,
    SpecialCase.ANSCHRIFT_UNBEKANNT: 20,
    SpecialCase.OHNE_HAUSNUMMER: 20,
    SpecialCase.OHNE_STRASSE: 10,
    SpecialCase.ABGEKUERZTE_STRASSE: 30,
    SpecialCase.ORTSTEIL: 30,
    SpecialCase.PLZ_MEHRERER_GEMEINDEN: 40,
    SpecialCase.LANGER_NAME: 5,
    SpecialCase.DIN_91379_SEQUENZEN: 20,
    SpecialCase.VIELE_FORDERUNGEN: 5,
    SpecialCase.CENTBETRAG: 5,
    SpecialCase.GROSSER_BETRAG: 5,
    SpecialCase.OHNE_ANLAGE: 50,
    SpecialCase.VIELE_ANLAGEN: 10,
    SpecialCase.UMLAUT_DATEINAME: 30,
    SpecialCase.LANGE_BEMERKUNG: 20,
}


def count_case(case: SpecialCase, count: int) -> int:
    """How many of `count` Ersuchen get this case: its share, rounded half up."""
    return (count * PER_MILLE[case] + 500) // 1000


def spread_cases(
    random: Random, count: int, cases: Collection[SpecialCase]
) -> tuple[SpecialCase | None, ...]:
    """The case of each Ersuchen, mixed by chance; how many there are of each is not chance."""
    special: list[SpecialCase | None] = [
        case for case in SpecialCase if case in cases for _ in range(count_case(case, count))
    ]
    spread = special + [None] * (count - len(special))
    random.shuffle(spread)
    return tuple(spread)
