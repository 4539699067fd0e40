"""Users of the Web-Client and their recovery codes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from persistence.types import read_new_key
from persistence.web_tables import web_recovery_code, web_user
from server.domain.rights import Role
from server.domain.web_user import NewUser, WebUser


class LoginTaken(Exception):
    """Another user has this login."""


class WebUserStore:
    """Reads and changes users."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: NewUser, password_hash: str, moment: datetime) -> int:
        """Adds a user who has to change the password first; raises LoginTaken."""
        try:
            with self._connection.begin_nested():
                result = self._connection.execute(
                    insert(web_user).values(
                        login=new.login,
                        name=new.name,
                        email=new.email,
                        role=new.role.value,
                        mandant_key=new.mandant_key,
                        password_hash=password_hash,
                        must_change_password=True,
                        created=moment,
                    )
                )
        except IntegrityError:
            raise LoginTaken(new.login) from None
        return read_new_key(result)

    def find(self, key: int) -> WebUser | None:
        """The user with this key."""
        return self._find_one(select(web_user).where(web_user.c.key == key))

    def find_by_login(self, login: str) -> WebUser | None:
        """The user with this folded login."""
        return self._find_one(select(web_user).where(web_user.c.login == login))

    def find_for_change(self, key: int) -> WebUser | None:
        """The user with this key, locked until the transaction ends."""
        query = select(web_user).where(web_user.c.key == key)
        return self._find_one(query.with_for_update(key_share=True))

    def find_by_subject(self, subject: str) -> WebUser | None:
        """The user whom the OIDC provider calls so."""
        return self._find_one(select(web_user).where(web_user.c.oidc_subject == subject))

    def list_by_email(self, email: str) -> tuple[WebUser, ...]:
        """Users with this address, however it is written in capitals."""
        is_same = func.lower(web_user.c.email) == email.lower()
        return self._find_all(select(web_user).where(is_same))

    def list_all(self) -> tuple[WebUser, ...]:
        """Every user, in the order of their logins."""
        return self._find_all(select(web_user).order_by(web_user.c.login))

    def list_with_secret(self) -> tuple[WebUser, ...]:
        """Every user with a second factor."""
        return self._find_all(select(web_user).where(web_user.c.totp_secret != ""))

    def list_of_mandant(self, mandant_key: int) -> tuple[WebUser, ...]:
        """The users of a Mandant, in the order of their logins."""
        query = select(web_user).where(web_user.c.mandant_key == mandant_key)
        return self._find_all(query.order_by(web_user.c.login))

    def change(self, key: int, **values: Any) -> None:
        """Writes columns of a user."""
        self._connection.execute(update(web_user).where(web_user.c.key == key).values(**values))

    def replace_recovery_codes(self, key: int, code_hashes: Iterable[str]) -> None:
        """Gives a user new recovery codes; former ones no longer help."""
        self._connection.execute(
            delete(web_recovery_code).where(web_recovery_code.c.user_key == key)
        )
        rows = [{"user_key": key, "code_hash": item} for item in code_hashes]
        if rows:
            self._connection.execute(insert(web_recovery_code), rows)

    def spend_recovery_code(self, key: int, code_hash: str) -> bool:
        """Removes a recovery code; False where the user has no such code."""
        result = self._connection.execute(
            delete(web_recovery_code).where(
                web_recovery_code.c.user_key == key, web_recovery_code.c.code_hash == code_hash
            )
        )
        return result.rowcount == 1

    def _find_one(self, query: Select[Any]) -> WebUser | None:
        row = self._connection.execute(query).one_or_none()
        return _to_user(row) if row else None

    def _find_all(self, query: Select[Any]) -> tuple[WebUser, ...]:
        return tuple(map(_to_user, self._connection.execute(query)))


def _to_user(row: Row[Any]) -> WebUser:
    return WebUser(
        key=row.key,
        login=row.login,
        name=row.name,
        email=row.email,
        role=Role(row.role),
        mandant_key=row.mandant_key,
        password_hash=row.password_hash,
        must_change_password=row.must_change_password,
        is_locked=row.is_locked,
        failures=row.failures,
        blocked_until=row.blocked_until,
        totp_secret=row.totp_secret,
        totp_step=row.totp_step,
        oidc_subject=row.oidc_subject or "",
        last_sign_in=row.last_sign_in,
    )
