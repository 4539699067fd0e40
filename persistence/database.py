"""Units of work: one transaction with the stores of its database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Generic, TypeVar

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
_Kind = TypeVar("_Kind")


class _Store(Generic[_Kind]):
    """A store that is made when it is asked for: a transaction needs few of them."""

    def __init__(self, make: Callable[[Connection], _Kind]) -> None:
        self._make = make
        self._name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        self._name = name

    def __get__(self, stores: "Stores", _owner: type) -> _Kind:
        store = self._make(stores.connection)
        # Found before the descriptor from now on.
        stores.__dict__[self._name] = store
        return store


class Stores:
    """The stores of the XTA server within one transaction."""

    mandanten = _Store(MandantStore)
    messages = _Store(MessageStore)
    orders = _Store(OrderStore)
    order_desk = _Store(OrderDesk)
    destinations = _Store(DestinationStore)
    forwarded = _Store(ForwardedStore)
    letters = _Store(LetterStore)
    batches = _Store(BatchStore)
    letter_news = _Store(LetterNewsStore)
    acknowledgements = _Store(AcknowledgementStore)
    directory_doubts = _Store(DirectoryDoubtStore)
    print_choices = _Store(PrintChoiceStore)
    letterheads = _Store(LetterheadStore)
    mailbox_requests = _Store(MailboxRequestStore)
    codelisten = _Store(CodelisteStore)
    massnahmen = _Store(MassnahmeStore)
    blobs = _Store(BlobRowStore)
    data_keys = _Store(DataKeyStore)
    vorgaenge = _Store(VorgangStore)
    encrypted_copies = _Store(EncryptedCopyStore)
    duplicates = _Store(DuplicateStore)
    fallback_rules = _Store(FallbackRuleStore)
    inbox = _Store(InboxStore)
    outbox = _Store(OutboxStore)
    vorgang_lists = _Store(VorgangListStore)
    web_users = _Store(WebUserStore)
    web_sessions = _Store(WebSessionStore)
    web_addresses = _Store(WebAddressStore)
    audit = _Store(AuditStore)
    figures = _Store(FigureStore)
    figure_sums = _Store(FigureSumStore)
    drafts = _Store(DraftStore)
    bank_details = _Store(BankDetailsStore)
    directory_uploads = _Store(DirectoryUploadStore)
    codelist_uploads = _Store(CodelistUploadStore)
    certificate_requests = _Store(CertificateRequestStore)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection


# What is written along with a change, in its transaction: the audit entry of who asked for it.
Besides = Callable[[Stores], None]


def nothing_besides(_stores: Stores) -> None:
    """For changes that nobody has to answer for."""


class Database:
    """The database of the XTA server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._shared = local()

    @contextmanager
    def reading(self) -> Iterator[Stores]:
        """A transaction that only reads."""
        shared: Stores | None = getattr(self._shared, "stores", None)
        if shared:
            yield shared
            return
        with begin_reading(self.engine) as connection:
            yield Stores(connection)

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """All that this thread reads within the block it reads in one transaction.

        For services that read one after the other: one picture, and one beginning and end. What is
        written meanwhile is not seen within the block.
        """
        outer = getattr(self._shared, "stores", None)
        with self.reading() as stores:
            self._shared.stores = stores
            try:
                yield
            finally:
                self._shared.stores = outer

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
