"""The Vollstreckungshilfeersuchen: what one Behoerde asks of another."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier


@dataclass(frozen=True)
class Akteur:
    """A Behoerde that takes part in the matter, with its own Aktenzeichen and clerk."""

    identifier: PartyIdentifier
    name: str
    anschrift: Anschrift
    aktenzeichen: str = ""
    bearbeiter: str = ""


@dataclass(frozen=True)
class Schuldner:
    """The debtor: a person with `vorname`, or a company with an empty one."""

    name: str
    anschrift: Anschrift
    vorname: str = ""
    geburtsdatum: date | None = None

    @property
    def full_name(self) -> str:
        """First name and name, as they are written on a letter."""
        return f"{self.vorname} {self.name}".strip()


@dataclass(frozen=True)
class Forderung:
    """One claim; amounts in euro with two decimals."""

    einnahmeart: str
    bezeichnung: str
    betrag: Decimal
    faelligkeit: date


@dataclass(frozen=True)
class Bankverbindung:
    """Where the money is to go."""

    kontoinhaber: str
    iban: str
    verwendungszweck: str = ""


@dataclass(frozen=True)
class Ersuchen:
    """A complete Vollstreckungshilfeersuchen."""

    datum: date
    ersuchender: Akteur
    ersuchter: Akteur
    schuldner: Schuldner
    forderung_list: tuple[Forderung, ...]
    massnahme_list: tuple[str, ...]
    bankverbindung: Bankverbindung | None = None
    bemerkung: str = ""

    @property
    def gesamtbetrag(self) -> Decimal:
        """The sum of all claims, in euro."""
        return sum((forderung.betrag for forderung in self.forderung_list), Decimal("0.00"))
