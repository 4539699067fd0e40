"""The explanation of a Zuständigkeit on the wire (`xsd/authority-1/erklaerung.xsd`)."""

from collections.abc import Iterable

from lxml import etree

from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Kandidat
from server.domain.erklaerung import Erklaerung
from server.domain.gemeinde import Gemeinde
from server.domain.zustaendigkeit import ConsideredRegel, ZustaendigkeitAnfrage
from server.xmlio.baukasten import fill_behoerde, fill_kennung, format_day
from server.xmlio.moments import read_stichtag
from server.xmlio.namespaces import AMTSHILFE, AUTHORITY, name_in

_ANSCHRIFT_PARTS = ("strasse", "hausnummer", "plz", "ort")


def read_erklaerung_request(element: etree._Element) -> ZustaendigkeitAnfrage:
    """aut:erklaereZustaendigkeit → question."""
    anschrift = element.find(name_in(AUTHORITY, "anschrift"))
    if anschrift is None:
        raise ValueError("anschrift is missing, although the contract asks for it")
    parts = (_read_text(anschrift, name) for name in _ANSCHRIFT_PARTS)
    return ZustaendigkeitAnfrage(
        _read_text(element, "einnahmeart"),
        Anschrift(*parts),
        read_stichtag(_read_text(element, "stichtag")),
    )


def write_erklaerung(erklaerung: Erklaerung) -> etree._Element:
    """Explanation → aut:erklaereZustaendigkeitResponse."""
    response = etree.Element(
        name_in(AUTHORITY, "erklaereZustaendigkeitResponse"),
        nsmap={"aut": AUTHORITY, "amt": AMTSHILFE},
    )
    _add(response, "stichtag", erklaerung.stichtag.isoformat())
    anschrift = _add(response, "anschrift")
    for name in _ANSCHRIFT_PARTS:
        _add_text(anschrift, name, getattr(erklaerung.anschrift, name))
    _add(response, "sicherheit", erklaerung.aufloesung.certainty.value)
    for kandidat in erklaerung.aufloesung.candidates:
        _fill_kandidat(_add(response, "gemeinde"), kandidat)
    for mark in erklaerung.marks:
        _add(response, "hinweis", mark.value)
    for item in erklaerung.list_considered():
        _fill_regel(_add(response, "regel"), item)
    _add(response, "eindeutig", "true" if erklaerung.is_unambiguous else "false")
    for eintrag in erklaerung.candidates:
        fill_behoerde(_add(response, "zustaendigeBehoerde"), eintrag.behoerde)
    for sentence in erklaerung.list_sentences():
        _add(response, "satz", sentence)
    return response


def read_orte_request(element: etree._Element) -> str:
    """aut:findOrte → how the postal code or the name begins."""
    return _read_text(element, "anfang")


def write_orte(gemeinden: Iterable[Gemeinde]) -> etree._Element:
    """Gemeinden → aut:findOrteResponse."""
    response = etree.Element(name_in(AUTHORITY, "findOrteResponse"), nsmap={"aut": AUTHORITY})
    for gemeinde in gemeinden:
        _fill_gemeinde(_add(response, "ort"), gemeinde)
    return response


def _fill_kandidat(element: etree._Element, kandidat: Kandidat) -> None:
    _fill_gemeinde(element, kandidat.gemeinde)
    _add(element, "aehnlichkeit", str(kandidat.score))


def _fill_gemeinde(element: etree._Element, gemeinde: Gemeinde) -> None:
    _add(element, "ags", gemeinde.ags)
    _add(element, "plz", gemeinde.plz)
    _add(element, "ort", gemeinde.ort)
    _add_text(element, "kreis", gemeinde.kreis)


def _fill_regel(element: etree._Element, item: ConsideredRegel) -> None:
    regel = item.regel
    _add(element, "gebiet", str(regel.region))
    for einnahmeart in regel.einnahmearten:
        _add(element, "einnahmeart", einnahmeart)
    fill_kennung(_add(element, "behoerde"), regel.behoerde)
    _add_text(element, "gueltigVon", format_day(regel.valid_from))
    _add_text(element, "gueltigBis", format_day(regel.valid_to))
    _add(element, "urteil", item.verdict.value)


def _read_text(parent: etree._Element, name: str) -> str:
    return " ".join((parent.findtext(name_in(AUTHORITY, name)) or "").split())


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, name_in(AUTHORITY, name))
    child.text = text
    return child


def _add_text(parent: etree._Element, name: str, text: str) -> None:
    if text:
        _add(parent, name, text)
