"""How long a page of a list is, and how it is cut: one entry more than that tells what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.domain.inbox import ListPlace

# A page of any list, unless somebody chose another number.
PAGE_ENTRIES = 25
_Entry = TypeVar("_Entry")


@dataclass(frozen=True)
class CutPage(Generic[_Entry]):
    """The entries of a page, and where it goes on before and after it."""

    entries: tuple[_Entry, ...]
    before: ListPlace | None
    after: ListPlace | None


def choose_size(entries: int | None) -> int:
    """How many entries a page shows: what was chosen, else PAGE_ENTRIES."""
    return entries or PAGE_ENTRIES


def cut_page(
    found: Sequence[_Entry],
    place: ListPlace | None,
    size: int,
    place_of: Callable[[_Entry, bool], ListPlace],
) -> CutPage[_Entry]:
    """The page of `size` entries; `found` was read from the place, one more than that at most."""
    has_more = len(found) > size
    is_backward = place is not None and place.is_backward
    entries = tuple(found[-size:] if is_backward else found[:size])
    has_before = has_more if is_backward else place is not None
    has_after = place is not None if is_backward else has_more
    return CutPage(
        entries,
        place_of(entries[0], True) if entries and has_before else None,
        place_of(entries[-1], False) if entries and has_after else None,
    )
