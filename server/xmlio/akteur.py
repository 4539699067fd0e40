"""Who takes part in a matter, on the wire: Behoerden and debtors."""

from lxml import etree

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import Akteur, Firma, Person, Schuldner
from server.xmlio.baukasten import (
    AMT,
    add_texts,
    find_child,
    find_day,
    find_text,
    format_day,
    list_children,
    read_anschrift,
    read_kennung,
    require_child,
    write_anschrift,
    write_kennung,
)
from server.xmlio.namespaces import AMTSHILFE, name_in


def read_akteur(element: etree._Element) -> Akteur:
    """An element of type amt:Akteur → Akteur."""
    kennung = read_kennung(require_child(element, "kennung"))
    name = find_text(element, "name")
    return Akteur(
        PartyIdentifier(kennung.value, kennung.type, name, kennung.category),
        name,
        read_anschrift(require_child(element, "anschrift")),
        find_text(element, "aktenzeichen"),
        find_text(element, "bearbeiter"),
        find_text(element, "telefon"),
        find_text(element, "email"),
    )


def write_akteur(tag: str, akteur: Akteur) -> etree._Element:
    """Akteur → an element of type amt:Akteur with this name."""
    element = etree.Element(name_in(AMTSHILFE, tag))
    element.append(write_kennung(akteur.identifier))
    add_texts(element, name=akteur.name)
    element.append(write_anschrift(akteur.anschrift))
    add_texts(
        element,
        aktenzeichen=akteur.aktenzeichen,
        bearbeiter=akteur.bearbeiter,
        telefon=akteur.telefon,
        email=akteur.email,
    )
    return element


def read_schuldner(element: etree._Element) -> Schuldner:
    """amt:schuldner → Schuldner."""
    person = find_child(element, "person")
    wer = _read_firma(require_child(element, "firma")) if person is None else _read_person(person)
    return Schuldner(wer, find_anschrift(element))


def write_schuldner(schuldner: Schuldner) -> etree._Element:
    """Schuldner → amt:schuldner."""
    element: etree._Element = AMT.schuldner()
    wer = schuldner.wer
    element.append(_write_person(wer) if isinstance(wer, Person) else _write_firma(wer))
    if schuldner.anschrift:
        element.append(write_anschrift(schuldner.anschrift))
    return element


def find_anschrift(parent: etree._Element) -> Anschrift | None:
    """The address of a party; None where it has none."""
    element = find_child(parent, "anschrift")
    return None if element is None else read_anschrift(element)


def _read_person(element: etree._Element) -> Person:
    return Person(
        find_text(element, "name"),
        find_text(element, "vorname"),
        find_text(element, "geburtsname"),
        find_day(element, "geburtsdatum"),
        find_text(element, "geburtsort"),
    )


def _write_person(person: Person) -> etree._Element:
    element: etree._Element = AMT.person()
    add_texts(
        element,
        name=person.name,
        vorname=person.vorname,
        geburtsname=person.geburtsname,
        geburtsdatum=format_day(person.geburtsdatum),
        geburtsort=person.geburtsort,
    )
    return element


def _read_firma(element: etree._Element) -> Firma:
    return Firma(
        find_text(element, "name"),
        find_text(element, "rechtsform"),
        find_text(element, "register"),
        tuple(" ".join((item.text or "").split()) for item in list_children(element, "vertreter")),
    )


def _write_firma(firma: Firma) -> etree._Element:
    element: etree._Element = AMT.firma()
    add_texts(element, name=firma.name, rechtsform=firma.rechtsform, register=firma.register)
    for vertreter in firma.vertreter_list:
        add_texts(element, vertreter=vertreter)
    return element
