"""Rows and JSON of figures: what a message has added, and the cells of sums."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import date
from typing import Any

from server.domain.figures import (
    Contribution,
    Counted,
    FigureDirection,
    FigureSpan,
    LetterCell,
    LetterSums,
    MessageCell,
    MessageSums,
)


def to_cell_row(cell: MessageCell) -> dict[str, Any]:
    """The columns of the key of a cell."""
    return {
        "mandant_key": cell.mandant_key,
        "span": cell.span.value,
        "day": cell.day,
        "direction": cell.direction.value,
        "partner_key": cell.partner_key,
        "kind": cell.kind,
        "channel": cell.channel,
        "state": cell.state,
        "einnahmeart": cell.einnahmeart,
    }


def to_counted_json(counted: Counted) -> dict[str, Any]:
    """What a message has added, as short as possible: there is one for each message."""
    values: dict[str, Any] = {"m": [_to_list(item) for item in counted.contributions]}
    if counted.letters:
        values["b"] = [
            [cell.mandant_key, cell.day.isoformat(), *astuple(cell)[2:], *astuple(sums)]
            for cell, sums in counted.letters
        ]
    return values


def from_counted_json(values: Mapping[str, Any]) -> Counted:
    """JSON → what a message has added."""
    return Counted(
        tuple(map(_from_list, values["m"])), tuple(map(_read_letter, values.get("b", ())))
    )


def _to_list(contribution: Contribution) -> list[Any]:
    cell = contribution.cell
    # Most of the sums are 0, the last ones above all.
    sums = list(contribution.sums.list_values())
    while sums and not sums[-1]:
        sums.pop()
    return [
        *(cell.mandant_key, contribution.own_key, cell.partner_key, cell.day.isoformat()),
        *(cell.direction.value, cell.kind, cell.channel, cell.state, cell.einnahmeart),
        *sums,
    ]


def _from_list(values: Sequence[Any]) -> Contribution:
    mandant, own, partner, day, direction, kind, channel, state, art, *sums = values
    cell = MessageCell(
        mandant,
        FigureSpan.DAY,
        date.fromisoformat(day),
        FigureDirection(direction),
        partner,
        kind,
        channel,
        state,
        art,
    )
    return Contribution(cell, own, MessageSums(*sums))


def _read_letter(values: Sequence[Any]) -> tuple[LetterCell, LetterSums]:
    mandant, day, cost_centre, output, product, duplex, colour, *sums = values
    cell = LetterCell(
        mandant, date.fromisoformat(day), cost_centre, output, product, duplex, colour
    )
    return cell, LetterSums(*sums)
