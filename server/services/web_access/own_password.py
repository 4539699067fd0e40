"""Changing the own password."""

from persistence.database import Database, Stores
from server.domain.web_user import Actor
from server.services.clock import Clock
from server.services.web_access.attempts import Attempt, Attempts, TooManyAttempts
from server.services.web_access.audit import make_entry
from server.services.web_access.passwords import PasswordRefused, Passwords, check_password
from server.services.web_access.sessions import hash_token


class OwnPassword:
    """Changes the password of whoever is signed in and knows the old one."""

    def __init__(
        self, database: Database, passwords: Passwords, attempts: Attempts, clock: Clock
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._attempts = attempts
        self._clock = clock

    def change(self, actor: Actor, token: str, old: str, new: str, address: str = "") -> None:
        """Ends all other sessions. Raises PasswordRefused.

        A wrong old password counts as one at the sign-in does: a session that was left open is no
        place to guess.
        """
        user = actor.user
        check_password(new, user.login)
        if old == new:
            raise PasswordRefused("Das neue Kennwort muss ein anderes sein als das bisherige.")
        self._require_old(actor, old, address)
        password_hash = self._passwords.hash(new)

        def change(stores: Stores) -> None:
            stores.web_users.change(
                user.key, password_hash=password_hash, must_change_password=False
            )
            stores.web_sessions.remove_of_user(user.key, except_hash=hash_token(token))
            stores.audit.add(make_entry(actor, self._clock(), "kennwort-geaendert", user.login))

        self._database.write(change)

    def _require_old(self, actor: Actor, old: str, address: str) -> None:
        try:
            self._attempts.count(Attempt(actor.user.login, address))
        except TooManyAttempts as error:
            raise PasswordRefused(str(error)) from error
        if not self._passwords.is_right(old, actor.user.password_hash):
            raise PasswordRefused("Das bisherige Kennwort ist falsch.")
        self._attempts.forgive(actor.user.key, address)
