"""The commands `damtshilfe user`: users of the Web-Client, the first operator among them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from persistence.database import Database
from server.bootstrap_web import build_users
from server.cli_installation import CONFIG, fail, open_database
from server.domain.rights import ROLE_TEXTS, Role
from server.domain.web_user import NewUser, WebUser
from server.services.mandanten import UnknownMandant, find_mandant
from server.services.web_access.users import FreshUser, UserRefused

_LOGIN = click.argument("login", metavar="ANMELDENAME")
_ROLES = click.Choice([role.value for role in Role])
_NAME = click.option("--name", required=True, help="Vor- und Nachname.")
_EMAIL = click.option("--email", required=True, help="E-Mail-Adresse.")
_MANDANT = click.option(
    "--mandant",
    "kennung",
    default="",
    help="Kennung des Mandanten (typ:wert); fehlt beim Betreiber.",
)


@click.group("user")
def user_group() -> None:
    """Commands about users."""


@user_group.command("add", help="Legt einen Benutzer an und nennt sein erstes Kennwort.")
@_LOGIN
@_NAME
@_EMAIL
@click.option("--role", "role_name", required=True, type=_ROLES, help="Rolle.")
@_MANDANT
@CONFIG
def add(login: str, kennung: str, role_name: str, config: Path, **texts: str) -> None:
    """The first operator is added so, too."""
    with _open(config) as database:
        mandant_key = _find_mandant_key(database, kennung)
        new = NewUser(login, role=Role(role_name), mandant_key=mandant_key, **texts)
        _tell_password(build_users(database).add(None, new))


@user_group.command("list", help="Zeigt die Benutzer.")
@_MANDANT
@CONFIG
def list_users(kennung: str, config: Path) -> None:
    """One line for each."""
    with _open(config) as database:
        mandant_key = _find_mandant_key(database, kennung)
        for user in build_users(database).list_all(None):
            if not kennung or user.mandant_key == mandant_key:
                click.echo(_render(user))


@user_group.command("lock", help="Sperrt einen Benutzer und beendet seine Sitzungen.")
@_LOGIN
@CONFIG
def lock(login: str, config: Path) -> None:
    """At once."""
    with _open(config) as database:
        click.echo(_render(build_users(database).set_locked(None, login, True)))


@user_group.command("unlock", help="Entsperrt einen Benutzer, auch nach falschen Kennwörtern.")
@_LOGIN
@CONFIG
def unlock(login: str, config: Path) -> None:
    """The password stays."""
    with _open(config) as database:
        click.echo(_render(build_users(database).set_locked(None, login, False)))


@user_group.command("reset", help="Neues erstes Kennwort, ohne zweiten Faktor.")
@_LOGIN
@CONFIG
def reset(login: str, config: Path) -> None:
    """For who has lost the password or the device."""
    with _open(config) as database:
        _tell_password(build_users(database).reset(None, login))


@user_group.command("role", help="Gibt einem Benutzer eine andere Rolle.")
@_LOGIN
@click.argument("role_name", metavar="ROLLE", type=_ROLES)
@CONFIG
def role(login: str, role_name: str, config: Path) -> None:
    """It holds from the next page on."""
    with _open(config) as database:
        click.echo(_render(build_users(database).set_role(None, login, Role(role_name))))


@user_group.command("change", help="Ändert Namen und E-Mail-Adresse eines Benutzers.")
@_LOGIN
@_NAME
@_EMAIL
@CONFIG
def change(login: str, name: str, email: str, config: Path) -> None:
    """What was written before bears the name of then."""
    with _open(config) as database:
        click.echo(_render(build_users(database).set_details(None, login, name, email)))


def _tell_password(fresh: FreshUser) -> None:
    click.echo(_render(fresh.user))
    click.echo(f"Erstes Kennwort: {fresh.password} (bei der ersten Anmeldung zu ändern)")


def _render(user: WebUser) -> str:
    state = "gesperrt" if user.is_locked else "aktiv"
    factor = ", zweiter Faktor" if user.has_second_factor else ""
    return f"{user.login}: {user.name}, {user.email}, {ROLE_TEXTS[user.role]}, {state}{factor}"


def _find_mandant_key(database: Database, kennung: str) -> int | None:
    if not kennung:
        return None
    with database.reading() as stores:
        return find_mandant(stores, kennung).key


@contextmanager
def _open(config: Path) -> Iterator[Database]:
    """The database; ends the command with what is refused."""
    try:
        with open_database(config) as database:
            yield database
    except (UnknownMandant, UserRefused) as error:
        fail([str(error)])
