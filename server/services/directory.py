"""The central directory, asked over the wire."""

import logging
from datetime import date, timedelta

from clients.authority import (
    AuthorityServerFailed,
    WireAnschrift,
    WireBehoerde,
    WireKennung,
    WireOrt,
)
from clients.authority_cache import CachedAuthority
from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Certainty, Mark
from server.domain.auskunft import Auskunft
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.certificate import Holder
from server.domain.data_centre import DataCentre
from server.domain.gemeinde import Gemeinde
from server.domain.zustaendigkeit import Zustaendigkeit, ZustaendigkeitAnfrage
from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

# As much as the contract takes (aut:Grund).
_LONGEST_REASON = 1000


class DirectoryUnavailable(AmtshilfeError):
    """The Authority-Server gave no usable answer (9031)."""

    def __init__(self) -> None:
        super().__init__(
            Faults.DIRECTORY_UNAVAILABLE, "Der Authority-Server ist zurzeit nicht erreichbar."
        )


class Directory:
    """Answers who is responsible and how a Behoerde is reached.

    While the Authority-Server is away, older answers help out.
    """

    def __init__(self, client: CachedAuthority) -> None:
        self._client = client

    def find_zustaendigkeit(self, anfrage: ZustaendigkeitAnfrage) -> Zustaendigkeit:
        """Who is responsible; raises DirectoryUnavailable."""
        anschrift = anfrage.anschrift
        try:
            found = self._client.ask_zustaendigkeit(
                anfrage.einnahmeart,
                WireAnschrift(
                    anschrift.strasse, anschrift.hausnummer, anschrift.plz, anschrift.ort
                ),
            )
        except AuthorityServerFailed as error:
            raise _report(error) from error
        behoerden = tuple(_from_wire(behoerde) for behoerde in found.value)
        return Zustaendigkeit(behoerden, is_from_cache=found.is_from_cache)

    def explain_zustaendigkeit(self, anfrage: ZustaendigkeitAnfrage) -> Auskunft:
        """Who is responsible, with reasons; the address may be incomplete.

        Raises DirectoryUnavailable.
        """
        anschrift = anfrage.anschrift
        asked = WireAnschrift(anschrift.strasse, anschrift.hausnummer, anschrift.plz, anschrift.ort)
        try:
            found = self._client.explain_zustaendigkeit(anfrage.einnahmeart, asked)
        except AuthorityServerFailed as error:
            raise _report(error) from error
        told = found.value
        return Auskunft(
            is_unambiguous=told.eindeutig,
            certainty=Certainty(told.sicherheit),
            behoerde_list=tuple(map(_from_wire, told.behoerden)),
            ort_list=tuple(map(_to_gemeinde, told.orte)),
            marks=tuple(map(Mark, told.hinweise)),
            sentences=told.saetze,
            is_from_cache=found.is_from_cache,
        )

    def suggest_orte(self, beginning: str) -> tuple[Gemeinde, ...]:
        """Gemeinden whose postal code or name begins so; raises DirectoryUnavailable."""
        try:
            found = self._client.find_orte(beginning)
        except AuthorityServerFailed as error:
            raise _report(error) from error
        return tuple(map(_to_gemeinde, found.value))

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        """The Behoerde with this identifier; raises DirectoryUnavailable."""
        try:
            found = self._client.find_behoerde(WireKennung(identifier.value, identifier.type))
        except AuthorityServerFailed as error:
            raise _report(error) from error
        return _from_wire(found.value) if found.value else None

    def find_certificates(self, identifier: PartyIdentifier) -> tuple[bytes, ...]:
        """Certificates (DER) for which to encrypt for a reader; raises DirectoryUnavailable."""
        try:
            kennung = WireKennung(identifier.value, identifier.type)
            return self._client.find_certificates(kennung).value
        except AuthorityServerFailed as error:
            raise _report(error) from error

    def find_data_centre(
        self, mandant: PartyIdentifier, *, is_asked_anew: bool = False
    ) -> DataCentre | None:
        """Who serves a Mandant today; raises DirectoryUnavailable.

        An answer that is remembered is given only where it is not asked anew.
        """
        kennung = WireKennung(mandant.value, mandant.type)
        if is_asked_anew:
            self._client.forget_data_centre(kennung)
        try:
            found = self._client.find_data_centre(kennung).value
        except AuthorityServerFailed as error:
            raise _report(error) from error
        if found is None:
            return None
        return DataCentre(found.name, found.title, found.management, found.send, found.msgbox)

    def list_recent_centres(self, mandant: PartyIdentifier, since: date) -> tuple[str, ...]:
        """Who serves a Mandant today, and who has served it before, back to a day.

        Short names, the present one first; raises DirectoryUnavailable.
        """
        kennung = WireKennung(mandant.value, mandant.type)
        names: list[str] = []
        day: date | None = None
        try:
            while day is None or day >= since:
                found = self._client.find_data_centre(kennung, day).value
                if found is None:
                    break
                names.append(found.name)
                day = found.valid_from - timedelta(days=1)
        except AuthorityServerFailed as error:
            raise _report(error) from error
        return tuple(names)

    def find_holder(self, fingerprint: str) -> Holder | None:
        """Whose client certificate it is (SHA-256 of DER, hex), None where it is nobody's.

        Raises DirectoryUnavailable.
        """
        try:
            found = self._client.find_holder(fingerprint).value
        except AuthorityServerFailed as error:
            raise _report(error) from error
        if found.mandant:
            return Holder(PartyIdentifier(found.mandant.value, found.mandant.type))
        return Holder(centre=found.centre) if found.centre else None

    def report_doubt(self, identifier: PartyIdentifier, reason: str) -> None:
        """Tells the directory that something did not arrive; raises DirectoryUnavailable."""
        kennung = WireKennung(identifier.value, identifier.type)
        try:
            self._client.report_doubt(kennung, reason[:_LONGEST_REASON])
        except AuthorityServerFailed as error:
            raise _report(error) from error


def _report(error: AuthorityServerFailed) -> DirectoryUnavailable:
    logger.warning("the Authority-Server failed: %s", error)
    return DirectoryUnavailable()


def _to_gemeinde(ort: WireOrt) -> Gemeinde:
    return Gemeinde(ort.ags, ort.plz, ort.ort, ort.kreis)


def _from_wire(behoerde: WireBehoerde) -> Behoerde:
    kennung, anschrift = behoerde.kennung, behoerde.anschrift
    return Behoerde(
        PartyIdentifier(kennung.value, kennung.type, behoerde.name, kennung.category),
        behoerde.name,
        Anschrift(anschrift.strasse, anschrift.hausnummer, anschrift.plz, anschrift.ort),
        Kanal(behoerde.kanal),
    )
