"""The Vollstreckungshilfeersuchen: what one Behoerde asks of another."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier

_NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Akteur:
    """A Behoerde that takes part in the matter, with its own Aktenzeichen and clerk."""

    identifier: PartyIdentifier
    name: str
    anschrift: Anschrift
    aktenzeichen: str = ""
    bearbeiter: str = ""
    telefon: str = ""
    email: str = ""


@dataclass(frozen=True)
class Person:
    """A natural person."""

    name: str
    vorname: str = ""
    geburtsname: str = ""
    geburtsdatum: date | None = None
    geburtsort: str = ""

    @property
    def full_name(self) -> str:
        """First name and name, as they are written on a letter."""
        return f"{self.vorname} {self.name}".strip()


@dataclass(frozen=True)
class Firma:
    """A company or another legal person; `register` names court and number."""

    name: str
    rechtsform: str = ""
    register: str = ""
    vertreter_list: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """The name as it is written on a letter."""
        return self.name


@dataclass(frozen=True)
class Schuldner:
    """A debtor; `anschrift` is None where the address is to be found out."""

    wer: Person | Firma
    anschrift: Anschrift | None = None

    @property
    def full_name(self) -> str:
        """The name as it is written on a letter."""
        return self.wer.full_name


@dataclass(frozen=True)
class Nebenforderung:
    """What is owed beside a claim; `art` is one of the schema's list."""

    art: str
    betrag: Decimal
    bezeichnung: str = ""
    faelligkeit: date | None = None


@dataclass(frozen=True)
class Saeumniszuschlag:
    """Charged for being late (§ 240 AO), until `berechnet_bis`."""

    betrag: Decimal
    berechnet_bis: date
    laeuft_weiter: bool


@dataclass(frozen=True)
class Zustellung:
    """How and when a notice reached the debtor; `art` is one of the schema's list."""

    art: str
    datum: date


@dataclass(frozen=True)
class Bescheid:
    """The notice that a claim rests on."""

    datum: date
    aktenzeichen: str = ""
    zustellung: Zustellung | None = None
    unanfechtbar_seit: date | None = None


@dataclass(frozen=True)
class Zeitraum:
    """From a day to a day, both included."""

    von: date
    bis: date


@dataclass(frozen=True)
class Forderung:
    """One claim; amounts in euro with two decimals, `betrag` without what is owed beside it."""

    einnahmeart: str
    bezeichnung: str
    betrag: Decimal
    faelligkeit: date
    kassenzeichen: str = ""
    zeitraum: Zeitraum | None = None
    nebenforderung_list: tuple[Nebenforderung, ...] = ()
    saeumniszuschlag: Saeumniszuschlag | None = None
    bescheid: Bescheid | None = None

    @property
    def summe(self) -> Decimal:
        """The claim with all that is owed beside it."""
        beside = sum((item.betrag for item in self.nebenforderung_list), _NOTHING)
        late = self.saeumniszuschlag.betrag if self.saeumniszuschlag else _NOTHING
        return self.betrag + beside + late


@dataclass(frozen=True)
class Vollstreckbarkeitsbescheinigung:
    """The asking Behoerde certifies that the claims may be enforced."""

    ausgestellt_am: date
    ausgestellt_von: str
    text: str = ""


@dataclass(frozen=True)
class Drittschuldner:
    """Who owes the debtor something: a bank, an employer, a tenant."""

    name: str
    anschrift: Anschrift | None = None


@dataclass(frozen=True)
class ErbeteneMassnahme:
    """A measure that is asked for; `art` is a key of the catalogue of measures."""

    art: str
    drittschuldner: Drittschuldner | None = None
    iban: str = ""
    kennzeichen: str = ""
    grundstueck: str = ""
    gegenstand: str = ""
    hinweis: str = ""


@dataclass(frozen=True)
class Bankverbindung:
    """Where the money is to go."""

    kontoinhaber: str
    iban: str
    verwendungszweck: str = ""
    bic: str = ""


@dataclass(frozen=True)
class Anlage:
    """An attachment that the message names; `sha256` in hex, or empty."""

    dateiname: str
    art: str
    sha256: str = ""


@dataclass(frozen=True)
class Ersuchen:
    """A complete Vollstreckungshilfeersuchen; several Schuldner are Gesamtschuldner.

    `gesamtbetrag` is the sum as the message states it.
    """

    datum: date
    ersuchender: Akteur
    ersuchter: Akteur
    schuldner_list: tuple[Schuldner, ...]
    forderung_list: tuple[Forderung, ...]
    gesamtbetrag: Decimal
    massnahme_list: tuple[ErbeteneMassnahme, ...]
    bescheinigung: Vollstreckbarkeitsbescheinigung | None = None
    rechtsgrundlage_list: tuple[str, ...] = ()
    bankverbindung: Bankverbindung | None = None
    anlage_list: tuple[Anlage, ...] = ()
    bemerkung: str = ""


@dataclass(frozen=True)
class Forderungsaenderung:
    """The claims as they are from now on, with their sum as the message states it."""

    datum: date
    forderung_list: tuple[Forderung, ...]
    gesamtbetrag: Decimal


def add_up(forderung_list: Iterable[Forderung]) -> Decimal:
    """The sum of all claims with what is owed beside them, in euro."""
    return sum((forderung.summe for forderung in forderung_list), _NOTHING)
