"""The ladder of the end of a certificate."""

from datetime import UTC, datetime, timedelta

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.certificate import ClientCertificate, Holder, find_expiry_step, list_current

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (200, None),
        (91, None),
        (90.01, None),
        (90, 90),
        (61, 90),
        (60, 60),
        (30, 30),
        (15, 30),
        (14, 14),
        (8, 14),
        (7, 7),
        (2, 7),
        (1, 1),
        (0.5, 1),
        (-0.01, 0),
        (-100, 0),
    ],
)
def test_find_expiry_step_is_the_lowest_that_is_reached(days: float, step: int | None) -> None:
    assert find_expiry_step(NOW + timedelta(days=days), NOW) == step


def make(
    name: str, days: float, centre: str = "mitte", *, is_revoked: bool = False
) -> ClientCertificate:
    return ClientCertificate(
        holder=Holder(centre=centre) if centre else Holder(PartyIdentifier("ags:1", "xoev")),
        fingerprint=name,
        subject="CN=a",
        accepted_until=NOW + timedelta(days=days),
        revoked=NOW if is_revoked else None,
    )


@pytest.mark.parametrize(
    ("found", "current"),
    [
        ([make("alt", -1), make("neu", 10)], "neu"),
        ([make("alt", 3), make("neu", 10)], "alt neu"),
        ([make("alt", -5), make("zuletzt", -1)], "zuletzt"),
        ([make("alt", -1), make("neu", 10, is_revoked=True)], "alt"),
        ([make("alt", -1), make("neu", 10, "ost")], "alt neu"),
        ([make("alt", -1), make("neu", 10, "")], "alt neu"),
        ([], ""),
    ],
)
def test_list_current_what_ended_is_told_until_a_later_one_counts(
    found: list[ClientCertificate], current: str
) -> None:
    assert " ".join(item.fingerprint for item in list_current(found, NOW)) == current
