"""Counts of pages and sheets as print shops tell them: others are logged."""

import logging
import re

logger = logging.getLogger(__name__)

# As many as BatchCount takes.
_COUNT = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)


def read_count(value: object, place: str) -> int | None:
    """A whole number from 1 on, as text or number; None where there is none. `place` is logged."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    if _COUNT.fullmatch(text):
        return int(text)
    if value not in (None, ""):
        logger.warning("%s is no count: %.60r", place, value)
    return None
