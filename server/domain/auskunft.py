"""The Auskunft: what the directory says about an address to one who asks over the wire."""

from dataclasses import dataclass

from server.domain.aufloesung import Certainty, Mark
from server.domain.behoerde import Behoerde
from server.domain.gemeinde import Gemeinde


@dataclass(frozen=True)
class Auskunft:
    """Who is responsible, and how the address was understood.

    One Behoerde is responsible where it `is_unambiguous`; else all of the list may be. `ort_list`
    are the places that the address may mean, `sentences` tell all of it in German.
    """

    is_unambiguous: bool
    certainty: Certainty
    behoerde_list: tuple[Behoerde, ...] = ()
    ort_list: tuple[Gemeinde, ...] = ()
    marks: tuple[Mark, ...] = ()
    sentences: tuple[str, ...] = ()
    is_from_cache: bool = False
