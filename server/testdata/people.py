"""Invented debtors: people of varied origin, companies, and what is special about some."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from server.domain.anschrift import Anschrift
from server.domain.ersuchen import Firma, Person, Schuldner
from server.domain.gemeinde import Gemeinde
from server.testdata.cases import SpecialCase
from server.testdata.drawing import Draw

_FIRST_BIRTHDAY, _LAST_BIRTHDAY = date(1930, 1, 1), date(2007, 12, 31)
LONGEST_NAME = 255

_Make = Callable[[Draw, Gemeinde], tuple[Schuldner, ...]]
_Change = Callable[[Draw, Anschrift], Anschrift]


def draw_schuldner(draw: Draw, case: SpecialCase | None, place: Gemeinde) -> tuple[Schuldner, ...]:
    """The debtors of an Ersuchen, who live in `place`."""
    debtors = _MAKE.get(case, _make_one)(draw, place) if case else _make_one(draw, place)
    if case == SpecialCase.ANSCHRIFT_UNBEKANNT:
        return tuple(replace(debtor, anschrift=None) for debtor in debtors)
    if case in _CHANGE:
        change = _CHANGE[case]
        return tuple(
            replace(debtor, anschrift=change(draw, debtor.anschrift))
            for debtor in debtors
            if debtor.anschrift
        )
    return debtors


def draw_person(draw: Draw) -> Person:
    """First and family name are mostly of the same origin."""
    origin = _draw_origin(draw)
    family_origin = origin if draw.happens(80) else _draw_origin(draw)
    name = draw.random.choice(draw.words.family_names[family_origin])
    return Person(
        name=name,
        vorname=_draw_first_name(draw, origin),
        geburtsname=_draw_other_name(draw, name) if draw.happens(15) else "",
        geburtsdatum=_draw_birthday(draw),
        geburtsort=draw.place().ort if draw.happens(60) else "",
    )


def draw_firma(draw: Draw, place: Gemeinde) -> Firma:
    """A company, named after an invented person."""
    owner = draw_person(draw)
    legal_form = draw.random.choice(draw.words.business["rechtsform"])
    register = "HRB" if legal_form.endswith(("GmbH", ")")) else "HRA"
    return Firma(
        f"{owner.name} {draw.random.choice(draw.words.business['gewerbe'])} {legal_form}",
        legal_form,
        f"Amtsgericht {place.ort}, {register} {draw.digits(6)}",
        (owner.full_name,),
    )


def _make_one(draw: Draw, place: Gemeinde) -> tuple[Schuldner, ...]:
    return (Schuldner(draw_person(draw), draw.address(place)),)


def _make_firma(draw: Draw, place: Gemeinde) -> tuple[Schuldner, ...]:
    return (Schuldner(draw_firma(draw, place), draw.address(place)),)


def _make_gesamtschuldner(draw: Draw, place: Gemeinde) -> tuple[Schuldner, ...]:
    """A couple, or heirs who live apart."""
    first = draw_person(draw)
    address = draw.address(place)
    if draw.happens(60):
        second = replace(draw_person(draw), name=first.name)
        return Schuldner(first, address), Schuldner(second, address)
    others = (Schuldner(draw_person(draw), draw.address(place)) for _ in range(2))
    return (Schuldner(first, address), *others)


def _make_long_name(draw: Draw, place: Gemeinde) -> tuple[Schuldner, ...]:
    names = [name for found in draw.words.family_names.values() for name in found]
    draw.random.shuffle(names)
    name = ("-".join(names)[: LONGEST_NAME - 1]).rstrip("- ’")
    # Filled up, so that it has exactly the longest length, whatever was cut off.
    name += "n" * (LONGEST_NAME - len(name))
    return (Schuldner(replace(draw_person(draw), name=name), draw.address(place)),)


def _make_sequences(draw: Draw, place: Gemeinde) -> tuple[Schuldner, ...]:
    sequences = draw.words.sequences
    person = replace(
        draw_person(draw),
        name=draw.random.choice(sequences["name"]),
        vorname=draw.random.choice(sequences["vorname"]),
        geburtsname=draw.random.choice(sequences["name"]) if draw.happens(50) else "",
    )
    return (Schuldner(person, draw.address(place)),)


def _draw_origin(draw: Draw) -> str:
    origins = sorted(draw.words.first_names)
    return "deutsch" if draw.happens(50) else draw.random.choice(origins)


def _draw_first_name(draw: Draw, origin: str) -> str:
    names = draw.words.first_names[origin]
    return " ".join(draw.random.sample(names, 2 if draw.happens(10) else 1))


def _draw_other_name(draw: Draw, name: str) -> str:
    names = draw.words.family_names[_draw_origin(draw)]
    return draw.random.choice([other for other in names if other != name])


def _draw_birthday(draw: Draw) -> date:
    days = (_LAST_BIRTHDAY - _FIRST_BIRTHDAY).days
    return _FIRST_BIRTHDAY + timedelta(days=draw.random.randint(0, days))


def _leave_out_number(_: Draw, address: Anschrift) -> Anschrift:
    return replace(address, hausnummer="")


def _leave_out_street(_: Draw, address: Anschrift) -> Anschrift:
    return replace(address, strasse="")


def _abbreviate_street(draw: Draw, address: Anschrift) -> Anschrift:
    streets = [street for street in draw.words.streets if street.endswith("straße")]
    street = draw.random.choice(streets).removesuffix("straße") + "str."
    return replace(address, strasse=street)


def _name_ortsteil(draw: Draw, address: Anschrift) -> Anschrift:
    ortsteil = draw.random.choice(draw.words.business["ortsteil"])
    return replace(address, ort=f"{address.ort} OT {ortsteil}")


_MAKE: dict[SpecialCase, _Make] = {
    SpecialCase.FIRMA: _make_firma,
    SpecialCase.GESAMTSCHULDNER: _make_gesamtschuldner,
    SpecialCase.LANGER_NAME: _make_long_name,
    SpecialCase.DIN_91379_SEQUENZEN: _make_sequences,
}
_CHANGE: dict[SpecialCase, _Change] = {
    SpecialCase.OHNE_HAUSNUMMER: _leave_out_number,
    SpecialCase.OHNE_STRASSE: _leave_out_street,
    SpecialCase.ABGEKUERZTE_STRASSE: _abbreviate_street,
    SpecialCase.ORTSTEIL: _name_ortsteil,
}
