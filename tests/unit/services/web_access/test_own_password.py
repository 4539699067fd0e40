"""Changing the own password."""

from datetime import timedelta

import pytest

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.sign_in_limit import AddressLimit
from server.domain.web_user import Actor, NewUser, WebUser
from server.services.web_access.attempts import Attempts
from server.services.web_access.own_password import OwnPassword
from server.services.web_access.passwords import PasswordRefused, Passwords
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

PASSWORDS = Passwords()
OLD, NEW = "ein Kennwort für Tests", "ein ganz neuer Satz"
_HASH = PASSWORDS.hash(OLD)


class Profile:
    """The profile of a user of Potsdam."""

    def __init__(self, database: Database, clock: FixedClock, mandant: Caller) -> None:
        self.database, self.clock, self.mandant = database, clock, mandant.mandant
        attempts = Attempts(database, AddressLimit(50, timedelta(hours=1)), clock)
        self.service = OwnPassword(database, PASSWORDS, attempts, clock)
        new = NewUser("eva", "Eva Ahorn", "e@x.example", Role.MANAGER, self.mandant.key)
        with database.writing() as stores:
            self.key = stores.web_users.add(new, _HASH, clock.now)

    @property
    def user(self) -> WebUser:
        with self.database.reading() as stores:
            user = stores.web_users.find(self.key)
        assert user is not None
        return user

    def change(self, old: str, new: str) -> None:
        self.service.change(Actor(self.user, self.mandant), "token", old, new, "192.0.2.7")


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
