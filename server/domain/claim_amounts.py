"""The amounts of claims one by one, as a change of the claims asks for them anew."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from server.domain.ersuchen import Forderung

_NOTHING = Decimal("0.00")


def list_amounts(forderung_list: tuple[Forderung, ...]) -> list[tuple[str, Decimal]]:
    """Every amount of the claims with what it is called, in the order of the message."""
    found: list[tuple[str, Decimal]] = []
    for forderung in forderung_list:
        found.append((forderung.bezeichnung, forderung.betrag))
        found += [
            (f"{forderung.bezeichnung}: {item.bezeichnung or item.art}", item.betrag)
            for item in forderung.nebenforderung_list
        ]
        late = forderung.saeumniszuschlag
        if late:
            found.append((f"{forderung.bezeichnung}: Säumniszuschlag", late.betrag))
    return found


def change_amounts(forderung: Forderung, amounts: Iterator[Decimal]) -> Forderung:
    """The claim with the next amounts; what is nothing is left out."""
    betrag = next(amounts, _NOTHING)
    beside = [
        replace(item, betrag=next(amounts, _NOTHING)) for item in forderung.nebenforderung_list
    ]
    late = forderung.saeumniszuschlag
    if late:
        late = replace(late, betrag=next(amounts, _NOTHING))
    return replace(
        forderung,
        betrag=betrag,
        nebenforderung_list=tuple(item for item in beside if item.betrag),
        saeumniszuschlag=late if late and late.betrag else None,
    )
