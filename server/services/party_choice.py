"""Which other side of a list is meant by what was typed: an identifier, a name, a part of it."""

import re
from collections.abc import Callable, Iterable

from server.domain.behoerde import PartyIdentifier

# As suggestions are written: the name, and the identifier in parentheses.
_NAMED = re.compile(r".*\(([^()]+)\)\s*")


def write_party(party: PartyIdentifier) -> str:
    """Name and identifier in one line: Stadt Erfurt (ags:16051000)."""
    return f"{party.name} ({party.value})" if party.name else party.value


def read_value(typed: str) -> str:
    """The identifier out of such a line; a text without one as it is."""
    found = _NAMED.fullmatch(typed)
    return found.group(1) if found else typed


def find_parties(
    typed: str,
    find: Callable[[str], PartyIdentifier | None],
    list_every: Callable[[], Iterable[PartyIdentifier]],
) -> tuple[PartyIdentifier, ...]:
    """The one whose identifier was typed, as `find` knows it; else those of all that fit."""
    exact = find(read_value(typed))
    return (exact,) if exact else find_fitting(list_every(), typed)


def find_fitting(parties: Iterable[PartyIdentifier], typed: str) -> tuple[PartyIdentifier, ...]:
    """Those whose name this is; else those in whose name or identifier each word stands.

    Nothing typed fits all.
    """
    words, every = typed.casefold().split(), tuple(parties)
    named = [party for party in every if words and party.name.casefold().split() == words]
    return tuple(named or (party for party in every if _has_words(party, words)))


def _has_words(party: PartyIdentifier, words: Iterable[str]) -> bool:
    text = f"{party.name} {party.value}".casefold()
    return all(word in text for word in words)
