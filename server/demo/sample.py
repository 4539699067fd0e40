"""The demo's Ersuchen and its attachment: invented people, real places."""

import json
from datetime import date
from decimal import Decimal

import typst

from server.demo.data import CATEGORY, DemoMandant
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.ersuchen import Akteur, Bankverbindung, Ersuchen, Forderung, Schuldner

_ATTACHMENT = """
#let data = json(bytes(sys.inputs.text))
#set page(paper: "a4", margin: 25mm)
#set text(font: "Libertinus Serif", size: 11pt, lang: "de")
#text(size: 15pt, weight: "bold", data.title)
#v(6mm)
#for paragraph in data.paragraphs { par(paragraph) }
"""


def make_ersuchen(asking: Behoerde, asked: Behoerde, mandant: DemoMandant) -> Ersuchen:
    """An Ersuchen about a debtor who lives at the address that the demo knows for `mandant`."""
    return Ersuchen(
        datum=date(2026, 11, 2),
        ersuchender=_to_akteur(asking, "VS-2026-0815", "Frau Ahrens"),
        ersuchter=_to_akteur(asked),
        schuldner=Schuldner("Beispiel", mandant.address, "Erika", date(1980, 2, 3)),
        forderung_list=(
            Forderung(
                mandant.einnahmeart,
                "Bescheid vom 12.01.2026, 1. Rate",
                Decimal("184.50"),
                date(2026, 2, 15),
            ),
            Forderung(
                mandant.einnahmeart,
                "Bescheid vom 12.01.2026, 2. Rate",
                Decimal("184.50"),
                date(2026, 5, 15),
            ),
            Forderung("verwaltungsgebuehr", "Mahngebühr", Decimal("5.00"), date(2026, 6, 12)),
        ),
        massnahme_list=("Sachpfändung", "Abnahme der Vermögensauskunft"),
        bankverbindung=Bankverbindung(asking.name, "DE02120300000000202051", "VS-2026-0815"),
        bemerkung="Bitte verständigen Sie uns, sobald Zahlungen eingehen.",
    )


def make_attachment(ersuchen: Ersuchen) -> bytes:
    """A one-page PDF: the notice that the claims rest on."""
    text = {
        "title": "Bescheid (Abschrift)",
        "paragraphs": [
            f"An {ersuchen.schuldner.full_name}, "
            + ", ".join(ersuchen.schuldner.anschrift.lines()),
            f"{ersuchen.ersuchender.name}, Aktenzeichen {ersuchen.ersuchender.aktenzeichen}",
            "Die festgesetzten Beträge sind trotz Mahnung nicht gezahlt worden. "
            "Der Bescheid ist vollstreckbar.",
        ],
    }
    pdf: bytes = typst.compile(
        _ATTACHMENT.encode(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"text": json.dumps(text, ensure_ascii=False)},
    )
    return pdf


def _to_akteur(behoerde: Behoerde, aktenzeichen: str = "", bearbeiter: str = "") -> Akteur:
    identifier = behoerde.identifier
    return Akteur(
        PartyIdentifier(identifier.value, identifier.type, behoerde.name, CATEGORY),
        behoerde.name,
        behoerde.anschrift,
        aktenzeichen,
        bearbeiter,
    )
