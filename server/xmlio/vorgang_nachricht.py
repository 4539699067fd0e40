"""Messages that follow an Ersuchen, written (`xsd/amtshilfe-1/amtshilfe-vorgang.xsd`)."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from lxml import etree

from server.domain.vorgang_nachricht import (
    Abgabe,
    Antwort,
    Eingangsbestaetigung,
    Ergebnis,
    Erledigung,
    Forderungsaenderung,
    Inhalt,
    Nachricht,
    Ratenzahlung,
    Rueckfrage,
    Ruecknahme,
    Sachstand,
    Zahlungsmitteilung,
    Zurueckweisung,
)
from server.xmlio.akteur import write_akteur
from server.xmlio.baukasten import AMT, add_texts, format_day
from server.xmlio.ersuchen import write_anlage
from server.xmlio.forderung import format_amount, write_forderung
from server.xmlio.namespaces import AMTSHILFE, name_in

_VERSION = "1.0"
_Parts = Iterator[etree._Element]


def write_nachricht(nachricht: Nachricht) -> bytes:
    """Nachricht → message, UTF-8; its root element is called as its event."""
    root = etree.Element(
        name_in(AMTSHILFE, nachricht.event.value), {"version": _VERSION}, nsmap={"amt": AMTSHILFE}
    )
    add_texts(root, datum=format_day(nachricht.datum))
    root.append(write_akteur("absender", nachricht.absender))
    root.append(write_akteur("empfaenger", nachricht.empfaenger))
    add_texts(root, bezug=nachricht.bezug)
    root.extend(_write_inhalt(nachricht.inhalt))
    root.extend(map(write_anlage, nachricht.anlage_list))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _write_inhalt(inhalt: Inhalt) -> _Parts:
    return _WRITERS[type(inhalt)](inhalt)


def _texts(**texts: str) -> _Parts:
    """An element for every text that is not empty."""
    holder: etree._Element = AMT.halter()
    add_texts(holder, **texts)
    yield from list(holder)


def _amount(amount: Decimal | None) -> str:
    return "" if amount is None else format_amount(amount)


def _write_eingang(said: Eingangsbestaetigung) -> _Parts:
    return _texts(eingegangen=format_day(said.eingegangen), bemerkung=said.bemerkung)


def _write_abgabe(said: Abgabe) -> _Parts:
    yield write_akteur("abgegebenAn", said.abgegeben_an)
    yield from _texts(grund=said.grund)


def _write_rueckfrage(said: Rueckfrage) -> _Parts:
    for frage in said.frage_list:
        yield from _texts(frage=frage)
    yield from _texts(frist=format_day(said.frist))


def _write_antwort(said: Antwort) -> _Parts:
    for text in said.text_list:
        yield from _texts(text=text)


def _write_aenderung(said: Forderungsaenderung) -> _Parts:
    yield from map(write_forderung, said.forderung_list)
    yield from _texts(gesamtbetrag=_amount(said.gesamtbetrag), grund=said.grund)


def _write_ratenzahlung(said: Ratenzahlung) -> _Parts:
    for rate in said.rate_list:
        element: etree._Element = AMT.rate()
        element.extend(
            _texts(betrag=_amount(rate.betrag), faelligkeit=format_day(rate.faelligkeit))
        )
        yield element
    yield from _texts(bemerkung=said.bemerkung)


def _write_zahlung(said: Zahlungsmitteilung) -> _Parts:
    return _texts(
        betrag=_amount(said.betrag),
        eingegangen=format_day(said.eingegangen),
        offen=_amount(said.offen),
        verwendungszweck=said.verwendungszweck,
    )


def _write_sachstand(said: Sachstand) -> _Parts:
    return _texts(stand=said.stand.value, bemerkung=said.bemerkung)


def _write_ergebnis(said: Ergebnis) -> _Parts:
    return _texts(
        massnahme=said.massnahme,
        durchgefuehrt=format_day(said.durchgefuehrt),
        ausgang=said.ausgang.value,
        vereinnahmt=_amount(said.vereinnahmt),
        bemerkung=said.bemerkung,
    )


def _write_grund(said: Ruecknahme | Zurueckweisung) -> _Parts:
    return _texts(grund=said.grund)


def _write_erledigung(said: Erledigung) -> _Parts:
    return _texts(
        art=said.art.value, vereinnahmt=_amount(said.vereinnahmt), bemerkung=said.bemerkung
    )


_WRITERS: Mapping[type[Inhalt], Callable[[Any], _Parts]] = {
    Eingangsbestaetigung: _write_eingang,
    Abgabe: _write_abgabe,
    Rueckfrage: _write_rueckfrage,
    Antwort: _write_antwort,
    Forderungsaenderung: _write_aenderung,
    Ratenzahlung: _write_ratenzahlung,
    Zahlungsmitteilung: _write_zahlung,
    Sachstand: _write_sachstand,
    Ergebnis: _write_ergebnis,
    Ruecknahme: _write_grund,
    Erledigung: _write_erledigung,
    Zurueckweisung: _write_grund,
}
