"""Hints that the next page shows once, such as „Gespeichert“.

They travel in a cookie: nothing is stored here, and who forges one shows it to nobody but himself.
"""

import base64
import json
from typing import Literal, NamedTuple

from flask import Flask, Response, g

from server.web.cookies import FLASHES, drop_cookie, read_cookie, set_cookie

Kind = Literal["success", "info", "warning", "danger"]
_KINDS = ("success", "info", "warning", "danger")
_SECONDS = 60


class Flash(NamedTuple):
    """A hint: its kind, as KERN calls it, and its German text."""

    kind: str
    text: str


def flash(kind: Kind, text: str) -> None:
    """Shows a hint on the page that comes next."""
    g.setdefault("new_flashes", []).append(Flash(kind, text))


def take_flashes() -> list[Flash]:
    """The hints for this page, also those that it made itself."""
    shown = [*_read(), *g.pop("new_flashes", [])]
    g.has_shown_flashes = True
    return shown


def install_flashes(app: Flask) -> None:
    """Carries hints over to the next page."""
    app.after_request(_carry)


def _carry(response: Response) -> Response:
    new = g.get("new_flashes", [])
    if new:
        text = base64.urlsafe_b64encode(json.dumps(new).encode()).decode()
        set_cookie(response, FLASHES, text, _SECONDS)
    elif g.get("has_shown_flashes") and read_cookie(FLASHES):
        drop_cookie(response, FLASHES)
    return response


def _read() -> list[Flash]:
    try:
        items = json.loads(base64.urlsafe_b64decode(read_cookie(FLASHES) or "W10="))
        return [Flash(kind, str(text)) for kind, text in items if kind in _KINDS]
    except (ValueError, TypeError, RecursionError):
        return []
