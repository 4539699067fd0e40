"""The demo directory, read from the CSV files beside this module."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files

from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.gemeinde import Gemeinde
from server.domain.regel import Regel, Region
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage

IDENTIFIER_TYPE = "xoev"
CATEGORY = "Vollstreckungsbehörde"


@dataclass(frozen=True)
class DemoMandant:
    """A Mandant of the demo; `key` names it in behoerden.csv and in `pki/`."""

    key: str
    is_electronic: bool
    address: Anschrift
    einnahmeart: str


DEMO_MANDANTEN = (
    DemoMandant(
        "potsdam", True, Anschrift("Zeppelinstraße", "101", "14471", "Potsdam"), "grundsteuer"
    ),
    DemoMandant("jena", True, Anschrift("Saalstraße", "17", "07743", "Jena"), "hundesteuer"),
    DemoMandant("cochem", False, Anschrift("Moselweg", "7 b", "56812", "Cochem"), "bussgeld"),
)

# Addresses for which nobody is responsible, or two authorities equally.
ANFRAGE_NONE = ZustaendigkeitAnfrage("grundsteuer", Anschrift("Hellweg", "3", "59494", "Soest"))
ANFRAGE_SEVERAL = ZustaendigkeitAnfrage(
    "grundsteuer", Anschrift("Rheinallee", "12", "67346", "Speyer")
)


def read_gemeinden() -> tuple[Gemeinde, ...]:
    """Pairs of Gemeinde and postal code."""
    return tuple(
        Gemeinde(row["ags"], row["plz"], row["ort"], row["kreis"])
        for row in _read_rows("gemeinden.csv")
    )


def read_behoerden() -> Mapping[str, Behoerde]:
    """The authorities by their key."""
    return {row["key"]: _to_behoerde(row) for row in _read_rows("behoerden.csv")}


def read_regeln() -> tuple[Regel, ...]:
    """The rules."""
    behoerden = read_behoerden()
    return tuple(
        Regel(
            Region(ags=row["ags"]),
            tuple(row["einnahmeart"].split()),
            behoerden[row["behoerde"]].identifier,
        )
        for row in _read_rows("zustaendigkeiten.csv")
    )


def _read_rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("server.demo") / name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _to_behoerde(row: Mapping[str, str]) -> Behoerde:
    return Behoerde(
        PartyIdentifier(row["kennung"], IDENTIFIER_TYPE, row["name"], CATEGORY),
        row["name"],
        Anschrift(row["strasse"], row["hausnummer"], row["plz"], row["ort"]),
        Kanal(row["kanal"]),
    )
