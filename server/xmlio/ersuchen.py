"""The Vollstreckungshilfeersuchen on the wire (`xsd/amtshilfe-1/amtshilfe-ersuchen.xsd`)."""

from datetime import date
from decimal import Decimal

from lxml import etree

from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import Akteur, Bankverbindung, Ersuchen, Forderung, Schuldner
from server.xmlio.baukasten import (
    AMT,
    add_texts,
    find_text,
    read_anschrift,
    read_kennung,
    require_child,
    write_anschrift,
    write_kennung,
)
from server.xmlio.namespaces import AMTSHILFE, name_in

ERSUCHEN = name_in(AMTSHILFE, "vollstreckungshilfeersuchen")
MESSAGE_TYPE = "vollstreckungshilfeersuchen"
MESSAGE_TYPE_LIST = ("urn:damtshilfe:codeliste:nachrichtentyp", "1")
SERVICE = "urn:damtshilfe:dienst:vollstreckungshilfe:1"
_VERSION = "1.0"


def read_ersuchen(element: etree._Element) -> Ersuchen:
    """A valid message → Ersuchen."""
    return Ersuchen(
        datum=_read_date(element, "datum"),
        ersuchender=_read_akteur(require_child(element, "ersuchender")),
        ersuchter=_read_akteur(require_child(element, "ersuchter")),
        schuldner=_read_schuldner(require_child(element, "schuldner")),
        forderung_list=tuple(
            _read_forderung(item) for item in element.iterfind(name_in(AMTSHILFE, "forderung"))
        ),
        massnahme_list=tuple(
            " ".join((item.text or "").split())
            for item in element.iterfind(name_in(AMTSHILFE, "massnahme"))
        ),
        bankverbindung=_read_bankverbindung(element.find(name_in(AMTSHILFE, "bankverbindung"))),
        bemerkung=element.findtext(name_in(AMTSHILFE, "bemerkung")) or "",
    )


def write_ersuchen(ersuchen: Ersuchen) -> bytes:
    """Ersuchen → message, UTF-8."""
    root: etree._Element = AMT.vollstreckungshilfeersuchen(version=_VERSION)
    add_texts(root, datum=ersuchen.datum.isoformat())
    root.append(_write_akteur("ersuchender", ersuchen.ersuchender))
    root.append(_write_akteur("ersuchter", ersuchen.ersuchter))
    root.append(_write_schuldner(ersuchen.schuldner))
    root.extend(_write_forderung(forderung) for forderung in ersuchen.forderung_list)
    for massnahme in ersuchen.massnahme_list:
        add_texts(root, massnahme=massnahme)
    if ersuchen.bankverbindung:
        root.append(_write_bankverbindung(ersuchen.bankverbindung))
    add_texts(root, bemerkung=ersuchen.bemerkung)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _read_date(parent: etree._Element, name: str) -> date:
    # xs:date may bear a zone; a day on a letter has none.
    return date.fromisoformat(find_text(parent, name)[:10])


def _read_akteur(element: etree._Element) -> Akteur:
    kennung = read_kennung(require_child(element, "kennung"))
    name = find_text(element, "name")
    return Akteur(
        PartyIdentifier(kennung.value, kennung.type, name, kennung.category),
        name,
        read_anschrift(require_child(element, "anschrift")),
        find_text(element, "aktenzeichen"),
        find_text(element, "bearbeiter"),
    )


def _write_akteur(tag: str, akteur: Akteur) -> etree._Element:
    element = etree.Element(name_in(AMTSHILFE, tag))
    element.append(write_kennung(akteur.identifier))
    add_texts(element, name=akteur.name)
    element.append(write_anschrift(akteur.anschrift))
    add_texts(element, aktenzeichen=akteur.aktenzeichen, bearbeiter=akteur.bearbeiter)
    return element


def _read_schuldner(element: etree._Element) -> Schuldner:
    return Schuldner(
        name=find_text(element, "name"),
        vorname=find_text(element, "vorname"),
        geburtsdatum=(
            _read_date(element, "geburtsdatum") if find_text(element, "geburtsdatum") else None
        ),
        anschrift=read_anschrift(require_child(element, "anschrift")),
    )


def _write_schuldner(schuldner: Schuldner) -> etree._Element:
    element: etree._Element = AMT.schuldner()
    geburtsdatum = schuldner.geburtsdatum.isoformat() if schuldner.geburtsdatum else ""
    add_texts(element, name=schuldner.name, vorname=schuldner.vorname, geburtsdatum=geburtsdatum)
    element.append(write_anschrift(schuldner.anschrift))
    return element


def _read_forderung(element: etree._Element) -> Forderung:
    return Forderung(
        find_text(element, "einnahmeart"),
        find_text(element, "bezeichnung"),
        Decimal(find_text(element, "betrag")),
        _read_date(element, "faelligkeit"),
    )


def _write_forderung(forderung: Forderung) -> etree._Element:
    element: etree._Element = AMT.forderung()
    add_texts(
        element,
        einnahmeart=forderung.einnahmeart,
        bezeichnung=forderung.bezeichnung,
        betrag=f"{forderung.betrag:.2f}",
        faelligkeit=forderung.faelligkeit.isoformat(),
    )
    return element


def _read_bankverbindung(element: etree._Element | None) -> Bankverbindung | None:
    if element is None:
        return None
    return Bankverbindung(
        find_text(element, "kontoinhaber"),
        find_text(element, "iban"),
        find_text(element, "verwendungszweck"),
    )


def _write_bankverbindung(bankverbindung: Bankverbindung) -> etree._Element:
    element: etree._Element = AMT.bankverbindung()
    add_texts(
        element,
        kontoinhaber=bankverbindung.kontoinhaber,
        iban=bankverbindung.iban,
        verwendungszweck=bankverbindung.verwendungszweck,
    )
    return element
