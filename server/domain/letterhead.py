"""The letterhead of an authority: what stands on its letters beside the Ersuchen."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True)
class Letterhead:
    """What is printed instead of what the Ersuchen says; empty where that stays.

    `vermerke` are notes above the address, `fuss` the lines of the footer.
    """

    name: str = ""
    absenderzeile: str = ""
    zeilen: tuple[str, ...] = ()
    vermerke: tuple[str, ...] = ()
    fuss: tuple[str, ...] = ()


class LogoKind(StrEnum):
    """What a logo is drawn from."""

    PNG = "png"
    SVG = "svg"


@dataclass(frozen=True)
class Logo:
    """The file of a logo, checked when it came in."""

    kind: LogoKind
    content: bytes


@dataclass(frozen=True)
class OwnLetterhead:
    """What a Mandant printed on its letters from `changed` on.

    `revision` is new with every change. Without a logo that of the installation stays.
    """

    letterhead: Letterhead
    logo: Logo | None
    revision: str
    changed: datetime
    changed_by: str


@dataclass(frozen=True)
class NewLetterhead:
    """What a Mandant wants to have on its letters."""

    letterhead: Letterhead = field(default_factory=Letterhead)
    logo: Logo | None = None
