"""The Behoerde and how it is reached."""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.anschrift import Anschrift

# The longest value of an identifier and the longest type, in characters.
VALUE_LENGTH, TYPE_LENGTH = 255, 64


class Kanal(StrEnum):
    """The channel by which a Behoerde receives a message."""

    ELEKTRONISCH = "elektronisch"
    BRIEF = "brief"


@dataclass(frozen=True)
class PartyIdentifier:
    """Who a party is: OSCI PartyIdentifierType (value, type, name, category).

    Two identifiers mean the same party when value and type are equal; name and category
    are for display.
    """

    value: str
    type: str
    name: str = ""
    category: str = ""

    def is_same_party(self, other: "PartyIdentifier") -> bool:
        """True where both identifiers name the same party."""
        return (self.value, self.type) == (other.value, other.type)

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


@dataclass(frozen=True)
class Behoerde:
    """An authority as the directory knows it."""

    identifier: PartyIdentifier
    name: str
    anschrift: Anschrift
    kanal: Kanal
