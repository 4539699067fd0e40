"""Puts an Ersuchen together: parties, debtors, claims, measures, attachments."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from server.demo.sample import to_akteur
from server.domain.behoerde import PartyIdentifier
from server.domain.ersuchen import (
    Akteur,
    Bankverbindung,
    Ersuchen,
    Vollstreckbarkeitsbescheinigung,
    add_up,
)
from server.testdata.attachments import draw_anlagen
from server.testdata.authorities import AuthorityDrawer, Parties
from server.testdata.cases import SpecialCase, spread_cases
from server.testdata.claim_kinds import read_claim_kinds
from server.testdata.claims import ClaimDrawer
from server.testdata.days import add_days, find_workday
from server.testdata.drawing import Draw, read_words
from server.testdata.measures import draw_massnahmen
from server.testdata.people import draw_schuldner
from server.testdata.places import Places

# The same input gives the same data on every day, so the time of the data is fixed.
_FIRST_DAY = date(2026, 1, 5)
_DAYS = 320
_RECHTSGRUNDLAGEN = (("§ 250 AO",), ("§ 250 AO", "§ 4 VwVfG"), ("§§ 4 bis 8 VwVfG",))
_LINES_OF_LONG_REMARK = 40


@dataclass(frozen=True)
class Plan:
    """What is to be generated: how many, from which chance, where, for whom."""

    count: int
    seed: int
    places: Places
    asking: tuple[PartyIdentifier, ...] = ()
    asked: tuple[PartyIdentifier, ...] = ()


@dataclass(frozen=True)
class GeneratedErsuchen:
    """An Ersuchen, its number from 1, and its special case."""

    number: int
    case: SpecialCase | None
    ersuchen: Ersuchen


class Generator:
    """Generates Ersuchen after a plan; raises PartiesInvalid where nobody could be asked."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._words = read_words()
        self._kinds = read_claim_kinds()
        self._authorities = AuthorityDrawer(plan.places, plan.asking, plan.asked)

    @property
    def impossible_cases(self) -> frozenset[SpecialCase]:
        """Cases that the places of this plan do not yield; ordinary Ersuchen take their place."""
        if self._authorities.has_shared_plz:
            return frozenset()
        return frozenset({SpecialCase.PLZ_MEHRERER_GEMEINDEN})

    def generate(self) -> Iterator[GeneratedErsuchen]:
        """One Ersuchen after the other."""
        possible = frozenset(SpecialCase) - self.impossible_cases
        cases = spread_cases(self._chance("cases"), self._plan.count, possible)
        for number, case in enumerate(cases, 1):
            yield GeneratedErsuchen(number, case, self._make(number, case))

    def _chance(self, purpose: str) -> Random:
        # Each Ersuchen has chance of its own. A text as seed is hashed the same way everywhere.
        return Random(f"{self._plan.seed}/{purpose}")  # noqa: S311 - nothing secret

    def _make(self, number: int, case: SpecialCase | None) -> Ersuchen:
        draw = Draw(self._chance(str(number)), self._words, self._plan.places)
        day = find_workday(add_days(_FIRST_DAY, draw.random.randrange(_DAYS)))
        parties = self._authorities.draw(draw, case)
        schuldner = draw_schuldner(draw, case, parties.place)
        forderungen = ClaimDrawer(draw, self._kinds, day).draw(case)
        amount = add_up(forderungen)
        asking = _draw_asking(draw, parties, f"VS-{day.year}-{number:06d}")
        return Ersuchen(
            datum=day,
            rechtsgrundlage_list=draw.random.choice(_RECHTSGRUNDLAGEN),
            ersuchender=asking,
            ersuchter=to_akteur(parties.asked),
            schuldner_list=schuldner,
            forderung_list=forderungen,
            gesamtbetrag=amount,
            bescheinigung=_certify(draw, day, asking.bearbeiter),
            massnahme_list=draw_massnahmen(draw, case, schuldner[0], parties.place, amount),
            bankverbindung=_name_account(parties, asking.aktenzeichen),
            anlage_list=draw_anlagen(draw, case),
            bemerkung=_draw_remark(draw, case),
        )


def _draw_asking(draw: Draw, parties: Parties, aktenzeichen: str) -> Akteur:
    title = draw.random.choice(("Frau", "Herr"))
    clerk = draw.random.choice(draw.words.family_names["deutsch"])
    akteur = to_akteur(parties.asking, aktenzeichen, f"{title} {clerk}")
    # A block of telephone numbers that is kept free for invented people.
    return replace(akteur, telefon=f"030 23125 {draw.digits(3)}", email="vollstreckung@amt.example")


def _certify(draw: Draw, day: date, clerk: str) -> Vollstreckbarkeitsbescheinigung:
    name = clerk.partition(" ")[2]
    text = "Die Bescheide sind unanfechtbar oder sofort vollziehbar." if draw.happens(70) else ""
    return Vollstreckbarkeitsbescheinigung(day, f"Im Auftrag, {name}, Vollstreckungsstelle", text)


def _name_account(parties: Parties, aktenzeichen: str) -> Bankverbindung:
    return replace(parties.account, verwendungszweck=aktenzeichen)


def _draw_remark(draw: Draw, case: SpecialCase | None) -> str:
    remarks = draw.words.remarks
    if case == SpecialCase.LANGE_BEMERKUNG:
        lines = draw.random.choices(remarks["lang"], k=_LINES_OF_LONG_REMARK)
        return "\n".join(lines)
    return draw.random.choice(remarks["kurz"]) if draw.happens(30) else ""
