"""Letters and their batches.

Until now a letter was handed over by its delivery order, and that was the end of its message. Such
messages keep their end under another name. Orders to letters name no output any more.
"""

import sqlalchemy as sa
from alembic import op

from persistence.types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MESSAGE = sa.table("message", sa.column("key", sa.BigInteger()), sa.column("state", sa.String()))
_ORDER = sa.table(
    "delivery_order",
    sa.column("key", sa.BigInteger()),
    sa.column("message_key", sa.BigInteger()),
    sa.column("destination_kind", sa.String()),
    sa.column("destination_name", sa.String()),
    sa.column("state", sa.String()),
    sa.column("held_by", sa.Text()),
)
_STATE = sa.table("destination_state", sa.column("kind", sa.String()))
_ACTIVE = ("due", "held", "parked")
_HANDED_OVER, _UNCONFIRMED = "als-brief-ausgegeben", "brief-ohne-rueckmeldung"
_LETTER_STATES = (
    "brief-bereit",
    _HANDED_OVER,
    "brief-versandt",
    "brief-zurueckgekommen",
    "brief-zurueckgezogen",
)


def upgrade() -> None:
    """Applies the change."""
    _create_batches()
    _create_letters()
    _move_messages(_HANDED_OVER, _UNCONFIRMED)
    _unname_outputs()


def downgrade() -> None:
    """Takes the change back; impossible while there are letters that only these tables know."""
    letters = sa.select(sa.func.count()).select_from(sa.table("letter"))
    changed = sa.select(sa.func.count()).where(_MESSAGE.c.state.in_(_LETTER_STATES))
    if op.get_bind().scalar(letters) or op.get_bind().scalar(changed):
        raise ValueError("there are letters in batches")
    op.drop_table("letter")
    op.drop_table("print_batch")
    _move_messages(_UNCONFIRMED, _HANDED_OVER)


def _move_messages(before: str, after: str) -> None:
    op.execute(sa.update(_MESSAGE).where(_MESSAGE.c.state == before).values(state=after))


def _unname_outputs() -> None:
    """One order of each message: that at work, else the newest; others keep what they were."""
    is_letter = _ORDER.c.destination_kind == "brief"
    chosen: dict[int, int] = {}
    rank = sa.case((_ORDER.c.state.in_(_ACTIVE), 1), else_=0)
    orders = sa.select(_ORDER.c.key, _ORDER.c.message_key).where(is_letter)
    for key, message_key in op.get_bind().execute(orders.order_by(rank, _ORDER.c.key)):
        chosen[message_key] = key
    change = (
        sa.update(_ORDER).where(_ORDER.c.key == sa.bindparam("chosen")).values(destination_name="")
    )
    if chosen:
        op.get_bind().execute(change, [{"chosen": key} for key in chosen.values()])
    # What waited for an output is set now; its batch waits instead.
    op.execute(
        sa.update(_ORDER).where(is_letter, _ORDER.c.state == "held").values(state="due", held_by="")
    )
    op.execute(sa.delete(_STATE).where(_STATE.c.kind == "brief"))


def _make_handling() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("output", sa.String(length=64), nullable=False),
        sa.Column("duplex", sa.Boolean(), nullable=False),
        sa.Column("colour", sa.Boolean(), nullable=False),
        sa.Column("stock", sa.String(length=255), nullable=False),
        sa.Column("envelope", sa.String(length=255), nullable=False),
        sa.Column("product", sa.String(length=255), nullable=False),
    )


def _create_batches() -> None:
    op.create_table(
        "print_batch",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("batch_id", sa.String(length=100), nullable=False),
        *_make_handling(),
        sa.Column("cut_off", UtcDateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("closed", UtcDateTime(), nullable=False),
        sa.Column("submitted", UtcDateTime(), nullable=True),
        sa.Column("reference", sa.Text(), server_default="", nullable=False),
        sa.Column("ticket_xml", sa.LargeBinary(), nullable=True),
        sa.Column("ticket_csv", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("lease_token", sa.String(length=32), server_default="", nullable=False),
        sa.Column("cause", sa.Text(), server_default="", nullable=False),
        sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_poll", UtcDateTime(), nullable=True),
        sa.Column("news_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_print_batch")),
        sa.UniqueConstraint("batch_id", name=op.f("uq_print_batch_batch_id")),
    )
    op.create_index("ix_print_batch_due", "print_batch", ["state", "due", "key"])
    op.create_index("ix_print_batch_poll", "print_batch", ["state", "next_poll", "key"])
    untold = sa.text("is_told IS FALSE")
    op.create_index(
        "ix_print_batch_untold",
        "print_batch",
        ["key"],
        sqlite_where=untold,
        postgresql_where=untold,
    )


def _create_letters() -> None:
    op.create_table(
        "letter",
        sa.Column("key", _KEY, nullable=False),
        sa.Column("letter_id", sa.String(length=100), nullable=False),
        sa.Column("message_key", _KEY, nullable=False),
        sa.Column("order_key", _KEY, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        *_make_handling(),
        sa.Column("cost_centre", sa.String(length=255), nullable=False),
        sa.Column("cut_off", UtcDateTime(), nullable=True),
        sa.Column("postal_code", sa.String(length=16), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("is_marked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("created", UtcDateTime(), nullable=False),
        sa.Column("batch_key", _KEY, nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_key"], ["message.key"], name=op.f("fk_letter_message_key_message")
        ),
        sa.ForeignKeyConstraint(
            ["order_key"], ["delivery_order.key"], name=op.f("fk_letter_order_key_delivery_order")
        ),
        sa.ForeignKeyConstraint(
            ["batch_key"], ["print_batch.key"], name=op.f("fk_letter_batch_key_print_batch")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_letter")),
        sa.UniqueConstraint("letter_id", name=op.f("uq_letter_letter_id")),
        sa.UniqueConstraint("batch_key", "number", name=op.f("uq_letter_batch_key")),
    )
    for column in ("message_key", "order_key", "blob"):
        op.create_index(op.f(f"ix_letter_{column}"), "letter", [column])
    ready = sa.text("state = 'ready'")
    op.create_index(
        "ix_letter_ready",
        "letter",
        ["cut_off", "key"],
        sqlite_where=ready,
        postgresql_where=ready,
    )
    op.create_index("ix_letter_batch_state", "letter", ["batch_key", "state", "number"])
