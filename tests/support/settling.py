"""Brings an installation that many modules of tests share to where each wants to find it."""

from sqlalchemy import select, text

from persistence.database import Database, Stores
from persistence.engine import make_engine
from persistence.stores.order_desk import OrderFilter
from persistence.stores.orders import OrderState
from persistence.tables import WAITS, message
from server.services.clock import read_clock
from server.settings_file import load_settings
from tests.support.connecting import wait_until
from tests.support.installation import Installation

_MOST_ORDERS = 1_000
# Letters take long where the machine does much else.
_PATIENCE = 180


def settle(installation: Installation) -> None:
    """Waits until the worker has nothing in hand, and empties the mailboxes.

    What is due later, held or parked stays.
    """
    database = Database(make_engine(load_settings(installation.config, {}).database.url))
    wait_until(lambda: not _is_at_work(database), _PATIENCE)
    for value in _list_readers(database):
        _confirm_all(installation, value)
    database.engine.dispose()


def _is_at_work(database: Database) -> bool:
    with database.reading() as stores:
        return _is_due(stores) or bool(
            stores.letters.count_ready()
            or stores.batches.count_closed()
            or stores.batches.list_untold()
        )


def _is_due(stores: Stores) -> bool:
    due = stores.order_desk.list_orders(OrderFilter((OrderState.DUE,)), _MOST_ORDERS)
    now = read_clock()
    return any(order.due <= now for order in due)


def _list_readers(database: Database) -> list[str]:
    """The identifiers of those for whom something lies in a mailbox."""
    with database.engine.connect() as connection:
        return list(
            connection.scalars(select(message.c.reader_value).where(text(WAITS)).distinct())
        )


def _confirm_all(installation: Installation, reader_value: str) -> None:
    """By the façade, which hands out also what only its reader can open."""
    mandanten = installation.facts["mandanten"]
    names = (item["name"] for item in mandanten if item["identifier"]["value"] == reader_value)
    client = installation.fachverfahren(next(names))
    while nachricht := client.receive().nachricht:
        client.confirm(nachricht.messageId)
