"""The mailbox of a reader: list, fetch, confirm."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from persistence.blobs import Blobs
from persistence.database import Besides, Database, Stores, nothing_besides
from server.domain.content import BlobRef, Content
from server.domain.mailbox import (
    ListForm,
    MailboxIterator,
    MailboxPosition,
    MailboxSelector,
)
from server.domain.mandant import Caller
from server.domain.message import MessageEvent, MessageState
from server.domain.stored_message import ContentPart, PartKind, StoredMessage
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock
from server.services.message_events import lock_messages, record_event
from server.services.opening import Opening
from server.services.reporting import unknown_message_id

# Above it, how many messages are pending is told as this number: to count a million for each
# answer would take longer than the answer.
MAX_COUNTED = 1_000


@dataclass(frozen=True)
class MailboxListing:
    """Waiting messages, oldest first; `pending` counts those that come after them.

    `pending` is exact below MAX_COUNTED; where it is MAX_COUNTED there are as many or more.
    """

    request_id: str
    list_form: ListForm
    messages: tuple[StoredMessage, ...]
    pending: int


@dataclass(frozen=True)
class FetchedPart:
    """A part and where its bytes are read from."""

    part: ContentPart
    content: Content


@dataclass(frozen=True)
class FetchedMessage:
    """A message with all its parts; `pending` counts what else was selected, as in a list."""

    request_id: str
    message: StoredMessage
    parts: tuple[FetchedPart, ...]
    pending: int


class NoMessageReason(StrEnum):
    """Why there is no message (OSCI MsgBoxReasonEnum, the last part of its URI)."""

    NO_MATCH = "NoMatch"
    SEARCH_ARGS_INVALID = "SearchArgsInvalid"
    REQUEST_ID_INVALID = "RequestIdInvalid"


@dataclass(frozen=True)
class NothingWaiting:
    """There is no message, or the iterator or the selector is of no use."""

    request_id: str
    reason: NoMessageReason = NoMessageReason.NO_MATCH


class Mailbox:
    """Hands out the messages of a reader.

    A fetch marks a message as fetched, but leaves it in the mailbox: only a confirmation
    takes it out, so that a reader whose connection broke fetches it again. An iterator is a
    row: it survives a restart, belongs to one account, and expires.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        clock: Clock,
        *,
        max_list_items: int,
        iterator_lifetime: timedelta,
        opening: Opening | None = None,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._max_list_items = max_list_items
        self._iterator_lifetime = iterator_lifetime
        self._opening = opening

    def list_waiting(
        self,
        caller: Caller,
        selector: MailboxSelector,
        list_form: ListForm = ListForm.METADATA,
        max_items: int | None = None,
    ) -> MailboxListing | NothingWaiting:
        """What waits for the caller, at most `max_items` of it and never above the setting."""
        if not selector.is_valid:
            return _refuse_selector()
        maximum = min(max_items or self._max_list_items, self._max_list_items)
        iterator = MailboxIterator(_new_request_id(), selector, list_form, maximum)

        def change(stores: Stores) -> MailboxListing | NothingWaiting:
            self._open(stores, caller, iterator)
            return self._list(stores, caller, iterator)

        return self._database.write(change)

    def list_next(
        self, caller: Caller, request_id: str, received: tuple[str, ...]
    ) -> MailboxListing | NothingWaiting:
        """The next part of a list; what was received is confirmed first. Raises 9070."""

        def change(stores: Stores) -> MailboxListing | NothingWaiting:
            iterator = self._find_open(stores, caller, request_id)
            if iterator is None:
                return NothingWaiting(request_id, NoMessageReason.REQUEST_ID_INVALID)
            self._confirm_all(stores, caller, received)
            return self._list(stores, caller, iterator)

        return self._database.write(change)

    def fetch(
        self, caller: Caller, selector: MailboxSelector, besides: Besides = nothing_besides
    ) -> FetchedMessage | NothingWaiting:
        """The oldest selected message, as often as it is asked for until it is confirmed.

        `besides` writes along with the note that it was fetched, in its transaction.
        Raises 9070 where the selector names messages none of which is for the caller.
        """
        if not selector.is_valid:
            return _refuse_selector()
        iterator = MailboxIterator(_new_request_id(), selector)
        self._database.write(lambda stores: self._open(stores, caller, iterator))
        fetched = self._fetch(caller, iterator, besides)
        if isinstance(fetched, NothingWaiting):
            self._require_known(caller, selector.message_id_list)
        return fetched

    def fetch_next(
        self, caller: Caller, request_id: str, received: tuple[str, ...]
    ) -> FetchedMessage | NothingWaiting:
        """The next message of an iterator; what was received is confirmed first. Raises 9070."""

        def change(stores: Stores) -> MailboxIterator | None:
            found = self._find_open(stores, caller, request_id)
            if found:
                self._confirm_all(stores, caller, received)
            return found

        iterator = self._database.write(change)
        if iterator is None:
            return NothingWaiting(request_id, NoMessageReason.REQUEST_ID_INVALID)
        return self._fetch(caller, iterator)

    def close(self, caller: Caller, request_id: str, received: tuple[str, ...]) -> None:
        """Ends an iterator and confirms the received messages, all of them or none.

        Raises 9070 where the iterator or a message is not the caller's own. Repeating a close
        changes nothing.
        """
        moment = self._clock()

        def change(stores: Stores) -> None:
            if not stores.mailbox_requests.find(request_id, caller.mandant.key, moment):
                raise AmtshilfeError(
                    Faults.MESSAGE_ID_UNKNOWN,
                    f"Die MsgBoxRequestID {request_id} ist für diesen Account nicht bekannt "
                    "oder abgelaufen.",
                )
            self._confirm_all(stores, caller, received)
            stores.mailbox_requests.close(request_id)

        self._database.write(change)

    def confirm(
        self, caller: Caller, message_id: str, besides: Besides = nothing_besides
    ) -> StoredMessage:
        """Confirms one fetched message; raises 9070. `besides` writes along in its transaction."""

        def change(stores: Stores) -> StoredMessage:
            confirmed = self._confirm(stores, caller, message_id)
            besides(stores)
            return confirmed

        return self._database.write(change)

    def _open(self, stores: Stores, caller: Caller, iterator: MailboxIterator) -> None:
        moment = self._clock()
        stores.mailbox_requests.delete_expired(moment)
        expires = moment + self._iterator_lifetime
        stores.mailbox_requests.add(iterator, caller.mandant.key, moment, expires)

    def _find_open(self, stores: Stores, caller: Caller, request_id: str) -> MailboxIterator | None:
        iterator = stores.mailbox_requests.find(request_id, caller.mandant.key, self._clock())
        if iterator is None or stores.mailbox_requests.is_closed(request_id):
            return None
        return iterator

    def _list(
        self, stores: Stores, caller: Caller, iterator: MailboxIterator
    ) -> MailboxListing | NothingWaiting:
        mandant, after = caller.mandant.key, iterator.position
        messages = stores.messages.list_mailbox(
            mandant, iterator.selector, iterator.max_items, after
        )
        if not messages:
            return NothingWaiting(iterator.request_id)
        last = _position_of(messages[-1])
        pending = stores.messages.count_mailbox(mandant, iterator.selector, MAX_COUNTED, last)
        stores.mailbox_requests.advance(iterator.request_id, last)
        return MailboxListing(iterator.request_id, iterator.list_form, messages, pending)

    def _fetch(
        self, caller: Caller, iterator: MailboxIterator, besides: Besides = nothing_besides
    ) -> FetchedMessage | NothingWaiting:
        mandant, after = caller.mandant.key, iterator.position
        with self._database.reading() as stores:
            candidates = stores.messages.list_mailbox(mandant, iterator.selector, 1, after)
            if not candidates:
                return NothingWaiting(iterator.request_id)
            pending = stores.messages.count_mailbox(
                mandant, iterator.selector, MAX_COUNTED, _position_of(candidates[0])
            )
        # The blobs are looked up before the fetch is noted: what is not there was not fetched.
        parts = tuple(
            FetchedPart(part, self._blobs.find(part.blob)) for part in candidates[0].parts
        )
        parts = self._open_encrypted(caller, parts)

        def note(stores: Stores) -> StoredMessage | None:
            noted = self._note_fetch(stores, candidates[0].key)
            if noted:
                stores.mailbox_requests.advance(iterator.request_id, _position_of(noted))
                besides(stores)
            return noted

        message = self._database.write(note)
        if message is None:
            return self._fetch(caller, iterator, besides)
        return FetchedMessage(iterator.request_id, message, parts, pending)

    def _open_encrypted(
        self, caller: Caller, parts: tuple[FetchedPart, ...]
    ) -> tuple[FetchedPart, ...]:
        """In the clear where the caller's key is held here; else as they are."""
        if self._opening is None or parts[0].part.kind != PartKind.ENCRYPTED:
            return parts
        opened = self._opening.open_stored(caller.mandant.identifier, parts[0].content)
        return (
            tuple(
                FetchedPart(ContentPart(kind, _opened_ref(content), attributes), content)
                for kind, attributes, content in opened
            )
            or parts
        )

    def _require_known(self, caller: Caller, message_ids: tuple[str, ...]) -> None:
        with self._database.reading() as stores:
            found = [stores.messages.find(message_id) for message_id in message_ids]
        if message_ids and not any(
            message and message.reader_mandant == caller.mandant.key for message in found
        ):
            raise unknown_message_id(message_ids[0])

    def _confirm_all(self, stores: Stores, caller: Caller, received: tuple[str, ...]) -> None:
        lock_messages(stores, stores.messages.list_keys_for(caller.mandant.key, received))
        for message_id in received:
            self._confirm(stores, caller, message_id)

    def _note_fetch(self, stores: Stores, key: int) -> StoredMessage | None:
        """The message as fetched; None where it has left the mailbox meanwhile."""
        message = stores.messages.find_for_change(key)
        if message is None or not message.state.is_in_mailbox:
            return None
        return self._apply(stores, message, MessageEvent.FETCHED)

    def _confirm(self, stores: Stores, caller: Caller, message_id: str) -> StoredMessage:
        message = stores.messages.find_named_for_change(message_id)
        if message is None or message.reader_mandant != caller.mandant.key:
            raise unknown_message_id(message_id)
        if message.state not in (MessageState.FETCHED, MessageState.CLOSED):
            raise AmtshilfeError(
                Faults.MESSAGE_ID_UNKNOWN,
                f"Die Nachricht {message_id} wurde noch nicht abgeholt.",
            )
        return self._apply(stores, message, MessageEvent.CLOSED)

    def _apply(self, stores: Stores, message: StoredMessage, event: MessageEvent) -> StoredMessage:
        record_event(stores, message, event, self._clock())
        return stores.messages.find_for_change(message.key) or message


def _refuse_selector() -> NothingWaiting:
    return NothingWaiting(_new_request_id(), NoMessageReason.SEARCH_ARGS_INVALID)


def _opened_ref(content: Content) -> BlobRef:
    """What was opened lies nowhere in the clear: it has no name."""
    return BlobRef("", content.size, content.sha256)


def _new_request_id() -> str:
    return f"urn:uuid:{uuid.uuid4()}"


def _position_of(message: StoredMessage) -> MailboxPosition:
    return MailboxPosition(message.times.delivery or message.times.origin, message.key)
