"""Follows every message in the Vorgänge of its author and its reader.

It runs within the transaction that records what happened to the message. The author's Vorgang has
a message from when it is sent, the reader's from when it lies in the mailbox.
"""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from persistence.database import Stores
from persistence.stores.vorgaenge import VorgangChange
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.domain.vorgang import Vorgang, VorgangDirection, VorgangSearch
from server.domain.vorgang_course import (
    VorgangMessage,
    VorgangStep,
    find_rolle,
    follow_message,
    follow_transport,
    note_transport,
    open_vorgang,
)
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts

# With these a message comes into the Vorgang of its author, and of its reader.
SENDING_EVENTS = frozenset(
    {
        MessageEvent.SENT_TO_MAILBOX,
        MessageEvent.SENT_FOR_DELIVERY,
        MessageEvent.SENT_AS_LETTER,
        MessageEvent.SENT_AS_FALLBACK_LETTER,
        MessageEvent.SENT_UNSCANNED,
    }
)
ARRIVING_EVENTS = frozenset({MessageEvent.SENT_TO_MAILBOX, MessageEvent.PUT_IN_MAILBOX})
# What else happens to it, and what of that its reader can know.
TRANSPORT_EVENTS: Mapping[MessageEvent, VorgangEvent] = {
    MessageEvent.PUT_IN_MAILBOX: VorgangEvent.ZUGESTELLT,
    MessageEvent.LETTER_HANDED_OVER: VorgangEvent.BRIEF_AUSGEGEBEN,
    MessageEvent.LETTER_HANDED_OVER_FOR_GOOD: VorgangEvent.BRIEF_AUSGEGEBEN,
    MessageEvent.LETTER_FAILED: VorgangEvent.ANGEHALTEN,
    MessageEvent.LETTER_WITHDRAWN: VorgangEvent.ZURUECKGEGEBEN,
    MessageEvent.LETTER_RETURNED: VorgangEvent.BRIEF_ZURUECKGEKOMMEN,
    MessageEvent.CLOSED: VorgangEvent.EMPFANGEN,
    MessageEvent.TEST_ENDED: VorgangEvent.TEST_BEENDET,
    MessageEvent.PARKED: VorgangEvent.ANGEHALTEN,
    MessageEvent.CANCELLED: VorgangEvent.ZURUECKGEZOGEN,
    MessageEvent.RECALLED: VorgangEvent.ZURUECKGEHOLT,
    MessageEvent.OBSOLETE: VorgangEvent.VERFALLEN,
    MessageEvent.RETURNED: VorgangEvent.ZURUECKGEGEBEN,
    MessageEvent.DELIVERED_ELSEWHERE: VorgangEvent.ZUGESTELLT,
    MessageEvent.FALLBACK_TO_LETTER: VorgangEvent.ERSATZBRIEF,
    MessageEvent.FOUND_INFECTED: VorgangEvent.SCHADSOFTWARE,
}
READER_EVENTS = frozenset(
    {
        MessageEvent.CLOSED,
        MessageEvent.RECALLED,
        MessageEvent.OBSOLETE,
        MessageEvent.RETURNED,
        MessageEvent.FALLBACK_TO_LETTER,
    }
)
# Of these no reader knows, and they are nothing to messages that are no Ersuchen.
_TOGETHER = frozenset({MessageEvent.LETTER_HANDED_OVER, MessageEvent.LETTER_HANDED_OVER_FOR_GOOD})
# In these the Vorgang does not change.
IGNORED_EVENTS = frozenset(
    {
        MessageEvent.FETCHED,
        MessageEvent.FORWARDED,
        MessageEvent.ENDED_ELSEWHERE,
        MessageEvent.RESUMED,
        MessageEvent.REDIRECTED,
        MessageEvent.SCANNED,
        MessageEvent.LETTER_SET,
        MessageEvent.LETTER_PRINTED,
        MessageEvent.LETTER_POSTED,
        MessageEvent.NEWS_ENDED,
    }
)
# Of messages after the Ersuchen only what went wrong is worth a line.
_NOTED_LATER = frozenset(
    {
        VorgangEvent.ZURUECKGEZOGEN,
        VorgangEvent.ZURUECKGEHOLT,
        VorgangEvent.VERFALLEN,
        VorgangEvent.ZURUECKGEGEBEN,
        VorgangEvent.BRIEF_ZURUECKGEKOMMEN,
        VorgangEvent.ANGEHALTEN,
        VorgangEvent.TEST_BEENDET,
        VorgangEvent.ERSATZBRIEF,
        VorgangEvent.SCHADSOFTWARE,
    }
)


def follow(stores: Stores, message: StoredMessage, event: MessageEvent, moment: datetime) -> None:
    """Enters an event of a message into the Vorgänge of both sides."""
    if message.facts is None:
        return
    for mandant_key, direction in _list_sides(message):
        seen = _see_message(message, message.facts, direction)
        is_ours = direction is VorgangDirection.OUTGOING
        if event in (SENDING_EVENTS if is_ours else ARRIVING_EVENTS):
            search = _make_search(mandant_key, seen)
            stores.vorgaenge.lock_links(search, message.head.message_id)
            _enter_message(stores, mandant_key, seen, event, moment)
        elif event in TRANSPORT_EVENTS and (is_ours or event in READER_EVENTS):
            _enter_transport(stores, mandant_key, seen, TRANSPORT_EVENTS[event], moment)


def follow_several(
    stores: Stores, messages: Sequence[StoredMessage], event: MessageEvent, moment: datetime
) -> None:
    """The same event of several messages; the Vorgänge are locked. Few statements where it may."""
    if event not in _TOGETHER:
        for message in messages:
            follow(stores, message, event, moment)
        return
    found = stores.vorgaenge.find_of_messages([message.key for message in messages])
    steps: dict[int, list[VorgangStep]] = {}
    for message, mandant_key, seen in _list_views(messages):
        known = found.get((mandant_key, message.key))
        if known and known.fits and _is_ersuchen(seen):
            earlier = steps.setdefault(known.vorgang.key, [])
            current = earlier[-1].vorgang if earlier else known.vorgang
            earlier.append(follow_transport(current, seen, TRANSPORT_EVENTS[event], moment))
    before = {known.vorgang.key: known.vorgang for known in found.values()}
    stores.vorgaenge.record_many(
        [
            VorgangChange(before[key], taken[-1].vorgang, [step.entry for step in taken])
            for key, taken in steps.items()
        ]
    )


def _list_views(
    messages: Sequence[StoredMessage],
) -> Iterator[tuple[StoredMessage, int, VorgangMessage]]:
    """The messages as their authors see them, with the key of each author."""
    for message in messages:
        if message.facts and message.author_mandant is not None:
            seen = _see_message(message, message.facts, VorgangDirection.OUTGOING)
            yield message, message.author_mandant, seen


def _list_sides(message: StoredMessage) -> list[tuple[int, VorgangDirection]]:
    """The Mandanten of both sides, always in the same order: so two messages never lock crosswise.

    Who writes to itself has one side only; an author of another data centre has its own there.
    """
    author, reader = message.author_mandant, message.reader_mandant
    sides = [] if author is None else [(author, VorgangDirection.OUTGOING)]
    if reader is not None and reader != author:
        sides.append((reader, VorgangDirection.INCOMING))
    return sorted(sides)


def _see_message(
    message: StoredMessage, facts: VorgangFacts, direction: VorgangDirection
) -> VorgangMessage:
    head = message.head
    partner = head.reader if direction is VorgangDirection.OUTGOING else head.author
    return VorgangMessage(message.key, facts, direction, partner, head.is_test)


def _enter_message(
    stores: Stores,
    mandant_key: int,
    message: VorgangMessage,
    event: MessageEvent,
    moment: datetime,
) -> None:
    vorgang = stores.vorgaenge.find_matching(_make_search(mandant_key, message))
    if vorgang is None and message.facts.event is VorgangEvent.SONSTIGE:
        return
    before = vorgang or _open(mandant_key, message, moment)
    steps = [follow_message(before, message, moment, is_new=vorgang is None)]
    is_at_once_there = event is MessageEvent.SENT_TO_MAILBOX and steps[0].entry.fits
    if is_at_once_there and _is_ersuchen(message) and _is_ours(message):
        zugestellt = VorgangEvent.ZUGESTELLT
        steps.append(follow_transport(steps[0].vorgang, message, zugestellt, moment))
    after, entries = steps[-1].vorgang, [step.entry for step in steps]
    if vorgang is None:
        stores.vorgaenge.add(after, entries)
    else:
        stores.vorgaenge.record(vorgang, after, entries)
        if _is_ersuchen(message):
            # What was overtaken by them was counted without knowing their claims.
            stores.figures.note_followers([message.key])


def _enter_transport(
    stores: Stores,
    mandant_key: int,
    message: VorgangMessage,
    event: VorgangEvent,
    moment: datetime,
) -> None:
    if not _is_ersuchen(message) and event not in _NOTED_LATER:
        return
    found = stores.vorgaenge.find_of_message(mandant_key, message.key)
    if found is None:
        return
    vorgang, entry = found
    if _is_ersuchen(message) and entry.fits:
        step = follow_transport(vorgang, message, event, moment)
    elif event in _NOTED_LATER:
        history = stores.vorgaenge.list_entries([vorgang.key])[vorgang.key]
        step = note_transport(vorgang, message, event, moment, history)
    else:
        return
    stores.vorgaenge.record(vorgang, step.vorgang, [step.entry])


def _is_ersuchen(message: VorgangMessage) -> bool:
    return message.facts.event is VorgangEvent.ERSUCHEN


def _is_ours(message: VorgangMessage) -> bool:
    return message.direction is VorgangDirection.OUTGOING


def _make_search(mandant_key: int, message: VorgangMessage) -> VorgangSearch:
    return VorgangSearch(
        mandant_key,
        message.partner,
        message.is_test,
        find_rolle(message) if _is_ersuchen(message) else None,
        message.facts.process,
        message.facts.related_ids,
        message.own_aktenzeichen,
        message.partner_aktenzeichen,
    )


def _open(mandant_key: int, message: VorgangMessage, moment: datetime) -> Vorgang:
    return open_vorgang(f"urn:uuid:{uuid.uuid4()}", mandant_key, message, moment)
