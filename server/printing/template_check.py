"""The look at own templates before a letter depends on them: each sets a sample."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import typst

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import (
    Akteur,
    Bankverbindung,
    ErbeteneMassnahme,
    Ersuchen,
    Forderung,
    Person,
    Schuldner,
)
from server.printing.letter import LetterLook, LetterOrder, LetterStyle, set_letter
from server.printing.letter_texts import KeyNames
from server.printing.stationery import Stationery
from server.printing.unprintable import UnprintableLetter

_MAX_NOTES_FRANKED = 1
_DAY = date(2026, 1, 2)
_ORDER = LetterOrder("muster", "muster", datetime(2026, 1, 2, tzinfo=UTC))
_ANSCHRIFT = Anschrift("Musterstraße", "1", "12345", "Musterstadt")


def find_template_problems(style: LetterStyle) -> list[str]:
    """What hinders letters with these templates, as German sentences; empty where nothing does."""
    return [
        f"Vorlagen {name or 'für alle Mandanten'}: {problem}"
        for name, stationery in style.stationery.list_all()
        for problem in _find_problems(stationery, style)
    ]


def _find_problems(stationery: Stationery, style: LetterStyle) -> Iterator[str]:
    notes = stationery.letterhead.vermerke
    if style.is_franked_by_service and len(notes) > _MAX_NOTES_FRANKED:
        yield "Wo der Druckdienst frankiert, ist nur Platz für einen Vermerk."
    try:
        set_letter(_make_sample(), KeyNames(), _ORDER, LetterLook(stationery, style))
    except typst.TypstError as error:
        hints = " ".join(error.hints)
        yield f"Der Satz schlägt fehl: {error.message}. {hints}".strip()
    except UnprintableLetter as error:
        yield str(error)


def _make_sample() -> Ersuchen:
    akteur = Akteur(PartyIdentifier("muster", "muster"), "Stadt Musterstadt", _ANSCHRIFT, "AZ 1")
    claim = Forderung("muster", "Musterforderung", Decimal("10.00"), _DAY)
    return Ersuchen(
        datum=_DAY,
        ersuchender=akteur,
        ersuchter=akteur,
        schuldner_list=(Schuldner(Person("Muster", "Erika"), _ANSCHRIFT),),
        forderung_list=(claim,),
        gesamtbetrag=claim.summe,
        massnahme_list=(ErbeteneMassnahme("muster"),),
        bankverbindung=Bankverbindung("Stadt Musterstadt", "DE02120300000000202051", "AZ 1"),
        bemerkung="Muster",
    )
