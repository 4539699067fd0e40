"""Which data centre serves a Mandant on which day."""

from datetime import date, timedelta

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import (
    CannotMove,
    Gap,
    MandantService,
    find_gaps,
    find_overlap,
    find_service,
    plan_move,
)

JENA = PartyIdentifier("ags:16053000", "xoev")
DAY = date(2027, 1, 10)


def service(centre: str, first: int, last: int | None) -> MandantService:
    """From and to so many days after DAY."""
    valid_to = None if last is None else DAY + timedelta(days=last)
    return MandantService(JENA, centre, DAY + timedelta(days=first), valid_to)


@pytest.mark.parametrize(
    ("first", "last", "collides"),
    [
        (-5, -1, False),
        (-5, 0, True),
        (-5, None, True),
        (2, 3, True),
        (5, 5, True),
        (6, None, False),
        (6, 9, False),
    ],
)
def test_find_overlap_one_common_day_is_enough(
    first: int, last: int | None, collides: bool
) -> None:
    known = service("alt", 0, 5)
    new = service("neu", first, last)
    assert find_overlap([known], new) == (known if collides else None)
    assert find_overlap([new], known) == (new if collides else None)


def test_find_overlap_two_open_ones_collide() -> None:
    assert find_overlap([service("alt", 0, None)], service("neu", 100, None))


def test_find_gaps_between_services_in_any_order() -> None:
    services = [service("c", 10, None), service("a", 0, 3), service("b", 4, 6)]
    assert find_gaps(services) == (Gap(DAY + timedelta(days=7), DAY + timedelta(days=9)),)
    assert find_gaps(services[1:]) == ()
    assert find_gaps([]) == ()


def test_plan_move_former_ends_the_day_before_and_no_day_is_lost() -> None:
    move = plan_move([service("alt", -100, None)], JENA, "neu", DAY)
    assert move.ended == service("alt", -100, -1)
    after = [move.ended, move.new]
    assert find_gaps(after) == ()
    for offset, centre in ((-100, "alt"), (-1, "alt"), (0, "neu"), (1000, "neu")):
        found = find_service(after, DAY + timedelta(days=offset))
        assert found is not None
        assert found.centre == centre
    assert find_service(after, DAY - timedelta(days=101)) is None


def test_plan_move_of_who_is_served_by_nobody_only_begins() -> None:
    move = plan_move([service("alt", -10, -5)], JENA, "neu", DAY)
    assert (move.ending, move.ended, move.new) == (None, None, service("neu", 0, None))


@pytest.mark.parametrize(
    ("services", "centre", "words"),
    [
        ([service("alt", -5, None)], "alt", "schon von alt"),
        ([service("alt", -5, 2), service("neu", 3, None)], "neu", "ab dem 13.01.2027 schon"),
        ([service("alt", 0, None)], "neu", "ab dem 10.01.2027 schon"),
    ],
)
def test_plan_move_that_cannot_be_is_refused(
    services: list[MandantService], centre: str, words: str
) -> None:
    with pytest.raises(CannotMove, match=words):
        plan_move(services, JENA, centre, DAY)
