"""What the Authority-Server keeps of data centres and certificates, in transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from persistence.engine import begin_reading, begin_writing
from persistence.stores.certificates import CertificateStore
from persistence.stores.data_centres import DataCentreStore
from persistence.stores.pending_audit import PendingAuditStore


class TrustStores:
    """The stores within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.centres = DataCentreStore(connection)
        self.certificates = CertificateStore(connection)
        self.pending_audit = PendingAuditStore(connection)


class TrustDatabase:
    """Data centres and certificates, beside the directory in the same database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[TrustStores]:
        """A transaction that only reads."""
        with begin_reading(self.engine) as connection:
            yield TrustStores(connection)

    @contextmanager
    def writing(self) -> Iterator[TrustStores]:
        """A transaction that writes; durable when the block has ended."""
        with begin_writing(self.engine) as connection:
            yield TrustStores(connection)
