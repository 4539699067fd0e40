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
from server.printing.stationery import Stationery, StationeryFolders
from server.printing.unprintable import UnprintableLetter

# Vermerke above the address, where the print service franks.
MAX_NOTES_FRANKED = 1
_DAY = date(2026, 1, 2)
_ORDER = LetterOrder("muster", datetime(2026, 1, 2, tzinfo=UTC))
_ANSCHRIFT = Anschrift("Musterstraße", "1", "12345", "Musterstadt")
_AKTEUR = Akteur(PartyIdentifier("muster", "muster"), "Stadt Musterstadt", _ANSCHRIFT, "AZ 1")


class SampleFailed(Exception):
    """A sample cannot be set; the text is German."""


def find_template_problems(folders: StationeryFolders, style: LetterStyle) -> list[str]:
    """What hinders letters with these templates, as German sentences; empty where nothing does."""
    return [
        f"Vorlagen {name or 'für alle Mandanten'}: {problem}"
        for name, stationery in folders.list_all()
        for problem in find_stationery_problems(stationery, style)
    ]


def find_stationery_problems(stationery: Stationery, style: LetterStyle) -> Iterator[str]:
    """What hinders letters with one stationery, as German sentences."""
    notes = stationery.letterhead.vermerke
    if style.is_franked_by_service and len(notes) > MAX_NOTES_FRANKED:
        yield "Wo der Druckdienst frankiert, ist nur Platz für einen Vermerk."
    try:
        draw_sample(stationery, style)
    except SampleFailed as error:
        yield str(error)


def draw_sample(stationery: Stationery, style: LetterStyle, sender: Akteur | None = None) -> bytes:
    """A letter to nobody as PDF; raises SampleFailed."""
    look, sample = LetterLook(stationery, style), _make_sample(sender or _AKTEUR)
    try:
        return set_letter(sample, KeyNames(), _ORDER, look).pdf
    except typst.TypstError as error:
        hints = " ".join(error.hints)
        text = f"Der Satz schlägt fehl: {error.message}. {hints}".strip()
        raise SampleFailed(text) from error
    except UnprintableLetter as error:
        raise SampleFailed(str(error)) from error


def _make_sample(sender: Akteur) -> Ersuchen:
    claim = Forderung("muster", "Musterforderung", Decimal("10.00"), _DAY)
    return Ersuchen(
        datum=_DAY,
        ersuchender=sender,
        ersuchter=_AKTEUR,
        schuldner_list=(Schuldner(Person("Muster", "Erika"), _ANSCHRIFT),),
        forderung_list=(claim,),
        gesamtbetrag=claim.summe,
        massnahme_list=(ErbeteneMassnahme("muster"),),
        bankverbindung=Bankverbindung("Stadt Musterstadt", "DE02120300000000202051", "AZ 1"),
        bemerkung="Muster",
    )
