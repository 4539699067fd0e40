"""The other sides of a Mandant, each once.

They are read by leaps from one to the next in an index, not from row to row, in one statement.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, TextClause, and_, func, select

from persistence.tables import message
from server.domain.behoerde import PartyIdentifier

Side = Literal["author", "reader", "partner", "asked"]
# By which time the rows of a side stand in its index.
_TIMES: dict[Side, str] = {
    "author": "delivery",
    "reader": "initial_send",
    "partner": "changed",
    "asked": "changed",
}
# A few rows have no name: of parties that nobody knew. So many of the newest are asked.
_ROWS_ASKED = 5


def list_parties(
    connection: Connection,
    owner: ColumnElement[Any],
    mandant_key: int,
    side: Side,
    *conditions: ColumnElement[Any] | TextClause,
) -> tuple[PartyIdentifier, ...]:
    """Who stands on a side of the rows whose `owner` is the Mandant, in the order of their names.

    An index begins with `owner`, the value of that side and a time; a partial one has
    `conditions`. The name is the one used last.
    """
    table: Any = owner.table
    value = table.c[f"{side}_value"]
    is_own = and_(owner == mandant_key, *conditions)
    values = select(func.min(value).label("value")).where(is_own).cte(recursive=True)
    following = select(func.min(value)).where(is_own, value > values.c.value).scalar_subquery()
    values = values.union_all(select(following).where(values.c.value.is_not(None)))
    naming = _select_naming_row(table, side, and_(is_own, value == values.c.value))
    named = table.alias()
    query = select(*_columns_of(named, side)).select_from(
        values.join(named, named.c.key == naming.scalar_subquery())
    )
    parties = [PartyIdentifier(*row) for row in connection.execute(query)]
    return tuple(sorted(parties, key=lambda party: (party.name, party.value)))


def find_party(
    connection: Connection,
    owner: ColumnElement[Any],
    mandant_key: int,
    side: Side,
    value: str,
    *conditions: ColumnElement[Any] | TextClause,
) -> PartyIdentifier | None:
    """Who stands on that side under this identifier, by the same index; None where nobody does."""
    table: Any = owner.table
    is_meant = and_(owner == mandant_key, table.c[f"{side}_value"] == value, *conditions)
    naming = _select_naming_row(table, side, is_meant).scalar_subquery()
    row = connection.execute(
        select(*_columns_of(table, side)).where(table.c.key == naming)
    ).one_or_none()
    return PartyIdentifier(*row) if row else None


def _select_naming_row(table: Any, side: Side, is_meant: ColumnElement[bool]) -> Select[Any]:
    """The key of the newest row that has a name, of the newest at all where none of them has."""
    name, time = table.c[f"{side}_name"], table.c[_TIMES[side]]
    newest = (
        select(table.c.key, (name == "").label("is_nameless"), time.label("time"))
        .where(is_meant)
        .order_by(time.desc(), table.c.key.desc())
        .limit(_ROWS_ASKED)
        .correlate_except(table)
        .subquery()
    )
    order = newest.c.is_nameless, newest.c.time.desc(), newest.c.key.desc()
    return select(newest.c.key).order_by(*order).limit(1).correlate_except(newest)


def _columns_of(table: Any, side: Side) -> list[ColumnElement[Any]]:
    return [table.c[f"{side}_{name}"] for name in ("value", "type", "name")]


def select_written_party(side: str, message_key: int) -> Any:
    """A side of a message as PartyIdentifier writes it: type:value."""
    written = message.c[f"{side}_type"] + ":" + message.c[f"{side}_value"]
    return select(written).where(message.c.key == message_key).scalar_subquery()
