"""The course of a Vorgang: deadlines, names, another Behörde, what was taken back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.domain.behoerde import PartyIdentifier
from server.domain.vorgang import (
    Vorgang,
    VorgangDirection,
    VorgangRolle,
    VorgangState,
    Waiting,
)
from server.domain.vorgang_course import (
    VorgangMessage,
    VorgangStep,
    follow_message,
    follow_transport,
    note_transport,
    open_vorgang,
    remind,
)
from server.domain.vorgang_facts import ProcessRef, VorgangEvent, VorgangFacts

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
JENA, WEIMAR = PartyIdentifier("ags:jena", "xoev"), PartyIdentifier("ags:weimar", "xoev")
OUT, IN = VorgangDirection.OUTGOING, VorgangDirection.INCOMING
ASKING, ASKED = VorgangRolle.ERSUCHENDER, VorgangRolle.ERSUCHTER
DAYS = 14


def message(
    event: str, direction: VorgangDirection, partner: PartyIdentifier = JENA, **facts: Any
) -> VorgangMessage:
    return VorgangMessage(7, VorgangFacts(VorgangEvent(event), **facts), direction, partner, False)


def asking(state: str, **changes: Any) -> Vorgang:
    """The Vorgang of who asks for help."""
    vorgang = Vorgang("urn:v", 1, ASKING, JENA, VorgangState(state), NOW, NOW)
    return replace(vorgang, **changes)


def follow(vorgang: Vorgang, written: VorgangMessage, moment: datetime = NOW) -> VorgangStep:
    return follow_message(vorgang, written, moment, is_new=False)


def due(vorgang: Vorgang) -> tuple[VorgangRolle, date] | None:
    return (vorgang.waiting.owed_by, vorgang.waiting.due(DAYS)) if vorgang.waiting else None


def test_ersuchen_is_answered_within_the_days_and_counts_again_from_delivery() -> None:
    sent = follow(asking("angelegt"), message("ersuchen", OUT)).vorgang
    assert (sent.state, due(sent)) == ("gesendet", (ASKED, TODAY + timedelta(DAYS)))
    later = NOW + timedelta(days=3)
    delivered = follow_transport(sent, message("ersuchen", OUT), VorgangEvent.ZUGESTELLT, later)
    assert due(delivered.vorgang) == (ASKED, later.date() + timedelta(DAYS))
    received = follow_transport(
        delivered.vorgang, message("ersuchen", OUT), VorgangEvent.EMPFANGEN, later + timedelta(4)
    )
    assert (received.vorgang.state, due(received.vorgang)) == ("empfangen", due(delivered.vorgang))


def test_ersuchen_arrives_at_the_other_side_as_delivered() -> None:
    opened = open_vorgang("urn:v", 2, message("ersuchen", IN, aktenzeichen="VS 1"), NOW)
    step = follow_message(opened, message("ersuchen", IN, aktenzeichen="VS 1"), NOW, is_new=True)
    assert (step.vorgang.rolle, step.vorgang.state) == (ASKED, "zugestellt")
    assert (step.vorgang.own_aktenzeichen, step.vorgang.partner_aktenzeichen) == ("", "VS 1")
    assert due(step.vorgang) == (ASKED, TODAY + timedelta(DAYS))
    assert (step.entry.direction, step.entry.state, step.entry.fits) == (IN, "zugestellt", True)


@pytest.mark.parametrize(
    ("state", "event", "direction", "facts", "expected"),
    [
        ("empfangen", "rueckfrage", IN, {}, (ASKING, TODAY + timedelta(DAYS))),
        ("empfangen", "rueckfrage", OUT, {}, (ASKED, TODAY + timedelta(DAYS))),
        ("empfangen", "rueckfrage", IN, {"frist": date(2026, 12, 1)}, (ASKING, date(2026, 12, 1))),
        ("empfangen", "sachstand", IN, {"outcome": "angenommen"}, None),
        ("empfangen", "sonstige", IN, {}, None),
        ("empfangen", "forderungsaenderung", OUT, {}, (ASKED, date(2026, 12, 2))),
        ("empfangen", "ersuchen", OUT, {}, (ASKED, date(2026, 12, 2))),
        ("empfangen", "ruecknahme", OUT, {}, None),
        ("empfangen", "erledigung", IN, {"outcome": "bezahlt"}, None),
        ("empfangen", "erledigung", OUT, {}, (ASKED, date(2026, 12, 2))),
        (
            "empfangen",
            "zahlungsmitteilung",
            IN,
            {"outcome": "0.00"},
            (ASKED, TODAY + timedelta(DAYS)),
        ),
        ("empfangen", "zahlungsmitteilung", IN, {"outcome": "1.00"}, None),
    ],
)
def test_waiting_for_the_asked_ends_or_goes_on(
    state: str,
    event: str,
    direction: VorgangDirection,
    facts: dict[str, Any],
    expected: tuple[VorgangRolle, date] | None,
) -> None:
    waiting = asking(state, waiting=Waiting(ASKED, date(2026, 11, 18)))
    assert due(follow(waiting, message(event, direction, **facts)).vorgang) == expected


def test_answer_ends_the_waiting_for_the_asking() -> None:
    asked = follow(asking("empfangen"), message("rueckfrage", IN)).vorgang
    assert due(follow(asked, message("antwort", OUT)).vorgang) is None
    assert due(follow(asked, message("ratenzahlung", IN)).vorgang) == due(asked)


@pytest.mark.parametrize("event", [VorgangEvent.VERFALLEN, VorgangEvent.ZURUECKGEZOGEN])
def test_ersuchen_that_does_not_arrive_is_not_waited_for(event: VorgangEvent) -> None:
    sent = follow(asking("angelegt"), message("ersuchen", OUT)).vorgang
    ended = follow_transport(sent, message("ersuchen", OUT), event, NOW)
    assert (due(ended.vorgang), ended.entry.direction) == (None, VorgangDirection.SYSTEM)


def test_names_are_those_that_their_owner_stated_last() -> None:
    vorgang = asking("empfangen", own_aktenzeichen="VS 1")
    confirmed = follow(
        vorgang,
        message("eingangsbestaetigung", IN, aktenzeichen="J 1", aktenzeichen_reader="falsch"),
    ).vorgang
    assert (confirmed.own_aktenzeichen, confirmed.partner_aktenzeichen) == ("VS 1", "J 1")
    renamed = follow(confirmed, message("sachstand", IN, aktenzeichen="J 2")).vorgang
    answered = follow(renamed, message("antwort", OUT, aktenzeichen_reader="J 1")).vorgang
    assert answered.partner_aktenzeichen == "J 2"
    processes = message("antwort", OUT, process=ProcessRef("p", "q"))
    assert follow(answered, processes).vorgang.process == ProcessRef("p", "q")


def test_message_that_does_not_fit_changes_nothing_but_the_day() -> None:
    vorgang = asking("erledigt", partner_aktenzeichen="J 1")
    later = NOW + timedelta(days=1)
    step = follow(vorgang, message("sachstand", IN, aktenzeichen="J 9"), later)
    assert step.vorgang == replace(vorgang, changed=later)
    assert (step.entry.fits, step.entry.state) == (False, "erledigt")


def test_other_behoerde_is_marked_and_changes_nothing() -> None:
    vorgang = asking("empfangen")
    step = follow(vorgang, message("erledigung", IN, WEIMAR, outcome="bezahlt"))
    assert step.vorgang == vorgang
    assert (step.entry.fits, "anderen Behörde" in step.entry.hint) == (False, True)


def test_abgabe_the_named_behoerde_goes_on_and_no_other() -> None:
    passed = follow(asking("empfangen"), message("abgabe", IN, abgegeben_an=WEIMAR)).vorgang
    assert (passed.state, passed.partner, due(passed)) == ("abgegeben", JENA, None)
    stranger = PartyIdentifier("ags:gera", "xoev")
    assert not follow(passed, message("sachstand", IN, stranger)).entry.fits
    impossible = follow(passed, message("ruecknahme", IN, WEIMAR))
    assert (impossible.entry.fits, impossible.vorgang) == (False, passed)

    taken = follow(passed, message("eingangsbestaetigung", IN, WEIMAR, aktenzeichen="W 1"))
    assert (taken.vorgang.state, taken.vorgang.partner) == ("empfangen", WEIMAR)
    assert (taken.vorgang.partner_aktenzeichen, taken.vorgang.successor) == ("W 1", None)
    assert (taken.entry.fits, "führt den Vorgang weiter" in taken.entry.hint) == (True, True)
    assert not follow(taken.vorgang, message("sachstand", IN, JENA)).entry.fits


def test_message_taken_back_in_time_gives_back_the_state() -> None:
    before = follow(asking("angelegt"), message("ersuchen", OUT))
    first = replace(before.entry, message_key=1)
    withdrawn = follow(before.vorgang, message("ruecknahme", OUT))
    history = (first, withdrawn.entry)
    event = VorgangEvent.ZURUECKGEZOGEN
    written = message("ruecknahme", OUT)
    assert withdrawn.vorgang.state == "zurueckgenommen"
    back = note_transport(withdrawn.vorgang, written, event, NOW, history)
    assert (back.vorgang.state, back.entry.state) == ("gesendet", "gesendet")
    assert "vor der Zustellung zurückgezogen" in back.entry.text

    moved = replace(withdrawn.vorgang, state=VorgangState.ERLEDIGT)
    late = replace(withdrawn.entry, message_key=9, state=VorgangState.ERLEDIGT)
    kept = note_transport(moved, written, event, NOW, (*history, late))
    assert kept.vorgang.state == "erledigt"
    lost = note_transport(withdrawn.vorgang, written, VorgangEvent.VERFALLEN, NOW, history)
    assert lost.vorgang.state == "zurueckgenommen"


@pytest.mark.parametrize(
    ("owed_by", "days", "words"),
    [
        (ASKED, 1, "Bis zum 22.11.2026 ist keine Antwort eingegangen, sie fehlt seit einem Tag."),
        (ASKING, 3, "Ihre Antwort war bis zum 20.11.2026 fällig und steht seit 3 Tagen aus."),
    ],
)
def test_remind_says_who_owes_it(owed_by: VorgangRolle, days: int, words: str) -> None:
    vorgang = asking("empfangen", waiting=Waiting(owed_by, TODAY))
    step = remind(vorgang, TODAY - timedelta(days=days), NOW)
    assert (step.entry.text, step.entry.event) == (words, "erinnerung")
    assert (step.entry.direction, step.vorgang.state) == (VorgangDirection.SYSTEM, "empfangen")


@pytest.mark.parametrize(
    ("event", "outcome", "words"),
    [
        ("sachstand", "in-bearbeitung", "Sachstand: in Bearbeitung"),
        ("zahlungsmitteilung", "1234.5", "Zahlungsmitteilung: noch offen 1.234,50 Euro"),
        ("zahlungsmitteilung", "unklar", "Zahlungsmitteilung"),
        ("erledigung", "teilweise-bezahlt", "Erledigung: teilweise bezahlt"),
        ("ergebnis", "fremdes Wort", "Ergebnis einer Maßnahme"),
    ],
)
def test_text_tells_what_a_message_says(event: str, outcome: str, words: str) -> None:
    written = message(event, IN, outcome=outcome)
    assert follow(asking("empfangen"), written).entry.text == words
    marked = follow(asking("empfangen"), replace(written, is_test=True)).entry.text
    assert marked == f"Testnachricht: {words}"
