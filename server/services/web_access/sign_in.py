"""Signing in: password, second factor. Attempts are counted before they are looked at."""

import logging
from dataclasses import dataclass

from persistence.database import Database, Stores
from server.domain.local_time import find_local_day
from server.domain.mandant_access import explain_inactive
from server.domain.web_user import AuditEntry, SessionStage, WebUser
from server.services.clock import Clock
from server.services.web_access.attempts import Attempt, Attempts, TooManyAttempts
from server.services.web_access.passwords import Passwords
from server.services.web_access.second_factor import accept_code
from server.services.web_access.sessions import Sessions, hash_token
from server.services.web_access.totp_secrets import TotpSecrets

logger = logging.getLogger(__name__)

_WRONG = "Anmeldename oder Kennwort ist falsch."
_WRONG_CODE = "Der Code ist falsch oder wurde schon benutzt."
_LOCKED = "Ihr Zugang ist gesperrt. Bitte wenden Sie sich an Ihren Administrator."


class SignInRefused(Exception):
    """Nobody was signed in; the text is German."""


@dataclass(frozen=True)
class SignedIn:
    """A new session; the code of the second factor may still be missing."""

    token: str
    stage: SessionStage


@dataclass(frozen=True)
class Proofs:
    """By what users prove who they are."""

    passwords: Passwords
    secrets: TotpSecrets
    attempts: Attempts


class SignIn:
    """Opens sessions for users who prove who they are."""

    def __init__(
        self, database: Database, sessions: Sessions, proofs: Proofs, clock: Clock
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = proofs.passwords
        self._secrets = proofs.secrets
        self._attempts = proofs.attempts
        self._clock = clock

    def with_password(self, attempt: Attempt, password: str) -> SignedIn:
        """Raises SignInRefused, with one text for whoever is unknown and for wrong passwords."""
        user = self._count(attempt)
        if not self._passwords.is_right(password, user.password_hash if user else ""):
            logger.warning("sign-in refused: wrong password or unknown login")
            raise SignInRefused(_WRONG)
        if user is None:
            raise SignInRefused(_WRONG)
        if self._passwords.is_outdated(user.password_hash):
            self._renew_hash(user, password)
        return self.proven(user.key, address=attempt.address)

    def _renew_hash(self, user: WebUser, password: str) -> None:
        """Unless the password was changed meanwhile: then the old one must not come back."""
        renewed = self._passwords.hash(password)
        with self._database.writing() as stores:
            present = stores.web_users.find_for_change(user.key)
            if present and present.password_hash == user.password_hash:
                stores.web_users.change(user.key, password_hash=renewed)

    def with_code(self, token: str, code: str, address: str = "") -> SignedIn:
        """The second step: a code of the second factor, or a recovery code.

        The session gets another token. Raises SignInRefused, and SecretUnreadable where the master
        key is missing: that is nobody's failure and not counted.
        """
        session = self._sessions.find(token)
        if session is None:
            raise SignInRefused("Die Anmeldung hat zu lange gedauert. Bitte beginnen Sie neu.")
        secret = self._secrets.open(session.actor.user)
        user = self._count(Attempt(session.actor.user.login, address))

        def change(stores: Stores) -> str | None:
            if user is None or not accept_code(stores, user.key, secret, code, self._clock()):
                return None
            stores.web_sessions.remove(hash_token(token))
            return self._complete(stores, user, "mit zweitem Faktor")

        new_token = self._database.write(change)
        if user is None or new_token is None:
            logger.warning("sign-in refused: wrong code")
            raise SignInRefused(_WRONG_CODE)
        self._attempts.forgive(user.key, address)
        return SignedIn(new_token, SessionStage.COMPLETE)

    def proven(self, user_key: int, how: str = "mit Kennwort", address: str = "") -> SignedIn:
        """Opens the session of a user who has proven the first step; raises SignInRefused."""

        def change(stores: Stores) -> SignedIn:
            user = self._require_usable(stores, user_key)
            if user.has_second_factor:
                token = self._sessions.open(stores, user, SessionStage.CODE_MISSING)
                return SignedIn(token, SessionStage.CODE_MISSING)
            return SignedIn(self._complete(stores, user, how), SessionStage.COMPLETE)

        signed_in = self._database.write(change)
        if signed_in.stage is SessionStage.COMPLETE:
            self._attempts.forgive(user_key, address)
        return signed_in

    def _count(self, attempt: Attempt) -> WebUser | None:
        try:
            return self._attempts.count(attempt)
        except TooManyAttempts as error:
            raise SignInRefused(str(error)) from error

    def _require_usable(self, stores: Stores, user_key: int) -> WebUser:
        user = stores.web_users.find_for_change(user_key)
        if user is None or user.is_locked:
            raise SignInRefused(_LOCKED)
        if user.mandant_key is not None:
            mandant = stores.mandanten.find_by_key(user.mandant_key)
            if not mandant.access.is_active(find_local_day(self._clock())):
                raise SignInRefused(explain_inactive(mandant.name, mandant.access))
        return user

    def _complete(self, stores: Stores, user: WebUser, how: str) -> str:
        moment = self._clock()
        stores.web_users.change(user.key, last_sign_in=moment)
        name = f"{user.name} ({user.login})"
        stores.audit.add(AuditEntry(moment, name, user.mandant_key, "anmeldung", user.login, how))
        return self._sessions.open(stores, user, SessionStage.COMPLETE)
