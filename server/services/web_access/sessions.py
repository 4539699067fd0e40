"""Sessions of the Web-Client: a random token with the browser, its hash with us."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from persistence.database import Database, Stores
from persistence.stores.web_sessions import SessionRow
from server.domain.local_time import find_local_day
from server.domain.web_user import Actor, SessionStage, WebSession, WebUser
from server.services.clock import Clock

_TOKEN_BYTES = 32
# When a session was last used is written so often only: a page need not wait for a write.
_TOUCH_AFTER = timedelta(minutes=1)
# The code of the second factor has to come within.
_CODE_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True)
class SessionTimes:
    """After `idle` without a request a session is over, and after `absolute` in any case."""

    idle: timedelta
    absolute: timedelta


class Sessions:
    """Opens, finds and ends sessions. What is told of user and Mandant is read anew each time."""

    def __init__(self, database: Database, clock: Clock, times: SessionTimes) -> None:
        self._database = database
        self._clock = clock
        self._times = times

    def find(self, token: str) -> WebSession | None:
        """The session with this token; None where none holds.

        It ends with the lock of its user and with the access of its Mandant.
        """
        moment = self._clock()
        with self._database.reading() as stores:
            row = stores.web_sessions.find(hash_token(token))
            if row is None or moment >= row.expires or moment - row.seen >= self._times.idle:
                return None
            actor = self._find_actor(stores, row.user_key)
        if actor is None:
            return None
        if moment - row.seen >= _TOUCH_AFTER:
            self._database.write(lambda stores: stores.web_sessions.touch(row.token_hash, moment))
        return WebSession(actor, row.stage, make_csrf_token(token))

    def open(self, stores: Stores, user: WebUser, stage: SessionStage) -> str:
        """A new session within the caller's transaction; returns its token."""
        moment = self._clock()
        stores.web_sessions.remove_expired(moment)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        is_complete = stage is SessionStage.COMPLETE
        expires = moment + (self._times.absolute if is_complete else _CODE_WITHIN)
        stores.web_sessions.add(
            SessionRow(hash_token(token), user.key, stage, moment, moment, expires)
        )
        return token

    def end(self, token: str) -> None:
        """Signs out."""
        self._database.write(lambda stores: stores.web_sessions.remove(hash_token(token)))

    def _find_actor(self, stores: Stores, user_key: int) -> Actor | None:
        user = stores.web_users.find(user_key)
        if user is None or user.is_locked:
            return None
        if user.mandant_key is None:
            return Actor(user, None)
        mandant = stores.mandanten.find_by_key(user.mandant_key)
        if not mandant.access.is_active(find_local_day(self._clock())):
            return None
        return Actor(user, mandant)


def hash_token(token: str) -> str:
    """Under which a token is kept; it is random, so that no salt is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


def make_csrf_token(token: str) -> str:
    """Belongs to one session, and does not tell its token."""
    return hashlib.sha256(b"csrf " + token.encode()).hexdigest()
