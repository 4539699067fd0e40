"""Which readers can be reached with which service."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.behoerde import PartyIdentifier
from server.domain.reader_place import ReaderPlace
from server.errors import AmtshilfeError, Faults
from server.services.directory import Directory
from server.services.reader_places import ReaderPlaces
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

    def __init__(self, directory: Directory, places: ReaderPlaces) -> None:
        self._directory = directory
        self._places = places

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
        place = self._places.find(reader).place
        if place is ReaderPlace.UNKNOWN:
            return None
        if place is ReaderPlace.PAPER:
            # A letter can be set from an Ersuchen only; a mailbox takes messages of every service.
            return service == SERVICE
        return place in (ReaderPlace.MAILBOX, ReaderPlace.DATA_CENTRE)


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
