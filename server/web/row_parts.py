"""What the rows of lists are made of: cheaper than macros and routing for each cell.

Everything here returns markup; texts are escaped.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import url_for
from markupsafe import Markup, escape

from server.domain.behoerde import PartyIdentifier
from server.web.texts import write_moment

# Stands in an address for what differs from row to row; keys may have so many digits.
_PLACEHOLDER = "999999999999999999"
_MUTED = "kern-body kern-body--small kern-body--muted"


@lru_cache(maxsize=512)
def write_badge(kind: str, text: str) -> Markup:
    """A word in a coloured box, as the macro `marke` draws it."""
    return Markup(  # noqa: S704 -- escaped
        f'<span class="kern-badge kern-badge--{escape(kind)} kern-badge--small">'
        f'<span class="kern-label">{escape(text)}</span></span>'
    )


def write_time(moment: datetime) -> Markup:
    """A moment, readable for people and programs."""
    text = f'<time datetime="{moment.isoformat()}">{write_moment(moment)}</time>'
    return Markup(text)  # noqa: S704 -- digits


def write_muted(text: object) -> Markup:
    """A second line of a cell."""
    return Markup(f'<br><span class="{_MUTED}">{escape(text)}</span>')  # noqa: S704 -- escaped


def write_side(party: PartyIdentifier) -> Markup:
    """The other side of a message: its name, and below it the identifier."""
    return Markup(f"{escape(party.name or party.value)}{write_muted(party.value)}")  # noqa: S704 -- escaped


def write_party(party: PartyIdentifier) -> Markup:
    """Name, and below it the identifier with its type; this alone where there is no name."""
    return escape(party.name) + write_muted(party) if party.name else escape(str(party))


def write_address(endpoint: str, argument: str, value: object, **fixed: str) -> str:
    """The address of an object: routing is asked once for each endpoint, not for each row.

    `fixed` are further arguments of the endpoint, alike in all rows.
    """
    before, after = _find_pattern(endpoint, argument, tuple(fixed.items()))
    return f"{before}{quote(str(value), safe=':')}{after}"


@lru_cache(maxsize=64)
def _find_pattern(
    endpoint: str, argument: str, fixed: tuple[tuple[str, str], ...]
) -> tuple[str, str]:
    """What stands before and behind the value."""
    values: dict[str, Any] = {argument: _PLACEHOLDER, **dict(fixed)}
    before, _, after = url_for(endpoint, **values).partition(_PLACEHOLDER)
    return before, after
