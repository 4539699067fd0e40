"""The query that finds the Vorgang of a message.

Every message asks it once or twice, so it is built once for each way to find one.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select, union_all

from persistence.stores.message_rows import fold_message_id
from persistence.tables import message
from persistence.vorgang_tables import vorgang, vorgang_entry
from server.domain.vorgang import CLOSED_STATES, RUNNING_STATES, VorgangSearch, VorgangState

# The same table once more, for queries within queries.
own = vorgang.alias("own")


class Link(StrEnum):
    """What a message and its Vorgang have in common, the surest first."""

    REQUESTER = "requester"
    RESPONDER = "responder"
    MESSAGES = "messages"
    AKTENZEICHEN = "aktenzeichen"


def list_links(search: VorgangSearch) -> Iterator[Link]:
    """The ways to find a Vorgang that the message offers."""
    if search.process.requester:
        yield Link.REQUESTER
    if search.process.responder:
        yield Link.RESPONDER
    if search.related_ids:
        yield Link.MESSAGES
    if search.own_aktenzeichen or search.partner_aktenzeichen:
        yield Link.AKTENZEICHEN


def to_values(search: VorgangSearch) -> dict[str, Any]:
    """The values for the parameters of the query."""
    return {
        "mandant_key": search.mandant_key,
        "is_test": search.is_test,
        "begins_as": search.begins_as.value if search.begins_as else "",
        "partner_value": search.partner.value,
        "partner_type": search.partner.type,
        "requester": search.process.requester,
        "responder": search.process.responder,
        "related_ids": [fold_message_id(item) for item in search.related_ids],
        "own_aktenzeichen": search.own_aktenzeichen,
        "partner_aktenzeichen": search.partner_aktenzeichen,
    }


@cache
def make_query(link: Link, is_beginning: bool) -> Select[Any]:
    """One row at most, locked: the best of what is found by this link.

    Those that run come first, then the own Aktenzeichen before the partner's, then the newest.
    `is_beginning` is for an Ersuchen.
    """
    query = select(vorgang).where(
        vorgang.c.key.in_(_select_keys(link)), vorgang.c.is_test == bindparam("is_test")
    )
    if link is not Link.MESSAGES or is_beginning:
        query = query.where(_has_partner())
    if is_beginning:
        query = query.where(_is_in(RUNNING_STATES), _has_rolle())
    is_own_first = case((vorgang.c.own_aktenzeichen == bindparam("own_aktenzeichen"), 0), else_=1)
    is_running_first = case((_is_in(RUNNING_STATES), 0), (_is_in(CLOSED_STATES), 2), else_=1)
    return (
        query.order_by(is_running_first, is_own_first, vorgang.c.key.desc())
        .limit(1)
        .with_for_update(key_share=True)
    )


def select_own_keys(condition: ColumnElement[bool]) -> Select[Any]:
    """The keys of a Mandant's own Vorgänge that fit.

    The Mandant stands within this query only: beside it, SQLite would walk through everything
    that the Mandant has.
    """
    return select(own.c.key).where(own.c.mandant_key == bindparam("mandant_key"), condition)


def select_keys_of_messages() -> Select[Any]:
    """The keys of a Mandant's own Vorgänge that have one of several messages."""
    return (
        select(vorgang_entry.c.vorgang_key)
        .join(message, message.c.key == vorgang_entry.c.message_key)
        .join(own, own.c.key == vorgang_entry.c.vorgang_key)
        .where(
            message.c.message_id_folded.in_(bindparam("related_ids", expanding=True)),
            own.c.mandant_key == bindparam("mandant_key"),
        )
    )


def _select_keys(link: Link) -> Any:
    if link is Link.MESSAGES:
        return select_keys_of_messages()
    if link is Link.AKTENZEICHEN:
        # Both at once: an own one of a matter that has ended must not hide a running one.
        return union_all(
            *(_select_named(column) for column in ("own_aktenzeichen", "partner_aktenzeichen"))
        )
    return select_own_keys(own.c[f"process_{link.value}"] == bindparam(link.value))


def _select_named(column: str) -> Select[Any]:
    # What the message does not name fits nothing.
    return select_own_keys(and_(own.c[column] == bindparam(column), bindparam(column) != ""))


def _has_partner() -> ColumnElement[bool]:
    """The partner of the Vorgang, or the one to which it was passed on."""
    return or_(
        *(
            and_(
                vorgang.c[f"{party}_value"] == bindparam("partner_value"),
                vorgang.c[f"{party}_type"] == bindparam("partner_type"),
            )
            for party in ("partner", "successor")
        )
    )


def _has_rolle() -> ColumnElement[bool]:
    """The role, which is but a guess where no Ersuchen has come."""
    is_guessed = vorgang.c.state == VorgangState.ANGELEGT.value
    return or_(vorgang.c.rolle == bindparam("begins_as"), is_guessed)


def _is_in(states: frozenset[VorgangState]) -> ColumnElement[bool]:
    return vorgang.c.state.in_(sorted(state.value for state in states))
