"""The standard catalogue of measures, read from `server/massnahmen/katalog.toml`."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from server.domain.land import Land
from server.domain.massnahme import Angabe, Massnahme


def read_standard_massnahmen() -> tuple[Massnahme, ...]:
    """The measures in the order of the file."""
    path = files("server") / "massnahmen" / "katalog.toml"
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(_to_massnahme(key, entry) for key, entry in values.items())


def _to_massnahme(key: str, entry: Mapping[str, Any]) -> Massnahme:
    return Massnahme(
        key=key,
        name=entry["name"],
        explanation=entry["explanation"],
        legal_bases=tuple(entry["legal_bases"]),
        angaben=tuple(Angabe(value) for value in entry.get("angaben", ())),
        laender=frozenset(Land(value) for value in entry.get("laender", ())),
    )
