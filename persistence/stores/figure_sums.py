"""The sums of figures as they are asked for: always those of one Mandant, or of all together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from persistence.figure_tables import figure_cell, figure_letter, figure_party
from server.domain.behoerde import PartyIdentifier
from server.domain.figures import (
    ALL_MANDANTEN,
    DayRange,
    FigureDirection,
    FigureFilter,
    FigureGrouping,
    FigureSpan,
    LetterSums,
    MessageSums,
)

_GROUPS: dict[FigureGrouping, ColumnElement[Any]] = {
    FigureGrouping.BEHOERDE: figure_cell.c.partner_key,
    FigureGrouping.CHANNEL: figure_cell.c.channel,
    FigureGrouping.STATE: figure_cell.c.state,
    FigureGrouping.EINNAHMEART: figure_cell.c.einnahmeart,
    FigureGrouping.KIND: figure_cell.c.kind,
}
_MESSAGE_SUMS = tuple(field.name for field in fields(MessageSums))
_LETTER_SUMS = tuple(field.name for field in fields(LetterSums))


@dataclass(frozen=True)
class MessageRow:
    """Sums of a group: a day (of a month its first one), the key of a party, or a text."""

    group: Any
    direction: FigureDirection
    sums: MessageSums


@dataclass(frozen=True)
class LetterRow:
    """Sums of the letters that are billed together."""

    cost_centre: str
    output: str
    product: str
    duplex: bool
    colour: bool
    sums: LetterSums


class FigureSumStore:
    """Reads sums."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_messages(
        self,
        mandant_key: int,
        days: DayRange,
        grouping: FigureGrouping,
        chosen: FigureFilter,
    ) -> tuple[MessageRow, ...]:
        """The sums of each group and direction within a range."""
        group = _GROUPS.get(grouping, figure_cell.c.day).label("group_value")
        sums = [func.sum(figure_cell.c[name]).label(name) for name in _MESSAGE_SUMS]
        query: Select[Any] = select(group, figure_cell.c.direction, *sums).where(
            figure_cell.c.mandant_key == mandant_key,
            figure_cell.c.span == days.span.value,
            figure_cell.c.day.between(days.first, days.last),
            *_restrict(chosen),
        )
        rows = self._connection.execute(query.group_by(group, figure_cell.c.direction))
        return tuple(
            MessageRow(
                row.group_value,
                FigureDirection(row.direction),
                MessageSums(*map(int, row[2:])),
            )
            for row in rows
        )

    def list_partners(self, mandant_key: int, first: date, last: date) -> tuple[int, ...]:
        """The keys of the partners of all months that the period touches."""
        span = FigureSpan.MONTH_OF_PARTNER
        query = select(figure_cell.c.partner_key).where(
            figure_cell.c.mandant_key == mandant_key,
            figure_cell.c.span == span.value,
            figure_cell.c.day.between(span.find_start(first), last),
        )
        return tuple(self._connection.scalars(query.distinct()))

    def list_letters(self, mandant_key: int, first: date, last: date) -> tuple[LetterRow, ...]:
        """The sums of letters in a period by cost centre, output, product and handling."""
        columns = [
            figure_letter.c[name]
            for name in ("cost_centre", "output", "product", "duplex", "colour")
        ]
        sums = [func.sum(figure_letter.c[name]).label(name) for name in _LETTER_SUMS]
        query = select(*columns, *sums).where(figure_letter.c.day.between(first, last))
        if mandant_key != ALL_MANDANTEN:
            query = query.where(figure_letter.c.mandant_key == mandant_key)
        rows = self._connection.execute(query.group_by(*columns).order_by(*columns))
        return tuple(
            LetterRow(
                row.cost_centre,
                row.output,
                row.product,
                row.duplex,
                row.colour,
                LetterSums(*(int(getattr(row, name)) for name in _LETTER_SUMS)),
            )
            for row in rows
        )

    def name_parties(self, keys: Sequence[int]) -> dict[int, PartyIdentifier]:
        """Who the parties of sums are."""
        rows = self._connection.execute(select(figure_party).where(figure_party.c.key.in_(keys)))
        return {row.key: PartyIdentifier(row.value, row.type, row.name) for row in rows}

    def find_party(self, party: PartyIdentifier) -> int | None:
        """The key of a party; None where no message named it."""
        return self._connection.scalar(
            select(figure_party.c.key).where(
                figure_party.c.value == party.value, figure_party.c.type == party.type
            )
        )


def _restrict(chosen: FigureFilter) -> list[ColumnElement[bool]]:
    conditions = [
        figure_cell.c[name] == value
        for name in ("channel", "state", "einnahmeart", "kind")
        if (value := getattr(chosen, name))
    ]
    if chosen.partner_key is not None:
        conditions.append(figure_cell.c.partner_key == chosen.partner_key)
    return conditions
