"""Changing the own password."""

from datetime import timedelta

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.sign_in_limit import AddressLimit
from server.services.web_access.attempts import Attempts
from server.services.web_access.own_password import OwnPassword
from server.services.web_access.passwords import PasswordRefused
from tests.support.members import PASSWORD, PASSWORDS, Member
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

OLD, NEW = PASSWORD, "ein ganz neuer Satz"


class Profile(Member):
    """The profile of a user of Potsdam."""

    def __init__(self, database: Database, clock: FixedClock, mandant: Caller) -> None:
        super().__init__(database, clock, mandant)
        attempts = Attempts(database, AddressLimit(50, timedelta(hours=1)), clock)
        self.service = OwnPassword(database, PASSWORDS, attempts, clock)

    def change(self, old: str, new: str) -> None:
        self.service.change(self.actor, "token", old, new, "192.0.2.7")


@pytest.fixture
def profile(database: Database, clock: FixedClock, author: Caller) -> Profile:
    return Profile(database, clock, author)


def test_password_is_changed_with_the_old_one(profile: Profile) -> None:
    for old, wanted in (("falsch", NEW), (OLD, "kurz"), (OLD, OLD)):
        with pytest.raises(PasswordRefused):
            profile.change(old, wanted)
    profile.change(OLD, NEW)
    assert PASSWORDS.is_right(NEW, profile.user.password_hash)
    assert not profile.user.must_change_password
    assert profile.user.failures == 0


def test_guessing_the_old_password_leads_to_the_lock_out(profile: Profile) -> None:
    for _ in range(5):
        with pytest.raises(PasswordRefused, match="bisherige"):
            profile.change("falsch", NEW)
    with pytest.raises(PasswordRefused, match="Zu viele Versuche"):
        profile.change(OLD, NEW)
    profile.clock.advance(seconds=30)
    profile.change(OLD, NEW)
