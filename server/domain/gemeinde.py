"""The Gemeinde and its postal codes, and names by which people call parts of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gemeinde:
    """A Gemeinde (AGS, eight digits) and one of its postal codes.

    `kreis` is the name of the Kreis, empty for a city without one. A deprecated Gemeinde was
    merged into another: its name still stands in addresses, its AGS is no longer in force.
    """

    ags: str
    plz: str
    ort: str
    kreis: str = ""
    is_deprecated: bool = False


@dataclass(frozen=True, slots=True)
class Ortsteil:
    """A part of the Gemeinde `ags`, or another name of it; with `plz` only in this postal code."""

    name: str
    ags: str
    plz: str = ""
