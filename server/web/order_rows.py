"""The rows of the delivery queue, each in one piece (see rows), and how an order stands."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape

from markupsafe import Markup

from server.services.delivery_queue import QueuedOrder
from server.web import texts
from server.web.row_parts import (
    CELL,
    END,
    NUMBER_CELL,
    ROW,
    write_address,
    write_badge,
    write_muted,
    write_party,
)

_MARKS = {"parked": "warning", "done": "success"}


def write_order_rows(
    orders: Iterable[QueuedOrder], words: Mapping[str, str], now: datetime
) -> Markup:
    """Rows of orders; `words` are names of their states."""
    rows = "".join(_write_row(order, words, now) for order in orders)
    return Markup(rows)  # noqa: S704 -- escaped below


def write_order_state(order: QueuedOrder, words: Mapping[str, str], now: datetime) -> str:
    """How an order stands, and what it waits for."""
    if order.is_being_delivered(now):
        return write_badge("info", "wird gerade zugestellt")
    state = write_badge(_MARKS.get(order.state, "info"), words[order.state])
    if order.state == "parked":
        return state
    due = f"<br>fällig {texts.write_moment(order.due)}" if order.state == "due" else ""
    held = f"<br>wartet auf {escape(order.held_by)}" if order.held_by else ""
    return f"{state}{due}{held}"


def _write_row(order: QueuedOrder, words: Mapping[str, str], now: datetime) -> str:
    name = escape(order.message_id)
    address = write_address("operation_delivery.show_message", "id", order.message_id)
    return (
        f"{ROW}{CELL}"
        f'<a class="kern-link kern-link--small da-lang" href="{address}">{name}</a>'
        f"{write_muted(f'seit {texts.write_moment(order.created)}')}</td>"
        f"{CELL}{write_party(order.author)}</td>{CELL}{write_party(order.reader)}</td>"
        f"{CELL}{escape(texts.name_destination(order.destination))}"
        f"{'<br>umgeleitet' if order.is_redirected else ''}</td>"
        f"{CELL}{write_order_state(order, words, now)}"
        f"{f'<br>{escape(order.cause)}' if order.cause else ''}</td>"
        f"{NUMBER_CELL}{order.attempts}{END}"
    )
