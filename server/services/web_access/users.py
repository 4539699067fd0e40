"""Users of the Web-Client: added, renamed, locked, unlocked, reset, given another role.

The operator cares for all users; an administrator for those of the own Mandant. `actor` is None
where the command line asks: whoever may run it is the operator.
"""

import re
from dataclasses import dataclass, replace

from persistence.database import Database, Stores
from persistence.stores.web_users import LoginTaken
from server.domain.rights import ROLE_TEXTS, Role
from server.domain.web_user import LOGIN_LENGTH, Actor, AuditEntry, NewUser, WebUser, fold_login
from server.services.clock import Clock
from server.services.web_access.audit import COMMAND
from server.services.web_access.passwords import Passwords, make_password
from server.services.web_access.second_factor import clear_second_factor

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]*")
_MAX_TEXT = 255


class UserRefused(Exception):
    """What was asked for a user is not possible; the text is German."""


class UnknownUser(UserRefused):
    """There is no such user, or the actor may not know of it; the text is German."""


@dataclass(frozen=True)
class FreshUser:
    """A user with a password that was told once and has to be changed."""

    user: WebUser
    password: str


class Users:
    """Changes and shows users; each change is in the audit."""

    def __init__(self, database: Database, passwords: Passwords, clock: Clock) -> None:
        self._database = database
        self._passwords = passwords
        self._clock = clock

    def add(self, actor: Actor | None, new: NewUser) -> FreshUser:
        """Adds a user with a first password; raises UserRefused."""
        new = replace(new, login=fold_login(new.login))
        _check_new(new)
        _check_role(actor, new.role, new.mandant_key)
        password = make_password()
        password_hash = self._passwords.hash(password)

        def change(stores: Stores) -> WebUser:
            try:
                key = stores.web_users.add(new, password_hash, self._clock())
            except LoginTaken:
                raise UserRefused(f"Den Anmeldenamen {new.login} gibt es schon.") from None
            user = _require(stores, key)
            self._record(stores, actor, user, "benutzer-angelegt", f"Rolle {ROLE_TEXTS[new.role]}")
            return user

        return FreshUser(self._database.write(change), password)

    def set_locked(self, actor: Actor | None, login: str, is_locked: bool) -> WebUser:
        """Locks, and ends all sessions; or unlocks, also after failed sign-ins."""

        def change(stores: Stores) -> WebUser:
            user = self._find_for_change(stores, actor, login)
            if is_locked and actor and actor.user.key == user.key:
                raise UserRefused("Sich selbst kann niemand sperren.")
            stores.web_users.change(user.key, is_locked=is_locked, failures=0, blocked_until=None)
            stores.web_sessions.remove_of_user(user.key)
            action = "benutzer-gesperrt" if is_locked else "benutzer-entsperrt"
            self._record(stores, actor, user, action)
            return _require(stores, user.key)

        return self._database.write(change)

    def reset(self, actor: Actor | None, login: str) -> FreshUser:
        """A new first password, without second factor; ends all sessions."""
        password = make_password()
        password_hash = self._passwords.hash(password)

        def change(stores: Stores) -> WebUser:
            user = self._find_for_change(stores, actor, login)
            stores.web_users.change(
                user.key,
                password_hash=password_hash,
                must_change_password=True,
                failures=0,
                blocked_until=None,
            )
            clear_second_factor(stores, user.key)
            stores.web_sessions.remove_of_user(user.key)
            self._record(stores, actor, user, "benutzer-zurueckgesetzt")
            return _require(stores, user.key)

        return FreshUser(self._database.write(change), password)

    def set_role(self, actor: Actor | None, login: str, role: Role) -> WebUser:
        """Gives another role; it holds from the next page on."""

        def change(stores: Stores) -> WebUser:
            user = self._find_for_change(stores, actor, login)
            if actor and actor.user.key == user.key:
                raise UserRefused("Die eigene Rolle kann niemand ändern.")
            _check_role(actor, role, user.mandant_key)
            stores.web_users.change(user.key, role=role.value)
            self._record(
                stores,
                actor,
                user,
                "rolle-geaendert",
                f"{ROLE_TEXTS[user.role]} → {ROLE_TEXTS[role]}",
            )
            return _require(stores, user.key)

        return self._database.write(change)

    def set_details(self, actor: Actor | None, login: str, name: str, email: str) -> WebUser:
        """Another name or e-mail address; what was written before bears the name of then."""
        _check_details(name, email)

        def change(stores: Stores) -> WebUser:
            user = self._find_for_change(stores, actor, login)
            stores.web_users.change(user.key, name=name, email=email)
            before, after = f"{user.name} <{user.email}>", f"{name} <{email}>"
            self._record(stores, actor, user, "benutzer-geaendert", f"{before} → {after}")
            return _require(stores, user.key)

        return self._database.write(change)

    def list_all(self, actor: Actor | None) -> tuple[WebUser, ...]:
        """Those for whom the actor cares."""
        with self._database.reading() as stores:
            if actor is None or actor.mandant is None:
                return stores.web_users.list_all()
            return stores.web_users.list_of_mandant(actor.mandant_key)

    def _find_for_change(self, stores: Stores, actor: Actor | None, login: str) -> WebUser:
        found = stores.web_users.find_by_login(fold_login(login))
        user = stores.web_users.find_for_change(found.key) if found else None
        is_foreign = (
            user is not None
            and actor is not None
            and actor.mandant is not None
            and user.mandant_key != actor.mandant.key
        )
        if user is None or is_foreign:
            raise UnknownUser(f"Den Benutzer {login} gibt es hier nicht.")
        return user

    def _record(
        self, stores: Stores, actor: Actor | None, user: WebUser, action: str, text: str = ""
    ) -> None:
        who = str(actor) if actor else COMMAND
        stores.audit.add(AuditEntry(self._clock(), who, user.mandant_key, action, user.login, text))


def _require(stores: Stores, key: int) -> WebUser:
    user = stores.web_users.find(key)
    if user is None:
        raise ValueError("a user that was just written is not there")
    return user


def _check_new(new: NewUser) -> None:
    if not _LOGIN.fullmatch(new.login) or len(new.login) > LOGIN_LENGTH:
        raise UserRefused(
            "Der Anmeldename besteht aus Buchstaben ohne Umlaute, Ziffern und . _ @ + -, "
            f"höchstens {LOGIN_LENGTH} Zeichen."
        )
    _check_details(new.name, new.email)


def _check_details(name: str, email: str) -> None:
    if not name.strip() or len(name) > _MAX_TEXT or not name.isprintable():
        raise UserRefused(f"Der Name fehlt oder hat mehr als {_MAX_TEXT} Zeichen.")
    if "@" not in email or len(email) > _MAX_TEXT or not email.isprintable():
        raise UserRefused("Die E-Mail-Adresse fehlt oder ist keine.")


def _check_role(actor: Actor | None, role: Role, mandant_key: int | None) -> None:
    is_operator = role is Role.OPERATOR
    if is_operator is not (mandant_key is None):
        raise UserRefused("Nur Betreiber gehören zu keinem Mandanten, alle anderen zu einem.")
    if actor and actor.mandant and mandant_key != actor.mandant.key:
        raise UserRefused("Benutzer anderer Behörden legt nur der Betreiber an.")
