"""Sending: from the command to the committed message.

Nothing is acknowledged before it is durable: the parts are in the blob store and the
transaction is committed before `send` returns.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from persistence.blobs import FolderBlobs
from persistence.database import Database, Stores
from persistence.stores.messages import MessageIdTaken
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.mandant import Caller, Mandant
from server.domain.message import MessageEvent, MessageState, decide
from server.domain.stored_message import (
    ContentPart,
    MessageHead,
    NewMessage,
    PartKind,
    StoredMessage,
)
from server.domain.transport_report import make_entry
from server.errors import AmtshilfeError, Fault, Faults
from server.services.clock import Clock
from server.services.directory import Directory, DirectoryUnavailable
from server.services.letters import find_letter_problem
from server.services.tenancy import require_own_name
from server.xmlio.payloads import PayloadInspector

logger = logging.getLogger(__name__)

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+")
_MESSAGE_ID_LENGTH = 255


@dataclass(frozen=True)
class IncomingPart:
    """A part of the container as it came in; `attributes` are those of XTA ContentType."""

    kind: PartKind
    content: bytes
    attributes: dict[str, str]


@dataclass(frozen=True)
class SendCommand:
    """What a caller wants to send; `tokens_xml` keeps the X509TokenContainer header."""

    caller: Caller
    head: MessageHead
    parts: tuple[IncomingPart, ...]
    tokens_xml: bytes | None = None


@dataclass(frozen=True)
class SendReceipt:
    """The message is durable since `accepted`."""

    message_id: str
    accepted: datetime


@dataclass(frozen=True)
class Violation:
    """Why a command is refused; `reason` is a German sentence."""

    fault: Fault
    reason: str


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


class Sending:
    """Accepts messages."""

    def __init__(
        self,
        database: Database,
        blobs: FolderBlobs,
        directory: Directory,
        inspector: PayloadInspector,
        clock: Clock,
        *,
        container_bytes: int,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._directory = directory
        self._inspector = inspector
        self._clock = clock
        self._container_bytes = container_bytes
        self._checks: tuple[Callable[[SendCommand], Violation | None], ...] = (
            self._check_message_id,
            self._check_size,
            self._check_payload,
        )

    def send(self, command: SendCommand) -> SendReceipt:
        """Stores a message durably and returns; raises AmtshilfeError and stores nothing.

        The same content under the same MessageID is accepted again and stored once.
        """
        _require_own_names(command)
        for check in self._checks:
            _raise_violation(check(command))
        digest = compute_digest(command)
        repeated = self._find_repeated(command, digest)
        if repeated:
            return repeated
        route = self._choose_route(command)
        message = self._store_parts(command, route, digest)
        return self._commit(message, route) or self._require_repeated(command, digest)

    def _check_message_id(self, command: SendCommand) -> Violation | None:
        message_id = command.head.message_id
        if _URI.fullmatch(message_id) and len(message_id) <= _MESSAGE_ID_LENGTH:
            return None
        return Violation(
            Faults.URI_INVALID,
            f"Die MessageID „{message_id[:_MESSAGE_ID_LENGTH]}“ ist keine URI mit höchstens "
            f"{_MESSAGE_ID_LENGTH} Zeichen.",
        )

    def _check_size(self, command: SendCommand) -> Violation | None:
        size = sum(len(part.content) for part in command.parts)
        if size <= self._container_bytes:
            return None
        return Violation(
            Faults.MESSAGE_TOO_LARGE,
            f"Der Inhalt hat {size} Bytes, erlaubt sind {self._container_bytes}.",
        )

    def _check_payload(self, command: SendCommand) -> Violation | None:
        for part in command.parts:
            if part.kind == PartKind.MESSAGE:
                problem = self._inspector.find_problem(part.content, command.head.payload_schema)
                return Violation(problem.fault, problem.reason) if problem else None
        return None

    def _find_repeated(self, command: SendCommand, digest: str) -> SendReceipt | None:
        with self._database.reading() as stores:
            known = stores.messages.find(command.head.message_id)
        if known is None:
            return None
        if known.digest != digest:
            raise AmtshilfeError(
                Faults.MESSAGE_ID_TAKEN,
                f"Unter der MessageID {command.head.message_id} liegt bereits eine andere "
                "Nachricht vor.",
            )
        return _make_receipt(known)

    def _require_repeated(self, command: SendCommand, digest: str) -> SendReceipt:
        """The answer for who came second with a MessageID that is stored meanwhile."""
        repeated = self._find_repeated(command, digest)
        if repeated is None:
            raise RuntimeError("a MessageID is taken, but its message cannot be found")
        return repeated

    def _choose_route(self, command: SendCommand) -> Route:
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(command.head.reader)
        if mandant and mandant.is_electronic:
            return self._route_to_mailbox(command, mandant)
        return self._route_by_directory(command, mandant.key if mandant else None)

    def _route_to_mailbox(self, command: SendCommand, mandant: Mandant) -> Route:
        not_before = command.head.not_before
        if not_before and not_before > self._clock():
            event = MessageEvent.SENT_FOR_DELIVERY
            return Route(event, mandant.key, mandant.name, not_before)
        return Route(MessageEvent.SENT_TO_MAILBOX, mandant.key, mandant.name, None)

    def _route_by_directory(self, command: SendCommand, mandant_key: int | None) -> Route:
        head = command.head
        due = max(self._clock(), head.not_before or self._clock())
        try:
            behoerde = self._directory.find_behoerde(head.reader)
        except DirectoryUnavailable:
            # A directory that is down holds a message, it does not reject it.
            return Route(MessageEvent.SENT_FOR_DELIVERY, mandant_key, "", due)
        if behoerde is None:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION, f"Der Leser {head.reader} ist nicht bekannt."
            )
        if behoerde.kanal == Kanal.ELEKTRONISCH:
            raise AmtshilfeError(
                Faults.PARAMETER_COMBINATION,
                f"{behoerde.name} nimmt elektronisch teil, hat aber auf diesem Server kein "
                "Postfach.",
            )
        _raise_violation(_check_letter(command, self._inspector))
        return Route(MessageEvent.SENT_AS_LETTER, mandant_key, behoerde.name, due)

    def _store_parts(self, command: SendCommand, route: Route, digest: str) -> NewMessage:
        parts = tuple(
            ContentPart(
                part.kind, self._blobs.put(part.content), len(part.content), part.attributes
            )
            for part in command.parts
        )
        return NewMessage(
            command.head,
            command.caller.mandant.key,
            route.reader_mandant,
            parts,
            digest,
            command.tokens_xml,
        )

    def _commit(self, message: NewMessage, route: Route) -> SendReceipt | None:
        """One transaction: message, state, report entries, order; None where the ID is taken."""
        moment = self._clock()
        try:
            with self._database.writing() as stores:
                key = stores.messages.add(message, moment)
                _record_sending(stores, key, route, moment)
        except MessageIdTaken:
            return None
        logger.info("message %s stored: %s", message.head.message_id, route.event)
        return SendReceipt(message.head.message_id, moment)


def compute_digest(command: SendCommand) -> str:
    """SHA-256 (hex) over what makes the content of a message.

    DeliveryAttributes do not count: a client that repeats a call may state a new Origin.
    """
    head = command.head
    identity = [
        [str(head.author), str(head.reader), head.service, head.message_type],
        [
            [part.kind, hashlib.sha256(part.content).hexdigest(), sorted(part.attributes.items())]
            for part in command.parts
        ],
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


def _record_sending(stores: Stores, key: int, route: Route, moment: datetime) -> None:
    transition = decide(MessageState.NEW, route.event)
    entries = [make_entry(code, moment, route.detail) for code in transition.report_codes]
    stores.messages.record(key, transition.state, transition.stamps, moment, entries)
    if route.due:
        stores.orders.add(key, moment, route.due)


def _make_receipt(known: StoredMessage) -> SendReceipt:
    return SendReceipt(known.head.message_id, known.times.initial_send or known.times.origin)


def _check_letter(command: SendCommand, inspector: PayloadInspector) -> Violation | None:
    contents = [(part.kind, part.attributes, part.content) for part in command.parts]
    problem = find_letter_problem(contents, inspector)
    return Violation(Faults.PROFILE_VIOLATION, problem) if problem else None


def _require_own_names(command: SendCommand) -> None:
    for party in _list_own_parties(command.head):
        require_own_name(command.caller, party)


def _list_own_parties(head: MessageHead) -> Iterator[PartyIdentifier]:
    yield head.author
    if head.sender:
        yield head.sender


def _raise_violation(violation: Violation | None) -> None:
    if violation:
        raise AmtshilfeError(violation.fault, violation.reason)
