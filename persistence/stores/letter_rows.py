"""Rows of letters and batches, to and from what the domain knows."""

from typing import Any

from sqlalchemy import ColumnElement, Row, Table

from server.domain.batch import BatchGroup, BatchState, BatchSums, StoredBatch
from server.domain.content import BlobRef
from server.domain.letter import LetterDetails, LetterState, NewLetter, StoredLetter
from server.domain.print_settings import Handling


def to_handling_columns(output: str, handling: Handling) -> dict[str, Any]:
    """The columns that letters and batches have in common."""
    return {
        "output": output,
        "duplex": handling.duplex,
        "colour": handling.colour,
        "stock": handling.stock,
        "envelope": handling.envelope,
        "product": handling.product,
    }


def to_letter_row(new: NewLetter) -> dict[str, Any]:
    """The columns that never change, and the PDF."""
    return {
        **to_handling_columns(new.output, new.handling),
        "letter_id": new.letter_id,
        "cost_centre": new.cost_centre,
        "cut_off": new.cut_off,
        "postal_code": new.postal_code,
        "pages": new.pages,
        "sheets": new.sheets,
        "blob": new.pdf.name,
        "sha256": new.pdf.sha256,
        "size": new.pdf.size,
        "details": {
            "aktenzeichen": new.details.aktenzeichen,
            "sender": new.details.sender,
            "sender_lines": list(new.details.sender_lines),
            "recipient_lines": list(new.details.recipient_lines),
        },
    }


def from_letter_row(row: Row[Any]) -> StoredLetter:
    """A letter."""
    details = row.details
    new = NewLetter(
        letter_id=row.letter_id,
        output=row.output,
        handling=_read_handling(row),
        cost_centre=row.cost_centre,
        cut_off=row.cut_off,
        postal_code=row.postal_code,
        pages=row.pages,
        sheets=row.sheets,
        pdf=BlobRef(row.blob, row.size, row.sha256),
        details=LetterDetails(
            details["aktenzeichen"],
            details["sender"],
            tuple(details["sender_lines"]),
            tuple(details["recipient_lines"]),
        ),
    )
    state = LetterState(row.state)
    return StoredLetter(
        row.key,
        row.message_key,
        row.order_key,
        state,
        row.created,
        new,
        row.batch_key,
        row.number,
        row.is_marked,
    )


def from_batch_row(row: Row[Any]) -> StoredBatch:
    """A batch, without its job ticket."""
    return StoredBatch(
        key=row.key,
        batch_id=row.batch_id,
        group=read_group(row),
        sums=BatchSums(row.letters, row.pages, row.sheets),
        state=BatchState(row.state),
        closed=row.closed,
        submitted=row.submitted,
        reference=row.reference,
        attempts=row.attempts,
        due=row.due,
        cause=row.cause,
        is_told=row.is_told,
        lease_token=row.lease_token,
        next_poll=row.next_poll,
        news_until=row.news_until,
    )


def read_group(row: Row[Any]) -> BatchGroup:
    """What the letters of one batch have in common."""
    return BatchGroup(row.output, _read_handling(row), row.cut_off)


def is_of_group(table: Table, group: BatchGroup) -> list[ColumnElement[bool]]:
    """Conditions for the rows of a group."""
    columns = to_handling_columns(group.output, group.handling)
    conditions = [table.c[name] == value for name, value in columns.items()]
    cut_off = table.c.cut_off
    is_same = cut_off.is_(None) if group.cut_off is None else cut_off == group.cut_off
    return [*conditions, is_same]


def _read_handling(row: Row[Any]) -> Handling:
    return Handling(row.duplex, row.colour, row.stock, row.envelope, row.product)
