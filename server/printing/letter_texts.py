"""The texts of a letter, taken from the Ersuchen and ready to be set."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from server.domain.address_lines import AddressBlock, AddressTooLong, fit_address
from server.domain.ersuchen import (
    Akteur,
    Anlage,
    Bankverbindung,
    Bescheid,
    Drittschuldner,
    ErbeteneMassnahme,
    Ersuchen,
    Firma,
    Forderung,
    Person,
    Schuldner,
)
from server.domain.german import format_euro, format_german_day
from server.domain.letterhead import Letterhead
from server.printing.epc_code import PaymentCode, make_payment_code
from server.printing.sheet import ADDRESS_WIDTH_POINTS
from server.printing.text_widths import measure_text
from server.printing.unprintable import AddressDoesNotFit

NEBENFORDERUNG_NAMES = {
    "mahngebuehr": "Mahngebühr",
    "vollstreckungskosten": "Vollstreckungskosten",
    "verspaetungszuschlag": "Verspätungszuschlag",
    "zinsen": "Zinsen",
    "auslagen": "Auslagen",
    "sonstige": "Sonstige Nebenforderung",
}
ZUSTELLUNG_NAMES = {
    "einfacher-brief": "einfacher Brief",
    "einschreiben": "Einschreiben",
    "postzustellungsurkunde": "Postzustellungsurkunde",
    "empfangsbekenntnis": "Empfangsbekenntnis",
    "elektronisch": "elektronisch",
    "oeffentlich": "öffentliche Zustellung",
    "persoenlich": "persönliche Übergabe",
}
_OTHER = "sonstiges"
ANLAGE_NAMES = {
    "bescheid": "Bescheid",
    "vollstreckungstitel": "Vollstreckungstitel",
    "zustellungsnachweis": "Zustellungsnachweis",
    "vollmacht": "Vollmacht",
    "protokoll": "Protokoll",
    _OTHER: "Sonstiges",
}
_UNKNOWN_ADDRESS = "nicht bekannt, bitte ermitteln"

# A label and its text.
Row = list[str]


@dataclass(frozen=True)
class KeyNames:
    """German names of the keys that an Ersuchen carries; a key without a name stands as it is."""

    einnahmearten: Mapping[str, str] = field(default_factory=dict)
    massnahmen: Mapping[str, str] = field(default_factory=dict)


def collect_texts(
    ersuchen: Ersuchen, names: KeyNames, letterhead: Letterhead | None = None
) -> dict[str, object]:
    """What the template wants to know, in its own words; raises AddressDoesNotFit."""
    address = address_window(ersuchen.ersuchter)
    code = _make_code(ersuchen)
    return {
        **_collect_letterhead(ersuchen.ersuchender, letterhead or Letterhead()),
        "recipient": list(address.lines),
        "recipient_size": address.size,
        "information": _list_information(ersuchen),
        "legal_bases": ", ".join(ersuchen.rechtsgrundlage_list),
        "measures": [_describe_massnahme(item, names) for item in ersuchen.massnahme_list],
        "debtor_names": _join_names([item.full_name for item in ersuchen.schuldner_list]),
        "debtors": [_list_debtor(schuldner) for schuldner in ersuchen.schuldner_list],
        "claims": [
            row for forderung in ersuchen.forderung_list for row in _list_claim(forderung, names)
        ],
        "total": format_euro(ersuchen.gesamtbetrag),
        "certificate": _list_certificate(ersuchen),
        "bank": _list_bank(ersuchen.bankverbindung),
        "payment_code": code.svg,
        "payment_code_reason": code.reason,
        "remarks": [line for line in ersuchen.bemerkung.splitlines() if line.strip()],
    }


def address_window(akteur: Akteur) -> AddressBlock:
    """Name and address as they stand in the window: at most six lines, none cut off.

    Raises AddressDoesNotFit.
    """
    try:
        return fit_address(akteur.name, akteur.anschrift, ADDRESS_WIDTH_POINTS, measure_text)
    except AddressTooLong as error:
        raise AddressDoesNotFit(str(error)) from None


def list_attachments(filenames: Iterable[str], anlage_list: Iterable[Anlage]) -> list[str]:
    """Each attachment as the letter lists it: its name, and its kind where the Ersuchen says it."""
    kinds = {anlage.dateiname: anlage.art for anlage in anlage_list if anlage.art != _OTHER}
    return [
        f"{name} ({ANLAGE_NAMES.get(kinds[name], kinds[name])})" if name in kinds else name
        for name in filenames
    ]


def _collect_letterhead(sender: Akteur, letterhead: Letterhead) -> dict[str, object]:
    """The sender as the letterhead names it, where it does, else as the Ersuchen does."""
    own = sender.anschrift.lines()
    return {
        "sender": {
            "name": letterhead.name or sender.name,
            "lines": list(letterhead.zeilen or own),
        },
        "return_line": letterhead.absenderzeile or " · ".join((sender.name, *own)),
        "notes": list(letterhead.vermerke),
        "footer": list(letterhead.fuss),
    }


def _make_code(ersuchen: Ersuchen) -> PaymentCode:
    bank = ersuchen.bankverbindung
    return make_payment_code(bank, ersuchen.gesamtbetrag) if bank else PaymentCode()


def _list_information(ersuchen: Ersuchen) -> list[Row]:
    sender = ersuchen.ersuchender
    return _drop_empty(
        ["Unser Zeichen", sender.aktenzeichen],
        ["Ihr Zeichen", ersuchen.ersuchter.aktenzeichen],
        ["Bearbeitung", sender.bearbeiter],
        ["Telefon", sender.telefon],
        ["E-Mail", sender.email],
        ["Datum", format_german_day(ersuchen.datum)],
    )


def _join_names(names: list[str]) -> str:
    return " und ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _list_debtor(schuldner: Schuldner) -> list[Row]:
    wer, anschrift = schuldner.wer, schuldner.anschrift
    rows = _list_person(wer) if isinstance(wer, Person) else _list_firma(wer)
    address = ", ".join(anschrift.lines()) if anschrift else _UNKNOWN_ADDRESS
    return [*rows, ["Anschrift", address]]


def _list_person(person: Person) -> list[Row]:
    return _drop_empty(
        ["Name", person.full_name],
        ["Geburtsname", person.geburtsname],
        ["Geboren am", format_german_day(person.geburtsdatum) if person.geburtsdatum else ""],
        ["Geburtsort", person.geburtsort],
    )


def _list_firma(firma: Firma) -> list[Row]:
    return _drop_empty(
        ["Name", firma.name],
        ["Rechtsform", firma.rechtsform],
        ["Register", firma.register],
        ["Vertreten durch", ", ".join(firma.vertreter_list)],
    )


def _list_claim(forderung: Forderung, names: KeyNames) -> Iterator[Row]:
    """Einnahmeart, designation, day, amount; what is owed beside the claim follows it."""
    kind = names.einnahmearten.get(forderung.einnahmeart, forderung.einnahmeart)
    description = ", ".join(_describe_claim(forderung))
    day = format_german_day(forderung.faelligkeit)
    yield [kind, description, day, format_euro(forderung.betrag)]
    for item in forderung.nebenforderung_list:
        day = format_german_day(item.faelligkeit) if item.faelligkeit else ""
        text = item.bezeichnung or NEBENFORDERUNG_NAMES[item.art]
        yield ["", text, day, format_euro(item.betrag)]
    late = forderung.saeumniszuschlag
    if late:
        further = " (läuft weiter)" if late.laeuft_weiter else ""
        text = f"Säumniszuschlag bis {format_german_day(late.berechnet_bis)}{further}"
        yield ["", text, "", format_euro(late.betrag)]


def _describe_claim(forderung: Forderung) -> Iterator[str]:
    yield forderung.bezeichnung
    if forderung.zeitraum:
        start, end = forderung.zeitraum.von, forderung.zeitraum.bis
        yield f"{format_german_day(start)} bis {format_german_day(end)}"
    if forderung.kassenzeichen:
        yield f"Kassenzeichen {forderung.kassenzeichen}"
    if forderung.bescheid:
        yield from _describe_bescheid(forderung.bescheid)


def _describe_bescheid(bescheid: Bescheid) -> Iterator[str]:
    reference = f" (Aktenzeichen {bescheid.aktenzeichen})" if bescheid.aktenzeichen else ""
    yield f"Bescheid vom {format_german_day(bescheid.datum)}{reference}"
    zustellung = bescheid.zustellung
    if zustellung:
        kind = ZUSTELLUNG_NAMES.get(zustellung.art, zustellung.art)
        yield f"bekannt gegeben am {format_german_day(zustellung.datum)} ({kind})"
    if bescheid.unanfechtbar_seit:
        yield f"unanfechtbar seit {format_german_day(bescheid.unanfechtbar_seit)}"


def _describe_massnahme(massnahme: ErbeteneMassnahme, names: KeyNames) -> str:
    details = [
        f"Konto {_group_iban(massnahme.iban)}" if massnahme.iban else "",
        f"Kennzeichen {massnahme.kennzeichen}" if massnahme.kennzeichen else "",
        massnahme.grundstueck,
        massnahme.gegenstand,
        " ".join(massnahme.hinweis.split()),
    ]
    if massnahme.drittschuldner:
        details.insert(0, _describe_drittschuldner(massnahme.drittschuldner))
    known = "; ".join(filter(None, details))
    name = names.massnahmen.get(massnahme.art, massnahme.art)
    return f"{name} ({known})" if known else name


def _describe_drittschuldner(drittschuldner: Drittschuldner) -> str:
    anschrift = drittschuldner.anschrift
    return ", ".join((drittschuldner.name, *(anschrift.lines() if anschrift else ())))


def _list_certificate(ersuchen: Ersuchen) -> list[str]:
    certificate = ersuchen.bescheinigung
    if certificate is None:
        return []
    day = format_german_day(certificate.ausgestellt_am)
    return [
        *filter(str.strip, certificate.text.splitlines()),
        f"Ausgestellt am {day}: {certificate.ausgestellt_von}",
    ]


def _list_bank(bank: Bankverbindung | None) -> list[Row]:
    if bank is None:
        return []
    return _drop_empty(
        ["Kontoinhaber", bank.kontoinhaber],
        ["IBAN", _group_iban(bank.iban)],
        ["BIC", bank.bic],
        ["Verwendungszweck", bank.verwendungszweck],
    )


def _drop_empty(*rows: Row) -> list[Row]:
    return [row for row in rows if row[1]]


def _group_iban(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
