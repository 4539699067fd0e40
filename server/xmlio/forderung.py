"""Claims on the wire: in the Ersuchen, and in a change of the claims."""

from decimal import Decimal

from lxml import etree

from server.domain.ersuchen import (
    Bescheid,
    Forderung,
    Forderungsaenderung,
    Nebenforderung,
    Saeumniszuschlag,
    Zeitraum,
    Zustellung,
)
from server.xmlio.baukasten import (
    AMT,
    add_texts,
    find_child,
    find_day,
    find_text,
    format_day,
    list_children,
    read_day,
)
from server.xmlio.namespaces import AMTSHILFE, name_in

FORDERUNGSAENDERUNG = name_in(AMTSHILFE, "forderungsaenderung")


def read_forderungsaenderung(element: etree._Element) -> Forderungsaenderung:
    """A valid change of the claims → Forderungsaenderung."""
    return Forderungsaenderung(
        read_day(element, "datum"),
        read_forderungen(element),
        read_amount(element, "gesamtbetrag"),
    )


def read_forderungen(parent: etree._Element) -> tuple[Forderung, ...]:
    """The claims of a valid message."""
    return tuple(map(_read_forderung, list_children(parent, "forderung")))


def write_forderung(forderung: Forderung) -> etree._Element:
    """Forderung → amt:forderung."""
    element: etree._Element = AMT.forderung()
    add_texts(
        element,
        einnahmeart=forderung.einnahmeart,
        bezeichnung=forderung.bezeichnung,
        kassenzeichen=forderung.kassenzeichen,
    )
    if forderung.zeitraum:
        element.append(_write_zeitraum(forderung.zeitraum))
    add_texts(
        element,
        betrag=format_amount(forderung.betrag),
        faelligkeit=format_day(forderung.faelligkeit),
    )
    element.extend(map(_write_nebenforderung, forderung.nebenforderung_list))
    if forderung.saeumniszuschlag:
        element.append(_write_saeumniszuschlag(forderung.saeumniszuschlag))
    if forderung.bescheid:
        element.append(_write_bescheid(forderung.bescheid))
    return element


def read_amount(parent: etree._Element, name: str) -> Decimal:
    """An amount that the schema asks for."""
    return Decimal(find_text(parent, name))


def format_amount(amount: Decimal) -> str:
    """An amount with two decimals."""
    return f"{amount:.2f}"


def _read_forderung(element: etree._Element) -> Forderung:
    return Forderung(
        einnahmeart=find_text(element, "einnahmeart"),
        bezeichnung=find_text(element, "bezeichnung"),
        betrag=read_amount(element, "betrag"),
        faelligkeit=read_day(element, "faelligkeit"),
        kassenzeichen=find_text(element, "kassenzeichen"),
        zeitraum=_read_zeitraum(find_child(element, "zeitraum")),
        nebenforderung_list=tuple(
            map(_read_nebenforderung, list_children(element, "nebenforderung"))
        ),
        saeumniszuschlag=_read_saeumniszuschlag(find_child(element, "saeumniszuschlag")),
        bescheid=_read_bescheid(find_child(element, "bescheid")),
    )


def _read_zeitraum(element: etree._Element | None) -> Zeitraum | None:
    if element is None:
        return None
    return Zeitraum(read_day(element, "von"), read_day(element, "bis"))


def _write_zeitraum(zeitraum: Zeitraum) -> etree._Element:
    element: etree._Element = AMT.zeitraum()
    add_texts(element, von=format_day(zeitraum.von), bis=format_day(zeitraum.bis))
    return element


def _read_nebenforderung(element: etree._Element) -> Nebenforderung:
    return Nebenforderung(
        find_text(element, "art"),
        read_amount(element, "betrag"),
        find_text(element, "bezeichnung"),
        find_day(element, "faelligkeit"),
    )


def _write_nebenforderung(nebenforderung: Nebenforderung) -> etree._Element:
    element: etree._Element = AMT.nebenforderung()
    add_texts(
        element,
        art=nebenforderung.art,
        bezeichnung=nebenforderung.bezeichnung,
        betrag=format_amount(nebenforderung.betrag),
        faelligkeit=format_day(nebenforderung.faelligkeit),
    )
    return element


def _read_saeumniszuschlag(element: etree._Element | None) -> Saeumniszuschlag | None:
    if element is None:
        return None
    return Saeumniszuschlag(
        read_amount(element, "betrag"),
        read_day(element, "berechnetBis"),
        find_text(element, "laeuftWeiter") in ("true", "1"),
    )


def _write_saeumniszuschlag(zuschlag: Saeumniszuschlag) -> etree._Element:
    element: etree._Element = AMT.saeumniszuschlag()
    add_texts(
        element,
        betrag=format_amount(zuschlag.betrag),
        berechnetBis=format_day(zuschlag.berechnet_bis),
        laeuftWeiter="true" if zuschlag.laeuft_weiter else "false",
    )
    return element


def _read_bescheid(element: etree._Element | None) -> Bescheid | None:
    if element is None:
        return None
    return Bescheid(
        read_day(element, "datum"),
        find_text(element, "aktenzeichen"),
        _read_zustellung(find_child(element, "zustellung")),
        find_day(element, "unanfechtbarSeit"),
    )


def _read_zustellung(element: etree._Element | None) -> Zustellung | None:
    if element is None:
        return None
    return Zustellung(find_text(element, "art"), read_day(element, "datum"))


def _write_bescheid(bescheid: Bescheid) -> etree._Element:
    element: etree._Element = AMT.bescheid()
    add_texts(element, datum=format_day(bescheid.datum), aktenzeichen=bescheid.aktenzeichen)
    if bescheid.zustellung:
        zustellung = AMT.zustellung()
        day = format_day(bescheid.zustellung.datum)
        add_texts(zustellung, art=bescheid.zustellung.art, datum=day)
        element.append(zustellung)
    add_texts(element, unanfechtbarSeit=format_day(bescheid.unanfechtbar_seit))
    return element
