"""The inbox of an authority as its users see it: pages of what was delivered."""

from datetime import date
from functools import partial

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import InboxCriteria, InboxEntry, InboxPage, ListPlace
from server.domain.local_time import find_local_day
from server.domain.vorgang import find_overdue
from server.domain.vorgang_list import VorgangMark
from server.domain.web_user import Actor
from server.services.clock import Clock
from server.services.list_cutting import choose_size, cut_page
from server.services.party_choice import find_parties


class Inbox:
    """Lists the messages of the actor's Mandant; nothing is noted as fetched by that."""

    def __init__(self, database: Database, clock: Clock, answer_days: int) -> None:
        self._database = database
        self._clock = clock
        self._answer_days = answer_days

    def list_page(
        self,
        actor: Actor,
        criteria: InboxCriteria,
        place: ListPlace | None = None,
        entries: int | None = None,
    ) -> InboxPage:
        """The page from the place on, the first one without a place; PAGE_ENTRIES if not told."""
        mandant, size = actor.mandant_key, choose_size(entries)
        with self._database.reading() as stores:
            found, is_cut = stores.inbox.list_entries(mandant, criteria, place, size + 1)
            cut = cut_page(found, place, size, _place_of)
            keys = [entry.key for entry in cut.entries]
            marks = stores.vorgang_lists.list_marks(mandant, keys)
        today = find_local_day(self._clock())
        marked = (self._mark(entry, marks.get(entry.key), today) for entry in cut.entries)
        return InboxPage(tuple(marked), cut.before, cut.after, is_cut)

    def find_parties(self, actor: Actor, typed: str) -> tuple[PartyIdentifier, ...]:
        """Whose messages the list can be limited to: the one that is named, else all that fit."""
        with self._database.reading() as stores:
            return find_parties(
                typed,
                partial(stores.inbox.find_author, actor.mandant_key),
                partial(stores.inbox.list_authors, actor.mandant_key),
            )

    def _mark(self, entry: InboxEntry, vorgang: VorgangMark | None, today: date) -> InboxEntry:
        """The entry with what its Vorgang tells: debtors, and since when we owe an answer."""
        if vorgang is None:
            return entry
        owed = vorgang.waiting if vorgang.owes_answer else None
        late = find_overdue(owed, self._answer_days, today)
        return entry._replace(
            schuldner=entry.schuldner or vorgang.schuldner,
            vorgang_id=vorgang.vorgang_id,
            overdue_since=late,
        )


def _place_of(entry: InboxEntry, is_backward: bool) -> ListPlace:
    return ListPlace(entry.author.value, entry.delivery, entry.key, is_backward)
