"""How pages declare their routes: each one says whom it is for.

A route without that is refused by the guard, and a test walks over all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Flask
from werkzeug.routing import IntegerConverter

from server.domain.rights import Permission

_View = TypeVar("_View", bound=Callable[..., Any])
_ATTRIBUTE = "damtshilfe_access"
KIBIBYTE = 1024
# A form of text fields; routes that take files name a larger limit.
_FORM_BYTES = 256 * KIBIBYTE


class Open(StrEnum):
    """What needs no permission."""

    PUBLIC = "public"
    # The password was right and the code is still missing.
    CODE_MISSING = "code-missing"


@dataclass(frozen=True)
class Access:
    """Whom a route is for, and how large a request to it may be."""

    needs: Permission | Open
    max_bytes: int = _FORM_BYTES


class KeyConverter(IntegerConverter):
    """`<int:…>` in a rule: what can be a key of the database; other numbers have no page."""

    regex = r"[0-9]{1,18}"


class Pages(Blueprint):
    """A group of pages; `page` takes the place of `route`."""

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name)

    def page(
        self,
        rule: str,
        needs: Permission | Open,
        methods: Sequence[str] = ("GET",),
        max_bytes: int = _FORM_BYTES,
    ) -> Callable[[_View], _View]:
        """Declares a route: whom it is for, its methods, the largest request in bytes."""

        def declare(view: _View) -> _View:
            setattr(view, _ATTRIBUTE, Access(needs, max_bytes))
            self.add_url_rule(rule, view_func=view, methods=list(methods))
            return view

        return declare


def find_access(app: Flask, endpoint: str) -> Access | None:
    """What the route of an endpoint declared; files below `static` are public."""
    if endpoint == "static":
        return Access(Open.PUBLIC)
    return getattr(app.view_functions.get(endpoint), _ATTRIBUTE, None)
