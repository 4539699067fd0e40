"""URIs as the standards ask for them."""

import re

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")


def is_absolute_uri(text: str) -> bool:
    """True where a text has a scheme and holds nothing that a URI cannot (RFC 3986, 2 and 4.3)."""
    return _URI.fullmatch(text) is not None
