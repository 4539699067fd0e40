"""Which way a message takes: mailbox, letter, another data centre, or held for the directory."""

from dataclasses import dataclass, replace
from datetime import datetime

from persistence.database import Database
from server.domain.behoerde import Behoerde, Kanal
from server.domain.data_centre import DataCentre
from server.domain.destination import LETTER, OPEN, Destination, DestinationKind
from server.domain.fallback import FallbackAction, FallbackReason, decide_fallback
from server.domain.mandant import CentreCaller, Mandant
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.domain.reader_place import ReaderPlace
from server.errors import AmtshilfeError, Faults
from server.printing.attachment_guard import CheckUnavailable
from server.services.clock import Clock
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import find_letter_problem
from server.services.reader_places import FoundReader, ReaderPlaces
from server.services.send_command import SendCommand
from server.xmlio.payloads import PayloadInspector


@dataclass(frozen=True)
class Route:
    """Which way a message takes.

    `due` is None where it is in the mailbox at once, else the moment from which a worker
    delivers it; `detail` goes into the report. `is_settled` tells that the destination is not asked
    for again when the message is delivered. `reader_name` is empty where nobody knows the reader.
    """

    event: MessageEvent
    reader_mandant: int | None
    detail: str
    due: datetime | None
    destination: Destination
    is_settled: bool = False
    reader_name: str = ""

    @property
    def kanal(self) -> Kanal | None:
        """The channel as the directory calls it; None while the directory is away."""
        return self.destination.kanal


class _NoEndpoint(AmtshilfeError):
    """9022: the reader takes part electronically and is not reached; `cause` is for the report."""

    def __init__(self, cause: str, reason: str, fallback_reason: FallbackReason) -> None:
        super().__init__(Faults.PARAMETER_COMBINATION, reason)
        self.cause = cause
        self.fallback_reason = fallback_reason


class Routes:
    """Chooses routes; stores nothing."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        inspector: PayloadInspector,
        clock: Clock,
        *,
        places: ReaderPlaces,
    ) -> None:
        self._database = database
        self._directory = directory
        self._inspector = inspector
        self._clock = clock
        self._places = places

    def choose(self, command: SendCommand) -> Route:
        """The route of a message that can take it; raises AmtshilfeError where there is none."""
        route = self.find(command)
        self.require_printable(command, route)
        return route

    def find(self, command: SendCommand) -> Route:
        """The route to the reader, whatever the message is; raises 9022."""
        try:
            return self._find(command)
        except _NoEndpoint as error:
            return self._find_fallback(command, error)

    def _find(self, command: SendCommand) -> Route:
        reader = command.head.reader
        if isinstance(command.caller, CentreCaller):
            return self._find_from_centre(command)
        try:
            found = self._places.find(reader)
        except DirectoryUnavailable:
            return self._hold(command, self._places.find_mandant(reader))
        return self._route(command, found)

    def _find_fallback(self, command: SendCommand, error: "_NoEndpoint") -> Route:
        """A letter, where the author's rules want one; raises the error where they do not."""
        head, caller = command.head, command.caller
        if isinstance(caller, CentreCaller):
            # Its own server knows the rules of the author.
            raise error
        with self._database.reading() as stores:
            rules = stores.fallback_rules.find(caller.mandant.key)
            reader = stores.mandanten.find(head.reader)
        action = decide_fallback(rules, error.fallback_reason, is_test=head.is_test)
        if action is not FallbackAction.LETTER:
            raise error
        try:
            behoerde = self._directory.find_behoerde(head.reader)
        except DirectoryUnavailable:
            return self._hold(command, reader)
        if behoerde is None:
            raise error
        key = reader.key if reader else None
        due = self._find_due(command)
        event = MessageEvent.SENT_AS_FALLBACK_LETTER
        name = behoerde.name
        return Route(event, key, error.cause, due, LETTER, is_settled=True, reader_name=name)

    def require_printable(self, command: SendCommand, route: Route) -> None:
        """Raises 9052 where the message would have to become a letter and cannot.

        9030 where its attachments cannot be looked into now.
        """
        if route.kanal != Kanal.BRIEF:
            return
        contents = [(part.kind, part.attributes, part.content) for part in command.parts]
        try:
            problem = find_letter_problem(contents, self._inspector)
        except CheckUnavailable as error:
            raise AmtshilfeError(
                Faults.INTERNAL_ERROR, "Die Anlagen lassen sich zurzeit nicht prüfen."
            ) from error
        if problem:
            raise AmtshilfeError(Faults.PROFILE_VIOLATION, problem)

    def _find_from_centre(self, command: SendCommand) -> Route:
        """What another data centre forwards ends here: it is not forwarded again."""
        reader = command.head.reader
        found = self._places.find(reader, is_forwarded=True)
        if found.mandant is None or not found.mandant.is_electronic:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION,
                f"{reader} hat hier kein Postfach; weitergeleitet wird nur an den Server des "
                "Lesers.",
            )
        if self._places.has_moved_on(reader):
            # Who forwards knows that yet not, and finds out when it asks again.
            raise AmtshilfeError(
                Faults.DIRECTORY_UNAVAILABLE,
                f"{reader} wird heute von einem anderen Rechenzentrum betreut.",
            )
        if found.place is not ReaderPlace.MAILBOX:
            raise _refuse_inactive(found.mandant)
        return self._route_to_mailbox(command, found.mandant)

    def _route(self, command: SendCommand, found: FoundReader) -> Route:
        """By the place of the reader; raises 9022."""
        mandant, behoerde = found.mandant, found.behoerde
        if found.centre:
            name = behoerde.name if behoerde else ""
            return replace(self._route_to_centre(command, found.centre), reader_name=name)
        if mandant and found.place is ReaderPlace.MAILBOX:
            return self._route_to_mailbox(command, mandant)
        if mandant and found.place is ReaderPlace.CLOSED_MAILBOX:
            raise _refuse_inactive(mandant)
        if behoerde is None:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION, f"Der Leser {command.head.reader} ist nicht bekannt."
            )
        if found.place is ReaderPlace.NOWHERE:
            raise _refuse_unreached(behoerde)
        key = mandant.key if mandant else None
        due = self._find_due(command)
        name = behoerde.name
        return Route(MessageEvent.SENT_AS_LETTER, key, name, due, LETTER, reader_name=name)

    def _route_to_centre(self, command: SendCommand, centre: DataCentre) -> Route:
        """To another data centre by the worker."""
        there = Destination(DestinationKind.DATA_CENTRE, centre.name)
        due = self._find_due(command)
        return Route(MessageEvent.SENT_FOR_DELIVERY, None, centre.title, due, there)

    def _hold(self, command: SendCommand, reader: Mandant | None) -> Route:
        """A directory that is down holds a message, it does not reject it."""
        due = self._find_due(command)
        key, name = (reader.key, reader.name) if reader else (None, "")
        return Route(MessageEvent.SENT_FOR_DELIVERY, key, "", due, OPEN, reader_name=name)

    def _find_due(self, command: SendCommand) -> datetime:
        return command.head.find_due(self._clock())

    def _route_to_mailbox(self, command: SendCommand, mandant: Mandant) -> Route:
        not_before = command.head.not_before
        is_early = not_before is not None and not_before > self._clock()
        event = MessageEvent.SENT_FOR_DELIVERY if is_early else MessageEvent.SENT_TO_MAILBOX
        due = not_before if is_early else None
        mailbox = Destination(DestinationKind.MAILBOX, str(command.head.reader))
        name = mandant.name
        return Route(event, mandant.key, name, due, mailbox, reader_name=name)


def _refuse_inactive(mandant: Mandant) -> _NoEndpoint:
    cause = explain_inactive(mandant.name, mandant.access)
    reason = f"{cause} Nachrichten nimmt er nicht mehr an."
    return _NoEndpoint(cause, reason, FallbackReason.ACCESS_ENDED)


def _refuse_unreached(behoerde: Behoerde) -> _NoEndpoint:
    cause = f"{behoerde.name} nimmt elektronisch teil, hat aber auf diesem Server kein Postfach."
    return _NoEndpoint(cause, cause, FallbackReason.NO_ENDPOINT)
