"""Compares what senders and readers noted with what lies in databases and print output.

Pure: it reads nothing, so that tests can give it made-up journals.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.crash.journal import Happening, Line
from tests.crash.plan import Way


class Fault(StrEnum):
    """What must not happen."""

    LOST = "acknowledged, but not there"
    DUPLICATE = "there more than once"
    UNACKNOWLEDGED_TWICE = "not acknowledged, and there more than once"
    WRONG_BYTES = "other bytes than were sent"
    MISPLACED = "where it does not belong"
    UNKNOWN = "there, but nobody sent it"
    OPEN_REPORT = "its report is open"
    REFUSED = "refused by the server"
    AGAIN = "handed out after it was confirmed"


@dataclass(frozen=True)
class Violation:
    """One message with which something is wrong."""

    fault: Fault
    message_id: str
    detail: str = ""


@dataclass(frozen=True)
class StoredRow:
    """A message in the database of a server; `mailbox` is empty where it lies in none here."""

    server: str
    message_id: str
    mailbox: str
    is_closed: bool
    state: str
    hashes: tuple[str, ...]


@dataclass(frozen=True)
class PrintedLetter:
    """A letter in the print output; not `is_whole` where the file differs from its ticket."""

    order_id: str
    message_id: str
    is_whole: bool


@dataclass(frozen=True)
class Found:
    """What is there at the end; `open_reports` are MessageIDs whose report a client saw open."""

    rows: Sequence[StoredRow]
    letters: Sequence[PrintedLetter]
    open_reports: Sequence[str] = ()


@dataclass(frozen=True)
class Consigned:
    """A message that was sent: what its sender noted."""

    way: Way
    hashes: tuple[str, ...]
    is_acknowledged: bool


@dataclass
class AuditResult:
    """Figures, and every violation."""

    sent: int = 0
    acknowledged: int = 0
    unacknowledged_there: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    ways: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)

    def count(self, *faults: Fault) -> int:
        """How many violations of these kinds."""
        return sum(violation.fault in faults for violation in self.violations)


def audit(lines: Sequence[Line], found: Found, mailboxes: dict[Way, str]) -> AuditResult:
    """What is wrong; `mailboxes` tells into which mailbox a way leads."""
    sent = _gather_sent(lines)
    result = AuditResult(
        sent=len(sent),
        acknowledged=sum(item.is_acknowledged for item in sent.values()),
        kills=Counter(line.place for line in lines if line.happening == Happening.KILLED),
        ways=Counter(item.way.value for item in sent.values() if item.is_acknowledged),
    )
    check = _Check(sent, found, mailboxes)
    result.violations = [
        *check.find_misplaced(),
        *check.find_lost_and_duplicates(),
        *check.find_copies(),
        *check.find_open_reports(),
        *_check_readers(lines, sent, mailboxes),
    ]
    present = {row.message_id for row in found.rows}
    result.unacknowledged_there = sum(
        not item.is_acknowledged and message_id in present for message_id, item in sent.items()
    )
    return result


def _gather_sent(lines: Iterable[Line]) -> dict[str, Consigned]:
    acknowledged = {line.message_id for line in lines if line.happening == Happening.ACKNOWLEDGED}
    return {
        line.message_id: Consigned(Way(line.place), line.hashes, line.message_id in acknowledged)
        for line in lines
        if line.happening == Happening.SENT
    }


class _Check:
    """What was sent beside what is there."""

    def __init__(self, sent: dict[str, Consigned], found: Found, mailboxes: dict[Way, str]) -> None:
        self._sent = sent
        self._found = found
        self._mailboxes = mailboxes
        # Every mailbox and every letter in which a message is, with its bytes.
        self._places: dict[str, list[str]] = defaultdict(list)
        for row in found.rows:
            if row.mailbox:
                self._places[row.message_id].append(row.mailbox)
        for letter in found.letters:
            self._places[letter.message_id].append(Way.LETTER.value)

    def _find_place(self, way: Way) -> str:
        return self._mailboxes.get(way, Way.LETTER.value)

    def find_misplaced(self) -> Iterator[Violation]:
        """What nobody sent, and what is in a mailbox that is not its own."""
        for message_id, places in self._places.items():
            item = self._sent.get(message_id)
            if item is None:
                yield Violation(Fault.UNKNOWN, message_id, ", ".join(places))
                continue
            wrong = [place for place in places if place != self._find_place(item.way)]
            if wrong:
                yield Violation(Fault.MISPLACED, message_id, ", ".join(wrong))

    def find_lost_and_duplicates(self) -> Iterator[Violation]:
        """What is acknowledged is there once, what is not is there once at most."""
        for message_id, item in self._sent.items():
            places = self._places.get(message_id, [])
            if item.is_acknowledged and not places:
                yield Violation(Fault.LOST, message_id, item.way)
            if len(places) > 1:
                twice = Fault.DUPLICATE if item.is_acknowledged else Fault.UNACKNOWLEDGED_TWICE
                yield Violation(twice, message_id, ", ".join(places))

    def find_copies(self) -> Iterator[Violation]:
        """Rows with other bytes, the same bytes under another MessageID, damaged letters."""
        owners: dict[tuple[str, tuple[str, ...]], str] = {}
        for row in self._found.rows:
            item = self._sent.get(row.message_id)
            if item and item.hashes != row.hashes:
                yield Violation(Fault.WRONG_BYTES, row.message_id, f"stored at {row.server}")
            owner = owners.setdefault((row.server, row.hashes), row.message_id)
            if owner != row.message_id:
                yield Violation(Fault.DUPLICATE, owner, f"again as {row.message_id}")
        for letter in self._found.letters:
            if not letter.is_whole:
                yield Violation(Fault.WRONG_BYTES, letter.message_id, f"letter {letter.order_id}")

    def find_open_reports(self) -> Iterator[Violation]:
        """Every message that a server has comes to an end, acknowledged or not."""
        for row in self._found.rows:
            if not row.is_closed:
                yield Violation(Fault.OPEN_REPORT, row.message_id, f"{row.state} at {row.server}")
        for message_id in self._found.open_reports:
            yield Violation(Fault.OPEN_REPORT, message_id, "seen over the wire")


def _check_readers(
    lines: Iterable[Line], sent: dict[str, Consigned], mailboxes: dict[Way, str]
) -> Iterator[Violation]:
    """What readers got, and what senders were refused."""
    for line in lines:
        if line.happening == Happening.REFUSED:
            yield Violation(Fault.REFUSED, line.message_id, line.detail)
        elif line.happening == Happening.FETCHED and line.message_id in sent:
            yield from _check_fetched(line, sent[line.message_id], mailboxes)
    yield from _find_fetched_again(lines)
    fetched = {line.message_id for line in lines if line.happening == Happening.FETCHED}
    for message_id, item in sent.items():
        if item.is_acknowledged and item.way in mailboxes and message_id not in fetched:
            yield Violation(Fault.LOST, message_id, "its reader never got it")


def _check_fetched(line: Line, item: Consigned, mailboxes: dict[Way, str]) -> Iterator[Violation]:
    if item.hashes != line.hashes:
        yield Violation(Fault.WRONG_BYTES, line.message_id, f"fetched from {line.place}")
    if mailboxes.get(item.way) != line.place:
        yield Violation(Fault.MISPLACED, line.message_id, f"fetched from {line.place}")


def _find_fetched_again(lines: Iterable[Line]) -> Iterator[Violation]:
    """A message may be handed out several times, but not after it was confirmed."""
    confirmed: set[str] = set()
    for line in lines:
        if line.happening == Happening.CONFIRMED:
            confirmed.add(line.message_id)
        elif line.happening == Happening.FETCHED and line.message_id in confirmed:
            yield Violation(Fault.AGAIN, line.message_id, line.place)
