"""The Web-Client in a test: an application on a real database, and browsers without a screen.

`Browser` keeps cookies and follows the forms of a page as a person would: a form is sent with the
hidden fields that the page gave it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.bootstrap_parts import MessageParts
from server.bootstrap_web import assemble_web_client
from server.domain.rights import Role
from server.domain.web_user import NewUser, WebUser
from server.services.clock import Clock
from server.settings import Settings
from tests.support.members import PASSWORD, PASSWORD_HASH

HOST = "https://localhost:8445"
_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.S)
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Browser:
    """Asks for pages and sends their forms."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **headers: str) -> TestResponse:
        """A page; redirects are not followed."""
        return self.client.get(path, base_url=HOST, headers={**self.headers, **headers})

    def post(self, path: str, **values: Any) -> TestResponse:
        """A change with the values alone."""
        return self.client.post(path, base_url=HOST, data=values, headers=self.headers)

    def submit(self, page: str, action: str, **values: Any) -> TestResponse:
        """Fills in the form of a page that leads to `action`, and sends it."""
        hidden = find_hidden(self.get(page).text, action)
        return self.post(action, **{**hidden, **values})

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """Login and password."""
        return self.submit("/anmelden", "/anmelden", login=login, password=password)


@dataclass
class WebSite:
    """The application and its database."""

    app: Flask
    database: Database
    clock: Clock

    def add_user(self, login: str, role: Role, mandant_key: int | None) -> WebUser:
        """A user who has changed the first password already."""
        new = NewUser(login, f"Name von {login}", f"{login}@behoerde.example", role, mandant_key)
        with self.database.writing() as stores:
            key = stores.web_users.add(new, PASSWORD_HASH, self.clock())
            stores.web_users.change(key, must_change_password=False)
            user = stores.web_users.find(key)
        assert user is not None
        return user

    def open_browser(self) -> Browser:
        """A browser in which nobody is signed in."""
        return Browser(self.app.test_client())

    def sign_in(self, role: Role, mandant_key: int | None, login: str = "") -> Browser:
        """A browser in which a new user of this role is signed in."""
        user = self.add_user(login or f"{role}-{mandant_key or 0}", role, mandant_key)
        browser = self.open_browser()
        assert browser.sign_in(user.login).status_code == 303
        return browser


def make_site(
    database: Database,
    clock: Clock,
    directory: Any = None,
    blobs: FolderBlobs | None = None,
    sections: Mapping[str, object] | None = None,
    **web: object,
) -> WebSite:
    """The application with settings of `[web]`; without a directory, the Authority-Server is away.

    Contents need `blobs`. `sections` are other sections of the settings.
    """
    settings = Settings.model_validate({**(sections or {}), "web": web})
    parts = MessageParts(settings, 1, database=database, clock=clock, directory=directory)
    if blobs:
        parts.blobs = blobs
    return WebSite(assemble_web_client(settings, parts), database, clock)


def find_hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that leads to `action`; fails where there is no such form."""
    for target, content in _FORM.findall(page):
        if unescape(target) == action:
            inputs = [dict(_ATTRIBUTE.findall(item)) for item in _HIDDEN.findall(content)]
            return {item["name"]: unescape(item.get("value", "")) for item in inputs}
    raise AssertionError(f"no form leads to {action}")
