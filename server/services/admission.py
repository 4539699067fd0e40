"""What every message must fulfil, whichever way it goes: author, MessageID, size, payload."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from server.domain.behoerde import PartyIdentifier
from server.domain.stored_message import MessageHead
from server.errors import AmtshilfeError, Fault, Faults
from server.services.ersuchen_rules import find_violations
from server.services.scanning import Scanning
from server.services.send_command import SendCommand
from server.services.tenancy import require_own_name
from server.services.uris import is_absolute_uri
from server.xmlio.ersuchen import ERSUCHEN, read_ersuchen
from server.xmlio.payloads import PayloadInspector

_MESSAGE_ID_LENGTH = 255


@dataclass(frozen=True)
class Violation:
    """Why a command is refused; `reason` is a German sentence."""

    fault: Fault
    reason: str


class Admission:
    """An ordered list of small checks."""

    def __init__(
        self, inspector: PayloadInspector, scanning: Scanning, container_bytes: int
    ) -> None:
        self._inspector = inspector
        self._scanning = scanning
        self._container_bytes = container_bytes
        self._checks: tuple[Callable[[SendCommand], Violation | None], ...] = (
            self._check_message_id,
            self._check_size,
            self._check_malware,
            self._check_payload,
            self._check_ersuchen,
        )

    def admit(self, command: SendCommand) -> None:
        """Raises AmtshilfeError with the first violation; 9014 comes before all others."""
        for party in _list_own_parties(command.head):
            require_own_name(command.caller, party)
        for check in self._checks:
            violation = check(command)
            if violation:
                raise AmtshilfeError(violation.fault, violation.reason)

    def _check_message_id(self, command: SendCommand) -> Violation | None:
        message_id = command.head.message_id
        if is_absolute_uri(message_id) and len(message_id) <= _MESSAGE_ID_LENGTH:
            return None
        return Violation(
            Faults.URI_INVALID,
            f"Die MessageID „{message_id[:_MESSAGE_ID_LENGTH]}“ ist keine URI mit höchstens "
            f"{_MESSAGE_ID_LENGTH} Zeichen.",
        )

    def _check_size(self, command: SendCommand) -> Violation | None:
        size = sum(part.content.size for part in command.parts)
        if size <= self._container_bytes:
            return None
        return Violation(
            Faults.MESSAGE_TOO_LARGE,
            f"Der Inhalt hat {size} Bytes, erlaubt sind {self._container_bytes}.",
        )

    def _check_malware(self, command: SendCommand) -> Violation | None:
        for position, part in enumerate(command.parts, start=1):
            found = self._scanning.find_malware(part.content)
            if found:
                name = part.attributes.get("filename") or f"Nr. {position}"
                return Violation(Faults.VIRUS_FOUND, f"Im Teil „{name}“ wurde {found} gefunden.")
        return None

    def _check_payload(self, command: SendCommand) -> Violation | None:
        if command.message is None:
            return None
        problem = self._inspector.find_problem(command.message, command.head.payload_schema)
        return Violation(problem.fault, problem.reason) if problem else None

    def _check_ersuchen(self, command: SendCommand) -> Violation | None:
        message = command.message
        if message is None or self._inspector.find_root(message) != ERSUCHEN:
            return None
        violations = find_violations(read_ersuchen(self._inspector.parse(message)))
        return Violation(Faults.PROFILE_VIOLATION, " ".join(violations)) if violations else None


def _list_own_parties(head: MessageHead) -> Iterator[PartyIdentifier]:
    yield head.author
    if head.sender:
        yield head.sender
