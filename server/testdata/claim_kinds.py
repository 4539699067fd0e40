"""The kinds of claims that are generated (`forderungen.toml`), and the periods they are for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from server.domain.ersuchen import Nebenforderung, Zeitraum
from server.testdata.days import add_days, add_months

_DUE_DAY = 15
# How many months a period has, and in which of them (from 0) it is due.
_MONTHS = {"monat": 1, "quartal": 3, "jahr": 12}
_DUE_MONTH = {"monat": 0, "quartal": 1, "jahr": 1}
_MONTH_NAMES = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)


@dataclass(frozen=True)
class ClaimKind:
    """A kind of claim; `late` is "ao", or a fixed amount in cent."""

    code: str
    text: str
    rhythm: str
    notice: str
    cent: tuple[int, int, int]
    late: str | int
    owed_by: frozenset[str]
    beside: tuple[Nebenforderung, ...] = ()

    @property
    def has_period(self) -> bool:
        """False for what is owed once."""
        return self.rhythm in _MONTHS

    def find_period(self, last_due: date, back: int) -> Zeitraum:
        """The latest period that was due on `last_due` or before, or one of those before it."""
        months = _MONTHS[self.rhythm]
        start = date(last_due.year, (last_due.month - 1) // months * months + 1, 1)
        while self.find_due_day(start) > last_due:
            start = add_months(start, -months)
        start = add_months(start, -months * back)
        return Zeitraum(start, add_days(add_months(start, months), -1))

    def find_due_day(self, start: date) -> date:
        """The day on which what is owed for the period from `start` is due."""
        return add_months(start, _DUE_MONTH[self.rhythm]).replace(day=_DUE_DAY)

    def describe(self, period: Zeitraum | None) -> str:
        """What the claim is called in the message."""
        if period is None:
            return self.text
        month = period.von.month
        return self.text.format(
            jahr=period.von.year, nummer=(month + 2) // 3, monat=_MONTH_NAMES[month - 1]
        )


def read_claim_kinds() -> Mapping[str, ClaimKind]:
    """The kinds by the code of their Einnahmeart."""
    text = (files("server.testdata") / "forderungen.toml").read_text("utf-8")
    return {code: _to_kind(code, table) for code, table in tomllib.loads(text).items()}


def from_cent(cent: int) -> Decimal:
    """Cent → euro with two decimals."""
    return Decimal(cent).scaleb(-2)


def _to_kind(code: str, table: dict[str, Any]) -> ClaimKind:
    beside = (
        Nebenforderung(item["art"], from_cent(item["cent"]), item["bezeichnung"])
        for item in table.pop("beside", ())
    )
    least, most, step = table.pop("cent")
    owners = frozenset(table.pop("owed_by"))
    return ClaimKind(code, cent=(least, most, step), owed_by=owners, beside=tuple(beside), **table)
