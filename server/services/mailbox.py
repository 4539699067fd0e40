"""The mailbox of a reader: list, fetch, confirm."""

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta

from persistence.blobs import FolderBlobs
from persistence.database import Database, Stores
from server.domain.mailbox import MailboxSelector
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState, decide
from server.domain.stored_message import ContentPart, StoredMessage
from server.domain.transport_report import make_entry
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.reporting import unknown_message_id

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class MailboxListing:
    """Waiting messages, oldest first; `pending` counts those that did not fit in."""

    request_id: str
    messages: tuple[StoredMessage, ...]
    pending: int


@dataclass(frozen=True)
class FetchedPart:
    """A part with its bytes."""

    part: ContentPart
    content: bytes


@dataclass(frozen=True)
class FetchedMessage:
    """A message with all its parts; `pending` counts what else was selected."""

    request_id: str
    message: StoredMessage
    parts: tuple[FetchedPart, ...]
    pending: int


@dataclass(frozen=True)
class NothingWaiting:
    """No waiting message fits the selector."""

    request_id: str


class Mailbox:
    """Hands out the messages of a reader.

    A fetch marks a message as fetched, but leaves it in the mailbox: only a confirmation
    takes it out, so that a reader whose connection broke fetches it again.
    """

    def __init__(
        self,
        database: Database,
        blobs: FolderBlobs,
        clock: Clock,
        *,
        max_list_items: int,
        iterator_lifetime: timedelta,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._max_list_items = max_list_items
        self._iterator_lifetime = iterator_lifetime

    def list_waiting(
        self, caller: Caller, selector: MailboxSelector, max_items: int | None = None
    ) -> MailboxListing:
        """What waits for the caller, at most `max_items` of it and never above the setting."""
        maximum = min(max_items or self._max_list_items, self._max_list_items)
        with self._database.writing() as stores:
            messages = stores.messages.list_mailbox(caller.mandant.key, selector, maximum)
            total = stores.messages.count_mailbox(caller.mandant.key, selector)
            request_id = self._open_request(stores, caller)
        return MailboxListing(request_id, messages, total - len(messages))

    def fetch(self, caller: Caller, selector: MailboxSelector) -> FetchedMessage | NothingWaiting:
        """The oldest selected message, as often as it is asked for until it is confirmed."""
        with self._database.reading() as stores:
            candidates = stores.messages.list_mailbox(caller.mandant.key, selector, 1)
            total = stores.messages.count_mailbox(caller.mandant.key, selector)
        # The bytes are read before the fetch is noted: what cannot be read was not fetched.
        parts = tuple(
            FetchedPart(part, self._blobs.read(part.sha256))
            for message in candidates
            for part in message.parts
        )
        with self._database.writing() as stores:
            request_id = self._open_request(stores, caller)
            if not candidates:
                return NothingWaiting(request_id)
            message = self._note_fetch(stores, candidates[0].key)
        return FetchedMessage(request_id, message, parts, total - 1)

    def close(self, caller: Caller, request_id: str, received: tuple[str, ...]) -> None:
        """Ends an iterator and confirms the received messages, all of them or none.

        Raises 9070 where the iterator or a message is not the caller's own. Repeating a close
        changes nothing.
        """
        moment = self._clock()
        with self._database.writing() as stores:
            if not stores.mailbox_requests.find(request_id, caller.mandant.key, moment):
                raise AmtshilfeError(
                    Faults.MESSAGE_ID_UNKNOWN,
                    f"Die MsgBoxRequestID {request_id} ist für diesen Account nicht bekannt "
                    "oder abgelaufen.",
                )
            for message_id in received:
                self._confirm(stores, caller, message_id)
            stores.mailbox_requests.close(request_id)

    def confirm(self, caller: Caller, message_id: str) -> StoredMessage:
        """Confirms one fetched message; raises 9070."""
        with self._database.writing() as stores:
            return self._confirm(stores, caller, message_id)

    def _open_request(self, stores: Stores, caller: Caller) -> str:
        moment = self._clock()
        request_id = f"urn:uuid:{uuid.uuid4()}"
        stores.mailbox_requests.delete_expired(moment)
        expires = moment + self._iterator_lifetime
        stores.mailbox_requests.add(request_id, caller.mandant.key, moment, expires)
        return request_id

    def _note_fetch(self, stores: Stores, key: int) -> StoredMessage:
        message = stores.messages.find_for_change(key)
        if message is None or not message.state.is_in_mailbox:
            raise AmtshilfeError(
                Faults.MESSAGE_ID_UNKNOWN, "Die Nachricht wurde inzwischen bestätigt."
            )
        return self._apply(stores, message, MessageEvent.FETCHED)

    def _confirm(self, stores: Stores, caller: Caller, message_id: str) -> StoredMessage:
        message = stores.messages.find(message_id)
        if message is None or message.reader_mandant != caller.mandant.key:
            raise unknown_message_id(message_id)
        if message.state not in (MessageState.FETCHED, MessageState.CLOSED):
            raise AmtshilfeError(
                Faults.MESSAGE_ID_UNKNOWN,
                f"Die Nachricht {message_id} wurde noch nicht abgeholt.",
            )
        return self._apply(stores, message, MessageEvent.CLOSED)

    def _apply(self, stores: Stores, message: StoredMessage, event: MessageEvent) -> StoredMessage:
        moment = self._clock()
        transition = decide(message.state, event)
        entries = [make_entry(code, moment) for code in transition.report_codes]
        if transition.state != message.state:
            stores.messages.record(
                message.key, transition.state, transition.stamps, moment, entries
            )
            logger.info("message %s: %s", message.head.message_id, event)
        return stores.messages.find_for_change(message.key) or message
