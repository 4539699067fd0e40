"""Users of the Web-Client for a demo: the operator, and one of each role for two authorities."""

from dataclasses import dataclass

from persistence.database import Database
from server.domain.rights import ROLE_TEXTS, Role
from server.domain.web_user import NewUser
from server.services.clock import Clock
from server.services.web_access.passwords import Passwords, make_password

# No real persons.
_NAMES = {
    Role.SACHBEARBEITER: ("sachbearbeitung", "Eva Ahorn"),
    Role.MANAGER: ("leitung", "Ole Birke"),
    Role.ADMINISTRATOR: ("verwaltung", "Ada Linde"),
    Role.READ_ONLY: ("lesen", "Kai Ulme"),
}
_DOMAIN = "damtshilfe.example"


@dataclass(frozen=True)
class DemoAuthority:
    """A Mandant of the demo: the word for its logins, its key, its name."""

    word: str
    mandant_key: int
    name: str


def add_demo_users(
    database: Database, clock: Clock, authorities: tuple[DemoAuthority, ...]
) -> dict[str, object]:
    """Adds the users, all with one password, and tells them for demo.json."""
    password = make_password()
    # One hash for all: it takes long on purpose.
    password_hash = Passwords().hash(password)
    operator = NewUser("betreiber", "Jo Erle", f"betreiber@{_DOMAIN}", Role.OPERATOR, None)
    told = [_describe(operator, "")]
    with database.writing() as stores:
        added = [stores.web_users.add(operator, password_hash, clock())]
        for authority in authorities:
            for new in _make_users(authority):
                added.append(stores.web_users.add(new, password_hash, clock()))
                told.append(_describe(new, authority.name))
        for key in added:
            stores.web_users.change(key, must_change_password=False)
    return {"password": password, "users": told}


def _make_users(authority: DemoAuthority) -> tuple[NewUser, ...]:
    return tuple(
        NewUser(
            f"{word}.{authority.word}",
            name,
            f"{word}.{authority.word}@{_DOMAIN}",
            role,
            authority.mandant_key,
        )
        for role, (word, name) in _NAMES.items()
    )


def _describe(new: NewUser, behoerde: str) -> dict[str, str]:
    return {"login": new.login, "role": ROLE_TEXTS[new.role], "behoerde": behoerde}
