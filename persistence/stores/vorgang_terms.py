"""Which Vorgänge of a Mandant a search term or the name of a debtor means.

Each query limits itself to the Mandant and to MAX_VORGAENGE rows of an index that begins with it.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select, union

from persistence.counting import count_rows
from persistence.stores.message_rows import fold_message_id
from persistence.tables import message
from persistence.vorgang_tables import vorgang, vorgang_entry, vorgang_schuldner
from server.domain.inbox import MAX_VORGAENGE
from server.domain.vorgang import VorgangDirection

# Behind every character that can follow a prefix.
_LAST_CHARACTER = "\U0010ffff"


def fold_name(name: str) -> str:
    """The form in which names of debtors are compared."""
    return " ".join(name.casefold().split())


def select_by_aktenzeichen(
    connection: Connection, mandant_key: int, term: str, further: int = 0
) -> Select[Any]:
    """The keys of the Vorgänge of which an Aktenzeichen begins with the term.

    `further` ones may come above the limit, so that it is seen that there are more.
    """
    columns = (vorgang.c.own_aktenzeichen, vorgang.c.partner_aktenzeichen)
    found = union(
        *(
            select(
                select(vorgang.c.key)
                .where(vorgang.c.mandant_key == mandant_key, begins_with(connection, column, term))
                .limit(MAX_VORGAENGE + further)
                .subquery()
            )
            for column in columns
        )
    ).subquery()
    return select(found.c.key).limit(MAX_VORGAENGE + further)


def select_by_schuldner(mandant_key: int, name: str, further: int = 0) -> Select[Any]:
    """The keys of the Vorgänge of which a debtor's name begins so, surname first (see above)."""
    found = (
        select(vorgang_schuldner.c.vorgang_key)
        .where(
            vorgang_schuldner.c.mandant_key == mandant_key,
            is_name_beginning(vorgang_schuldner.c.name_folded, name),
        )
        .limit(MAX_VORGAENGE + further)
        .subquery()
    )
    return select(found.c.vorgang_key)


def select_messages_of(vorgang_keys: Select[Any], direction: VorgangDirection) -> Select[Any]:
    """The keys of the messages of these Vorgänge that went this way."""
    vorgaenge = vorgang_keys.subquery()
    return (
        select(vorgang_entry.c.message_key)
        .join(vorgaenge, vorgaenge.c[0] == vorgang_entry.c.vorgang_key)
        .where(
            vorgang_entry.c.direction == direction.value,
            vorgang_entry.c.message_key.is_not(None),
        )
    )


def select_messages_by_term(
    connection: Connection, mandant_key: int, direction: VorgangDirection, term: str
) -> Any:
    """The keys of messages with this MessageID, or with an Aktenzeichen that begins so."""
    named = select(message.c.key).where(message.c.message_id_folded == fold_message_id(term))
    vorgaenge = select_by_aktenzeichen(connection, mandant_key, term)
    return union(named, select_messages_of(vorgaenge, direction))


def select_meant(
    connection: Connection,
    mandant_key: int,
    direction: VorgangDirection,
    term: str,
    schuldner: str,
) -> Iterator[Any]:
    """The keys of messages that each criterion means; an empty criterion asks for nothing."""
    if term:
        yield select_messages_by_term(connection, mandant_key, direction, term)
    if schuldner:
        yield select_messages_of(select_by_schuldner(mandant_key, schuldner), direction)


def has_many_vorgaenge(connection: Connection, mandant_key: int, term: str, schuldner: str) -> bool:
    """True where more Vorgänge fit the term, or the name, than are looked at."""
    queries = []
    if term:
        queries.append(select_by_aktenzeichen(connection, mandant_key, term, 1))
    if schuldner:
        queries.append(select_by_schuldner(mandant_key, schuldner, 1))
    return any(count_rows(connection, query) > MAX_VORGAENGE for query in queries)


def is_name_beginning(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """That a folded name begins so; texts of such columns are compared by their code points."""
    bounds = name_bounds(name)
    return and_(column >= bounds["name"], column < bounds["behind_name"])


def name_bounds(name: str) -> dict[str, str]:
    """From where to where folded names begin so: `name` up to `behind_name`, which is without."""
    folded = fold_name(name)
    return {"name": folded, "behind_name": folded + _LAST_CHARACTER}


def begins_with(
    connection: Connection, column: ColumnElement[str], term: str
) -> ColumnElement[bool]:
    """That a text begins with the term; its index is one for beginnings.

    Not by LIKE: SQLite would not use the index, and PostgreSQL not in a plan that it makes once for
    all terms (after ten executions of a prepared statement), but would read all of the Mandant.
    """
    if connection.dialect.name == "sqlite":
        return begins_by_code_points(column, term)
    return and_(
        column.op("~>=~", is_comparison=True)(term),
        column.op("~<~", is_comparison=True)(term + _LAST_CHARACTER),
    )


def begins_by_code_points(column: ColumnElement[str], term: str) -> ColumnElement[bool]:
    """The same for a column that is compared by code points on PostgreSQL, too."""
    return and_(column >= term, column < term + _LAST_CHARACTER)
