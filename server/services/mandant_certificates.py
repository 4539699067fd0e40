"""The client certificates by which Mandanten are known: bound, listed, taken away.

Each is bound to exactly one Mandant, a Mandant may have several: while one takes the place of
another, both are valid. Every change stands in the history of the access.
"""

from dataclasses import dataclass

from persistence.database import Database, Stores
from server.domain.client_certificate import ClientCertificate
from server.domain.mandant import AccessEntry, Mandant
from server.services.clock import Clock
from server.services.mandanten import OPERATOR, MandantRefused, find_for_change

_SHORTEST_START = 8


@dataclass(frozen=True)
class BoundCertificate:
    """A certificate and to whom it is bound."""

    certificate: ClientCertificate
    mandant: Mandant


class MandantCertificates:
    """Binds certificates to Mandanten. Raises UnknownMandant, MandantRefused."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def bind(self, kennung: str, certificate: ClientCertificate) -> BoundCertificate:
        """Lets the Mandant come in with this certificate too; nothing changes where it may."""
        if certificate.not_after <= self._clock():
            raise MandantRefused(f"Das Zertifikat galt bis zum {certificate.not_after:%d.%m.%Y}.")
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            owner = stores.mandanten.find_owner(certificate.fingerprint)
            if owner and owner.key != mandant.key:
                raise MandantRefused(
                    f"Das Zertifikat gehört bereits zu {owner.name} ({owner.identifier})."
                )
            if owner is None:
                stores.mandanten.bind_certificate(
                    mandant.key,
                    certificate.fingerprint,
                    certificate.subject,
                    certificate.not_after,
                )
                self._note(stores, mandant, f"Zertifikat {certificate.fingerprint} gebunden")
        return BoundCertificate(certificate, mandant)

    def take_away(self, kennung: str, start: str) -> BoundCertificate:
        """Lets the Mandant no longer come in with the certificate whose fingerprint begins so."""
        if len(start) < _SHORTEST_START:
            raise MandantRefused(
                f"Bitte mindestens {_SHORTEST_START} Zeichen des Fingerabdrucks angeben."
            )
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            found = [
                item
                for item in stores.mandanten.list_certificates(mandant.key)
                if item.fingerprint.startswith(start.lower())
            ]
            if len(found) != 1:
                raise MandantRefused(
                    f"{mandant.name} hat {len(found)} Zertifikate, deren Fingerabdruck so beginnt."
                )
            stores.mandanten.delete_certificate(found[0].fingerprint)
            self._note(stores, mandant, f"Zertifikat {found[0].fingerprint} entzogen")
        return BoundCertificate(found[0], mandant)

    def list_all(self) -> tuple[BoundCertificate, ...]:
        """The certificates of all Mandanten, those first that end first."""
        with self._database.reading() as stores:
            found = [
                BoundCertificate(certificate, mandant)
                for mandant in stores.mandanten.list_all()
                for certificate in stores.mandanten.list_certificates(mandant.key)
            ]
        return tuple(sorted(found, key=lambda item: item.certificate.not_after))

    def _note(self, stores: Stores, mandant: Mandant, text: str) -> None:
        access = mandant.access
        entry = AccessEntry(self._clock(), OPERATOR, text, access.state, access.last_day)
        stores.mandanten.add_access_entry(mandant.key, entry)
