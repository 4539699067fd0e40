"""Who asks and who is asked: authorities of the demo, or invented ones of real Gemeinden."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random

from server.demo.data import CATEGORY, IDENTIFIER_TYPE, read_behoerden
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.ersuchen import Bankverbindung
from server.domain.gemeinde import Gemeinde
from server.testdata.accounts import draw_iban
from server.testdata.cases import SpecialCase
from server.testdata.drawing import Draw
from server.testdata.places import Places

_AGS = "ags:"
_ENDING_WITHOUT_KREIS = "000"
_OFFICES = (", Vollstreckungsstelle", ", Stadtkasse")


class PartiesInvalid(Exception):
    """Nobody is left who could ask, or be asked; the message is a German sentence."""


@dataclass(frozen=True)
class _Home:
    """An authority and a place where a debtor may live whom it is responsible for."""

    identifier: PartyIdentifier
    place: Gemeinde


@dataclass(frozen=True)
class Parties:
    """The two authorities of an Ersuchen, the place of the debtor, the account to pay to."""

    asking: Behoerde
    asked: Behoerde
    place: Gemeinde
    account: Bankverbindung


class AuthorityDrawer:
    """Draws two authorities; `asking` and `asked` say who it may be, empty means anybody."""

    def __init__(
        self,
        places: Places,
        asking: Sequence[PartyIdentifier] = (),
        asked: Sequence[PartyIdentifier] = (),
    ) -> None:
        known = read_behoerden().values()
        self._known = {str(behoerde.identifier): behoerde for behoerde in known}
        self._places = places
        self._asking = self._find_homes(asking)
        names = {str(home.identifier) for home in self._asking}
        # Who is the only one to ask cannot be asked.
        self._asked = [home for home in self._find_homes(asked) if names != {str(home.identifier)}]
        if not self._asked:
            raise PartiesInvalid("Ersuchender und Ersuchter müssen verschiedene Behörden sein.")
        shared = frozenset(places.with_shared_plz())
        self._asked_shared = [home for home in self._asked if home.place in shared]

    @property
    def has_shared_plz(self) -> bool:
        """Whether somebody who is asked has a postal code together with another Gemeinde."""
        return bool(self._asked_shared)

    def draw(self, draw: Draw, case: SpecialCase | None) -> Parties:
        """Two different authorities; the debtor lives in the Gemeinde of the asked one."""
        is_shared = case == SpecialCase.PLZ_MEHRERER_GEMEINDEN
        asked = draw.random.choice(self._asked_shared if is_shared else self._asked)
        asking = draw.random.choice(self._asking)
        while asking.identifier.is_same_party(asked.identifier):
            asking = draw.random.choice(self._asking)
        behoerde = self._make(draw, asking)
        return Parties(
            asking=behoerde,
            asked=self._make(draw, asked),
            place=asked.place,
            account=_make_account(draw, behoerde),
        )

    def _find_homes(self, identifiers: Sequence[PartyIdentifier]) -> list[_Home]:
        if identifiers:
            return [
                _Home(identifier, place)
                for identifier in identifiers
                for place in self._find_district(identifier)
            ]
        return [
            _Home(PartyIdentifier(f"{_AGS}{place.ags}", IDENTIFIER_TYPE), place)
            for place in self._places.all
        ]

    def _find_district(self, identifier: PartyIdentifier) -> Sequence[Gemeinde]:
        """Its Gemeinde; else where its office is; else anywhere, as nothing is known of it."""
        ags = identifier.value.removeprefix(_AGS)
        known = self._known.get(str(identifier))
        if places := self._places.of_gemeinde(ags):
            return places
        if known:
            return [Gemeinde(ags, known.anschrift.plz, known.anschrift.ort)]
        return self._places.all

    def _make(self, draw: Draw, home: _Home) -> Behoerde:
        known = self._known.get(str(home.identifier))
        if known:
            return known
        steady = _be_steady(draw, home.identifier)
        place = steady.random.choice(self._find_district(home.identifier))
        name = _name_office(place)
        identifier = replace(home.identifier, name=name, category=CATEGORY)
        return Behoerde(identifier, name, steady.address(place), Kanal.ELEKTRONISCH)


def _be_steady(draw: Draw, identifier: PartyIdentifier) -> Draw:
    """An authority has the same address and account in every Ersuchen."""
    return replace(draw, random=Random(str(identifier)))  # noqa: S311 - nothing secret


def _name_office(place: Gemeinde) -> str:
    kind = "Stadt" if place.ags.endswith(_ENDING_WITHOUT_KREIS) else "Gemeinde"
    return f"{kind} {place.ort}, Vollstreckungsstelle"


def _make_account(draw: Draw, behoerde: Behoerde) -> Bankverbindung:
    owner = behoerde.name
    for office in _OFFICES:
        owner = owner.removesuffix(office)
    return Bankverbindung(owner, draw_iban(_be_steady(draw, behoerde.identifier)))
