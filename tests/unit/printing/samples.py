"""What the tests of printing are about: invented people, real places."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pikepdf

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
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
from server.printing.letter import LetterOrder
from server.printing.output import BatchLetter, Handling, PrintBatch

ORDER = LetterOrder(
    "20261102-000042-5f2c9a1b",
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


HANDLING = Handling(duplex=True, colour=False, stock="", envelope="", product="")


def make_batch(batch_id: str = "stapel-1", *contents: bytes) -> PrintBatch:
    """A batch whose letters are not looked into."""
    letters = [
        BatchLetter(f"{batch_id}-brief-{number}", number, 1, 1, InlineContent(content))
        for number, content in enumerate(contents or (b"%PDF-eins", b"%PDF-zwei"), 1)
    ]
    return PrintBatch(batch_id, HANDLING, letters, b"<druckauftrag/>", b"brief\r\n")
