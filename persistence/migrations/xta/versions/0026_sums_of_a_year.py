"""Sums of figures by week and month that leave something out; indexes of lists that were slow."""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0022"
branch_labels = None
depends_on = None

_SUMS = (
    *("messages", "ersuchen", "claims", "cents"),
    *("fetched", "fetch_seconds", "closed", "close_seconds", "done", "done_seconds"),
)
_WEEK_OF_ALL, _MONTH_OF_ALL = "w-gesamt", "m-gesamt"
_WEEK_OF_PARTNER, _MONTH_OF_PARTNER = "w-stelle", "m-stelle"
_WHAT = ("kind", "channel", "state", "einnahmeart")

_cell = sa.table(
    "figure_cell",
    *(sa.column(name) for name in ("mandant_key", "span", "direction", "partner_key")),
    sa.column("day", sa.Date),
    *(sa.column(name) for name in (*_WHAT, *_SUMS)),
)

_OLD_INDEXES = {
    "ix_message_outbox_kanal": ("message", ["author_mandant", "kanal", "initial_send", "key"]),
    "ix_vorgang_overdue": ("vorgang", ["mandant_key", "answer_is_stated", "answer_day"]),
}
_NEW_INDEXES = {
    "ix_message_outbox_kanal": (
        "message",
        ["author_mandant", "kanal", "state", "initial_send", "key"],
    ),
    "ix_vorgang_overdue": (
        "vorgang",
        ["mandant_key", "rolle", "answer_owed_by", "answer_is_stated", "answer_day", "key"],
    ),
}


def upgrade() -> None:
    """Applies the change: the new sums are those of the ones that are there, period by period."""
    _change_indexes(_OLD_INDEXES, _NEW_INDEXES)
    active = sa.text("state <> 'done'")
    op.create_index(
        "ix_delivery_order_waiting",
        "delivery_order",
        ["state", "key"],
        sqlite_where=active,
        postgresql_where=active,
    )
    for span, of_all, of_partner in (
        ("monat", _MONTH_OF_ALL, _MONTH_OF_PARTNER),
        ("tag", _WEEK_OF_ALL, _WEEK_OF_PARTNER),
    ):
        for start in _list_starts(span, of_all):
            end = start if span == "monat" else start + timedelta(days=6)
            whose = sa.select(_cell.c.mandant_key).where(
                _cell.c.span == span, _cell.c.day.between(start, end)
            )
            for mandant_key in op.get_bind().scalars(whose.distinct()).all():
                part = sa.and_(
                    _cell.c.mandant_key == mandant_key,
                    _cell.c.span == span,
                    _cell.c.day.between(start, end),
                )
                _add_up(part, start, of_all, _WHAT)
                _add_up(part, start, of_partner, ("partner_key",))


def downgrade() -> None:
    """Takes the change back."""
    op.drop_index("ix_delivery_order_waiting", table_name="delivery_order")
    _change_indexes(_NEW_INDEXES, _OLD_INDEXES)
    spans = (_WEEK_OF_ALL, _MONTH_OF_ALL, _WEEK_OF_PARTNER, _MONTH_OF_PARTNER)
    op.execute(sa.delete(_cell).where(_cell.c.span.in_(spans)))


def _change_indexes(
    before: dict[str, tuple[str, list[str]]], after: dict[str, tuple[str, list[str]]]
) -> None:
    for name, (table, _) in before.items():
        op.drop_index(name, table_name=table)
    for name, (table, columns) in after.items():
        op.create_index(name, table, columns)


def _list_starts(span: str, of_all: str) -> list[date]:
    """The first days of the months, or the Mondays of the weeks, of which there are sums."""
    days = op.get_bind().scalars(
        sa.select(_cell.c.day).where(_cell.c.span == span).distinct().order_by(_cell.c.day)
    )
    is_of_weeks = of_all == _WEEK_OF_ALL
    return sorted({day - timedelta(days=day.weekday()) if is_of_weeks else day for day in days})


def _add_up(
    part: sa.ColumnElement[bool], start: date, span: str, told_apart: tuple[str, ...]
) -> None:
    group = [_cell.c[name] for name in ("mandant_key", "direction", *told_apart)]
    left_out = [name for name in ("partner_key", *_WHAT) if name not in told_apart]
    empty = [sa.literal(0) if name == "partner_key" else sa.literal("") for name in left_out]
    sums = [sa.func.sum(_cell.c[name]) for name in _SUMS]
    fixed = [sa.literal(span), sa.literal(start, sa.Date), *empty]
    rows = sa.select(*group, *fixed, *sums).where(part).group_by(*group)
    names = [column.name for column in group] + ["span", "day", *left_out, *_SUMS]
    op.get_bind().execute(sa.insert(_cell).from_select(names, rows))
