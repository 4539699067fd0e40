"""The dry run: what sending a message would meet, with nothing sent and nothing stored."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from server.domain.behoerde import Kanal
from server.domain.duplicate import describe_duplicate
from server.domain.message import MessageEvent
from server.domain.transport_report import Severity
from server.errors import AmtshilfeError
from server.services.admission import Admission
from server.services.routes import Route, Routes
from server.services.send_command import SendCommand
from server.services.sending import Sending, compute_digest
from server.services.violation import Violation
from server.xmlio.payloads import PayloadInspector

_Answer = TypeVar("_Answer")


class NoteCode(StrEnum):
    """The codes of findings that are no faults."""

    ALREADY_ACCEPTED = "bereits-angenommen"
    BY_LETTER = "zustellweg-brief"
    TEST_NOT_PRINTED = "testnachricht-ohne-brief"
    POSSIBLE_DUPLICATE = "moegliche-dublette"
    DIRECTORY_AWAY = "verzeichnis-nicht-erreichbar"


@dataclass(frozen=True)
class Finding:
    """Something that was found; `code` is that of a fault, or a NoteCode. Texts are German."""

    severity: Severity
    code: str
    text: str
    line: int | None = None
    remedy: str = ""


@dataclass(frozen=True)
class CheckResult:
    """What was found. `route` is None where there is none, or where nothing would be sent again.

    `message_type` is empty where the message is none that is known.
    """

    message_type: str
    route: Route | None
    findings: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        """True where sending would accept the message."""
        return all(finding.severity < Severity.ERROR for finding in self.findings)


class Checking:
    """Asks everything that sending asks, and goes on where sending would stop."""

    def __init__(
        self, admission: Admission, sending: Sending, routes: Routes, inspector: PayloadInspector
    ) -> None:
        self._admission = admission
        self._sending = sending
        self._routes = routes
        self._inspector = inspector

    def check(self, command: SendCommand) -> CheckResult:
        """Everything that is wrong with a message, and which way it would go."""
        findings = _Findings()
        for violation in self._admission.find_violations(command):
            findings.add(violation)
        findings.ask(lambda: self._sending.require_asynchronous(command))
        digest = compute_digest(command)
        if findings.ask(lambda: self._sending.find_repeated(command, digest)):
            findings.note(Severity.INFO, NoteCode.ALREADY_ACCEPTED, _ALREADY_ACCEPTED)
            route = None
        else:
            route = self._find_route(command, findings)
            earlier = self._sending.find_duplicate(command)
            if earlier:
                text = describe_duplicate(earlier)
                findings.note(Severity.WARNING, NoteCode.POSSIBLE_DUPLICATE, text)
        return CheckResult(self._find_type(command), route, tuple(findings.found))

    def _find_route(self, command: SendCommand, findings: "_Findings") -> Route | None:
        if not command.head.reader.value:
            return None
        route = findings.ask(lambda: self._routes.find(command))
        if route is None:
            return None
        findings.ask(lambda: self._routes.require_printable(command, route))
        if route.kanal is None:
            findings.note(Severity.WARNING, NoteCode.DIRECTORY_AWAY, _DIRECTORY_AWAY)
        if route.kanal == Kanal.BRIEF:
            is_fallback = route.event is MessageEvent.SENT_AS_FALLBACK_LETTER
            text = (_BY_FALLBACK_LETTER if is_fallback else _BY_LETTER).format(name=route.detail)
            findings.note(Severity.INFO, NoteCode.BY_LETTER, text)
            if command.head.is_test:
                findings.note(Severity.INFO, NoteCode.TEST_NOT_PRINTED, _TEST_NOT_PRINTED)
        return route

    def _find_type(self, command: SendCommand) -> str:
        found = self._inspector.find_type(command.message) if command.message else None
        return found.message_type if found else ""


class _Findings:
    """Collects what would end a real attempt."""

    def __init__(self) -> None:
        self.found: list[Finding] = []

    def add(self, violation: Violation) -> None:
        fault = violation.fault
        self.found.append(
            Finding(Severity.ERROR, fault.code, violation.reason, violation.line, fault.remedy)
        )

    def note(self, severity: Severity, code: NoteCode, text: str) -> None:
        self.found.append(Finding(severity, code, text))

    def ask(self, question: Callable[[], _Answer]) -> _Answer | None:
        """The answer; None where the question ends with a fault, which is then a finding."""
        try:
            return question()
        except AmtshilfeError as error:
            self.add(Violation(error.fault, error.reason))
            return None


_ALREADY_ACCEPTED = (
    "Diese Nachricht wurde unter dieser MessageID schon angenommen; sie würde nicht noch einmal "
    "versandt."
)
_BY_LETTER = "Zustellweg Brief: {name} nimmt nicht elektronisch teil, es würde ein Brief erzeugt."
_BY_FALLBACK_LETTER = "Zustellweg Brief, ersatzweise: {name} Es würde ein Brief erzeugt."
_TEST_NOT_PRINTED = "Testnachricht: Ein Brief würde nicht gedruckt."
_DIRECTORY_AWAY = (
    "Das Verzeichnis ist zurzeit nicht erreichbar, der Leser ließ sich nicht prüfen. Die Nachricht "
    "würde angenommen und zugestellt, sobald das Verzeichnis antwortet."
)
