"""Users of the Web-Client, their sessions, and how long a failed sign-in keeps them out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from server.domain.mandant import Mandant
from server.domain.rights import Permission, Role, is_allowed

LOGIN_LENGTH = 100
# So many failures cost nothing; each further one doubles the delay.
_FREE_FAILURES = 4
_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(hours=1)
# 30 s doubled that often are more than an hour.
_MOST_DOUBLINGS = 8


@dataclass(frozen=True)
class WebUser:
    """A user; `mandant_key` is None for the operator alone.

    `login` is folded (`fold_login`). `is_locked` was said by a person, `blocked_until` came of
    failed sign-ins. `totp_secret` is encrypted as the database keeps it, empty where there is no
    second factor; `totp_step` is the last step (30 s each since 1970) whose code was used.
    """

    key: int
    login: str
    name: str
    email: str
    role: Role
    mandant_key: int | None
    password_hash: str = ""
    must_change_password: bool = False
    is_locked: bool = False
    failures: int = 0
    blocked_until: datetime | None = None
    totp_secret: str = ""
    totp_step: int = 0
    oidc_subject: str = ""
    last_sign_in: datetime | None = None

    @property
    def has_second_factor(self) -> bool:
        """True where a code is asked for after the password."""
        return bool(self.totp_secret)


@dataclass(frozen=True)
class NewUser:
    """A user about to be added."""

    login: str
    name: str
    email: str
    role: Role
    mandant_key: int | None


class SessionStage(StrEnum):
    """How far a sign-in has come."""

    CODE_MISSING = "code-fehlt"
    COMPLETE = "vollstaendig"


@dataclass(frozen=True)
class Actor:
    """Who acts in the Web-Client: what services are given in the place of a caller.

    `mandant` is that of the user, None for the operator. Services look at nothing else to find out
    whose data they may touch.
    """

    user: WebUser
    mandant: Mandant | None

    def may(self, permission: Permission) -> bool:
        """True where the table of rights allows it."""
        return is_allowed(self.user.role, permission)

    @property
    def own_mandant(self) -> Mandant:
        """The Mandant; a mistake of the route where the actor has none."""
        if self.mandant is None:
            raise ValueError(f"{self} belongs to no Mandant")
        return self.mandant

    @property
    def mandant_key(self) -> int:
        """The key of the Mandant; a mistake of the route where the actor has none."""
        return self.own_mandant.key

    def __str__(self) -> str:
        return f"{self.user.name} ({self.user.login})"


@dataclass(frozen=True)
class WebSession:
    """A session that holds now; `csrf_token` goes with every change."""

    actor: Actor
    stage: SessionStage
    csrf_token: str


@dataclass(frozen=True)
class AuditEntry:
    """Who changed what, when: never changed or deleted.

    `actor` is the name at that time; `subject` names what was changed; `text` is German.
    """

    moment: datetime
    actor: str
    mandant_key: int | None
    action: str
    subject: str
    text: str = ""


def fold_login(login: str) -> str:
    """The form in which logins are compared."""
    return login.strip().casefold()


def find_delay(failures: int) -> timedelta:
    """How long the next sign-in is refused after so many failures in a row."""
    if failures <= _FREE_FAILURES:
        return timedelta()
    doublings = min(failures - _FREE_FAILURES - 1, _MOST_DOUBLINGS)
    return min(_FIRST_DELAY * (1 << doublings), _LONGEST_DELAY)
