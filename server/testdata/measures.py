"""Measures with the details that each of them needs."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from server.domain.ersuchen import Drittschuldner, ErbeteneMassnahme, Firma, Schuldner
from server.domain.gemeinde import Gemeinde
from server.testdata.accounts import draw_iban
from server.testdata.cases import SpecialCase
from server.testdata.drawing import Draw
from server.testdata.people import draw_firma

# A mortgage is entered for more than 750 euro only (§ 866 ZPO).
_LEAST_FOR_A_MORTGAGE = Decimal("750.01")
_MOST_MEASURES = 3
_LETTERS = "ABCDEFGHJKLMNPRSTUVWY"

_Make = Callable[[Draw, Gemeinde], ErbeteneMassnahme]


@dataclass(frozen=True)
class _Measure:
    make: _Make
    is_for_firma: bool = True
    least: Decimal = Decimal(0)


def draw_massnahmen(
    draw: Draw,
    case: SpecialCase | None,
    schuldner: Schuldner,
    place: Gemeinde,
    amount: Decimal,
) -> tuple[ErbeteneMassnahme, ...]:
    """Up to three different measures that suit the debtor and the sum."""
    if case == SpecialCase.ANSCHRIFT_UNBEKANNT:
        return (ErbeteneMassnahme("aufenthaltsermittlung"),)
    is_firma = isinstance(schuldner.wer, Firma)
    possible = [
        measure
        for measure in _MEASURES
        if amount >= measure.least and (measure.is_for_firma or not is_firma)
    ]
    count = draw.random.randint(1, _MOST_MEASURES)
    return tuple(measure.make(draw, place) for measure in draw.random.sample(possible, count))


def _seize_goods(draw: Draw, _: Gemeinde) -> ErbeteneMassnahme:
    return ErbeteneMassnahme(
        "sachpfaendung",
        gegenstand="Bargeld und Wertgegenstände in der Wohnung" if draw.happens(20) else "",
    )


def _seize_account(draw: Draw, place: Gemeinde) -> ErbeteneMassnahme:
    bank = draw.random.choice(draw.words.business["bank"])
    hint = "Nur, wenn die anderen Maßnahmen\nnicht zum Ziel führen."
    return ErbeteneMassnahme(
        "kontopfaendung",
        drittschuldner=Drittschuldner(bank, draw.address(place)),
        iban=draw_iban(draw),
        hinweis=hint if draw.happens(20) else "",
    )


def _seize_wages(draw: Draw, place: Gemeinde) -> ErbeteneMassnahme:
    employer = draw_firma(draw, place)
    return ErbeteneMassnahme(
        "lohnpfaendung", drittschuldner=Drittschuldner(employer.name, draw.address(place))
    )


def _seize_claim(draw: Draw, place: Gemeinde) -> ErbeteneMassnahme:
    tenant = draw_firma(draw, place)
    return ErbeteneMassnahme(
        "forderungspfaendung",
        drittschuldner=Drittschuldner(tenant.name, draw.address(place)),
        gegenstand="Ansprüche aus Miete und Pacht",
    )


def _ask_for_disclosure(_: Draw, __: Gemeinde) -> ErbeteneMassnahme:
    return ErbeteneMassnahme("vermoegensauskunft")


def _enter_mortgage(draw: Draw, place: Gemeinde) -> ErbeteneMassnahme:
    sheet, parcel = draw.random.randint(100, 9999), draw.random.randint(1, 400)
    return ErbeteneMassnahme(
        "sicherungshypothek",
        grundstueck=f"Grundbuch von {place.ort}, Blatt {sheet}, Flur 3, Flurstück {parcel}/2",
    )


def _shut_down_car(draw: Draw, _: Gemeinde) -> ErbeteneMassnahme:
    # No district has a sign that begins with X: nobody drives with it.
    letters = "".join(draw.random.choices(_LETTERS, k=3))
    return ErbeteneMassnahme(
        "kfz-stilllegung", kennzeichen=f"X{letters[0]}-{letters[1:]} {draw.digits(3)}"
    )


_MEASURES = (
    _Measure(_seize_goods),
    _Measure(_seize_account),
    _Measure(_seize_wages, is_for_firma=False),
    _Measure(_seize_claim),
    _Measure(_ask_for_disclosure, is_for_firma=False),
    _Measure(_enter_mortgage, least=_LEAST_FOR_A_MORTGAGE),
    _Measure(_shut_down_car),
)
