"""Units of work: one transaction with the stores of its database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from persistence.engine import begin_reading, begin_writing
from persistence.failures import repeat_conflicts
from persistence.stores.acknowledgements import AcknowledgementStore
from persistence.stores.bank_details import BankDetailsStore
from persistence.stores.batches import BatchStore
from persistence.stores.blob_rows import BlobRowStore
from persistence.stores.certificate_requests import CertificateRequestStore
from persistence.stores.codelist_uploads import CodelistUploadStore
from persistence.stores.codelisten import CodelisteStore
from persistence.stores.data_keys import DataKeyStore
from persistence.stores.destinations import DestinationStore
from persistence.stores.directory_doubts import DirectoryDoubtStore
from persistence.stores.directory_uploads import DirectoryUploadStore
from persistence.stores.drafts import DraftStore
from persistence.stores.duplicates import DuplicateStore
from persistence.stores.encrypted_copies import EncryptedCopyStore
from persistence.stores.fallback_rules import FallbackRuleStore
from persistence.stores.figure_sums import FigureSumStore
from persistence.stores.figures import FigureStore
from persistence.stores.forwarded import ForwardedStore
from persistence.stores.inbox import InboxStore
from persistence.stores.letter_news import LetterNewsStore
from persistence.stores.letterheads import LetterheadStore
from persistence.stores.letters import LetterStore
from persistence.stores.mailbox_requests import MailboxRequestStore
from persistence.stores.mandanten import MandantStore
from persistence.stores.massnahmen import MassnahmeStore
from persistence.stores.messages import MessageStore
from persistence.stores.order_desk import OrderDesk
from persistence.stores.orders import OrderStore
from persistence.stores.outbox import OutboxStore
from persistence.stores.print_choices import PrintChoiceStore
from persistence.stores.vorgaenge import VorgangStore
from persistence.stores.vorgang_lists import VorgangListStore
from persistence.stores.web_addresses import WebAddressStore
from persistence.stores.web_audit import AuditStore
from persistence.stores.web_sessions import WebSessionStore
from persistence.stores.web_users import WebUserStore

_Result = TypeVar("_Result")


class Stores:
    """The stores of the XTA server within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.mandanten = MandantStore(connection)
        self.messages = MessageStore(connection)
        self.orders = OrderStore(connection)
        self.order_desk = OrderDesk(connection)
        self.destinations = DestinationStore(connection)
        self.forwarded = ForwardedStore(connection)
        self.letters = LetterStore(connection)
        self.batches = BatchStore(connection)
        self.letter_news = LetterNewsStore(connection)
        self.acknowledgements = AcknowledgementStore(connection)
        self.directory_doubts = DirectoryDoubtStore(connection)
        self.print_choices = PrintChoiceStore(connection)
        self.letterheads = LetterheadStore(connection)
        self.mailbox_requests = MailboxRequestStore(connection)
        self.codelisten = CodelisteStore(connection)
        self.massnahmen = MassnahmeStore(connection)
        self.blobs = BlobRowStore(connection)
        self.data_keys = DataKeyStore(connection)
        self.vorgaenge = VorgangStore(connection)
        self.encrypted_copies = EncryptedCopyStore(connection)
        self.duplicates = DuplicateStore(connection)
        self.fallback_rules = FallbackRuleStore(connection)
        self.inbox = InboxStore(connection)
        self.outbox = OutboxStore(connection)
        self.vorgang_lists = VorgangListStore(connection)
        self.web_users = WebUserStore(connection)
        self.web_sessions = WebSessionStore(connection)
        self.web_addresses = WebAddressStore(connection)
        self.audit = AuditStore(connection)
        self.figures = FigureStore(connection)
        self.figure_sums = FigureSumStore(connection)
        self.drafts = DraftStore(connection)
        self.bank_details = BankDetailsStore(connection)
        self.directory_uploads = DirectoryUploadStore(connection)
        self.codelist_uploads = CodelistUploadStore(connection)
        self.certificate_requests = CertificateRequestStore(connection)


# What is written along with a change, in its transaction: the audit entry of who asked for it.
Besides = Callable[[Stores], None]


def nothing_besides(_stores: Stores) -> None:
    """For changes that nobody has to answer for."""


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

    def write(self, change: Callable[[Stores], _Result]) -> _Result:
        """A transaction that writes, repeated where another one was in its way.

        `change` does nothing but read and write the stores.
        """

        def run() -> _Result:
            with self.writing() as stores:
                return change(stores)

        return repeat_conflicts(run)
