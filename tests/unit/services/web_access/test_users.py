"""Users: who may change whom, and what the audit says of it."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from persistence.database import Database
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.web_user import Actor, NewUser, WebUser
from server.services.web_access.audit import COMMAND, Audit, make_entry
from server.services.web_access.audit_carrying import AuditCarrier
from server.services.web_access.passwords import Passwords
from server.services.web_access.users import UnknownUser, UserRefused, Users
from tests.unit.conftest import FixedClock

pytestmark = pytest.mark.both_databases

PASSWORDS = Passwords()


@pytest.fixture
def users(database: Database, clock: FixedClock) -> Users:
    return Users(database, PASSWORDS, clock)


def new_user(login: str, caller: Caller | None, role: Role = Role.SACHBEARBEITER) -> NewUser:
    mandant_key = caller.mandant.key if caller else None
    return NewUser(login, f"Name {login}", f"{login}@x.example", role, mandant_key)


def add_actor(users: Users, caller: Caller | None, role: Role) -> Actor:
    user = users.add(None, new_user(f"chef-{role}", caller, role)).user
    return Actor(user, caller.mandant if caller else None)


def find(database: Database, login: str) -> WebUser:
    with database.reading() as stores:
        user = stores.web_users.find_by_login(login)
    assert user is not None
    return user


def test_added_user_has_a_first_password_to_change(users: Users, author: Caller) -> None:
    fresh = users.add(None, new_user("EVA", author))
    assert fresh.user.login == "eva"
    assert fresh.user.must_change_password
    assert PASSWORDS.is_right(fresh.password, fresh.user.password_hash)
    assert fresh.user.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("login", "name", "email"),
    [("", "n", "a@b"), ("mit leer", "n", "a@b"), ("ok", " ", "a@b"), ("ok", "n", "keine")],
)
def test_unusable_user_is_refused(
    users: Users, author: Caller, login: str, name: str, email: str
) -> None:
    new = NewUser(login, name, email, Role.READ_ONLY, author.mandant.key)
    with pytest.raises(UserRefused):
        users.add(None, new)


def test_login_is_taken_once(users: Users, author: Caller, reader: Caller) -> None:
    users.add(None, new_user("eva", author))
    with pytest.raises(UserRefused, match="gibt es schon"):
        users.add(None, new_user("Eva", reader))


def test_operator_has_no_mandant_and_nobody_else_has_none(users: Users, author: Caller) -> None:
    users.add(None, new_user("rz", None, Role.OPERATOR))
    with pytest.raises(UserRefused):
        users.add(None, new_user("rz2", author, Role.OPERATOR))
    with pytest.raises(UserRefused):
        users.add(None, new_user("eva", None))


def test_administrator_cares_for_own_users_only(
    users: Users, author: Caller, reader: Caller
) -> None:
    chef = add_actor(users, author, Role.ADMINISTRATOR)
    users.add(chef, new_user("eva", author))
    users.add(None, new_user("ole", reader))
    assert [user.login for user in users.list_all(chef)] == ["chef-administrator", "eva"]
    for change in (
        lambda: users.set_locked(chef, "ole", True),
        lambda: users.reset(chef, "ole"),
        lambda: users.set_role(chef, "ole", Role.MANAGER),
        lambda: users.set_details(chef, "ole", "Ole Linde", "linde@amt.example"),
    ):
        with pytest.raises(UnknownUser):
            change()
    with pytest.raises(UserRefused):
        users.add(chef, new_user("uwe", reader))
    with pytest.raises(UserRefused):
        users.set_role(chef, "eva", Role.OPERATOR)


def test_operator_cares_for_all(users: Users, author: Caller, reader: Caller) -> None:
    operator = add_actor(users, None, Role.OPERATOR)
    users.add(operator, new_user("eva", author))
    users.add(operator, new_user("ole", reader))
    assert users.set_role(operator, "ole", Role.MANAGER).role is Role.MANAGER
    assert len(users.list_all(operator)) == 3


def test_nobody_locks_or_promotes_himself(users: Users, author: Caller) -> None:
    chef = add_actor(users, author, Role.ADMINISTRATOR)
    with pytest.raises(UserRefused):
        users.set_locked(chef, chef.user.login, True)
    with pytest.raises(UserRefused):
        users.set_role(chef, chef.user.login, Role.MANAGER)


def test_reset_takes_password_second_factor_and_sessions(
    users: Users, database: Database, author: Caller
) -> None:
    fresh = users.add(None, new_user("eva", author))
    with database.writing() as stores:
        stores.web_users.change(fresh.user.key, totp_secret="A" * 32, failures=7)
        stores.web_users.replace_recovery_codes(fresh.user.key, ["a" * 64])
    again = users.reset(None, "eva")
    assert again.password != fresh.password
    user = find(database, "eva")
    assert (user.has_second_factor, user.failures, user.must_change_password) == (False, 0, True)
    with database.writing() as stores:
        assert not stores.web_users.spend_recovery_code(user.key, "a" * 64)


def test_details_that_change_are_written_and_told_in_the_audit(
    users: Users, database: Database, author: Caller
) -> None:
    chef = add_actor(users, author, Role.ADMINISTRATOR)
    before = users.add(chef, new_user("eva", author)).user
    after = users.set_details(chef, "eva", "Eva Linde", "linde@amt.example")
    assert (after.name, after.email) == ("Eva Linde", "linde@amt.example")
    assert after == replace(before, name="Eva Linde", email="linde@amt.example")
    entry = make_audit(database).list_page(chef).entries[0]
    assert (entry.action, entry.subject) == ("benutzer-geaendert", "eva")
    assert entry.text == f"{before.name} <{before.email}> → Eva Linde <linde@amt.example>"


@pytest.mark.parametrize(
    ("name", "email"), [(" ", "e@amt.example"), ("Eva", "amt"), ("E\nva", "e@amt.example")]
)
def test_details_that_do_not_fit_change_nothing(
    users: Users, database: Database, author: Caller, name: str, email: str
) -> None:
    before = users.add(None, new_user("eva", author)).user
    with pytest.raises(UserRefused):
        users.set_details(None, "eva", name, email)
    assert find(database, "eva") == before


def make_audit(database: Database) -> Audit:
    return Audit(database, AuditCarrier(database, lambda: None))


def test_changes_are_in_the_audit_with_who_made_them(
    users: Users, database: Database, clock: FixedClock, author: Caller, reader: Caller
) -> None:
    chef = add_actor(users, author, Role.ADMINISTRATOR)
    users.add(chef, new_user("eva", author))
    users.set_role(chef, "eva", Role.MANAGER)
    users.set_locked(None, "eva", True)
    users.add(None, new_user("ole", reader))
    entries = make_audit(database).list_page(chef).entries
    told = [(entry.actor, entry.action, entry.subject, entry.text) for entry in entries]
    assert told[:3] == [
        (COMMAND, "benutzer-gesperrt", "eva", ""),
        (str(chef), "rolle-geaendert", "eva", "Sachbearbeiter → Manager"),
        (str(chef), "benutzer-angelegt", "eva", "Rolle Sachbearbeiter"),
    ]
    assert "ole" not in {entry.subject for entry in entries}
    operator = add_actor(users, None, Role.OPERATOR)
    assert "ole" in {entry.subject for entry in make_audit(database).list_page(operator).entries}


@pytest.mark.parametrize("change", ["UPDATE web_audit SET text = 'x'", "DELETE FROM web_audit"])
def test_audit_is_append_only(
    users: Users, database: Database, author: Caller, change: str
) -> None:
    users.add(None, new_user("eva", author))
    with pytest.raises(DBAPIError, match="append only"), database.engine.begin() as connection:
        connection.execute(text(change))


def test_audit_goes_on_page_by_page(
    users: Users, database: Database, clock: FixedClock, author: Caller
) -> None:
    chef = add_actor(users, author, Role.ADMINISTRATOR)
    audit = make_audit(database)
    with database.writing() as stores:
        for number in range(60):
            stores.audit.add(make_entry(chef, clock.now, "probe", str(number)))
    first = audit.list_page(chef)
    assert len(first.entries) == 50
    second = audit.list_page(chef, first.after)
    assert [entry.subject for entry in second.entries][:10] == [str(n) for n in range(9, -1, -1)]
    assert second.after is None


def test_lock_ends_sessions(users: Users, database: Database, author: Caller) -> None:
    fresh = users.add(None, new_user("eva", author))
    users.set_locked(None, "eva", True)
    assert find(database, "eva").is_locked
    users.set_locked(None, "eva", False)
    user = find(database, "eva")
    assert (user.is_locked, user.password_hash) == (False, fresh.user.password_hash)
