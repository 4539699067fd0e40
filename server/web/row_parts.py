"""What the rows of lists are made of: cheaper than macros and routing for each cell.

Everything here returns markup; texts are escaped. Texts are put together as plain ones: an object
of Markup for each cell costs as much as the cell. Templates get what they use by `marked`.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any, ParamSpec
from urllib.parse import quote

from flask import url_for
from markupsafe import Markup

from server.domain.behoerde import PartyIdentifier
from server.web.texts import write_moment

CELL = '<td class="kern-table__cell">'
NUMBER_CELL = '<td class="kern-table__cell kern-table__cell--numeric">'
ROW = '<tr class="kern-table__row">'
END = "</td></tr>\n"
# Stands in an address for what differs from row to row; keys may have so many digits.
_PLACEHOLDER = "999999999999999999"
_MUTED = '<br><span class="kern-body kern-body--small kern-body--muted">'
_Arguments = ParamSpec("_Arguments")


def marked(write: Callable[_Arguments, str]) -> Callable[_Arguments, Markup]:
    """The same as markup that a template puts in as it is."""

    def write_marked(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Markup:
        return Markup(write(*args, **kwargs))  # noqa: S704 -- escaped

    return write_marked


@lru_cache(maxsize=512)
def write_badge(kind: str, text: str) -> str:
    """A word in a coloured box, as the macro `marke` draws it."""
    return (
        f'<span class="kern-badge kern-badge--{escape(kind)} kern-badge--small">'
        f'<span class="kern-label">{escape(text)}</span></span>'
    )


# Stands behind another mark of the same cell; both may stand below one another.
TEST_BADGE = f" {write_badge('warning', 'Test')}"


def write_time(moment: datetime) -> str:
    """A moment, readable for people and programs."""
    return f'<time datetime="{moment.isoformat()}">{write_moment(moment)}</time>'


def write_muted(text: str) -> str:
    """A second line of a cell."""
    return f"{_MUTED}{escape(text)}</span>"


def write_side(party: PartyIdentifier) -> str:
    """The other side of a message: its name, and below it the identifier."""
    return f"{escape(party.name or party.value)}{write_muted(party.value)}"


def write_party(party: PartyIdentifier) -> str:
    """Name, and below it the identifier with its type; this alone where there is no name."""
    name = str(party)
    return f"{escape(party.name)}{write_muted(name)}" if party.name else escape(name)


def write_link(address: str, text: str) -> str:
    """A link of a row."""
    return f'<a class="kern-link kern-link--small" href="{address}">{escape(text)}</a>'


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
