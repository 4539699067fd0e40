"""Claims with what they rest on and what is owed beside them, dated as the law has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from server.domain.ersuchen import (
    Bescheid,
    Forderung,
    Nebenforderung,
    Saeumniszuschlag,
    Zeitraum,
    Zustellung,
)
from server.testdata.cases import SpecialCase
from server.testdata.claim_kinds import ClaimKind, from_cent
from server.testdata.days import (
    add_days,
    add_months,
    count_months_begun,
    find_bekanntgabe,
    find_workday,
)
from server.testdata.drawing import Draw

# What is less long due is still being reminded of, and its notice may still be contested.
_DAYS_BEFORE = 120
_DAYS_BETWEEN = 90
# A year is assessed in the first half of the next one, so that its claim is due by August.
_DAYS_SINCE_ASSESSED_YEAR = 300
_MOST_CLAIMS = 6
_OWNERS = {SpecialCase.FIRMA: "firma", SpecialCase.GESAMTSCHULDNER: "gemeinsam"}
_MANY = {"kita-gebuehr": 40, "rundfunkbeitrag": 20}
_STEP = Decimal(50)
_PER_MONTH = Decimal("0.01")
_REMINDER_CENT = (500, 750, 1000, 1250)


@dataclass(frozen=True)
class _Basis:
    """Where a claim comes from: its period, its notice, the day on which it is due."""

    period: Zeitraum | None
    bescheid: Bescheid
    due: date


class ClaimDrawer:
    """Draws the claims of one Ersuchen; claims of one kind and year share their notice."""

    def __init__(self, draw: Draw, kinds: Mapping[str, ClaimKind], day: date) -> None:
        self._draw = draw
        self._kinds = kinds
        self._day = day
        self._notices: dict[tuple[str, int], Bescheid] = {}
        self._kassenzeichen: dict[str, str] = {}

    def draw(self, case: SpecialCase | None) -> tuple[Forderung, ...]:
        """The claims of an ordinary or a special Ersuchen."""
        if case == SpecialCase.VIELE_FORDERUNGEN:
            return self._make_all([code for code, count in _MANY.items() for _ in range(count)])
        if case == SpecialCase.CENTBETRAG:
            return (self._make_cent(),)
        if case == SpecialCase.GROSSER_BETRAG:
            return (self._make("gewerbesteuer", 0, self._draw_large_amount()),)
        owner = _OWNERS.get(case, "person") if case else "person"
        return self._make_all(self._draw_codes(owner))

    def _draw_codes(self, owner: str) -> list[str]:
        random = self._draw.random
        possible = sorted(code for code, kind in self._kinds.items() if owner in kind.owed_by)
        chosen = random.sample(possible, random.randint(1, 2))
        # Few claims come more often than many.
        count = min(random.randint(1, _MOST_CLAIMS), random.randint(1, _MOST_CLAIMS))
        return sorted(random.choice(chosen) for _ in range(count))

    def _make_all(self, codes: Sequence[str]) -> tuple[Forderung, ...]:
        """Claims of the same kind go further and further back."""
        return tuple(
            self._make(code, codes[:position].count(code), self._draw_amount(code))
            for position, code in enumerate(codes)
        )

    def _make_cent(self) -> Forderung:
        forderung = self._make("grundsteuer", 0, Decimal("0.01"))
        return replace(forderung, nebenforderung_list=(), saeumniszuschlag=None)

    def _draw_large_amount(self) -> Decimal:
        return from_cent(self._draw.random.randint(10_000_000_00, 999_999_999_99))

    def _draw_amount(self, code: str) -> Decimal:
        least, most, step = self._kinds[code].cent
        return from_cent(self._draw.random.randrange(least, most + 1, step))

    def _make(self, code: str, back: int, amount: Decimal) -> Forderung:
        kind = self._kinds[code]
        basis = self._find_basis(kind, back)
        return Forderung(
            einnahmeart=code,
            bezeichnung=kind.describe(basis.period),
            betrag=amount,
            faelligkeit=basis.due,
            kassenzeichen=self._find_kassenzeichen(kind),
            zeitraum=basis.period,
            nebenforderung_list=(*kind.beside, *self._draw_beside(kind, basis.due)),
            saeumniszuschlag=self._find_late(kind, amount, basis.due),
            bescheid=basis.bescheid,
        )

    def _find_basis(self, kind: ClaimKind, back: int) -> _Basis:
        if kind.notice == "faellig":
            return self._base_on_notice(kind, back)
        period = kind.find_period(add_days(self._day, -_DAYS_BEFORE), back)
        due = kind.find_due_day(period.von)
        if kind.notice == "nachher":
            notice = self._draw_notice(kind, add_days(due, self._draw.random.randint(42, 58)))
            return _Basis(period, notice, due)
        return _Basis(period, self._find_notice_before(kind, period.von.year), due)

    def _base_on_notice(self, kind: ClaimKind, back: int) -> _Basis:
        """The notice says when it is to be paid: for a year that is over, or for one event."""
        random = self._draw.random
        if kind.has_period:
            year = add_days(self._day, -_DAYS_SINCE_ASSESSED_YEAR).year - 1 - back
            period = Zeitraum(date(year, 1, 1), date(year, 12, 31))
            posted = add_days(date(year + 1, 1, 10), random.randint(0, 170))
            notice = self._draw_notice(kind, posted)
            return _Basis(period, notice, _find_term(kind, notice))
        days = _DAYS_BEFORE + _DAYS_BETWEEN * back + random.randint(0, _DAYS_BETWEEN - 1)
        notice = self._draw_notice(kind, add_days(self._day, -days))
        return _Basis(None, notice, _find_term(kind, notice))

    def _find_notice_before(self, kind: ClaimKind, year: int) -> Bescheid:
        if (kind.code, year) not in self._notices:
            posted = date(year - 1, 12, self._draw.random.randint(1, 18))
            self._notices[kind.code, year] = self._draw_notice(kind, posted)
        return self._notices[kind.code, year]

    def _draw_notice(self, kind: ClaimKind, day: date) -> Bescheid:
        posted = find_workday(day)
        is_fine = kind.code == "bussgeld"
        if is_fine or self._draw.happens(25):
            delivery = Zustellung("postzustellungsurkunde", find_workday(add_days(posted, 2)))
        else:
            delivery = Zustellung("einfacher-brief", find_bekanntgabe(posted))
        received = delivery.datum
        # A fine may be contested for two weeks (§ 67 OWiG), everything else for a month.
        last = add_days(received, 14) if is_fine else add_months(received, 1)
        return Bescheid(
            posted,
            f"{kind.code[:4].upper()} {self._draw.digits(5)}/{posted.year}",
            delivery,
            add_days(find_workday(last), 1),
        )

    def _find_kassenzeichen(self, kind: ClaimKind) -> str:
        """One for all periods; what is owed once has its own."""
        draw = self._draw
        fresh = f"{draw.digits(4)}.{draw.digits(6)}.{draw.digits(1)}"
        return self._kassenzeichen.setdefault(kind.code, fresh) if kind.has_period else fresh

    def _draw_beside(self, kind: ClaimKind, due: date) -> tuple[Nebenforderung, ...]:
        draw = self._draw
        beside = []
        if draw.happens(60):
            fee = from_cent(draw.random.choice(_REMINDER_CENT))
            beside.append(Nebenforderung("mahngebuehr", fee, faelligkeit=add_days(due, 28)))
        if draw.happens(15):
            costs = from_cent(draw.random.randrange(1500, 4500, 5))
            beside.append(Nebenforderung("vollstreckungskosten", costs))
        if kind.code == "gewerbesteuer" and draw.happens(20):
            extra = Decimal(25 * draw.random.randint(1, 8))
            beside.append(Nebenforderung("verspaetungszuschlag", extra, faelligkeit=due))
        return tuple(beside)

    def _find_late(self, kind: ClaimKind, amount: Decimal, due: date) -> Saeumniszuschlag | None:
        if isinstance(kind.late, int):
            fixed = from_cent(kind.late)
            return Saeumniszuschlag(fixed, self._day, False) if fixed else None
        charge = find_saeumniszuschlag(amount, due, self._day)
        return Saeumniszuschlag(charge, self._day, True) if charge else None


def find_saeumniszuschlag(amount: Decimal, due: date, until: date) -> Decimal:
    """§ 240 AO: 1 % for each month begun, of the amount rounded down to 50 euro."""
    months = count_months_begun(find_workday(due), until)
    return (amount // _STEP * _STEP * _PER_MONTH * months).quantize(_PER_MONTH)


def _find_term(kind: ClaimKind, notice: Bescheid) -> date:
    """A fine is due two weeks after it became final (§ 95 OWiG), a charge a month after receipt."""
    if kind.code == "bussgeld" and notice.unanfechtbar_seit:
        return add_days(notice.unanfechtbar_seit, 14)
    received = notice.zustellung.datum if notice.zustellung else notice.datum
    return find_workday(add_months(received, 1))
