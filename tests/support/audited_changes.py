"""Everything that a change in the Web-Client needs, and what it leaves behind.

A `Scene` is one installation with all that a person may meet: two authorities with a matter,
deliveries and letters that wait for the operator, a directory of its own, a CA.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, event, select
from werkzeug.test import TestResponse

from persistence.authority_tables import metadata as directory_metadata
from persistence.blobs import FolderBlobs
from persistence.database import Database
from persistence.tables import metadata
from persistence.web_tables import web_user
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.web_user import AuditEntry
from server.pki import Authority
from server.services.directory import Directory
from tests.support.audit import list_entries
from tests.support.broken_tables import refusing
from tests.support.capturing import WirelessAuthority, fill_with_places
from tests.support.delivering import OUTPUT
from tests.support.directory import open_directory
from tests.support.web import HOST, Browser, find_hidden, make_site
from tests.unit.conftest import FixedClock
from tests.unit.services.batching.test_submitting import Shop
from tests.unit.services.test_delivery_control import Desk

# Who a session is of, and attempts to sign in, are counted beside the change: not what was changed.
_BESIDES = {"web_session", "web_address", "mailbox_request"}
_WRITTEN = "written in a test"
_WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)", re.IGNORECASE)
_ATTEMPTS = {web_user.c.failures, web_user.c.blocked_until}


@dataclass(frozen=True)
class Person:
    """Who acts: as the audit names them."""

    browser: Browser
    name: str
    mandant_key: int | None


@dataclass(frozen=True)
class Request:
    """A change as a browser sends it; a file is its content and its name."""

    person: Person
    path: str
    values: Mapping[str, Any]
    # Finds whose audit it stands in, where that is not the person's own.
    told_to: Callable[[], int] | None = None

    def find_mandant_key(self) -> int | None:
        """Whose audit shows it."""
        return self.told_to() if self.told_to else self.person.mandant_key

    def send(self) -> TestResponse:
        """Sends it; it may be sent again."""
        data = {name: _open(value) for name, value in self.values.items()}
        return self.person.browser.client.post(self.path, base_url=HOST, data=data)


def _open(value: Any) -> Any:
    return (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value


class Scene:
    """The installation; persons, deliveries and letters come when somebody asks for them."""

    def __init__(
        self, database: Database, folder: Path, clock: FixedClock, asking: Caller, asked: Caller
    ) -> None:
        self.database, self.clock, self.asking, self.asked = database, clock, asking, asked
        self.folder = folder
        self.blobs = FolderBlobs(folder / "inhalte")
        self.directory = open_directory(folder / "verzeichnis.sqlite")
        fill_with_places(self.directory)
        ca = Authority.create("Eigene CA", clock.now)
        (folder / "ca.pem").write_bytes(ca.credential.pem_certificate())
        wireless: Any = WirelessAuthority(self.directory, clock)
        self.site = make_site(
            database, clock, Directory(wireless), self.blobs, _make_sections(folder)
        )
        self._persons: dict[str, Person] = {}

    @cached_property
    def desk(self) -> Desk:
        """Deliveries of the asking authority."""
        return Desk(self.database, self.folder, self.clock, self.asking)

    @cached_property
    def shop(self) -> Shop:
        """Letters of the asking authority."""
        return Shop(self.database, self.folder, self.asking, self.clock)

    @property
    def clerk(self) -> Person:
        """Of the asking authority."""
        return self._sign_in("eva", Role.SACHBEARBEITER, self.asking)

    @property
    def other_clerk(self) -> Person:
        """Of the authority that was asked."""
        return self._sign_in("ole", Role.SACHBEARBEITER, self.asked)

    @property
    def manager(self) -> Person:
        """Of the asking authority."""
        return self._sign_in("mia", Role.MANAGER, self.asking)

    @property
    def administrator(self) -> Person:
        """Of the asking authority."""
        return self._sign_in("anna", Role.ADMINISTRATOR, self.asking)

    @property
    def operator(self) -> Person:
        """Of the installation."""
        return self._sign_in("jo", Role.OPERATOR, None)

    def _sign_in(self, login: str, role: Role, caller: Caller | None) -> Person:
        if login not in self._persons:
            mandant_key = caller.mandant.key if caller else None
            browser = self.site.sign_in(role, mandant_key, login)
            self._persons[login] = Person(browser, f"Name von {login} ({login})", mandant_key)
        return self._persons[login]

    def fill_in(self, person: Person, page: str, path: str, **values: Any) -> Request:
        """The form of a page that leads to the path, filled in and not sent yet."""
        hidden = find_hidden(person.browser.get(page).text, path)
        return Request(person, path, {**hidden, **values})

    def press(self, person: Person, page: str, path: str, **values: Any) -> TestResponse:
        """The same, sent; something that a change needs before."""
        answer = self.fill_in(person, page, path, **values).send()
        assert answer.status_code in (200, 303), answer.text
        return answer

    def tell(self, request: Request, kennung: str) -> Request:
        """The same change; the Mandant with this Kennung finds it in its own audit."""

        def find() -> int:
            with self.database.reading() as stores:
                known = {str(item.identifier): item.key for item in stores.mandanten.list_all()}
            return known[kennung]

        return replace(request, told_to=find)

    def list_audit(self) -> list[AuditEntry]:
        """All entries, the oldest first."""
        return list_entries(self.database)[::-1]

    def look(self) -> dict[str, list[str]]:
        """Every row of both databases, less what is written beside changes."""
        here = _read(self.database.engine, metadata)
        there = _read(self.directory.engine, directory_metadata)
        return here | {f"verzeichnis.{name}": rows for name, rows in there.items()}

    @contextmanager
    def refusing_audit(self) -> Iterator[None]:
        """While the block lasts, neither database takes an entry of the audit."""
        with ExitStack() as stack:
            stack.enter_context(refusing(self.database, "web_audit", "INSERT"))
            stack.enter_context(refusing(self.directory, "pending_audit", "INSERT"))
            yield


@contextmanager
def watching_transactions() -> Iterator[list[set[str]]]:
    """The tables that each transaction of the block writes, in whichever database; one that writes
    nothing is left out.
    """
    transactions: list[set[str]] = []

    def look(connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        if found := _WRITE.match(statement):
            connection.info.setdefault(_WRITTEN, set()).add(found.group(1))

    def end(connection: Connection) -> None:
        if tables := connection.info.pop(_WRITTEN, set()) - _BESIDES:
            transactions.append(tables)

    def forget(connection: Connection) -> None:
        connection.info.pop(_WRITTEN, None)

    listeners: dict[str, Callable[..., None]] = {
        "after_cursor_execute": look,
        "commit": end,
        "rollback": forget,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield transactions
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


def _make_sections(folder: Path) -> dict[str, object]:
    outputs = {OUTPUT: {"plugin": "folder", "options": {"folder": str(folder / "druck")}}}
    authority = {
        "database_url": f"sqlite:///{folder}/verzeichnis.sqlite",
        "ca_certificate": str(folder / "ca.pem"),
    }
    return {
        "printing": {"output": OUTPUT, "outputs": outputs},
        "authority_server": authority,
        "authority_client": {"url": "https://localhost:8444/authority/1"},
    }


def _read(engine: Engine, tables: MetaData) -> dict[str, list[str]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(
                map(
                    repr,
                    connection.execute(select(*(c for c in table.c if c not in _ATTEMPTS))),
                )
            )
            for table in tables.sorted_tables
            if table.name not in _BESIDES
        }
