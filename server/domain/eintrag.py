"""The Eintrag: what the directory holds about a Behoerde."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from server.domain.behoerde import Behoerde


class EintragState(StrEnum):
    """How far a registration is; only a confirmed one is given as an answer."""

    REGISTERED = "registered"
    ACTIVE = "active"
    ENDED = "ended"


_DOUBT = re.compile(r"(?P<day>\d\d\.\d\d\.\d{4}), (?P<reporter>.+?): (?P<reason>.*)", re.DOTALL)


@dataclass(frozen=True)
class Doubt:
    """That something did not arrive: on which day (German), who says so, and why (German)."""

    day: str
    reporter: str
    reason: str

    def __str__(self) -> str:
        """As it is kept with the entry."""
        return f"{self.day}, {self.reporter.replace(': ', ' ')}: {' '.join(self.reason.split())}"

    @classmethod
    def read(cls, text: str) -> "Doubt":
        """From what is kept; a text that somebody else wrote is the reason alone."""
        found = _DOUBT.fullmatch(text)
        return cls(found["day"], found["reporter"], found["reason"]) if found else cls("", "", text)


@dataclass(frozen=True)
class Eintrag:
    """A Behoerde with validity (days, inclusive; None: open) and what it told when registering.

    `contact` holds contact persons as plain data. A doubtful entry is used and shown: something
    that was sent there came back, `doubt_reason` tells what (German).
    """

    behoerde: Behoerde
    state: EintragState = EintragState.ACTIVE
    valid_from: date | None = None
    valid_to: date | None = None
    is_doubtful: bool = False
    doubt_reason: str = ""
    iban: str = ""
    einnahmearten: tuple[str, ...] = ()
    rechenzentrum: str = ""
    contact: tuple[dict[str, Any], ...] = ()

    def is_valid_on(self, day: date) -> bool:
        """True where the Behoerde was or is confirmed and in office on the day."""
        if self.state is EintragState.REGISTERED:
            return False
        if self.state is EintragState.ENDED and self.valid_to is None:
            return False
        return lies_within(day, self.valid_from, self.valid_to)


def lies_within(day: date, first: date | None, last: date | None) -> bool:
    """True where the day lies between two days (both inclusive; None: open)."""
    return (first is None or first <= day) and (last is None or day <= last)
