"""Which readers can be reached with which service."""

from collections.abc import Iterable
from dataclasses import dataclass

from persistence.database import Database
from server.domain.behoerde import Kanal, PartyIdentifier
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.directory import Directory
from server.services.serving_centres import ServingCentres
from server.services.uris import is_absolute_uri
from server.xmlio.ersuchen import SERVICE


@dataclass(frozen=True)
class ServiceAnswer:
    """`is_available` is None where the reader is not known.

    `certificates` are those for which one can encrypt for the reader (DER), newest first.
    """

    reader: PartyIdentifier
    service: str
    is_available: bool | None
    certificates: tuple[bytes, ...] = ()


class Lookup:
    """Answers from the accounts of this server and from the directory."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        clock: Clock,
        centres: ServingCentres | None = None,
    ) -> None:
        self._database = database
        self._centres = centres or ServingCentres(directory, "")
        self._directory = directory
        self._clock = clock

    def find(self, questions: Iterable[tuple[PartyIdentifier, str]]) -> tuple[ServiceAnswer, ...]:
        """One answer for each reader and service.

        Raises 9020 where a question is incomplete, 9021 where its service is no URI, and
        DirectoryUnavailable.
        """
        asked = tuple(questions)
        for reader, service in asked:
            _require_complete(reader, service)
        return tuple(self._answer(reader, service) for reader, service in asked)

    def _answer(self, reader: PartyIdentifier, service: str) -> ServiceAnswer:
        is_available = self._is_available(reader, service)
        certificates = self._directory.find_certificates(reader) if is_available else ()
        return ServiceAnswer(reader, service, is_available, certificates)

    def _is_available(self, reader: PartyIdentifier, service: str) -> bool | None:
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(reader)
        today = self._clock().date()
        if mandant and mandant.had_mailbox(today):
            return self._centres.find_other(reader) is not None
        if mandant and mandant.has_mailbox(today):
            # A mailbox takes messages of every service.
            return True
        behoerde = self._directory.find_behoerde(reader)
        if behoerde is None:
            return None
        if behoerde.kanal == Kanal.ELEKTRONISCH:
            return self._centres.find_other(reader) is not None
        # A letter can be set from an Ersuchen only.
        return service == SERVICE


def _require_complete(reader: PartyIdentifier, service: str) -> None:
    # The contract lets empty texts pass.
    if not reader.value:
        raise AmtshilfeError(Faults.PARAMETER_MISSING, "Die Kennung eines Lesers ist leer.")
    if not service:
        raise AmtshilfeError(
            Faults.PARAMETER_MISSING, f"Zum Leser {reader} ist der ServiceType leer."
        )
    if not is_absolute_uri(service):
        raise AmtshilfeError(
            Faults.URI_INVALID, f"Der ServiceType „{service}“ ist keine gültige URI."
        )
