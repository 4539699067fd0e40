"""`damtshilfe delivery`: orders, their history and destinations as German lines or JSON."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from persistence.stores.order_desk import OrderView
from persistence.stores.orders import Attempt, OrderState
from server.services.delivery_sight import BusyDestination, MessageOrders
from server.services.delivery_texts import EVENT_TEXTS, ONE_ORDER_TEXTS


def render_orders(orders: Iterable[OrderView], total: int, moment: datetime) -> Iterator[str]:
    """The lines of the list."""
    lines = [_render_order(order, moment) for order in orders]
    yield from lines or ["Keine Aufträge."]
    if total > len(lines):
        yield f"… und {total - len(lines)} weitere (--limit)."


def render_message(found: MessageOrders, moment: datetime) -> Iterator[str]:
    """Everything about the deliveries of a message."""
    for order in found.orders:
        yield f"{order.message_id} ({order.message_state})"
        yield f"  Von:        {order.author.name or order.author} ({order.author})"
        yield f"  An:         {order.reader.name or order.reader} ({order.reader})"
        fixed = ", umgeleitet" if order.is_redirected else ""
        yield f"  Ziel:       {order.destination}{fixed}"
        yield f"  Auftrag:    {_describe_state(order, moment)}"
        yield f"  Versuche:   {order.attempts}"
        if order.cause:
            yield f"  Ursache:    {order.cause}"
    yield "  Verlauf (UTC):"
    for attempt in found.attempts:
        yield f"    {_render_attempt(attempt)}"
    if not found.attempts:
        yield "    ohne Einträge"


def render_destinations(destinations: Iterable[BusyDestination], moment: datetime) -> Iterator[str]:
    """One line for each destination that failed lately."""
    for busy in destinations:
        state = busy.state
        line = f"{state.destination}: {state.failures} Fehler seit {_write(state.since)}"
        if state.open_until is None:
            yield f"{line}: {state.cause}"
            continue
        when = f"nächster Versuch {_write(state.open_until)}"
        pending = when if state.is_open(moment) else "nächster Versuch sofort"
        number = f"{busy.waiting} oder mehr" if busy.are_more else f"{busy.waiting}"
        waiting = "Stapel" if busy.is_output else "Aufträge"
        yield f"{line}, gestört, {number} {waiting} warten, {pending}: {state.cause}"


def write_orders(orders: Iterable[OrderView]) -> str:
    """The list as JSON; times in UTC after RFC 3339."""
    rows = [
        {
            "messageId": order.message_id,
            "messageState": order.message_state.value,
            "author": str(order.author),
            "reader": str(order.reader),
            "destination": str(order.destination),
            "state": order.state.value,
            "attempts": order.attempts,
            "created": order.created.isoformat(),
            "due": order.due.isoformat(),
            "heldBy": order.held_by,
            "cause": order.cause,
        }
        for order in orders
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _render_order(order: OrderView, moment: datetime) -> str:
    line = (
        f"{order.message_id}  {order.destination}  {_describe_state(order, moment)}, "
        f"Versuche: {order.attempts}"
    )
    return f"{line}, Ursache: {order.cause}" if order.cause else line


def _describe_state(order: OrderView, moment: datetime) -> str:
    if order.is_being_delivered(moment):
        return "wird gerade zugestellt"
    text = ONE_ORDER_TEXTS[order.state]
    if order.state is OrderState.HELD:
        return f"{text} ({order.held_by})"
    if order.state is OrderState.DUE:
        waits = f", wartet auf: {order.held_by}" if order.held_by else ""
        return f"{text}, fällig {_write(order.due)}{waits}"
    return text


def _render_attempt(attempt: Attempt) -> str:
    line = f"{_write(attempt.moment)}  {attempt.actor}: {EVENT_TEXTS[attempt.event]}"
    return f"{line}: {attempt.detail}" if attempt.detail else line


def _write(moment: datetime) -> str:
    return f"{moment:%d.%m.%Y %H:%M:%S}"
