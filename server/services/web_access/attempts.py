"""Attempts to prove who one is: counted before they are looked at, so that many at once gain
nothing.

By user, whose delay grows, and by client address, whatever logins are tried from there. Passwords
and codes of the second factor count alike. Counts lie in the database: all servers share them.
"""

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from persistence.database import Database, Stores
from server.domain.sign_in_limit import (
    AddressLimit,
    count_failure,
    forgive_failures,
    group_address,
)
from server.domain.web_user import AuditEntry, WebUser, find_delay, fold_login
from server.services.clock import Clock

logger = logging.getLogger(__name__)

_TOLD_IN_SECONDS = 120
# More addresses than that are not kept in mind; the oldest are forgotten.
_MOST_ADDRESSES = 100_000
# Of a user who signs in at last; more are no slips of the keyboard.
_MOST_FORGIVEN = 10


class TooManyAttempts(Exception):
    """The attempt is not looked at; the text is German and says how long to wait."""


@dataclass(frozen=True)
class Attempt:
    """Somebody tries a login from a client address (empty: it is not known, or does not count)."""

    login: str
    address: str = ""


class Attempts:
    """Counts attempts and forgives them."""

    def __init__(self, database: Database, limit: AddressLimit, clock: Clock) -> None:
        self._database = database
        self._limit = limit
        self._clock = clock

    def count(self, attempt: Attempt) -> WebUser | None:
        """The user of the login, None where there is none; raises TooManyAttempts.

        A failure of user and address until it is forgiven.
        """

        def change(stores: Stores) -> WebUser | None:
            self._count_address(stores, attempt.address)
            return self._count_user(stores, attempt.login)

        return self._database.write(change)

    def forgive(self, user_key: int, address: str) -> None:
        """The user has proven who it is: its failures count no more, here and at the address."""

        def forgive_user(stores: Stores) -> int:
            user = stores.web_users.find_for_change(user_key)
            stores.web_users.change(user_key, failures=0, blocked_until=None)
            return user.failures if user else 0

        failures = min(self._database.write(forgive_user), _MOST_FORGIVEN)
        key = self._find_key(address)
        if key and failures:
            self._database.write(lambda stores: self._forgive_address(stores, key, failures))

    def _count_address(self, stores: Stores, address: str) -> None:
        key = self._find_key(address)
        if not key:
            return
        moment = self._clock()
        stores.web_addresses.forget(moment - self._longest_memory, _MOST_ADDRESSES)
        record = stores.web_addresses.lock(key, moment)
        if record.blocked_until and moment < record.blocked_until:
            raise TooManyAttempts(_describe_address_block(record.blocked_until, moment))
        counted = count_failure(record, self._limit, moment)
        stores.web_addresses.save(counted)
        if counted.blocked_until:
            seconds = math.ceil((counted.blocked_until - moment).total_seconds())
            logger.warning("sign-in: client address %s has to wait for %d s", key, seconds)
            text = f"{counted.failures:.0f} Versuche ohne Erfolg, {seconds} Sekunden"
            entry = AuditEntry(moment, key, None, "anmeldung-adresse-verzoegert", key, text)
            stores.audit.add(entry)

    def _count_user(self, stores: Stores, login: str) -> WebUser | None:
        found = stores.web_users.find_by_login(fold_login(login))
        user = stores.web_users.find_for_change(found.key) if found else None
        if user is None:
            return None
        moment = self._clock()
        if user.blocked_until and moment < user.blocked_until:
            raise TooManyAttempts(_describe_block(user.blocked_until, moment))
        failures = user.failures + 1
        delay = find_delay(failures)
        blocked_until = moment + delay if delay else None
        stores.web_users.change(user.key, failures=failures, blocked_until=blocked_until)
        if blocked_until:
            text = f"{failures} Versuche ohne Erfolg"
            stores.audit.add(
                AuditEntry(
                    moment, user.login, user.mandant_key, "anmeldung-verzoegert", user.login, text
                )
            )
        return user

    def _forgive_address(self, stores: Stores, key: str, failures: int) -> None:
        record = stores.web_addresses.lock(key, self._clock())
        stores.web_addresses.save(forgive_failures(record, failures))

    def _find_key(self, address: str) -> str:
        return group_address(address) if self._limit.failures else ""

    @property
    def _longest_memory(self) -> timedelta:
        # Failures beyond the limit take longer to fall than the period.
        return 2 * self._limit.period


def _describe_block(until: datetime, moment: datetime) -> str:
    wait = _describe_wait(until, moment)
    return f"Zu viele Versuche ohne Erfolg. Bitte versuchen Sie es in {wait} wieder."


def _describe_address_block(until: datetime, moment: datetime) -> str:
    wait = _describe_wait(until, moment)
    return (
        "Von Ihrem Anschluss kamen zu viele Anmeldeversuche ohne Erfolg. Bitte versuchen Sie es in "
        f"{wait} wieder."
    )


def _describe_wait(until: datetime, moment: datetime) -> str:
    seconds = math.ceil((until - moment).total_seconds())
    if seconds < _TOLD_IN_SECONDS:
        return f"{seconds} Sekunden"
    return f"{math.ceil(seconds / 60)} Minuten"
