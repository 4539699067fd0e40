"""The outbox of an authority as its users see it, and taking a message back."""

from datetime import date
from functools import partial

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.local_time import find_local_day
from server.domain.outbox import OutboxCriteria, OutboxEntry, OutboxPage
from server.domain.vorgang import find_overdue
from server.domain.vorgang_list import VorgangMark
from server.domain.web_user import Actor
from server.services.clock import Clock
from server.services.list_cutting import choose_size, cut_page
from server.services.party_choice import find_parties


class Outbox:
    """Lists the messages that the actor's Mandant has sent, whichever way they came."""

    def __init__(self, database: Database, clock: Clock, answer_days: int) -> None:
        self._database = database
        self._clock = clock
        self._answer_days = answer_days

    def list_page(
        self,
        actor: Actor,
        criteria: OutboxCriteria,
        place: ListPlace | None = None,
        entries: int | None = None,
    ) -> OutboxPage:
        """The page from the place on, the first one without a place; PAGE_ENTRIES if not told."""
        mandant, size = actor.mandant_key, choose_size(entries)
        with self._database.reading() as stores:
            found, is_cut = stores.outbox.list_entries(mandant, criteria, place, size + 1)
            cut = cut_page(found, place, size, _place_of)
            keys = [entry.key for entry in cut.entries]
            marks = stores.vorgang_lists.list_marks(mandant, keys)
        today = find_local_day(self._clock())
        marked = (self._mark(entry, marks.get(entry.key), today) for entry in cut.entries)
        return OutboxPage(tuple(marked), cut.before, cut.after, is_cut)

    def find_parties(self, actor: Actor, typed: str) -> tuple[PartyIdentifier, ...]:
        """To whose messages the list can be limited: the one that is named, else all that fit."""
        with self._database.reading() as stores:
            return find_parties(
                typed,
                partial(stores.outbox.find_reader, actor.mandant_key),
                partial(stores.outbox.list_readers, actor.mandant_key),
            )

    def _mark(self, entry: OutboxEntry, vorgang: VorgangMark | None, today: date) -> OutboxEntry:
        """The entry with what its Vorgang tells: debtors, and since when an answer is missing."""
        if vorgang is None:
            return entry
        missing = None if vorgang.owes_answer else vorgang.waiting
        return entry._replace(
            schuldner=entry.schuldner or vorgang.schuldner,
            vorgang_id=vorgang.vorgang_id,
            overdue_since=find_overdue(missing, self._answer_days, today),
        )


def _place_of(entry: OutboxEntry, is_backward: bool) -> ListPlace:
    return ListPlace(entry.reader.value, entry.sent, entry.key, is_backward)
