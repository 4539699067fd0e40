"""Names of parts of large cities, and short names of cities, that are shipped.

They only help where the postal code belongs to the city; a directory may import its own.
"""

import csv
from importlib.resources import files

from server.domain.gemeinde import Ortsteil


def read_shipped_ortsteile() -> tuple[Ortsteil, ...]:
    """Every name with the AGS of its city."""
    text = (files("server.ortsteile") / "ortsteile.csv").read_text(encoding="utf-8")
    return tuple(
        Ortsteil(name, row["ags"])
        for row in csv.DictReader(text.splitlines())
        for name in row["namen"].split("; ")
    )
