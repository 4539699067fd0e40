"""Sending: from the command to the committed message.

Nothing is acknowledged before it is durable: the parts are in the blob store and the
transaction is committed before `send` returns.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from persistence.blobs import Blobs
from persistence.database import Besides, Database, Stores, nothing_besides
from persistence.stores.messages import MessageIdTaken
from server.domain.destination import SCANNER
from server.domain.duplicate import EarlierMessage, describe_duplicate
from server.domain.figures import ClaimSum
from server.domain.mandant import CentreCaller
from server.domain.message import MessageEvent
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.domain.vorgang_facts import VorgangFacts, gather_facts
from server.errors import AmtshilfeError, Faults
from server.services.admission import Admission
from server.services.clock import Clock
from server.services.duplicates import Duplicates, mark_duplicate
from server.services.message_events import record_event
from server.services.routes import Route, Routes
from server.services.send_command import SendCommand
from server.xmlio.payloads import PayloadInspector
from server.xmlio.zustaendigkeit import ANFRAGE_001


@dataclass(frozen=True)
class SendReceipt:
    """The message is durable since `accepted`."""

    message_id: str
    accepted: datetime


@dataclass(frozen=True)
class Door:
    """What is asked of a message before it is accepted: may it come in, where to, was it here?"""

    admission: Admission
    routes: Routes
    duplicates: Duplicates


class Sending:
    """Accepts messages."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        inspector: PayloadInspector,
        clock: Clock,
        *,
        door: Door,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._inspector = inspector
        self._clock = clock
        self._admission = door.admission
        self._routes = door.routes
        self._duplicates = door.duplicates

    def send(self, command: SendCommand, besides: Besides = nothing_besides) -> SendReceipt:
        """Stores a message durably and returns; raises AmtshilfeError and stores nothing.

        The same content under the same MessageID is accepted again and stored once. `besides`
        writes along with the message, in its transaction.
        """
        command = self._admission.admit(command, may_wait=True)
        self.require_asynchronous(command)
        digest = compute_digest(command)
        repeated = self.find_repeated(command, digest)
        if repeated:
            return repeated
        route = self._routes.choose(command)
        if command.is_unscanned:
            route = _lead_past_scanner(route, self._clock())
        message = self._store_parts(command, route, digest)
        claims = self._inspector.read_claims(command.message) if command.message else ()
        receipt = self._commit(message, route, claims, besides)
        return receipt or self._require_repeated(command, digest)

    def require_asynchronous(self, command: SendCommand) -> None:
        """Raises 9081 for a message that the server answers itself."""
        message = command.message
        if message is not None and self._inspector.find_root(message) == ANFRAGE_001:
            raise AmtshilfeError(
                Faults.ONLY_SYNCHRONOUS,
                "Die Zuständigkeitsanfrage (001) beantwortet der Server sofort.",
            )

    def find_repeated(self, command: SendCommand, digest: str) -> SendReceipt | None:
        """The receipt of the same content under the same MessageID; raises 9024 for other."""
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

    def find_duplicate(self, command: SendCommand) -> EarlierMessage | None:
        """The author's earlier message with the same content; None where there is none."""
        facts = self._read_facts(command)
        return self._duplicates.find_before_sending(command, facts, self._clock())

    def _require_repeated(self, command: SendCommand, digest: str) -> SendReceipt:
        """The answer for who came second with a MessageID that is stored meanwhile."""
        repeated = self.find_repeated(command, digest)
        if repeated is None:
            raise RuntimeError("a MessageID is taken, but its message cannot be found")
        return repeated

    def _store_parts(self, command: SendCommand, route: Route, digest: str) -> NewMessage:
        parts = tuple(
            ContentPart(part.kind, self._blobs.keep(part.content), part.attributes)
            for part in command.parts
        )
        caller, facts = command.caller, self._read_facts(command)
        return NewMessage(
            _name_parties(command, route),
            None if isinstance(caller, CentreCaller) else caller.mandant.key,
            route.reader_mandant,
            parts,
            digest,
            command.tokens_xml,
            facts,
            self._duplicates.compute_key(command, facts),
            command.is_unscanned,
            caller.centre if isinstance(caller, CentreCaller) else "",
        )

    def _read_facts(self, command: SendCommand) -> VorgangFacts | None:
        """What the message says to its Vorgang; of one that stays closed only its head tells."""
        head, content = command.head, command.message
        routing = self._inspector.read_routing(content) if content else None
        return gather_facts(routing, head.in_reply_to, head.process)

    def _commit(
        self, message: NewMessage, route: Route, claims: Sequence[ClaimSum], besides: Besides
    ) -> SendReceipt | None:
        """One transaction: message, state, report entries, order; None where the ID is taken."""
        moment = self._clock()

        def store(stores: Stores) -> None:
            earlier = self._duplicates.find(
                stores, message.content_key, message.author_mandant, moment
            )
            marked = mark_duplicate(message, earlier) if earlier else message
            key = stores.messages.add(marked, moment)
            stores.figures.add_claims(key, claims)
            _record_sending(stores, marked.stored_as(key, moment), route, moment)
            if earlier:
                text = describe_duplicate(earlier)
                entry = make_entry(ReportCode.POSSIBLE_DUPLICATE, moment, text)
                stores.messages.add_entries(key, [entry])
            besides(stores)

        try:
            self._database.write(store)
        except MessageIdTaken:
            return None
        return SendReceipt(message.head.message_id, moment)


def compute_digest(command: SendCommand) -> str:
    """SHA-256 (hex) over what makes the content of a message.

    DeliveryAttributes do not count: a client that repeats a call may state a new Origin.
    """
    head = command.head
    identity = [
        [str(head.author), str(head.reader), head.service, head.message_type],
        [
            [part.kind, part.content.sha256, sorted(part.attributes.items())]
            for part in command.parts
        ],
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()


def _name_parties(command: SendCommand, route: Route) -> MessageHead:
    """The head with the names by which its parties are known, where it gives them none.

    XTA leaves them optional; the lists of the Web-Client are searched by them.
    """
    head, caller = command.head, command.caller
    author_name = "" if isinstance(caller, CentreCaller) else caller.mandant.name
    return replace(
        head,
        author=replace(head.author, name=head.author.name or author_name),
        reader=replace(head.reader, name=head.reader.name or route.reader_name),
    )


def _lead_past_scanner(route: Route, moment: datetime) -> Route:
    """The scanner first, at once; where the message goes then is found when it was scanned."""
    return replace(
        route,
        event=MessageEvent.SENT_UNSCANNED,
        destination=SCANNER,
        due=moment,
        is_settled=True,
    )


def _record_sending(stores: Stores, message: StoredMessage, route: Route, moment: datetime) -> None:
    notes = (ReportCode.OTHER_READERS_NAMED,) if message.head.other_readers else ()
    record_event(stores, message, route.event, moment, detail=route.detail, notes=notes)
    if route.due:
        stores.orders.add(
            message.key, route.destination, moment, route.due, is_redirected=route.is_settled
        )


def _make_receipt(known: StoredMessage) -> SendReceipt:
    return SendReceipt(known.head.message_id, known.times.initial_send or known.times.origin)
