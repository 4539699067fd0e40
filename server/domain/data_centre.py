"""Data centres, and which of them serves a Mandant on which day.

On each day at most one serves a Mandant. A Mandant moves on a day: the former ends with the day
before. This module decides; it reads no clock and stores nothing.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from server.domain.behoerde import PartyIdentifier

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DataCentre:
    """A data centre and the endpoints of its XTA ports (URLs).

    `name` is the short name by which commands know it, `title` what people call it.
    """

    name: str
    title: str
    management: str
    send: str
    msgbox: str


@dataclass(frozen=True)
class MandantService:
    """That a data centre serves a Mandant, from a day to a day (None: open), both included."""

    mandant: PartyIdentifier
    centre: str
    valid_from: date
    valid_to: date | None = None

    def is_valid(self, day: date) -> bool:
        """True where it serves the Mandant on this day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: "MandantService") -> bool:
        """True where there is a day on which both would serve."""
        return (other.valid_to is None or self.valid_from <= other.valid_to) and (
            self.valid_to is None or other.valid_from <= self.valid_to
        )


@dataclass(frozen=True)
class Gap:
    """Days on which nobody serves a Mandant, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Move:
    """What a move writes: the service that ends (None where there is none), and the new one."""

    ending: MandantService | None
    ended: MandantService | None
    new: MandantService


class CannotMove(Exception):
    """The Mandant cannot move on that day; the text is German."""


def find_service(services: Iterable[MandantService], day: date) -> MandantService | None:
    """The service that is valid on the day."""
    return next((service for service in services if service.is_valid(day)), None)


def find_overlap(services: Iterable[MandantService], new: MandantService) -> MandantService | None:
    """A service with which the new one would collide."""
    return next((service for service in services if service.overlaps(new)), None)


def find_gaps(services: Sequence[MandantService]) -> tuple[Gap, ...]:
    """The days between the services of one Mandant on which nobody serves it."""
    ordered = sorted(services, key=lambda service: service.valid_from)
    gaps = []
    for before, after in itertools.pairwise(ordered):
        if before.valid_to is not None and before.valid_to + _ONE_DAY < after.valid_from:
            gaps.append(Gap(before.valid_to + _ONE_DAY, after.valid_from - _ONE_DAY))
    return tuple(gaps)


def plan_move(
    services: Sequence[MandantService], mandant: PartyIdentifier, centre: str, day: date
) -> Move:
    """Ends what serves the Mandant on the day, and begins the new on it; raises CannotMove."""
    new = MandantService(mandant, centre, day)
    later = next((item for item in services if item.valid_from >= day), None)
    if later:
        raise CannotMove(
            f"{mandant} wird ab dem {later.valid_from:%d.%m.%Y} schon von {later.centre} betreut."
        )
    current = find_service(services, day)
    if current is None:
        return Move(None, None, new)
    if current.centre == centre:
        raise CannotMove(f"{mandant} wird am {day:%d.%m.%Y} schon von {centre} betreut.")
    # What was to end later ends now; the new one keeps no end, a move is for good.
    return Move(current, replace(current, valid_to=day - _ONE_DAY), new)
