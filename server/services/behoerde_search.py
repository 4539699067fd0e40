"""Which Behoerde somebody means: an identifier as pages write it, or the place it cares for."""

import re
from dataclasses import dataclass

from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.zustaendigkeit import ZustaendigkeitAnfrage
from server.services.directory import Directory
from server.services.party_choice import read_value

# The type of identifiers that are written without one.
TYPED_TYPE = "xoev"
_PLACE = re.compile(r"(\d{5})?\s*([^\d:|]*)")


@dataclass(frozen=True)
class FoundBehoerden:
    """Who fits what was typed; `is_named` where it was an identifier and not a place."""

    behoerde_list: tuple[Behoerde, ...] = ()
    is_named: bool = False

    def list_names(self) -> str:
        """All of them with their identifiers, as they may be typed."""
        return "; ".join(
            f"{behoerde.name} ({behoerde.identifier.value})" for behoerde in self.behoerde_list
        )


def read_identifiers(typed: str) -> tuple[PartyIdentifier, ...]:
    """Whom a text names, the likeliest first.

    `xoev:ags:07135020`, `ags:07135020` and `Stadt Cochem (ags:07135020)` are the same one.
    """
    value = read_value(typed).strip()
    kind, _, rest = value.partition(":")
    named = PartyIdentifier(rest, kind)
    if ":" in rest:
        return (named,)
    plain = PartyIdentifier(value, TYPED_TYPE)
    return (plain, named) if kind and rest else (plain,)


def find_behoerden(directory: Directory, typed: str, einnahmeart: str) -> FoundBehoerden:
    """The Behoerde with this identifier, else those that care for this place and Einnahmeart.

    Raises DirectoryUnavailable.
    """
    for identifier in read_identifiers(typed):
        if not re.search(r"\s", identifier.value) and (
            named := directory.find_behoerde(identifier)
        ):
            return FoundBehoerden((named,), is_named=True)
    place = _PLACE.fullmatch(typed.strip())
    if place is None or not any(place.groups()):
        return FoundBehoerden()
    anschrift = Anschrift("", "", place.group(1) or "", place.group(2).strip())
    told = directory.explain_zustaendigkeit(ZustaendigkeitAnfrage(einnahmeart, anschrift))
    return FoundBehoerden(told.behoerde_list)
