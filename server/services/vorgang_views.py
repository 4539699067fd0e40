"""Matters as users of the Web-Client see them: the list, and one with all that is known of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from persistence.database import Database
from persistence.stores.vorgaenge import Overdue
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.inbox import ListPlace
from server.domain.local_time import find_local_day
from server.domain.mandant import Mandant
from server.domain.message import MessageState
from server.domain.message_access import MessageAccess, find_access
from server.domain.stored_message import PartKind, StoredMessage
from server.domain.transport_report import ReportEntry
from server.domain.vorgang import (
    CoursePlace,
    Vorgang,
    VorgangDirection,
    VorgangEntry,
    find_overdue,
)
from server.domain.vorgang_decision import list_next_messages
from server.domain.vorgang_facts import VorgangEvent
from server.domain.vorgang_list import (
    MAX_OVERDUE,
    VorgangListCriteria,
    VorgangListEntry,
    VorgangListPage,
)
from server.domain.web_user import Actor
from server.services.clock import Clock
from server.services.list_cutting import choose_size, cut_page
from server.services.message_files import name_part
from server.services.party_choice import find_parties

# So many lines of a course are shown at once.
COURSE_STEPS = 50
NEWEST_PART = CoursePlace()


@dataclass(frozen=True)
class VorgangDocument:
    """A file of a matter; `position` is its place among the parts of the message."""

    message_key: int
    position: int
    filename: str
    size: int


@dataclass(frozen=True)
class CourseStep:
    """What happened: a line of the Vorgang with the report of its message, which may be empty.

    `state` and `kanal` are those of the message, where the line is about one.
    """

    entry: VorgangEntry
    report: tuple[ReportEntry, ...] = ()
    state: MessageState | None = None
    kanal: Kanal | None = None

    @property
    def is_outgoing(self) -> bool:
        """True for a message that the Mandant wrote."""
        return self.entry.direction is VorgangDirection.OUTGOING


@dataclass(frozen=True)
class VorgangPage:
    """A Vorgang: a part of its course, and the messages that the Mandant may send now.

    `course` are at most COURSE_STEPS in the order of time, without a place the newest; `documents`
    those of its messages. `before` and `after` are the places of the parts beside it, None where
    there is none. `due` is the day by which an answer is owed.
    """

    vorgang: Vorgang
    course: tuple[CourseStep, ...]
    documents: tuple[VorgangDocument, ...]
    next_messages: tuple[VorgangEvent, ...]
    due: date | None
    is_overdue: bool
    before: int | None
    after: int | None

    @property
    def owes_answer(self) -> bool:
        """True where the Mandant itself owes the answer."""
        waiting = self.vorgang.waiting
        return waiting is not None and waiting.owed_by is self.vorgang.rolle


class VorgangViews:
    """Shows the Vorgänge of the actor's Mandant. Days are German ones."""

    def __init__(self, database: Database, clock: Clock, answer_days: int) -> None:
        self._database = database
        self._clock = clock
        self._answer_days = answer_days

    def list_page(
        self,
        actor: Actor,
        criteria: VorgangListCriteria,
        place: ListPlace | None = None,
        entries: int | None = None,
    ) -> VorgangListPage:
        """The page from the place on, the first one without a place; PAGE_ENTRIES if not told."""
        mandant, today = actor.mandant_key, find_local_day(self._clock())
        size = choose_size(entries)
        overdue = Overdue(today, self._answer_days)
        with self._database.reading() as stores:
            found, is_cut = stores.vorgang_lists.list_entries(
                mandant, criteria, overdue, place, size + 1
            )
            are_more = (
                criteria.overdue is not None
                and (
                    stores.vorgang_lists.count_overdue(
                        mandant, criteria.overdue, overdue, MAX_OVERDUE + 1
                    )
                )
                > MAX_OVERDUE
            )
            cut = cut_page(found, place, size, _place_of)
            keys = [entry.key for entry in cut.entries]
            unread = stores.vorgang_lists.list_unread(mandant, keys)
        shown = tuple(
            self._mark(entry, today)._replace(is_unread=entry.key in unread)
            for entry in cut.entries
        )
        return VorgangListPage(shown, cut.before, cut.after, is_cut, are_more)

    def _mark(self, entry: VorgangListEntry, today: date) -> VorgangListEntry:
        late = find_overdue(entry.waiting, self._answer_days, today)
        return entry._replace(overdue_since=late) if late else entry

    def find_parties(self, actor: Actor, typed: str) -> tuple[PartyIdentifier, ...]:
        """To whose matters the list can be limited: the one that is named, else all that fit."""
        with self._database.reading() as stores:
            return find_parties(
                typed,
                partial(stores.vorgang_lists.find_partner, actor.mandant_key),
                partial(stores.vorgang_lists.list_partners, actor.mandant_key),
            )

    def show(
        self, actor: Actor, vorgang_id: str, place: CoursePlace = NEWEST_PART
    ) -> VorgangPage | None:
        """A Vorgang of the actor's Mandant; None where it has none of this name."""
        with self._database.reading() as stores:
            vorgang = stores.vorgang_lists.find(actor.mandant_key, vorgang_id)
            if vorgang is None:
                return None
            part = stores.vorgaenge.list_course(vorgang.key, place, COURSE_STEPS)
            keys = sorted({entry.message_key for entry in part.entries if entry.message_key})
            seen = _Seen(
                stores.messages.find_many(keys),
                stores.messages.list_entries_of(keys),
                actor.own_mandant,
            )
        today, waiting = find_local_day(self._clock()), vorgang.waiting
        return VorgangPage(
            vorgang,
            tuple(map(seen.step, part.entries)),
            tuple(seen.list_documents()),
            list_next_messages(vorgang.state, vorgang.rolle),
            waiting.due(self._answer_days) if waiting else None,
            find_overdue(waiting, self._answer_days, today) is not None,
            part.before,
            part.after,
        )

    def find_of_message(self, actor: Actor, message_key: int) -> Vorgang | None:
        """The Vorgang of the actor's Mandant to which a message belongs."""
        with self._database.reading() as stores:
            return stores.vorgang_lists.find_of_message(actor.mandant_key, message_key)


@dataclass(frozen=True)
class _Seen:
    """The messages of a Vorgang as its Mandant sees them."""

    messages: Mapping[int, StoredMessage]
    reports: Mapping[int, tuple[ReportEntry, ...]]
    mandant: Mandant

    def step(self, entry: VorgangEntry) -> CourseStep:
        """A line with what its message tells; a line about the way has no report of its own."""
        message = self.messages.get(entry.message_key or 0)
        if message is None:
            return CourseStep(entry)
        is_message = entry.direction is not VorgangDirection.SYSTEM
        report = self.reports.get(message.key, ()) if is_message else ()
        return CourseStep(entry, report, message.state, message.kanal)

    def list_documents(self) -> Iterator[VorgangDocument]:
        """The files of all messages that are open to the Mandant, in their order."""
        for message in self.messages.values():
            if self._is_readable(message):
                for position, part in enumerate(message.parts):
                    if part.kind is PartKind.ATTACHMENT:
                        name = name_part(part, position)
                        yield VorgangDocument(message.key, position, name, part.size)

    def _is_readable(self, message: StoredMessage) -> bool:
        is_led = self.mandant.is_mailbox_led_by_web
        access = find_access(message, self.mandant.key, is_mailbox_led_by_web=is_led)
        return access is MessageAccess.READABLE


def _place_of(entry: VorgangListEntry, is_backward: bool) -> ListPlace:
    return ListPlace(entry.partner.value, entry.changed, entry.key, is_backward)
