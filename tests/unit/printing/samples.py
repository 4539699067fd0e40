"""What the tests of printing are about: invented people, real places."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf

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
    Vollstreckbarkeitsbescheinigung,
    add_up,
)
from server.printing.dispatcher import PrintJob
from server.printing.letter import Letter, LetterOrder

ORDER = LetterOrder(
    "20261102-000042-5f2c9a1b",
    "urn:de:xta:messageid:damtshilfe:0001",
    datetime(2026, 11, 2, 9, 30, 5, 123456, tzinfo=UTC),
)
POTSDAM = Akteur(
    PartyIdentifier("ags:12054000", "xoev"),
    "Stadt Potsdam, Vollstreckungsstelle",
    Anschrift("Friedrich-Ebert-Straße", "79/81", "14469", "Potsdam"),
    "VS-2026-0815",
    "Frau Ahrens",
)
FLENSBURG = Akteur(
    PartyIdentifier("ags:01001000", "xoev"),
    "Stadt Flensburg, Vollstreckungsstelle",
    Anschrift("Am Markt", "1", "24937", "Flensburg"),
)


def make_forderungen(count: int) -> tuple[Forderung, ...]:
    """Claims over 184.50 € each, one for every rate."""
    return tuple(
        Forderung(
            "grundsteuer",
            f"Bescheid vom 12.01.2026, {i}. Rate",
            Decimal("184.50"),
            date(2026, 2, 15),
        )
        for i in range(1, count + 1)
    )


def make_ersuchen(**changes: Any) -> Ersuchen:
    """An Ersuchen with everything that one may have."""
    ersuchen = Ersuchen(
        datum=date(2026, 11, 2),
        ersuchender=POTSDAM,
        ersuchter=FLENSBURG,
        schuldner_list=(
            Schuldner(
                Person("Beispiel", "Erika", geburtsdatum=date(1980, 2, 3)),
                Anschrift("Norderstraße", "7 b", "24939", "Flensburg"),
            ),
        ),
        forderung_list=make_forderungen(3),
        gesamtbetrag=add_up(make_forderungen(3)),
        bescheinigung=Vollstreckbarkeitsbescheinigung(date(2026, 11, 2), "Im Auftrag, Ahrens"),
        massnahme_list=(
            ErbeteneMassnahme("sachpfaendung"),
            ErbeteneMassnahme("vermoegensauskunft"),
        ),
        bankverbindung=Bankverbindung("Stadt Potsdam", "DE02120300000000202051", "VS-2026-0815"),
        bemerkung="Bitte verständigen Sie uns, sobald Zahlungen eingehen.",
    )
    return replace(ersuchen, **changes)


def make_pdf(*sizes: tuple[int, int], **save_options: Any) -> bytes:
    """A PDF with an empty page of each size, in points."""
    with pikepdf.new() as pdf:
        for size in sizes:
            pdf.add_blank_page(page_size=size)
        output = BytesIO()
        pdf.save(output, deterministic_id="encryption" not in save_options, **save_options)
        return output.getvalue()


def make_job(order_id: str = ORDER.order_id, content: bytes = b"%PDF-letter") -> PrintJob:
    """A job whose letter is not looked into."""
    return PrintJob(order_id, Letter(content, 1, "0" * 64), b"<druckauftrag/>")
