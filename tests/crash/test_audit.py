"""The audit finds what must not happen, in made-up journals."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.audit import Fault, Found, PrintedLetter, StoredRow, audit
from tests.crash.journal import Happening, Journal, Line, read_journal
from tests.crash.plan import CrashPlan, Way

MAILBOXES = {Way.OWN: "potsdam", Way.FORWARDED: "jena"}
HASHES = ("a" * 64,)
OWN = Line(Happening.SENT, "own", HASHES, Way.OWN)
FORWARDED = Line(Happening.SENT, "forwarded", ("b" * 64,), Way.FORWARDED)
LETTER = Line(Happening.SENT, "letter", ("c" * 64,), Way.LETTER)
OWN_ROW = StoredRow("mitte", "own", "potsdam", True, "bestaetigt", HASHES)
FORWARDED_ROWS = [
    StoredRow("mitte", "forwarded", "", True, "anderswo-beendet", ("b" * 64,)),
    StoredRow("ost", "forwarded", "jena", True, "bestaetigt", ("b" * 64,)),
]
LETTER_ROW = StoredRow("mitte", "letter", "", True, "brief-ohne-rueckmeldung", ("c" * 64,))
PRINTED = PrintedLetter("A-1", "letter", True)
SENT = [OWN, FORWARDED, LETTER]
ACKNOWLEDGED = [Line(Happening.ACKNOWLEDGED, line.message_id) for line in SENT]
FETCHED = [
    Line(Happening.FETCHED, "own", HASHES, "potsdam"),
    Line(Happening.FETCHED, "forwarded", ("b" * 64,), "jena"),
]
CONFIRMED = [Line(Happening.CONFIRMED, line.message_id) for line in FETCHED]
GOOD = [*SENT, *ACKNOWLEDGED, *FETCHED, *CONFIRMED]
ROWS = [OWN_ROW, *FORWARDED_ROWS, LETTER_ROW]


def find_faults(
    lines: Sequence[Line] = GOOD,
    rows: Sequence[StoredRow] = ROWS,
    letters: Sequence[PrintedLetter] = (PRINTED,),
    open_reports: Sequence[str] = (),
) -> set[tuple[Fault, str]]:
    result = audit(lines, Found(rows, letters, open_reports), MAILBOXES)
    return {(violation.fault, violation.message_id) for violation in result.violations}


def without(lines: Sequence[Line], happening: Happening, message_id: str) -> list[Line]:
    return [line for line in lines if (line.happening, line.message_id) != (happening, message_id)]


def test_audit_where_everything_is_in_its_place_finds_nothing_and_counts() -> None:
    kill = Line(Happening.KILLED, place="server")
    result = audit([*GOOD, kill, kill], Found(ROWS, [PRINTED]), MAILBOXES)
    assert result.violations == []
    assert (result.sent, result.acknowledged, result.kills["server"]) == (3, 3, 2)
    assert result.ways[Way.FORWARDED.value] == 1


@pytest.mark.parametrize(
    ("message_id", "rows", "letters"),
    [
        ("own", [*FORWARDED_ROWS, LETTER_ROW], [PRINTED]),
        # It was handed on, but never came to the other server.
        ("forwarded", [OWN_ROW, FORWARDED_ROWS[0], LETTER_ROW], [PRINTED]),
        ("letter", ROWS, []),
    ],
)
def test_audit_of_an_acknowledged_message_that_is_nowhere_finds_a_loss(
    message_id: str, rows: list[StoredRow], letters: list[PrintedLetter]
) -> None:
    assert find_faults(rows=rows, letters=letters) == {(Fault.LOST, message_id)}


def test_audit_of_an_acknowledged_message_that_its_reader_never_got_finds_a_loss() -> None:
    lines = without(GOOD, Happening.FETCHED, "own")
    assert find_faults(lines) == {(Fault.LOST, "own")}


def test_audit_of_an_unacknowledged_message_that_is_not_there_finds_nothing() -> None:
    lines = without(GOOD, Happening.ACKNOWLEDGED, "own")
    assert find_faults(lines, [*FORWARDED_ROWS, LETTER_ROW]) == set()
    assert find_faults(lines) == set()


@pytest.mark.parametrize(
    ("rows", "letters"),
    [
        ([*ROWS, OWN_ROW], [PRINTED]),
        (ROWS, [PRINTED, PrintedLetter("A-2", "letter", True)]),
    ],
)
def test_audit_of_a_message_that_is_there_twice_finds_a_duplicate(
    rows: list[StoredRow], letters: list[PrintedLetter]
) -> None:
    assert {fault for fault, _ in find_faults(rows=rows, letters=letters)} == {Fault.DUPLICATE}


def test_audit_of_the_same_bytes_under_another_message_id_finds_a_duplicate() -> None:
    copy = replace(OWN_ROW, message_id="other")
    assert find_faults(rows=[*ROWS, copy]) == {(Fault.UNKNOWN, "other"), (Fault.DUPLICATE, "own")}


def test_audit_of_an_unacknowledged_letter_printed_twice_finds_it() -> None:
    lines = without(GOOD, Happening.ACKNOWLEDGED, "letter")
    letters = [PRINTED, PrintedLetter("A-2", "letter", True)]
    assert find_faults(lines, letters=letters) == {(Fault.UNACKNOWLEDGED_TWICE, "letter")}


def test_audit_of_a_message_in_a_mailbox_and_as_a_letter_finds_both() -> None:
    letters = [PRINTED, PrintedLetter("A-2", "own", True)]
    assert find_faults(letters=letters) == {(Fault.MISPLACED, "own"), (Fault.DUPLICATE, "own")}


@pytest.mark.parametrize(
    ("lines", "rows", "letters", "message_id"),
    [
        (GOOD, [replace(OWN_ROW, hashes=("f" * 64,)), *ROWS[1:]], [PRINTED], "own"),
        ([*GOOD[:-2], replace(FETCHED[0], hashes=()), *CONFIRMED], ROWS, [PRINTED], "own"),
        (GOOD, ROWS, [replace(PRINTED, is_whole=False)], "letter"),
    ],
)
def test_audit_of_other_bytes_than_were_sent_finds_them(
    lines: list[Line], rows: list[StoredRow], letters: list[PrintedLetter], message_id: str
) -> None:
    assert find_faults(lines, rows, letters) == {(Fault.WRONG_BYTES, message_id)}


def test_audit_of_a_message_that_has_not_ended_finds_an_open_report() -> None:
    rows = [replace(OWN_ROW, is_closed=False, state="abgeholt"), *ROWS[1:]]
    assert find_faults(rows=rows) == {(Fault.OPEN_REPORT, "own")}
    # Also of what was not acknowledged.
    lines = without(GOOD, Happening.ACKNOWLEDGED, "own")
    assert find_faults(lines, rows) == {(Fault.OPEN_REPORT, "own")}
    assert find_faults(open_reports=["letter"]) == {(Fault.OPEN_REPORT, "letter")}


def test_audit_of_a_message_handed_out_several_times_finds_it_only_after_a_confirmation() -> None:
    again = FETCHED[0]
    assert find_faults([*SENT, *ACKNOWLEDGED, again, *FETCHED, *CONFIRMED]) == set()
    assert find_faults([*GOOD, again]) == {(Fault.AGAIN, "own")}


def test_audit_of_a_message_fetched_from_a_foreign_mailbox_finds_it() -> None:
    foreign = replace(FETCHED[0], place="jena")
    assert find_faults([*SENT, *ACKNOWLEDGED, foreign, *FETCHED]) == {(Fault.MISPLACED, "own")}


def test_audit_of_a_refused_message_finds_the_refusal() -> None:
    refused = Line(Happening.REFUSED, "own", detail="9060")
    assert find_faults([*GOOD, refused]) == {(Fault.REFUSED, "own")}


def test_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal" / "a.jsonl")
    journal.note(Happening.SENT, "m", HASHES, Way.OWN, "ä")
    journal.note(Happening.ACKNOWLEDGED, "m")
    first, second = read_journal(tmp_path / "journal")
    assert (first.happening, first.message_id, first.hashes, first.place, first.detail) == (
        Happening.SENT,
        "m",
        HASHES,
        Way.OWN,
        "ä",
    )
    assert second.happening == Happening.ACKNOWLEDGED


def test_plan_deals_every_message_to_one_sender_and_the_same_with_the_same_seed() -> None:
    plan = CrashPlan(400, seed="x")
    shares = [[item.number for item in plan.list_messages(share, 3)] for share in range(3)]
    everything = list(plan.list_messages())
    assert sorted(itertools.chain(*shares)) == [item.number for item in everything]
    assert sum(not item.is_given_up for item in everything) >= plan.messages
    assert {item.way for item in everything} == set(Way)
    again = list(CrashPlan(400, seed="x").list_messages())
    assert [item.make_text() for item in again] == [item.make_text() for item in everything]
    assert len({item.make_text() for item in everything}) == len(everything)
