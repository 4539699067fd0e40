"""The demo's Ersuchen and its attachment: invented people, real places."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import typst

from server.demo.data import CATEGORY, DemoMandant
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.ersuchen import (
    Akteur,
    Bankverbindung,
    Bescheid,
    ErbeteneMassnahme,
    Ersuchen,
    Forderung,
    Nebenforderung,
    Person,
    Schuldner,
    Vollstreckbarkeitsbescheinigung,
    Zustellung,
    add_up,
)

_ATTACHMENT = """
#let data = json(bytes(sys.inputs.text))
#set document(date: none)
#set page(paper: "a4", margin: 25mm)
#set text(font: "Libertinus Serif", size: 11pt, lang: "de")
#text(size: 15pt, weight: "bold", data.title)
#v(6mm)
#for paragraph in data.paragraphs { par(paragraph) }
"""


def make_ersuchen(asking: Behoerde, asked: Behoerde, mandant: DemoMandant) -> Ersuchen:
    """An Ersuchen about a debtor who lives at the address that the demo knows for `mandant`."""
    forderungen = _make_forderungen(mandant.einnahmeart)
    return Ersuchen(
        datum=date(2026, 11, 2),
        rechtsgrundlage_list=("§ 250 AO",),
        ersuchender=to_akteur(asking, "VS-2026-0815", "Frau Ahrens"),
        ersuchter=to_akteur(asked),
        schuldner_list=(
            Schuldner(Person("Beispiel", "Erika", geburtsdatum=date(1980, 2, 3)), mandant.address),
        ),
        forderung_list=forderungen,
        gesamtbetrag=add_up(forderungen),
        bescheinigung=Vollstreckbarkeitsbescheinigung(
            date(2026, 11, 2), "Im Auftrag, Ahrens, Vollstreckungsstelle"
        ),
        massnahme_list=(
            ErbeteneMassnahme("sachpfaendung"),
            ErbeteneMassnahme("vermoegensauskunft"),
        ),
        bankverbindung=Bankverbindung(asking.name, "DE02120300000000202051", "VS-2026-0815"),
        bemerkung="Bitte verständigen Sie uns, sobald Zahlungen eingehen.",
    )


def _make_forderungen(einnahmeart: str) -> tuple[Forderung, ...]:
    bescheid = Bescheid(
        date(2026, 1, 12), zustellung=Zustellung("einfacher-brief", date(2026, 1, 15))
    )
    first = Forderung(
        einnahmeart, "1. Rate", Decimal("184.50"), date(2026, 2, 15), bescheid=bescheid
    )
    reminder = Nebenforderung("mahngebuehr", Decimal("5.00"), faelligkeit=date(2026, 6, 12))
    second = Forderung(
        einnahmeart,
        "2. Rate",
        Decimal("184.50"),
        date(2026, 5, 15),
        nebenforderung_list=(reminder,),
        bescheid=bescheid,
    )
    return first, second


def make_attachment(ersuchen: Ersuchen) -> bytes:
    """A one-page PDF: the notice that the claims rest on."""
    (schuldner,) = ersuchen.schuldner_list
    address = schuldner.anschrift.lines() if schuldner.anschrift else ()
    return render_page(
        "Bescheid (Abschrift)",
        (
            f"An {', '.join((schuldner.full_name, *address))}",
            f"{ersuchen.ersuchender.name}, Aktenzeichen {ersuchen.ersuchender.aktenzeichen}",
            "Die festgesetzten Beträge sind trotz Mahnung nicht gezahlt worden. "
            "Der Bescheid ist vollstreckbar.",
        ),
    )


def render_page(title: str, paragraphs: Sequence[str]) -> bytes:
    """A PDF of one page; the same text gives the same bytes, at any time."""
    text = {"title": title, "paragraphs": paragraphs}
    pdf: bytes = typst.compile(
        _ATTACHMENT.encode(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"text": json.dumps(text, ensure_ascii=False)},
    )
    return pdf


def to_akteur(behoerde: Behoerde, aktenzeichen: str = "", bearbeiter: str = "") -> Akteur:
    """A Behoerde of the directory as one that takes part in an Ersuchen."""
    identifier = behoerde.identifier
    return Akteur(
        PartyIdentifier(identifier.value, identifier.type, behoerde.name, CATEGORY),
        behoerde.name,
        behoerde.anschrift,
        aktenzeichen,
        bearbeiter,
    )
