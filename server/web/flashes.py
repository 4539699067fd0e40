"""Hints that the next page shows once, such as „Gespeichert“.

They travel in a cookie: nothing is stored here, and who forges one shows it to nobody but himself.
Browsers drop a cookie above 4096 bytes without a word, so that hints which repeat what somebody
typed are shortened.
"""

import base64
import json
from typing import Literal, NamedTuple

from flask import Flask, Response, g

from server.web.cookies import FLASHES, drop_cookie, read_cookie, set_cookie

Kind = Literal["success", "info", "warning", "danger"]
_KINDS = ("success", "info", "warning", "danger")
_SECONDS = 60
# In characters; one of them has at most four bytes, so that any text fits once it is shortened.
_MAX_WORD, _MAX_TEXT = 80, 600
# In bytes of JSON: base64 makes 3734 of them, name and attributes of the cookie come on top.
_MAX_BYTES = 2_800


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
        set_cookie(response, FLASHES, _write(new), _SECONDS)
    elif g.get("has_shown_flashes") and read_cookie(FLASHES):
        drop_cookie(response, FLASHES)
    return response


def _write(flashes: list[Flash]) -> str:
    """The first ones, as many as fit."""
    carried = [Flash(kind, _shorten(text)) for kind, text in flashes]
    while len(packed := _pack(carried)) > _MAX_BYTES:
        carried.pop()
    return base64.urlsafe_b64encode(packed).decode()


def _pack(flashes: list[Flash]) -> bytes:
    return json.dumps(flashes, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _shorten(text: str) -> str:
    """Without the middle of words that no language has, and without the end of a long text."""
    printable = "".join(sign if sign.isprintable() else " " for sign in text)
    short = " ".join(_shorten_word(word) for word in printable.split())
    return short if len(short) <= _MAX_TEXT else f"{short[:_MAX_TEXT]}…"


def _shorten_word(word: str) -> str:
    half = _MAX_WORD // 2
    return word if len(word) <= _MAX_WORD else f"{word[:half]}…{word[-half:]}"


def _read() -> list[Flash]:
    try:
        items = json.loads(base64.urlsafe_b64decode(read_cookie(FLASHES) or "W10="))
        return [Flash(kind, str(text)) for kind, text in items if kind in _KINDS]
    except (ValueError, TypeError, RecursionError):
        return []
