"""The fallback rules of Mandanten, and the messages that nobody fetched."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, false, insert, select, update

from persistence.tables import fallback_rule, forwarded_message, message
from server.domain.fallback import NO_RULES, FallbackAction, FallbackRules
from server.domain.message import UNREAD_STATES, MessageState


class FallbackRuleStore:
    """One row for each Mandant that has rules."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, mandant_key: int | None) -> FallbackRules:
        """The rules of a Mandant; no rules where it has set none."""
        row = self._connection.execute(
            select(fallback_rule).where(fallback_rule.c.mandant_key == mandant_key)
        ).one_or_none()
        if row is None:
            return NO_RULES
        return FallbackRules(row.unread_days, _read(row.refused), _read(row.no_endpoint))

    def save(self, mandant_key: int, rules: FallbackRules) -> None:
        """Writes the rules of a Mandant, in place of those that it had."""
        self._connection.execute(
            delete(fallback_rule).where(fallback_rule.c.mandant_key == mandant_key)
        )
        self._connection.execute(
            insert(fallback_rule).values(
                mandant_key=mandant_key,
                unread_days=rules.unread_days,
                refused=rules.refused or "",
                no_endpoint=rules.no_endpoint or "",
            )
        )

    def list_unread_days(self) -> tuple[tuple[int, int], ...]:
        """The Mandanten whose unread messages become letters, and after how many days."""
        rows = self._connection.execute(
            select(fallback_rule.c.mandant_key, fallback_rule.c.unread_days)
            .where(fallback_rule.c.unread_days.is_not(None))
            .order_by(fallback_rule.c.mandant_key)
        )
        return tuple((row.mandant_key, row.unread_days) for row in rows)

    def list_unread(self, mandant_key: int, before: datetime, maximum: int) -> tuple[int, ...]:
        """Keys of messages of an author that lie in mailboxes since before that moment.

        Nobody has fetched them, here or elsewhere, nothing is noted about them yet, and they are
        not asked back; the oldest come first. Test messages are left out.
        """
        keys: list[int] = []
        # One after the other: so each is read in the order of the index.
        for state in sorted(UNREAD_STATES):
            query = _select_unread(mandant_key, state, before)
            keys += self._connection.scalars(query.limit(maximum - len(keys)))
        return tuple(keys)

    def mark_noted(self, message_key: int) -> None:
        """It stands in the report of the message that it cannot become a letter."""
        self._connection.execute(
            update(message).where(message.c.key == message_key).values(is_fallback_noted=True)
        )

    def is_noted(self, message_key: int) -> bool:
        """True where it stands in the report of the message that it cannot become a letter."""
        query = select(message.c.is_fallback_noted).where(message.c.key == message_key)
        return bool(self._connection.scalar(query))


def _select_unread(mandant_key: int, state: MessageState, before: datetime) -> Select[Any]:
    is_asked_back = exists().where(
        forwarded_message.c.message_key == message.c.key, forwarded_message.c.recall_cause != ""
    )
    return (
        select(message.c.key)
        .where(
            message.c.author_mandant == mandant_key,
            message.c.state == state.value,
            message.c.initial_fetch.is_(None),
            ~is_asked_back,
            message.c.is_fallback_noted == false(),
            message.c.delivery <= before,
            message.c.is_test == false(),
        )
        .order_by(message.c.delivery)
    )


def _read(value: str) -> FallbackAction | None:
    return FallbackAction(value) if value else None
