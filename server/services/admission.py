"""What every message must fulfil, whichever way it goes: author, MessageID, size, payload."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from persistence.database import Database
from persistence.stores.message_rows import MESSAGE_ID_LENGTH, fold_message_id
from server.domain.behoerde import TYPE_LENGTH, VALUE_LENGTH, PartyIdentifier
from server.domain.stored_message import MessageHead, PartKind
from server.errors import AmtshilfeError, Faults
from server.services.embedded_documents import (
    find_infected_documents,
    find_unreadable_documents,
)
from server.services.message_rules import MessageRules, MessageUnderRules
from server.services.peers import RequireAuthor
from server.services.scanning import ScannerDown, Scanning
from server.services.send_command import SendCommand
from server.services.tenancy import require_own_name
from server.services.unknown_schemas import find_refusals
from server.services.uris import is_absolute_uri
from server.services.violation import Violation, to_error
from server.xmlio.payloads import PayloadInspector

# Base64 within base64, with line breaks: a document EncryptedData is less than twice its content.
_ENCRYPTED_GROWTH = 2
_UNREADABLE = (Faults.SCHEMA_VIOLATION, Faults.WRONG_ENCODING)

Check = Callable[[SendCommand], Iterable[Violation]]


class Admission:
    """An ordered list of small checks: each gives what it finds."""

    def __init__(
        self,
        database: Database,
        inspector: PayloadInspector,
        scanning: Scanning,
        rules: MessageRules,
        *,
        container_bytes: int,
        require_author: RequireAuthor = require_own_name,
    ) -> None:
        self._database = database
        self._inspector = inspector
        self._scanning = scanning
        self._rules = rules
        self._container_bytes = container_bytes
        self._require_author = require_author
        self._checks: tuple[Check, ...] = (
            self._check_author,
            self._check_message_id,
            self._check_size,
            self._check_malware,
            self._check_payload,
            # A message that cannot be read names no reader: that is told first.
            self._check_reader,
        )
        # These read the message: it must have passed the others.
        self._message_checks: tuple[Check, ...] = (
            self._check_unknown_schema,
            self._check_infected_documents,
            self._check_documents,
            self._check_rules,
        )

    def admit(self, command: SendCommand, *, may_wait: bool = False) -> SendCommand:
        """The command; raises AmtshilfeError with everything that the first failing check finds.

        Where the scanner is away and the message may wait for it, the command says so.
        """
        is_unscanned = False
        for check in (*self._checks, *self._message_checks):
            violations: list[Violation] = []
            try:
                # What was found before the scanner failed counts.
                violations.extend(check(command))
            except ScannerDown:
                if not (may_wait and self._scanning.holds):
                    raise
                is_unscanned = True
            if violations:
                raise to_error(tuple(violations))
        return replace(command, is_unscanned=True) if is_unscanned else command

    def find_violations(self, command: SendCommand) -> tuple[Violation, ...]:
        """Everything that any check finds; a check that fails itself tells that."""
        found = [item for check in self._checks for item in _collect(check, command)]
        if not any(violation.fault in _UNREADABLE for violation in found):
            found += (item for check in self._message_checks for item in _collect(check, command))
        return tuple(found)

    def _check_author(self, command: SendCommand) -> Iterator[Violation]:
        for party in _list_own_parties(command.head):
            try:
                self._require_author(command.caller, party)
            except AmtshilfeError as error:
                yield Violation(error.fault, error.reason)

    def _check_reader(self, command: SendCommand) -> Iterator[Violation]:
        reader = command.head.reader
        if not reader.value:
            yield Violation(
                Faults.PARAMETER_MISSING,
                "Es fehlt der Leser: Weder der Aufruf noch die Nachricht nennt ihn.",
            )
        if len(reader.value) > VALUE_LENGTH or len(reader.type) > TYPE_LENGTH:
            yield Violation(
                Faults.PARAMETER_COMBINATION,
                f"Die Kennung des Lesers hat mehr als {VALUE_LENGTH} oder ihr Typ mehr als "
                f"{TYPE_LENGTH} Zeichen.",
            )

    def _check_message_id(self, command: SendCommand) -> Iterator[Violation]:
        message_id = command.head.message_id
        # Folding can make a text longer.
        length = max(len(message_id), len(fold_message_id(message_id)))
        if is_absolute_uri(message_id) and length <= MESSAGE_ID_LENGTH:
            return
        yield Violation(
            Faults.URI_INVALID,
            f"Die MessageID „{message_id[:MESSAGE_ID_LENGTH]}“ ist keine URI mit höchstens "
            f"{MESSAGE_ID_LENGTH} Zeichen.",
        )

    def _check_size(self, command: SendCommand) -> Iterator[Violation]:
        is_encrypted = any(part.kind == PartKind.ENCRYPTED for part in command.parts)
        allowed = self._container_bytes * (_ENCRYPTED_GROWTH if is_encrypted else 1)
        for parts, maximum in (command.parts, allowed), (command.opened, self._container_bytes):
            size = sum(part.content.size for part in parts)
            if size > maximum:
                yield Violation(
                    Faults.MESSAGE_TOO_LARGE,
                    f"Der Inhalt hat {size} Bytes, erlaubt sind {maximum}.",
                )

    def _check_malware(self, command: SendCommand) -> Iterator[Violation]:
        parts = [(part.attributes.get("filename", ""), part.content) for part in command.readable]
        for reason in self._scanning.find_infected_parts(parts):
            yield Violation(Faults.VIRUS_FOUND, reason)

    def _check_payload(self, command: SendCommand) -> Iterator[Violation]:
        if command.message is None:
            return
        problem = self._inspector.find_problem(command.message, command.head.payload_schema)
        if problem:
            for complaint in problem.complaints:
                yield Violation(problem.fault, complaint.text, complaint.line)

    def _check_unknown_schema(self, command: SendCommand) -> Iterator[Violation]:
        return find_refusals(command, self._inspector, self._database)

    def _check_infected_documents(self, command: SendCommand) -> Iterator[Violation]:
        if command.message is not None:
            documents = self._inspector.read_documents(command.message)
            yield from find_infected_documents(documents, self._scanning)

    def _check_documents(self, command: SendCommand) -> Iterator[Violation]:
        if command.message is not None:
            yield from find_unreadable_documents(self._inspector.read_documents(command.message))

    def _check_rules(self, command: SendCommand) -> Iterator[Violation]:
        message = command.message
        if message is None or not self._inspector.is_known(message):
            return
        under_rules = MessageUnderRules(
            self._inspector.parse(message), command.head.reader, command.attached
        )
        for reason in self._rules.find_violations(under_rules):
            yield Violation(Faults.PROFILE_VIOLATION, reason)


def _collect(check: Check, command: SendCommand) -> tuple[Violation, ...]:
    try:
        return tuple(check(command))
    except AmtshilfeError as error:
        return (Violation(error.fault, error.reason),)


def _list_own_parties(head: MessageHead) -> Iterator[PartyIdentifier]:
    yield head.author
    if head.sender and not head.sender.is_same_party(head.author):
        yield head.sender
