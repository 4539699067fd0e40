"""Follows forwarded messages: asks the other data centre, and tells it to their authors.

What it answers goes into our own report, marked with its name, until it has closed its own. No
answer is never a reason to give up; after a while the author learns that there is none.
"""

import logging

from clients.xta import ReportEntry as WireEntry
from clients.xta import ReportView, WireParty, XtaError, XtaFault
from persistence.database import Database, Stores
from persistence.stores.forwarded import ForwardedMessage
from server.domain.behoerde import PartyIdentifier
from server.domain.data_centre import DataCentre
from server.domain.forwarding import (
    FOREIGN_TIMES,
    FollowPlan,
    ForeignReport,
    find_events,
    find_new_entries,
)
from server.domain.message import ELSEWHERE_STATES, MessageEvent
from server.domain.stored_message import StoredMessage
from server.domain.transport_report import (
    CODELIST_URI,
    ReportCode,
    ReportEntry,
    ReportStatus,
    Severity,
    make_entry,
)
from server.services.centre_links import CentreLinks
from server.services.clock import Clock
from server.services.directory import DirectoryUnavailable
from server.services.message_events import record_event
from server.services.recalls import RecallAnswer, Recalls
from server.services.serving_centres import ServingCentres

logger = logging.getLogger(__name__)

_UNKNOWN_THERE = "{title} kennt die Nachricht nicht mehr, obwohl sie dort angenommen war."


class ForwardedReports:
    """Asks what became of forwarded messages; any number of workers may share the work."""

    def __init__(
        self,
        database: Database,
        centres: ServingCentres,
        links: CentreLinks,
        clock: Clock,
        *,
        plan: FollowPlan,
        recalls: Recalls,
    ) -> None:
        self._database = database
        self._centres = centres
        self._links = links
        self._clock = clock
        self._plan = plan
        self._recalls = recalls

    def follow_due(self) -> bool:
        """Asks for a batch of one data centre; False where nothing is due."""
        with self._database.writing() as stores:
            claimed = stores.forwarded.claim_due(self._clock(), self._plan.lease, self._plan.batch)
        is_silent = False
        for item in claimed:
            # Who did not answer for one message is not asked for the next ones either.
            is_silent = is_silent or not self._follow(item)
            if is_silent:
                self._note_silence(item)
        return bool(claimed)

    def _follow(self, item: ForwardedMessage) -> bool:
        """False where the data centre gave no answer of use."""
        with self._database.reading() as stores:
            message = stores.messages.find_by_key(item.message_key)
        if message is None or message.state not in ELSEWHERE_STATES:
            self._end(item)
            return True
        try:
            recall, view = self._ask(item, message)
        except XtaError as error:
            if isinstance(error, XtaFault) and error.is_unknown_message_id:
                self._park(item)
                return True
            logger.warning("no report of %s: %s", message.head.message_id, error)
            return False
        if view:
            self._enter(item, read_report(view, item.centre), recall.refusal)
        return True

    def _ask(
        self, item: ForwardedMessage, message: StoredMessage
    ) -> tuple[RecallAnswer, ReportView | None]:
        """Asks the message back where that is wanted; there is no report of what came back."""
        head = message.head
        client = self._links.connect(self._find_endpoint(item.centre, head.reader))
        author = WireParty(head.author.value, head.author.type, category=head.author.category)
        recall = RecallAnswer(False)
        if item.recall_cause:
            recall = self._recalls.ask(item, message, client, author)
        if recall.is_given_back:
            return recall, None
        return recall, client.find_report(head.message_id, author)

    def _find_endpoint(self, centre: DataCentre, reader: PartyIdentifier) -> DataCentre:
        """The data centre as the directory knows it now, where it still serves the reader."""
        try:
            current = self._centres.find_other(reader)
        except DirectoryUnavailable:
            return centre
        return current if current and current.name == centre.name else centre

    def _enter(self, item: ForwardedMessage, report: ForeignReport, refusal: str) -> None:
        moment = self._clock()
        with self._database.writing() as stores:
            message = stores.messages.find_for_change(item.message_key)
            if message is None or message.state not in ELSEWHERE_STATES:
                stores.forwarded.end(item.message_key)
                return
            new = find_new_entries(stores.messages.list_entries(message.key), report.entries)
            stores.messages.add_entries(message.key, new)
            stores.messages.set_times(message.key, report.times)
            if report.times:
                stores.figures.note(message.key)
            if self._recalls.settle(stores, item, report, refusal):
                return
            if self._enter_events(stores, message, report):
                stores.forwarded.end(message.key)
                return
            polls = 0 if new else item.polls + 1
            due = moment + self._plan.wait_after(polls)
            stores.forwarded.record_answer(message.key, due, polls, moment)

    def _enter_events(self, stores: Stores, message: StoredMessage, report: ForeignReport) -> bool:
        """True where the message has come to its end."""
        for event in find_events(message.state, report):
            current = stores.messages.find_for_change(message.key) or message
            record_event(stores, current, event, self._clock())
        return report.status is not ReportStatus.OPEN

    def _note_silence(self, item: ForwardedMessage) -> None:
        """The next question comes later; the author is told once, after a while."""
        moment = self._clock()
        is_long = moment - item.heard >= self._plan.silence
        with self._database.writing() as stores:
            if is_long and not item.is_silence_told:
                entry = make_entry(ReportCode.CENTRE_SILENT, moment, item.centre.title)
                stores.messages.add_entries(item.message_key, [entry])
            polls = item.polls + 1
            due = moment + self._plan.wait_after(polls)
            is_told = item.is_silence_told or is_long
            stores.forwarded.record_silence(item.message_key, due, polls, is_told=is_told)

    def _park(self, item: ForwardedMessage) -> None:
        """What was accepted there and is unknown there now needs a person."""
        cause = _UNKNOWN_THERE.format(title=item.centre.title)
        with self._database.writing() as stores:
            message = stores.messages.find_for_change(item.message_key)
            stores.forwarded.end(item.message_key)
            if message and message.state in ELSEWHERE_STATES:
                event = MessageEvent.PARKED
                record_event(stores, message, event, self._clock(), detail=cause)
                stores.orders.park_done(message.key, cause)
                logger.error("message %s is parked: %s", message.head.message_id, cause)

    def _end(self, item: ForwardedMessage) -> None:
        with self._database.writing() as stores:
            stores.forwarded.end(item.message_key)


def read_report(view: ReportView, centre: DataCentre) -> ForeignReport:
    """The report of a data centre; codes of other lists than ours are kept as text."""
    told = view.times
    times = {stamp: told[stamp] for stamp in FOREIGN_TIMES if stamp in told}
    return ForeignReport(
        ReportStatus(int(view.status)),
        tuple(_read_entry(entry, centre) for entry in view.entries),
        times,
    )


def _read_entry(entry: WireEntry, centre: DataCentre) -> ReportEntry:
    is_ours = entry.code_list[0] == CODELIST_URI and entry.code in set(ReportCode)
    code = ReportCode(entry.code) if is_ours else ReportCode.ELSEWHERE
    reason = entry.reason if is_ours else f"{entry.reason} ({entry.code})"
    return ReportEntry(
        entry.time,
        code,
        f"{centre.title}: {reason.strip()}",
        centre.name,
        Severity[entry.severity.name],
    )
