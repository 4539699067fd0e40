"""The other sides of a Mandant, each once.

They are read by leaps from one to the next in an index, not from row to row, in one statement.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, TextClause, and_, func, select

from server.domain.behoerde import PartyIdentifier


def list_parties(
    connection: Connection,
    owner: ColumnElement[Any],
    mandant_key: int,
    side: Literal["author", "reader", "partner", "asked"],
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
