"""The other sides of a Mandant, each once.

They are read by leaps from one to the next in an index, not from row to row, in one statement.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, TextClause, and_, func, select

from persistence.tables import message
from server.domain.behoerde import PartyIdentifier

Side = Literal["author", "reader", "partner", "asked"]


def list_parties(
    connection: Connection,
    owner: ColumnElement[Any],
    mandant_key: int,
    side: Side,
    *conditions: ColumnElement[Any] | TextClause,
) -> tuple[PartyIdentifier, ...]:
    """Who stands on a side of the rows whose `owner` is the Mandant, in the order of their names.

    An index begins with `owner` and the value of that side; a partial one has `conditions`.
    """
    table: Any = owner.table
    value = table.c[f"{side}_value"]
    is_own = and_(owner == mandant_key, *conditions)
    values = select(func.min(value).label("value")).where(is_own).cte(recursive=True)
    following = select(func.min(value)).where(is_own, value > values.c.value).scalar_subquery()
    values = values.union_all(select(following).where(values.c.value.is_not(None)))
    # Any of its rows names a side.
    one = select(table.c.key).where(is_own, value == values.c.value).limit(1).scalar_subquery()
    named = table.alias()
    columns = [named.c[f"{side}_{name}"] for name in ("value", "type", "name")]
    query = select(*columns).select_from(values.join(named, named.c.key == one))
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
    columns = [table.c[f"{side}_{name}"] for name in ("value", "type", "name")]
    named = and_(owner == mandant_key, columns[0] == value, *conditions)
    row = connection.execute(select(*columns).where(named).limit(1)).one_or_none()
    return PartyIdentifier(*row) if row else None


def select_written_party(side: str, message_key: int) -> Any:
    """A side of a message as PartyIdentifier writes it: type:value."""
    written = message.c[f"{side}_type"] + ":" + message.c[f"{side}_value"]
    return select(written).where(message.c.key == message_key).scalar_subquery()
