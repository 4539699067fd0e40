"""What the messages say that follow an Ersuchen (xsd/amtshilfe-1/amtshilfe-vorgang.xsd).

Amounts in euro with two decimals; empty texts and None stand for what is not said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from server.domain.ersuchen import Akteur, Anlage, Forderung
from server.domain.vorgang_facts import VorgangEvent


@dataclass(frozen=True)
class Eingangsbestaetigung:
    """The Ersuchen has arrived."""

    eingegangen: date
    bemerkung: str = ""


@dataclass(frozen=True)
class Abgabe:
    """The matter was passed on."""

    abgegeben_an: Akteur
    grund: str


@dataclass(frozen=True)
class Rueckfrage:
    """Questions, and until when an answer is wanted."""

    frage_list: tuple[str, ...]
    frist: date | None = None


@dataclass(frozen=True)
class Antwort:
    """Answers in the order of the questions."""

    text_list: tuple[str, ...]


@dataclass(frozen=True)
class Forderungsaenderung:
    """The claims as they are from now on, and why."""

    forderung_list: tuple[Forderung, ...]
    gesamtbetrag: Decimal
    grund: str


@dataclass(frozen=True)
class Rate:
    """An instalment."""

    betrag: Decimal
    faelligkeit: date


@dataclass(frozen=True)
class Ratenzahlung:
    """Instalments that were agreed."""

    rate_list: tuple[Rate, ...]
    bemerkung: str = ""


@dataclass(frozen=True)
class Zahlungsmitteilung:
    """What was paid, and what is left."""

    betrag: Decimal
    eingegangen: date
    offen: Decimal
    verwendungszweck: str = ""


class Stand(StrEnum):
    """How far the asked Behoerde is."""

    ANGENOMMEN = "angenommen"
    IN_BEARBEITUNG = "in-bearbeitung"
    AUSGESETZT = "ausgesetzt"


@dataclass(frozen=True)
class Sachstand:
    """How far the matter is."""

    stand: Stand
    bemerkung: str = ""


class Ausgang(StrEnum):
    """What a measure led to."""

    ERFOLGREICH = "erfolgreich"
    TEILWEISE = "teilweise"
    FRUCHTLOS = "fruchtlos"


@dataclass(frozen=True)
class Ergebnis:
    """What a measure led to; `massnahme` is a key of the catalogue."""

    massnahme: str
    durchgefuehrt: date
    ausgang: Ausgang
    vereinnahmt: Decimal | None = None
    bemerkung: str = ""


@dataclass(frozen=True)
class Ruecknahme:
    """Help is no longer wanted."""

    grund: str


class Erledigungsart(StrEnum):
    """How a matter ended."""

    BEZAHLT = "bezahlt"
    TEILWEISE_BEZAHLT = "teilweise-bezahlt"
    FRUCHTLOS = "fruchtlos"
    ZURUECKGENOMMEN = "zurueckgenommen"


@dataclass(frozen=True)
class Erledigung:
    """The matter is ended."""

    art: Erledigungsart
    vereinnahmt: Decimal
    bemerkung: str = ""


@dataclass(frozen=True)
class Zurueckweisung:
    """The asked Behoerde may not or need not help (§ 5 VwVfG)."""

    grund: str


Inhalt = (
    Eingangsbestaetigung
    | Abgabe
    | Rueckfrage
    | Antwort
    | Forderungsaenderung
    | Ratenzahlung
    | Zahlungsmitteilung
    | Sachstand
    | Ergebnis
    | Ruecknahme
    | Erledigung
    | Zurueckweisung
)
EVENTS: Mapping[type[Inhalt], VorgangEvent] = {
    Eingangsbestaetigung: VorgangEvent.EINGANGSBESTAETIGUNG,
    Abgabe: VorgangEvent.ABGABE,
    Rueckfrage: VorgangEvent.RUECKFRAGE,
    Antwort: VorgangEvent.ANTWORT,
    Forderungsaenderung: VorgangEvent.FORDERUNGSAENDERUNG,
    Ratenzahlung: VorgangEvent.RATENZAHLUNG,
    Zahlungsmitteilung: VorgangEvent.ZAHLUNGSMITTEILUNG,
    Sachstand: VorgangEvent.SACHSTAND,
    Ergebnis: VorgangEvent.ERGEBNIS,
    Ruecknahme: VorgangEvent.RUECKNAHME,
    Erledigung: VorgangEvent.ERLEDIGUNG,
    Zurueckweisung: VorgangEvent.ZURUECKWEISUNG,
}


@dataclass(frozen=True)
class Nachricht:
    """A message of a matter; `bezug` is the MessageID that it is about."""

    datum: date
    absender: Akteur
    empfaenger: Akteur
    bezug: str
    inhalt: Inhalt
    anlage_list: tuple[Anlage, ...] = ()

    @property
    def event(self) -> VorgangEvent:
        """What it means for its Vorgang."""
        return EVENTS[type(self.inhalt)]
