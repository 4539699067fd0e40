"""The one place that records what happens to a message, and follows it in its Vorgänge."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from persistence.database import Stores
from server.domain.message import EVENT_KANAL, TRANSITIONS, MessageEvent, Transition, decide
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import ReportCode, make_entry
from server.services.following import follow, follow_several

logger = logging.getLogger(__name__)

# A message, and what fills the texts of its report entries.
Told = tuple[StoredMessage, str]


def lock_messages(stores: Stores, keys: Sequence[int]) -> None:
    """Locks several messages and their Vorgänge before the first of them is changed.

    Who changes one message locks it, then the Vorgang of each side in the order of the Mandanten.
    Who changes several would lock them crosswise with others.
    """
    stores.messages.lock(keys)
    stores.vorgaenge.lock_of_messages(keys)


def record_event(
    stores: Stores,
    message: StoredMessage,
    event: MessageEvent,
    moment: datetime,
    *,
    detail: str = "",
    notes: Iterable[ReportCode] = (),
) -> None:
    """Writes state, times, report entries and Vorgänge within the caller's transaction.

    `message` is as it stands, new or locked by the caller; `detail` fills the texts of the
    entries, `notes` are further entries. An event that repeats itself changes nothing. Where
    something changed, the message is noted to be counted anew. Raises ImpossibleTransition.
    """
    transition = decide(message.state, event)
    message = _settle_reader(stores, message, event)
    if transition == Transition(message.state):
        return
    codes = (*transition.report_codes, *notes)
    entries = [make_entry(code, moment, detail) for code in codes]
    stores.messages.record(message.key, transition.state, transition.stamps, moment, entries)
    if event is MessageEvent.SCANNED:
        stores.messages.mark_scanned(message.key)
    follow(stores, message, event, moment)
    _set_kanal(stores, [message.key], event)
    stores.figures.note(message.key)
    logger.info("message %s: %s", message.head.message_id, event)


def record_event_of_letters(
    stores: Stores,
    told: Sequence[Told],
    event: MessageEvent,
    moment: datetime,
) -> list[StoredMessage]:
    """What `record_event` does, for the messages of several letters, each with its detail.

    In few statements; `lock_messages` has locked the messages. Answers those for which the event is
    impossible: nothing of them has changed.
    """
    changed: dict[Transition, list[Told]] = {}
    for message, detail in told:
        transition = TRANSITIONS.get((message.state, event), Transition(message.state))
        if transition != Transition(message.state):
            changed.setdefault(transition, []).append((message, detail))
    for transition, some in changed.items():
        _record_transition(stores, some, transition, event, moment)
    return [message for message, _ in told if (message.state, event) not in TRANSITIONS]


def _record_transition(
    stores: Stores,
    told: Sequence[Told],
    transition: Transition,
    event: MessageEvent,
    moment: datetime,
) -> None:
    keys = [message.key for message, _ in told]
    stores.messages.record_many(keys, transition.state, transition.stamps, moment)
    stores.messages.add_entries_to(
        [
            (message.key, make_entry(code, moment, detail))
            for message, detail in told
            for code in transition.report_codes
        ]
    )
    follow_several(stores, [message for message, _ in told], event, moment)
    _set_kanal(stores, keys, event)
    stores.figures.note_many(keys)
    for message, _ in told:
        logger.info("message %s: %s", message.head.message_id, event)


def _set_kanal(stores: Stores, keys: Sequence[int], event: MessageEvent) -> None:
    """The channel that messages, and the Vorgänge that have them by now, take from an event on."""
    if event in EVENT_KANAL:
        stores.messages.set_kanal(keys, EVENT_KANAL[event])
        stores.vorgaenge.set_kanal(keys, EVENT_KANAL[event])


def _settle_reader(stores: Stores, message: StoredMessage, event: MessageEvent) -> StoredMessage:
    """Whoever has a mailbox since the message was sent, is its reader from now on."""
    if event is not MessageEvent.PUT_IN_MAILBOX or message.reader_mandant is not None:
        return message
    mandant = stores.mandanten.find(message.head.reader)
    if mandant is None:
        return message
    stores.messages.set_reader(message.key, mandant.key)
    return replace(message, reader_mandant=mandant.key)
