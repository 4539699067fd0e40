"""Signing in: password, second factor, and how long a failure keeps a user out.

An attempt is counted before it is looked at, so that many at once gain nothing.
"""

import logging
import math
from dataclasses import dataclass
from datetime import datetime

from persistence.database import Database, Stores
from server.domain.mandant_access import explain_inactive
from server.domain.web_user import (
    AuditEntry,
    SessionStage,
    WebUser,
    find_delay,
    fold_login,
)
from server.services.clock import Clock
from server.services.web_access.passwords import Passwords
from server.services.web_access.second_factor import accept_code
from server.services.web_access.sessions import Sessions, hash_token
from server.services.web_access.totp_secrets import TotpSecrets

logger = logging.getLogger(__name__)

_WRONG = "Anmeldename oder Kennwort ist falsch."
_WRONG_CODE = "Der Code ist falsch oder wurde schon benutzt."
_TOLD_IN_SECONDS = 120
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


class SignIn:
    """Opens sessions for users who prove who they are."""

    def __init__(
        self, database: Database, sessions: Sessions, proofs: Proofs, clock: Clock
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = proofs.passwords
        self._secrets = proofs.secrets
        self._clock = clock

    def with_password(self, login: str, password: str) -> SignedIn:
        """Raises SignInRefused, with one text for whoever is unknown and for wrong passwords."""
        user = self._database.write(lambda stores: self._count_attempt(stores, login))
        if not self._passwords.is_right(password, user.password_hash if user else ""):
            logger.warning("sign-in refused: wrong password or unknown login")
            raise SignInRefused(_WRONG)
        if user is None:
            raise SignInRefused(_WRONG)
        if self._passwords.is_outdated(user.password_hash):
            renewed = self._passwords.hash(password)
            self._database.write(
                lambda stores: stores.web_users.change(user.key, password_hash=renewed)
            )
        return self.proven(user.key)

    def with_code(self, token: str, code: str) -> SignedIn:
        """The second step: a code of the second factor, or a recovery code.

        The session gets another token. Raises SignInRefused, and SecretUnreadable where the master
        key is missing: that is nobody's failure and not counted.
        """
        session = self._sessions.find(token)
        if session is None:
            raise SignInRefused("Die Anmeldung hat zu lange gedauert. Bitte beginnen Sie neu.")
        login = session.actor.user.login
        secret = self._secrets.open(session.actor.user)
        user = self._database.write(lambda stores: self._count_attempt(stores, login))

        def change(stores: Stores) -> str | None:
            if user is None or not accept_code(stores, user.key, secret, code, self._clock()):
                return None
            stores.web_sessions.remove(hash_token(token))
            return self._complete(stores, user, "mit zweitem Faktor")

        new_token = self._database.write(change)
        if new_token is None:
            raise SignInRefused(_WRONG_CODE)
        return SignedIn(new_token, SessionStage.COMPLETE)

    def proven(self, user_key: int, how: str = "mit Kennwort") -> SignedIn:
        """Opens the session of a user who has proven the first step; raises SignInRefused."""

        def change(stores: Stores) -> SignedIn:
            user = self._require_usable(stores, user_key)
            if user.has_second_factor:
                token = self._sessions.open(stores, user, SessionStage.CODE_MISSING)
                return SignedIn(token, SessionStage.CODE_MISSING)
            return SignedIn(self._complete(stores, user, how), SessionStage.COMPLETE)

        return self._database.write(change)

    def _count_attempt(self, stores: Stores, login: str) -> WebUser | None:
        """The user, with one more failure until the sign-in is complete; raises SignInRefused."""
        found = stores.web_users.find_by_login(fold_login(login))
        user = stores.web_users.find_for_change(found.key) if found else None
        if user is None:
            return None
        moment = self._clock()
        if user.blocked_until and moment < user.blocked_until:
            raise SignInRefused(_describe_block(user.blocked_until, moment))
        failures = user.failures + 1
        delay = find_delay(failures)
        blocked_until = moment + delay if delay else None
        stores.web_users.change(user.key, failures=failures, blocked_until=blocked_until)
        if blocked_until:
            stores.audit.add(
                AuditEntry(
                    moment,
                    user.login,
                    user.mandant_key,
                    "anmeldung-verzoegert",
                    user.login,
                    f"{failures} Versuche ohne Erfolg",
                )
            )
        return user

    def _require_usable(self, stores: Stores, user_key: int) -> WebUser:
        user = stores.web_users.find_for_change(user_key)
        if user is None or user.is_locked:
            raise SignInRefused(_LOCKED)
        if user.mandant_key is not None:
            mandant = stores.mandanten.find_by_key(user.mandant_key)
            if not mandant.access.is_active(self._clock().date()):
                raise SignInRefused(explain_inactive(mandant.name, mandant.access))
        return user

    def _complete(self, stores: Stores, user: WebUser, how: str) -> str:
        moment = self._clock()
        stores.web_users.change(user.key, failures=0, blocked_until=None, last_sign_in=moment)
        name = f"{user.name} ({user.login})"
        stores.audit.add(AuditEntry(moment, name, user.mandant_key, "anmeldung", user.login, how))
        return self._sessions.open(stores, user, SessionStage.COMPLETE)


def _describe_block(until: datetime, moment: datetime) -> str:
    seconds = math.ceil((until - moment).total_seconds())
    wait = (
        f"{seconds} Sekunden"
        if seconds < _TOLD_IN_SECONDS
        else f"{math.ceil(seconds / 60)} Minuten"
    )
    return f"Zu viele Versuche ohne Erfolg. Bitte versuchen Sie es in {wait} wieder."
