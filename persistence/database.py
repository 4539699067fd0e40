"""Units of work: one transaction with the stores of its database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from persistence.engine import begin_reading, begin_writing
from persistence.stores.codelisten import CodelisteStore
from persistence.stores.destinations import DestinationStore
from persistence.stores.duplicates import DuplicateStore
from persistence.stores.fallback_rules import FallbackRuleStore
from persistence.stores.mailbox_requests import MailboxRequestStore
from persistence.stores.mandanten import MandantStore
from persistence.stores.massnahmen import MassnahmeStore
from persistence.stores.messages import MessageStore
from persistence.stores.order_desk import OrderDesk
from persistence.stores.orders import OrderStore
from persistence.stores.vorgaenge import VorgangStore


class Stores:
    """The stores of the XTA server within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.mandanten = MandantStore(connection)
        self.messages = MessageStore(connection)
        self.orders = OrderStore(connection)
        self.order_desk = OrderDesk(connection)
        self.destinations = DestinationStore(connection)
        self.mailbox_requests = MailboxRequestStore(connection)
        self.codelisten = CodelisteStore(connection)
        self.massnahmen = MassnahmeStore(connection)
        self.vorgaenge = VorgangStore(connection)
        self.duplicates = DuplicateStore(connection)
        self.fallback_rules = FallbackRuleStore(connection)


class Database:
    """The database of the XTA server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[Stores]:
        """A transaction that only reads."""
        with begin_reading(self.engine) as connection:
            yield Stores(connection)

    @contextmanager
    def writing(self) -> Iterator[Stores]:
        """A transaction that writes; durable when the block has ended."""
        with begin_writing(self.engine) as connection:
            yield Stores(connection)
