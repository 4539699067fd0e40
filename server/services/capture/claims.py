"""Reads the claims of a draft."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from server.domain.ersuchen import (
    Bescheid,
    Forderung,
    Nebenforderung,
    Saeumniszuschlag,
    Zeitraum,
    Zustellung,
)
from server.services.capture.choices import NEBENFORDERUNG_ARTEN, ZUSTELLUNG_ARTEN
from server.services.capture.fields import FieldReader

# Stands in for what is missing; a draft with a problem is never sent.
_NO_AMOUNT, _NO_DAY = Decimal("0.00"), date.min


def read_forderungen(reader: FieldReader, einnahmearten: Collection[str]) -> tuple[Forderung, ...]:
    """All claims."""
    rows = reader.rows("forderungen")
    if not rows:
        reader.refuse("forderungen", "Bitte geben Sie mindestens eine Forderung an.")
    return tuple(_read_forderung(row, einnahmearten) for row in rows)


def _read_forderung(row: FieldReader, einnahmearten: Collection[str]) -> Forderung:
    return Forderung(
        einnahmeart=row.choice("einnahmeart", einnahmearten, "Bitte wählen Sie die Einnahmeart."),
        bezeichnung=row.line("bezeichnung", "Bitte bezeichnen Sie die Forderung, etwa „1. Rate“."),
        betrag=row.amount("betrag", "Bitte geben Sie den Betrag an.") or _NO_AMOUNT,
        faelligkeit=row.day("faelligkeit", "Bitte geben Sie an, wann sie fällig war.") or _NO_DAY,
        kassenzeichen=row.line("kassenzeichen"),
        zeitraum=_read_zeitraum(row),
        nebenforderung_list=tuple(map(_read_nebenforderung, row.rows("nebenforderungen"))),
        saeumniszuschlag=_read_saeumniszuschlag(row),
        bescheid=_read_bescheid(row),
    )


def _read_zeitraum(row: FieldReader) -> Zeitraum | None:
    if row.is_empty(("zeitraum_von", "zeitraum_bis")):
        return None
    first = row.day("zeitraum_von", "Bitte geben Sie auch den Beginn an.")
    last = row.day("zeitraum_bis", "Bitte geben Sie auch das Ende an.")
    if first is None or last is None:
        return None
    if last < first:
        row.refuse("zeitraum_bis", "Der Zeitraum endet vor seinem Beginn; bitte prüfen.")
    return Zeitraum(first, last)


def _read_nebenforderung(row: FieldReader) -> Nebenforderung:
    return Nebenforderung(
        row.choice("art", NEBENFORDERUNG_ARTEN, "Bitte wählen Sie die Art."),
        row.amount("betrag", "Bitte geben Sie den Betrag an.") or _NO_AMOUNT,
        row.line("bezeichnung"),
        row.day("faelligkeit"),
    )


def _read_saeumniszuschlag(row: FieldReader) -> Saeumniszuschlag | None:
    names = ("zuschlag", "zuschlag_bis")
    runs_on = row.flag("zuschlag_weiter")
    if row.is_empty(names) and not runs_on:
        return None
    amount = row.amount("zuschlag", "Bitte geben Sie den Säumniszuschlag an.")
    until = row.day("zuschlag_bis", "Bitte geben Sie an, bis wann er berechnet ist.")
    return Saeumniszuschlag(amount, until, runs_on) if amount and until else None


def _read_bescheid(row: FieldReader) -> Bescheid | None:
    delivered = ("zustellung_art", "zustellung_am")
    if row.is_empty(("bescheid_vom", "bescheid_aktenzeichen", *delivered, "unanfechtbar_seit")):
        return None
    issued = row.day("bescheid_vom", "Bitte geben Sie das Datum des Bescheids an.")
    reference = row.line("bescheid_aktenzeichen")
    zustellung = None if row.is_empty(delivered) else _read_zustellung(row)
    final = row.day("unanfechtbar_seit")
    return Bescheid(issued, reference, zustellung, final) if issued else None


def _read_zustellung(row: FieldReader) -> Zustellung | None:
    kind = row.choice("zustellung_art", ZUSTELLUNG_ARTEN, "Bitte wählen Sie die Art.")
    day = row.day("zustellung_am", "Bitte geben Sie den Tag der Zustellung an.")
    return Zustellung(kind, day) if day else None
