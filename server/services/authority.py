"""What the Authority-Server decides: who may ask, and who is responsible."""

from datetime import date

from persistence.authority_database import AuthorityDatabase
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.erklaerung import Erklaerung
from server.domain.gemeinde import Gemeinde
from server.domain.local_time import find_local_day
from server.domain.zustaendigkeit import Zustaendigkeit, ZustaendigkeitAnfrage
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.zustaendigkeit import ZustaendigkeitFinder


class Authority:
    """The use cases of the Authority-Server."""

    def __init__(
        self, database: AuthorityDatabase, finder: ZustaendigkeitFinder, clock: Clock
    ) -> None:
        self._database = database
        self._finder = finder
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
        return self.explain_zustaendigkeit(anfrage).to_zustaendigkeit()

    def suggest_orte(self, term: str) -> tuple[Gemeinde, ...]:
        """Gemeinden whose postal code or name begins so; at most twenty."""
        return self._finder.suggest_orte(term)

    def explain_zustaendigkeit(self, anfrage: ZustaendigkeitAnfrage) -> Erklaerung:
        """Who is responsible, by which rules, and how the address was understood."""
        return self._finder.explain(anfrage, self._today())

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        """The Behoerde with this identifier, where it is in office today."""
        with self._database.reading() as directory:
            found = directory.behoerden.find(identifier)
        return found.behoerde if found and found.is_valid_on(self._today()) else None

    def find_certificates(self, identifier: PartyIdentifier) -> tuple[bytes, ...]:
        """The valid certificates (DER) for which others encrypt, newest first."""
        with self._database.reading() as directory:
            return directory.behoerden.list_certificates(identifier, self._clock())

    def _today(self) -> date:
        return find_local_day(self._clock())
