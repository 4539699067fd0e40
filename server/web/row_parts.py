"""What the rows of lists are made of: cheaper than macros and routing for each cell.

Everything here returns markup; texts are escaped.
"""

from collections.abc import Callable
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
    return escape(party.name or party.value) + write_muted(party.value)


def make_object_addresses() -> Callable[..., str]:
    """Writes addresses of objects: routing is asked once for each endpoint, not for each row.

    `fixed` are further arguments of the endpoint, alike in all rows.
    """
    known: dict[tuple[object, ...], tuple[str, str]] = {}

    def write(endpoint: str, argument: str, value: object, **fixed: str) -> str:
        case = (endpoint, argument, *fixed.items())
        if case not in known:
            values: dict[str, Any] = {argument: _PLACEHOLDER, **fixed}
            pattern = url_for(endpoint, **values)
            before, _, after = pattern.partition(_PLACEHOLDER)
            known[case] = before, after
        before, after = known[case]
        return f"{before}{quote(str(value), safe=':')}{after}"

    return write
