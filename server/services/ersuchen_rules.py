"""What our own messages must fulfil beyond their schema (9052): rules over the message alone.

Each rule yields German sentences; all of them are told together.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal

from stdnum import iban

from server.domain.ersuchen import Anlage, Ersuchen, Forderung, add_up
from server.domain.german import format_euro, format_german_day

# The measure by which an unknown address is found out.
SEARCH = "aufenthaltsermittlung"

_Rule = Callable[[Ersuchen], Iterator[str]]


def find_violations(ersuchen: Ersuchen) -> tuple[str, ...]:
    """What is wrong with an Ersuchen; nothing where everything is right."""
    return tuple(problem for rule in _RULES for problem in rule(ersuchen))


def find_wrong_sum(forderung_list: Collection[Forderung], stated: Decimal) -> Iterator[str]:
    """Whether the stated sum is that of the claims with all that is owed beside them."""
    total = add_up(forderung_list)
    if total != stated:
        yield (
            f"Der Gesamtbetrag {format_euro(stated)} ist nicht die Summe der Forderungen mit allen "
            f"Nebenforderungen; sie beträgt {format_euro(total)}."
        )


def find_wrong_anlagen(
    anlage_list: Collection[Anlage], attached: Mapping[str, str]
) -> Iterator[str]:
    """Whether what the message names is there; `attached` are SHA-256 (hex) by file name."""
    for anlage in anlage_list:
        if anlage.dateiname not in attached:
            yield f"Die Anlage „{anlage.dateiname}“ ist genannt, liegt aber nicht bei."
        elif anlage.sha256 and anlage.sha256 != attached[anlage.dateiname]:
            yield f"Die Anlage „{anlage.dateiname}“ ist nicht die, deren Prüfsumme genannt ist."


def is_valid_iban(text: str) -> bool:
    """True where length and check digits are those of an IBAN."""
    return bool(iban.is_valid(text))


def _check_certificate(ersuchen: Ersuchen) -> Iterator[str]:
    certificate = ersuchen.bescheinigung
    if certificate is None:
        yield "Es fehlt die Vollstreckbarkeitsbescheinigung."
    elif certificate.ausgestellt_am > ersuchen.datum:
        yield (
            "Die Vollstreckbarkeitsbescheinigung vom "
            f"{format_german_day(certificate.ausgestellt_am)} ist jünger als das Ersuchen vom "
            f"{format_german_day(ersuchen.datum)}."
        )


def _check_addresses(ersuchen: Ersuchen) -> Iterator[str]:
    if any(massnahme.art == SEARCH for massnahme in ersuchen.massnahme_list):
        return
    for schuldner in ersuchen.schuldner_list:
        anschrift = schuldner.anschrift
        if not (anschrift and (anschrift.strasse or anschrift.ort)):
            yield (
                f"Zu {schuldner.full_name} fehlt die Anschrift (Straße oder Ort); ohne sie lässt "
                "sich nur um Aufenthaltsermittlung ersuchen."
            )


def _check_sum(ersuchen: Ersuchen) -> Iterator[str]:
    return find_wrong_sum(ersuchen.forderung_list, ersuchen.gesamtbetrag)


def _check_periods(ersuchen: Ersuchen) -> Iterator[str]:
    for forderung in ersuchen.forderung_list:
        zeitraum = forderung.zeitraum
        if zeitraum and zeitraum.bis < zeitraum.von:
            yield (
                f"Der Zeitraum der Forderung „{forderung.bezeichnung}“ endet vor seinem Beginn "
                f"({format_german_day(zeitraum.von)} bis {format_german_day(zeitraum.bis)})."
            )


def _check_ibans(ersuchen: Ersuchen) -> Iterator[str]:
    bank = ersuchen.bankverbindung
    stated = [bank.iban] if bank else []
    stated += [item.iban for item in ersuchen.massnahme_list if item.iban]
    for text in stated:
        if not is_valid_iban(text):
            yield f"Die IBAN {text} ist nicht gültig (Prüfziffer oder Länge)."


_RULES: tuple[_Rule, ...] = (
    _check_certificate,
    _check_addresses,
    _check_sum,
    _check_periods,
    _check_ibans,
)
