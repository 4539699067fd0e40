"""Where a page of a list begins, as it stands in the address."""

import base64
import binascii
import json
from datetime import UTC, datetime

from server.domain.inbox import ListPlace

# More is no key of a database.
_KEY_DIGITS = 18
# What anybody may write into an address: no Base64, no JSON, one that is nested without end.
_NO_PLACE = (ValueError, TypeError, OverflowError, RecursionError, binascii.Error)


def write_place(place: ListPlace | None) -> str | None:
    """Place → text for the address."""
    if place is None:
        return None
    values = [place.author, place.delivery.isoformat(), place.key, int(place.is_backward)]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_place(text: str) -> ListPlace | None:
    """Text → place; None, the first page, where it is none."""
    try:
        padded = text + "=" * (-len(text) % 4)
        author, delivery, key, is_backward = json.loads(base64.urlsafe_b64decode(padded))
        moment = _read_moment(delivery)
        return ListPlace(_read_text(author), moment, _read_number(key), bool(is_backward))
    except _NO_PLACE:
        return None


def read_key(text: str) -> int:
    """The place of a list that goes by its keys; 0, the first page, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _KEY_DIGITS else 0


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without time zone")
    return moment.astimezone(UTC)


def _read_number(value: object) -> int:
    if not isinstance(value, int) or abs(value) >= 10**_KEY_DIGITS:
        raise ValueError("no key of a database")
    return value


def _read_text(value: object) -> str:
    text = str(value)
    if "\0" in text:
        raise ValueError("no text of a database")
    return text
