"""Rules of Zuständigkeit, found by their anchors; current rows only."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select

from persistence.authority_tables import regel
from server.domain.behoerde import PartyIdentifier
from server.domain.hausnummer import Parity
from server.domain.regel import Regel, Region

_COLUMNS = (
    regel.c.land,
    regel.c.kreis,
    regel.c.ags,
    regel.c.plz,
    regel.c.ort,
    regel.c.strasse,
    regel.c.number_from,
    regel.c.number_to,
    regel.c.parity,
    regel.c.einnahmearten,
    regel.c.behoerde_value,
    regel.c.behoerde_type,
    regel.c.valid_from,
    regel.c.valid_to,
)
_IS_CURRENT = regel.c.version_to.is_(None)
_BY_ANCHORS = (
    select(*_COLUMNS)
    .where(regel.c.anchor.in_(bindparam("anchors", expanding=True)), _IS_CURRENT)
    .order_by(regel.c.key)
)
_BY_PREFIX = (
    select(*_COLUMNS)
    .where(regel.c.anchor > bindparam("first"), regel.c.anchor < bindparam("last"), _IS_CURRENT)
    .limit(bindparam("limit"))
)
# What follows the separator in the order of characters.
_AFTER = {"|": "}"}
_PARITIES = {parity.value: parity for parity in Parity}


class RegelStore:
    """Reads rules. Writing is done in bulk, by versions (`VersionStore.insert_rows`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_by_anchors(self, anchors: Sequence[str]) -> tuple[Regel, ...]:
        """The rules at these anchors, in one indexed query."""
        rows = self._connection.execute(_BY_ANCHORS, {"anchors": anchors})
        return tuple(map(to_regel, rows))

    def list_by_prefix(self, prefix: str, limit: int) -> tuple[Regel, ...]:
        """Some rules whose anchors begin so; `prefix` ends with the separator of anchors."""
        last = prefix[:-1] + _AFTER[prefix[-1]]
        rows = self._connection.execute(_BY_PREFIX, {"first": prefix, "last": last, "limit": limit})
        return tuple(map(to_regel, rows))

    def iterate_all(self) -> Iterator[Regel]:
        """Every rule, for an export."""
        query = select(*_COLUMNS).where(_IS_CURRENT).order_by(regel.c.key)
        return map(to_regel, self._connection.execute(query.execution_options(yield_per=10_000)))


def to_regel_row(item: Regel) -> dict[str, Any]:
    """The columns of a rule, without key and versions."""
    region = item.region
    return {
        "anchor": region.anchor,
        "land": region.land,
        "kreis": region.kreis,
        "ags": region.ags,
        "plz": region.plz,
        "ort": region.ort,
        "strasse": region.strasse,
        "number_from": region.number_from,
        "number_to": region.number_to,
        "parity": region.parity.value,
        "einnahmearten": " ".join(item.einnahmearten),
        "behoerde_value": item.behoerde.value,
        "behoerde_type": item.behoerde.type,
        "valid_from": item.valid_from,
        "valid_to": item.valid_to,
    }


def to_regel(row: Any) -> Regel:
    """A row of the columns above."""
    land, kreis, ags, plz, ort, strasse, number_from, number_to, parity, *rest = row
    einnahmearten, value, kind, valid_from, valid_to = rest
    side = _PARITIES[parity]
    region = Region(land, kreis, ags, plz, ort, strasse, number_from, number_to, side)
    identifier = PartyIdentifier(value, kind)
    return Regel(region, tuple(einnahmearten.split()), identifier, valid_from, valid_to)
