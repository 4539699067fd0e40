"""What the Authority-Server decides: who may ask, and who is responsible."""

from persistence.authority_database import AuthorityDatabase
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.zustaendigkeit import (
    Zustaendigkeit,
    ZustaendigkeitAnfrage,
    choose_zustaendigkeit,
)
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock


class Authority:
    """The use cases of the Authority-Server."""

    def __init__(self, database: AuthorityDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def identify(self, fingerprint: str | None) -> str:
        """The name of the participant with this client certificate; raises 9012 or 9010."""
        with self._database.reading() as directory:
            found = directory.find_participant(fingerprint) if fingerprint else None
        if found is None:
            raise AmtshilfeError(
                Faults.ACCOUNT_UNKNOWN,
                "Dieses Client-Zertifikat ist beim Authority-Server nicht registriert.",
            )
        if found.not_after < self._clock():
            raise AmtshilfeError(
                Faults.CERTIFICATE_EXPIRED,
                f"Das Client-Zertifikat galt bis zum {found.not_after:%d.%m.%Y}.",
            )
        return found.name

    def find_zustaendigkeit(self, anfrage: ZustaendigkeitAnfrage) -> Zustaendigkeit:
        """Who is responsible for the Einnahmeart at the address."""
        with self._database.reading() as directory:
            ags_list = directory.list_gemeinde_ags(anfrage.anschrift.plz, anfrage.anschrift.ort)
            return choose_zustaendigkeit(anfrage, directory.list_regeln(ags_list))

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        """The Behoerde with this identifier."""
        with self._database.reading() as directory:
            return directory.find_behoerde(identifier)

    def find_certificates(self, identifier: PartyIdentifier) -> tuple[bytes, ...]:
        """The valid certificates (DER) for which others encrypt, newest first."""
        with self._database.reading() as directory:
            return directory.list_certificates(identifier, self._clock())
