"""Which way a message takes: mailbox, letter, another data centre, or held for the directory."""

from dataclasses import dataclass
from datetime import datetime

from persistence.database import Database
from server.domain.behoerde import Kanal
from server.domain.data_centre import DataCentre
from server.domain.destination import OPEN, Destination, DestinationKind
from server.domain.mandant import CentreCaller, Mandant
from server.domain.mandant_access import explain_inactive
from server.domain.message import MessageEvent
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import find_letter_problem
from server.services.send_command import SendCommand
from server.services.serving_centres import ServingCentres
from server.xmlio.payloads import PayloadInspector


@dataclass(frozen=True)
class Route:
    """Which way a message takes.

    `due` is None where it is in the mailbox at once, else the moment from which a worker
    delivers it; `detail` goes into the report.
    """

    event: MessageEvent
    reader_mandant: int | None
    detail: str
    due: datetime | None
    destination: Destination

    @property
    def kanal(self) -> Kanal | None:
        """The channel as the directory calls it; None while the directory is away."""
        return self.destination.kanal


class Routes:
    """Chooses routes; stores nothing."""

    def __init__(
        self,
        database: Database,
        directory: Directory,
        inspector: PayloadInspector,
        clock: Clock,
        *,
        letter_output: str,
        centres: ServingCentres | None = None,
    ) -> None:
        self._database = database
        self._directory = directory
        self._inspector = inspector
        self._clock = clock
        self._letter = Destination(DestinationKind.LETTER, letter_output)
        self._centres = centres or ServingCentres(directory, "")

    def choose(self, command: SendCommand) -> Route:
        """The route of a message that can take it; raises AmtshilfeError where there is none."""
        route = self.find(command)
        self.require_printable(command, route)
        return route

    def find(self, command: SendCommand) -> Route:
        """The route to the reader, whatever the message is; raises 9022."""
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(command.head.reader)
        if isinstance(command.caller, CentreCaller):
            return self._route_from_centre(command, mandant)
        today = self._clock().date()
        if mandant and mandant.had_mailbox(today):
            return self._route_after_end(command, mandant)
        if mandant and mandant.has_mailbox(today):
            other = self._centres.find_other_of_mandant(command.head.reader)
            return self._route_to(command, other) or self._route_to_mailbox(command, mandant)
        return self._route_by_directory(command, mandant.key if mandant else None)

    def require_printable(self, command: SendCommand, route: Route) -> None:
        """Raises 9052 where the message would have to become a letter and cannot."""
        if route.kanal != Kanal.BRIEF:
            return
        contents = [(part.kind, part.attributes, part.content) for part in command.parts]
        problem = find_letter_problem(contents, self._inspector)
        if problem:
            raise AmtshilfeError(Faults.PROFILE_VIOLATION, problem)

    def _route_from_centre(self, command: SendCommand, mandant: Mandant | None) -> Route:
        """What another data centre forwards ends here: it is not forwarded again."""
        reader = command.head.reader
        if mandant is None or not mandant.is_electronic:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION,
                f"{reader} hat hier kein Postfach; weitergeleitet wird nur an den Server des "
                "Lesers.",
            )
        if self._centres.find_other(reader):
            # Who forwards knows that yet not, and finds out when it asks again.
            raise AmtshilfeError(
                Faults.DIRECTORY_UNAVAILABLE,
                f"{reader} wird heute von einem anderen Rechenzentrum betreut.",
            )
        if not mandant.has_mailbox(self._clock().date()):
            raise _refuse_inactive(mandant)
        return self._route_to_mailbox(command, mandant)

    def _route_after_end(self, command: SendCommand, mandant: Mandant) -> Route:
        """Who has left may have gone to another data centre; raises 9022 where it has not."""
        try:
            other = self._centres.find_other(command.head.reader)
        except DirectoryUnavailable:
            return self._hold(command, mandant.key)
        route = self._route_to(command, other)
        if route is None:
            raise _refuse_inactive(mandant)
        return route

    def _route_to(self, command: SendCommand, centre: DataCentre | None) -> Route | None:
        """To another data centre by the worker; None where there is none."""
        if centre is None:
            return None
        event = MessageEvent.SENT_FOR_DELIVERY
        return Route(
            event,
            None,
            centre.title,
            self._find_due(command),
            Destination(DestinationKind.DATA_CENTRE, centre.name),
        )

    def _hold(self, command: SendCommand, mandant_key: int | None) -> Route:
        """A directory that is down holds a message, it does not reject it."""
        due = self._find_due(command)
        return Route(MessageEvent.SENT_FOR_DELIVERY, mandant_key, "", due, OPEN)

    def _find_due(self, command: SendCommand) -> datetime:
        return max(self._clock(), command.head.not_before or self._clock())

    def _route_to_mailbox(self, command: SendCommand, mandant: Mandant) -> Route:
        not_before = command.head.not_before
        is_early = not_before is not None and not_before > self._clock()
        event = MessageEvent.SENT_FOR_DELIVERY if is_early else MessageEvent.SENT_TO_MAILBOX
        due = not_before if is_early else None
        mailbox = Destination(DestinationKind.MAILBOX, str(command.head.reader))
        return Route(event, mandant.key, mandant.name, due, mailbox)

    def _route_by_directory(self, command: SendCommand, mandant_key: int | None) -> Route:
        head = command.head
        try:
            behoerde = self._directory.find_behoerde(head.reader)
            is_electronic = behoerde is not None and behoerde.kanal == Kanal.ELEKTRONISCH
            other = self._centres.find_other(head.reader) if is_electronic else None
        except DirectoryUnavailable:
            return self._hold(command, mandant_key)
        route = self._route_to(command, other)
        if route:
            return route
        if behoerde is None:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION, f"Der Leser {head.reader} ist nicht bekannt."
            )
        if is_electronic:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION,
                f"{behoerde.name} nimmt elektronisch teil, hat aber auf diesem Server kein "
                "Postfach.",
            )
        due = self._find_due(command)
        return Route(MessageEvent.SENT_AS_LETTER, mandant_key, behoerde.name, due, self._letter)


def _refuse_inactive(mandant: Mandant) -> AmtshilfeError:
    reason = explain_inactive(mandant.name, mandant.access)
    return AmtshilfeError(
        Faults.PARAMETER_COMBINATION, f"{reason} Nachrichten nimmt er nicht mehr an."
    )
