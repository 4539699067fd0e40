"""Follows every message in the Vorgänge of its author and its reader.

It runs within the transaction that records what happened to the message. The author's Vorgang has
a message from when it is sent, the reader's from when it lies in the mailbox.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from persistence.database import Stores
from server.domain.behoerde import PartyIdentifier
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

# What the author's Vorgang learns; None stands for the message itself.
AUTHOR_EVENTS: Mapping[MessageEvent, tuple[VorgangEvent | None, ...]] = {
    MessageEvent.SENT_TO_MAILBOX: (None, VorgangEvent.ZUGESTELLT),
    MessageEvent.SENT_FOR_DELIVERY: (None,),
    MessageEvent.SENT_AS_LETTER: (None,),
    MessageEvent.PUT_IN_MAILBOX: (VorgangEvent.ZUGESTELLT,),
    MessageEvent.FETCHED: (),
    MessageEvent.CLOSED: (VorgangEvent.EMPFANGEN,),
    MessageEvent.LETTER_HANDED_OVER: (VorgangEvent.BRIEF_AUSGEGEBEN,),
    MessageEvent.TEST_ENDED: (VorgangEvent.TEST_BEENDET,),
    MessageEvent.PARKED: (VorgangEvent.ANGEHALTEN,),
    MessageEvent.CANCELLED: (VorgangEvent.ZURUECKGEZOGEN,),
    MessageEvent.OBSOLETE: (VorgangEvent.VERFALLEN,),
}
# What the reader's Vorgang learns; the rest happens before the reader knows of the message.
READER_EVENTS: Mapping[MessageEvent, tuple[VorgangEvent | None, ...]] = {
    MessageEvent.SENT_TO_MAILBOX: (None,),
    MessageEvent.PUT_IN_MAILBOX: (None,),
    MessageEvent.CLOSED: (VorgangEvent.EMPFANGEN,),
    MessageEvent.OBSOLETE: (VorgangEvent.VERFALLEN,),
}
# Of messages after the Ersuchen only what went wrong is worth a line.
_NOTED_LATER = frozenset(
    {
        VorgangEvent.ZURUECKGEZOGEN,
        VorgangEvent.VERFALLEN,
        VorgangEvent.ANGEHALTEN,
        VorgangEvent.TEST_BEENDET,
    }
)


def follow(stores: Stores, message: StoredMessage, event: MessageEvent, moment: datetime) -> None:
    """Enters an event of a message into the Vorgänge of both sides."""
    if message.facts is None:
        return
    for mandant_key, direction in _list_sides(message):
        events = AUTHOR_EVENTS if direction is VorgangDirection.OUTGOING else READER_EVENTS
        seen = _see_message(message, message.facts, direction)
        for vorgang_event in events.get(event, ()):
            if vorgang_event is None:
                _enter_message(stores, mandant_key, seen, moment)
            else:
                _enter_transport(stores, mandant_key, seen, vorgang_event, moment)


def _list_sides(message: StoredMessage) -> list[tuple[int, VorgangDirection]]:
    """The Mandanten of both sides, always in the same order: so two messages never lock crosswise.

    Who writes to itself has one side only.
    """
    sides = [(message.author_mandant, VorgangDirection.OUTGOING)]
    if message.reader_mandant not in (None, message.author_mandant):
        sides.append((message.reader_mandant or 0, VorgangDirection.INCOMING))
    return sorted(sides)


def _see_message(
    message: StoredMessage, facts: VorgangFacts, direction: VorgangDirection
) -> VorgangMessage:
    head = message.head
    partner = head.reader if direction is VorgangDirection.OUTGOING else head.author
    return VorgangMessage(message.key, facts, direction, partner, head.is_test)


def _enter_message(
    stores: Stores, mandant_key: int, message: VorgangMessage, moment: datetime
) -> None:
    vorgang = stores.vorgaenge.find_matching(_make_search(mandant_key, message))
    is_new = vorgang is None
    if vorgang is None:
        if message.facts.event is VorgangEvent.SONSTIGE:
            return
        vorgang = _open(stores, mandant_key, message, moment)
    _record(stores, vorgang, follow_message(vorgang, message, moment, is_new=is_new))


def _enter_transport(
    stores: Stores,
    mandant_key: int,
    message: VorgangMessage,
    event: VorgangEvent,
    moment: datetime,
) -> None:
    is_ersuchen = message.facts.event is VorgangEvent.ERSUCHEN
    if not is_ersuchen and event not in _NOTED_LATER:
        return
    found = stores.vorgaenge.find_of_message(mandant_key, message.key)
    if found is None:
        return
    vorgang, entry = found
    if is_ersuchen and entry.fits:
        _record(stores, vorgang, follow_transport(vorgang, message, event, moment))
    elif event in _NOTED_LATER:
        history = stores.vorgaenge.list_entries([vorgang.key])[vorgang.key]
        _record(stores, vorgang, note_transport(vorgang, message, event, moment, history))


def _make_search(mandant_key: int, message: VorgangMessage) -> VorgangSearch:
    is_ersuchen = message.facts.event is VorgangEvent.ERSUCHEN
    return VorgangSearch(
        mandant_key,
        message.partner,
        message.is_test,
        find_rolle(message) if is_ersuchen else None,
        message.facts.process,
        message.facts.related_ids,
        message.own_aktenzeichen,
        message.partner_aktenzeichen,
    )


def _open(stores: Stores, mandant_key: int, message: VorgangMessage, moment: datetime) -> Vorgang:
    named = replace(message, partner=_name_party(stores, message.partner))
    vorgang = open_vorgang(f"urn:uuid:{uuid.uuid4()}", mandant_key, named, moment)
    return replace(vorgang, key=stores.vorgaenge.add(vorgang))


def _name_party(stores: Stores, party: PartyIdentifier) -> PartyIdentifier:
    """The party with the name by which it is known here, where the message names none."""
    if party.name:
        return party
    mandant = stores.mandanten.find(party)
    return replace(party, name=mandant.name if mandant else "")


def _record(stores: Stores, before: Vorgang, step: VorgangStep) -> None:
    stores.vorgaenge.record(before, step.vorgang, step.entry)
