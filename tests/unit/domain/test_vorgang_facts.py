"""What a message says to its Vorgang."""

from dataclasses import replace
from datetime import date

import pytest

from server.domain.anschrift import Anschrift
from server.domain.behoerde import PartyIdentifier
from server.domain.routing import RoutingData
from server.domain.vorgang_facts import ProcessRef, VorgangEvent, VorgangFacts, gather_facts

NOBODY = PartyIdentifier("", "")
ROUTING = RoutingData(
    NOBODY,
    NOBODY,
    aktenzeichen="VS 1",
    aktenzeichen_reader="J 1",
    bezug="urn:x:1",
    event="rueckfrage",
    outcome="",
    einnahmeart="",
    anschrift=Anschrift("", "", "", ""),
    frist="2026-12-01+01:00",
)


def test_gather_facts_takes_message_and_head_together() -> None:
    facts = gather_facts(ROUTING, ("urn:x:0", "urn:x:1"), ProcessRef("p", ""))
    assert facts == VorgangFacts(
        VorgangEvent.RUECKFRAGE,
        "",
        "VS 1",
        "J 1",
        ("urn:x:0", "urn:x:1"),
        ProcessRef("p", ""),
        date(2026, 12, 1),
    )


@pytest.mark.parametrize("event", ["", "antrag", "zugestellt", "sonstige", "erinnerung"])
def test_gather_facts_without_a_word_of_ours_only_references_count(event: str) -> None:
    foreign = replace(ROUTING, event=event)
    expected = VorgangFacts(VorgangEvent.SONSTIGE, related_ids=("urn:x:1",))
    assert gather_facts(foreign, (), ProcessRef()) == expected
    assert gather_facts(replace(foreign, bezug=""), (), ProcessRef()) is None
    assert gather_facts(None, (), ProcessRef()) is None
    assert gather_facts(None, (), ProcessRef("", "q")) is not None


@pytest.mark.parametrize("frist", ["", "bald", "2026-13-01", "10000-01-01", "-0044-03-15"])
def test_gather_facts_day_that_is_none_is_left_out(frist: str) -> None:
    facts = gather_facts(replace(ROUTING, frist=frist), (), ProcessRef())
    assert facts is not None
    assert facts.frist is None


def test_gather_facts_what_is_too_long_to_keep_is_cut_or_left_out() -> None:
    long = "x" * 300
    huge = replace(
        ROUTING,
        aktenzeichen=long,
        outcome=long,
        bezug=long,
        abgegeben_an=PartyIdentifier(long, "xoev"),
    )
    facts = gather_facts(huge, (long,), ProcessRef(long, long))
    assert facts is not None
    assert facts.aktenzeichen == facts.outcome == facts.process.requester == "x" * 255
    assert (facts.related_ids, facts.abgegeben_an) == ((), None)
