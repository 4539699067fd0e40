"""The inbox of an authority as its users see it: pages of what was delivered."""

from dataclasses import dataclass, replace

from persistence.database import Database
from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import InboxCriteria, InboxEntry, InboxPage, ListPlace
from server.domain.web_user import Actor
from server.services.clock import Clock

PAGE_ENTRIES = 50
# More unread messages than that are told as this number.
MAX_COUNTED = 1_000


@dataclass(frozen=True)
class InboxSummary:
    """What waits; `unread` is MAX_COUNTED where there are as many or more."""

    unread: int


class Inbox:
    """Lists the messages of the actor's Mandant; nothing is noted as fetched by that."""

    def __init__(self, database: Database, clock: Clock, answer_days: int) -> None:
        self._database = database
        self._clock = clock
        self._answer_days = answer_days

    def list_page(
        self, actor: Actor, criteria: InboxCriteria, place: ListPlace | None = None
    ) -> InboxPage:
        """The page from the place on; the first one without a place."""
        mandant = actor.mandant_key
        with self._database.reading() as stores:
            found = stores.inbox.list_entries(mandant, criteria, place, PAGE_ENTRIES + 1)
            is_cut = bool(criteria.term) and stores.inbox.has_many_vorgaenge(mandant, criteria.term)
            has_more = len(found) > PAGE_ENTRIES
            is_backward = place is not None and place.is_backward
            entries = found[-PAGE_ENTRIES:] if is_backward else found[:PAGE_ENTRIES]
            waiting = stores.inbox.list_waiting(mandant, [entry.key for entry in entries])
        today = self._clock().date()
        marked = []
        for entry in entries:
            owed = waiting.get(entry.key)
            due = owed[0].due(self._answer_days) if owed else None
            marked.append(replace(entry, overdue_since=due) if due and due < today else entry)
        has_before = has_more if is_backward else place is not None
        has_after = place is not None if is_backward else has_more
        return InboxPage(
            tuple(marked),
            _place_of(marked[0], True) if marked and has_before else None,
            _place_of(marked[-1], False) if marked and has_after else None,
            is_cut,
        )

    def list_authors(self, actor: Actor) -> tuple[PartyIdentifier, ...]:
        """Whose messages the list can be limited to."""
        with self._database.reading() as stores:
            return stores.inbox.list_authors(actor.mandant_key)

    def summarise(self, actor: Actor) -> InboxSummary:
        """What waits for the actor's Mandant."""
        with self._database.reading() as stores:
            return InboxSummary(stores.inbox.count_unread(actor.mandant_key, MAX_COUNTED))


def _place_of(entry: InboxEntry, is_backward: bool) -> ListPlace:
    return ListPlace(entry.author.value, entry.delivery, entry.key, is_backward)
