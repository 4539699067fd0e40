"""Where a page of a list begins, as it stands in the address."""

import base64
import binascii
import json
from datetime import datetime

from server.domain.inbox import ListPlace

# More is no key of a database.
_KEY_DIGITS = 18


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
        moment = datetime.fromisoformat(delivery)
        if moment.tzinfo is None:
            return None
        return ListPlace(str(author), moment, int(key), bool(is_backward))
    except (ValueError, TypeError, binascii.Error):
        return None


def read_key(text: str) -> int:
    """The place of a list that goes by its keys; 0, the first page, where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _KEY_DIGITS else 0
