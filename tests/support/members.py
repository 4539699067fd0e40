"""A user of an authority, as the database has it now."""

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.web_user import Actor, NewUser, WebUser
from server.services.web_access.passwords import Passwords
from tests.unit.conftest import FixedClock

PASSWORD = "ein Kennwort für Tests"
PASSWORDS = Passwords()
# Made once: hashing takes long on purpose.
PASSWORD_HASH = PASSWORDS.hash(PASSWORD)


def add_member(database: Database, clock: FixedClock, caller: Caller, login: str = "eva") -> int:
    """Eva Ahorn, who has not changed her first password yet; the key."""
    mandant_key = caller.mandant.key
    new = NewUser(login, "Eva Ahorn", "eva@x.example", Role.SACHBEARBEITER, mandant_key)
    with database.writing() as stores:
        return stores.web_users.add(new, PASSWORD_HASH, clock.now)


class Member:
    """Eva Ahorn; tests add the services that they try."""

    def __init__(self, database: Database, clock: FixedClock, caller: Caller) -> None:
        self.database, self.clock, self.mandant = database, clock, caller.mandant
        self.key = add_member(database, clock, caller)

    @property
    def user(self) -> WebUser:
        """As she is now."""
        with self.database.reading() as stores:
            user = stores.web_users.find(self.key)
        assert user is not None
        return user

    @property
    def actor(self) -> Actor:
        """She, as services know who acts."""
        return Actor(self.user, self.mandant)
