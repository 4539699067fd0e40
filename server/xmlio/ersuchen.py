"""The Vollstreckungshilfeersuchen on the wire (`xsd/amtshilfe-1/amtshilfe-ersuchen.xsd`)."""

from lxml import etree

from server.domain.ersuchen import (
    Anlage,
    Bankverbindung,
    Drittschuldner,
    ErbeteneMassnahme,
    Ersuchen,
    Vollstreckbarkeitsbescheinigung,
)
from server.xmlio.akteur import (
    find_anschrift,
    read_akteur,
    read_schuldner,
    write_akteur,
    write_schuldner,
)
from server.xmlio.baukasten import (
    AMT,
    add_texts,
    find_child,
    find_text,
    format_day,
    list_children,
    read_day,
    require_child,
    write_anschrift,
)
from server.xmlio.forderung import format_amount, read_amount, read_forderungen, write_forderung
from server.xmlio.namespaces import AMTSHILFE, name_in

ERSUCHEN = name_in(AMTSHILFE, "vollstreckungshilfeersuchen")
MESSAGE_TYPE = "vollstreckungshilfeersuchen"
MESSAGE_TYPE_LIST = ("urn:damtshilfe:codeliste:nachrichtentyp", "1")
SERVICE = "urn:damtshilfe:dienst:vollstreckungshilfe:1"
_VERSION = "1.0"


def read_ersuchen(element: etree._Element) -> Ersuchen:
    """A valid message → Ersuchen."""
    return Ersuchen(
        datum=read_day(element, "datum"),
        rechtsgrundlage_list=_read_texts(element, "rechtsgrundlage"),
        ersuchender=read_akteur(require_child(element, "ersuchender")),
        ersuchter=read_akteur(require_child(element, "ersuchter")),
        schuldner_list=tuple(map(read_schuldner, list_children(element, "schuldner"))),
        forderung_list=read_forderungen(element),
        gesamtbetrag=read_amount(element, "gesamtbetrag"),
        bescheinigung=_read_bescheinigung(find_child(element, "vollstreckbarkeitsbescheinigung")),
        massnahme_list=tuple(map(_read_massnahme, list_children(element, "massnahme"))),
        bankverbindung=_read_bankverbindung(find_child(element, "bankverbindung")),
        anlage_list=read_anlagen(element),
        bemerkung=element.findtext(name_in(AMTSHILFE, "bemerkung")) or "",
    )


def write_ersuchen(ersuchen: Ersuchen) -> bytes:
    """Ersuchen → message, UTF-8."""
    root: etree._Element = AMT.vollstreckungshilfeersuchen(version=_VERSION)
    add_texts(root, datum=format_day(ersuchen.datum))
    for rechtsgrundlage in ersuchen.rechtsgrundlage_list:
        add_texts(root, rechtsgrundlage=rechtsgrundlage)
    root.append(write_akteur("ersuchender", ersuchen.ersuchender))
    root.append(write_akteur("ersuchter", ersuchen.ersuchter))
    root.extend(map(write_schuldner, ersuchen.schuldner_list))
    root.extend(map(write_forderung, ersuchen.forderung_list))
    add_texts(root, gesamtbetrag=format_amount(ersuchen.gesamtbetrag))
    if ersuchen.bescheinigung:
        root.append(_write_bescheinigung(ersuchen.bescheinigung))
    root.extend(map(_write_massnahme, ersuchen.massnahme_list))
    if ersuchen.bankverbindung:
        root.append(_write_bankverbindung(ersuchen.bankverbindung))
    root.extend(map(write_anlage, ersuchen.anlage_list))
    add_texts(root, bemerkung=ersuchen.bemerkung)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def read_anlagen(element: etree._Element) -> tuple[Anlage, ...]:
    """The attachments that any valid message of our own set names."""
    return tuple(
        Anlage(
            find_text(item, "dateiname"),
            find_text(item, "art"),
            find_text(item, "sha256").lower(),
        )
        for item in list_children(element, "anlage")
    )


def write_anlage(anlage: Anlage) -> etree._Element:
    """Anlage → amt:anlage."""
    element: etree._Element = AMT.anlage()
    add_texts(element, dateiname=anlage.dateiname, art=anlage.art, sha256=anlage.sha256)
    return element


def _read_texts(parent: etree._Element, name: str) -> tuple[str, ...]:
    return tuple(" ".join((item.text or "").split()) for item in list_children(parent, name))


def _read_bescheinigung(
    element: etree._Element | None,
) -> Vollstreckbarkeitsbescheinigung | None:
    if element is None:
        return None
    return Vollstreckbarkeitsbescheinigung(
        read_day(element, "ausgestelltAm"),
        find_text(element, "ausgestelltVon"),
        element.findtext(name_in(AMTSHILFE, "text")) or "",
    )


def _write_bescheinigung(bescheinigung: Vollstreckbarkeitsbescheinigung) -> etree._Element:
    element: etree._Element = AMT.vollstreckbarkeitsbescheinigung()
    add_texts(
        element,
        ausgestelltAm=format_day(bescheinigung.ausgestellt_am),
        ausgestelltVon=bescheinigung.ausgestellt_von,
        text=bescheinigung.text,
    )
    return element


def _read_massnahme(element: etree._Element) -> ErbeteneMassnahme:
    return ErbeteneMassnahme(
        art=find_text(element, "art"),
        drittschuldner=_read_drittschuldner(find_child(element, "drittschuldner")),
        iban=find_text(element, "iban"),
        kennzeichen=find_text(element, "kennzeichen"),
        grundstueck=find_text(element, "grundstueck"),
        gegenstand=find_text(element, "gegenstand"),
        hinweis=element.findtext(name_in(AMTSHILFE, "hinweis")) or "",
    )


def _write_massnahme(massnahme: ErbeteneMassnahme) -> etree._Element:
    element: etree._Element = AMT.massnahme()
    add_texts(element, art=massnahme.art)
    if massnahme.drittschuldner:
        element.append(_write_drittschuldner(massnahme.drittschuldner))
    add_texts(
        element,
        iban=massnahme.iban,
        kennzeichen=massnahme.kennzeichen,
        grundstueck=massnahme.grundstueck,
        gegenstand=massnahme.gegenstand,
        hinweis=massnahme.hinweis,
    )
    return element


def _read_drittschuldner(element: etree._Element | None) -> Drittschuldner | None:
    if element is None:
        return None
    return Drittschuldner(find_text(element, "name"), find_anschrift(element))


def _write_drittschuldner(drittschuldner: Drittschuldner) -> etree._Element:
    element: etree._Element = AMT.drittschuldner()
    add_texts(element, name=drittschuldner.name)
    if drittschuldner.anschrift:
        element.append(write_anschrift(drittschuldner.anschrift))
    return element


def _read_bankverbindung(element: etree._Element | None) -> Bankverbindung | None:
    if element is None:
        return None
    return Bankverbindung(
        find_text(element, "kontoinhaber"),
        find_text(element, "iban"),
        find_text(element, "verwendungszweck"),
        find_text(element, "bic"),
    )


def _write_bankverbindung(bankverbindung: Bankverbindung) -> etree._Element:
    element: etree._Element = AMT.bankverbindung()
    add_texts(
        element,
        kontoinhaber=bankverbindung.kontoinhaber,
        iban=bankverbindung.iban,
        bic=bankverbindung.bic,
        verwendungszweck=bankverbindung.verwendungszweck,
    )
    return element
