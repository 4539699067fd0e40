"""The client certificates by which this XTA server knows its Mandanten.

Each is bound to exactly one Mandant. Every change stands in the history of its access.
"""

from datetime import datetime

from persistence.database import Database, Stores
from server.domain.certificate import BoundCertificate, ClientCertificate, Holder
from server.domain.mandant import AccessEntry, Mandant
from server.services.clock import Clock
from server.services.mandanten import OPERATOR


class MandantCertificates:
    """Keeps the database of the XTA server in step with the register of certificates.

    `actor` stands in the history of the access.
    """

    def __init__(self, database: Database, clock: Clock, actor: str = OPERATOR) -> None:
        self._database = database
        self._clock = clock
        self._actor = actor

    def is_known(self, holder: Holder) -> bool:
        """True where the holder is a Mandant of this server."""
        with self._database.reading() as stores:
            return _find_mandant(stores, holder) is not None

    def find_owner(self, fingerprint: str) -> Holder | None:
        """To whom a certificate is bound here."""
        with self._database.reading() as stores:
            caller = stores.mandanten.find_caller(fingerprint)
        return Holder(caller.mandant.identifier) if caller else None

    def list_all(self) -> tuple[ClientCertificate, ...]:
        """The certificates of all Mandanten, those first that end first."""
        with self._database.reading() as stores:
            return stores.mandanten.list_certificates()

    def bind(self, new: BoundCertificate) -> None:
        """Lets a Mandant of this server come in with the certificate too."""
        with self._database.writing() as stores:
            mandant = _find_mandant(stores, new.holder)
            if mandant is None or stores.mandanten.find_caller(new.fingerprint):
                return
            stores.mandanten.bind_certificate(
                mandant.key, new.fingerprint, new.subject, new.accepted_until
            )
            self._note(stores, mandant, f"Zertifikat {new.fingerprint} gebunden")

    def limit(self, found: ClientCertificate, end: datetime) -> None:
        """Lets a certificate count until then at most."""
        with self._database.writing() as stores:
            caller = stores.mandanten.find_caller(found.fingerprint)
            if caller is None or caller.certificate_not_after <= end:
                return
            stores.mandanten.limit_certificate(found.fingerprint, end)
            text = f"Zertifikat {found.fingerprint} gilt bis {end:%d.%m.%Y %H:%M} (UTC)"
            self._note(stores, caller.mandant, text)

    def _note(self, stores: Stores, mandant: Mandant, text: str) -> None:
        access = mandant.access
        entry = AccessEntry(self._clock(), self._actor, text, access.state, access.last_day)
        stores.mandanten.add_access_entry(mandant.key, entry)


def _find_mandant(stores: Stores, holder: Holder) -> Mandant | None:
    return stores.mandanten.find(holder.mandant) if holder.mandant else None
