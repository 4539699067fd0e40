"""Messages that follow an Ersuchen as they are written: each is valid and says what was meant."""

from datetime import date
from decimal import Decimal

import pytest

from server.domain.content import InlineContent
from server.domain.ersuchen import Anlage
from server.domain.instalments import plan_instalments
from server.domain.vorgang_nachricht import (
    EVENTS,
    Abgabe,
    Antwort,
    Ausgang,
    Eingangsbestaetigung,
    Ergebnis,
    Erledigung,
    Erledigungsart,
    Forderungsaenderung,
    Inhalt,
    Nachricht,
    Ratenzahlung,
    Rueckfrage,
    Ruecknahme,
    Sachstand,
    Stand,
    Zahlungsmitteilung,
    Zurueckweisung,
)
from server.xmlio.ersuchen import read_ersuchen
from server.xmlio.namespaces import AMTSHILFE
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue
from server.xmlio.vorgang_nachricht import write_nachricht
from tests.support.installation import read_sample

INSPECTOR = PayloadInspector(SchemaCatalogue(), XmlLimits())
DAY = date(2026, 11, 23)
SAMPLE = InlineContent(read_sample("valid", "ersuchen-vollstaendig.xml"))
ERSUCHEN = read_ersuchen(INSPECTOR.parse(SAMPLE))
SAID: tuple[tuple[Inhalt, str], ...] = (
    (Eingangsbestaetigung(DAY), ""),
    (Eingangsbestaetigung(DAY, "Danke."), ""),
    (Abgabe(ERSUCHEN.ersuchender, "Umgezogen."), ""),
    (Rueckfrage(("Wo?", "Seit wann?"), DAY), ""),
    (Rueckfrage(("Wo?",)), ""),
    (Antwort(("In Jena.", "Seit März.")), ""),
    (Forderungsaenderung(ERSUCHEN.forderung_list, ERSUCHEN.gesamtbetrag, "Gezahlt."), ""),
    (Ratenzahlung(plan_instalments(Decimal("20.00"), 3, DAY, None)), ""),
    (Zahlungsmitteilung(Decimal("48.00"), DAY, Decimal("0.00"), "VS 1"), "0.00"),
    (Sachstand(Stand.ANGENOMMEN), "angenommen"),
    (Ergebnis("sachpfaendung", DAY, Ausgang.TEILWEISE, Decimal("5.00")), "teilweise"),
    (Ruecknahme("Gezahlt."), ""),
    (Erledigung(Erledigungsart.FRUCHTLOS, Decimal("0.00")), "fruchtlos"),
    (Zurueckweisung("Nicht erlaubt."), ""),
)


@pytest.mark.parametrize(("inhalt", "outcome"), SAID)
def test_written_message_is_valid_and_tells_its_vorgang(inhalt: Inhalt, outcome: str) -> None:
    anlage = Anlage("bescheid.pdf", "sonstiges", "ab" * 32)
    content = InlineContent(
        write_nachricht(
            Nachricht(DAY, ERSUCHEN.ersuchter, ERSUCHEN.ersuchender, "urn:x:1", inhalt, (anlage,))
        )
    )
    assert INSPECTOR.find_problem(content, AMTSHILFE) is None
    routing = INSPECTOR.read_routing(content)
    assert routing is not None
    assert (routing.event, routing.outcome, routing.bezug) == (
        EVENTS[type(inhalt)].value,
        outcome,
        "urn:x:1",
    )
    assert routing.reader.is_same_party(ERSUCHEN.ersuchender.identifier)


def test_every_kind_of_message_is_written() -> None:
    assert {type(inhalt) for inhalt, _ in SAID} == set(EVENTS)


def test_instalments_keep_their_day_and_end_where_a_month_is_short() -> None:
    rates = plan_instalments(Decimal("20.00"), 3, date(2026, 12, 31), Decimal("8.00"))
    assert [(rate.betrag, rate.faelligkeit) for rate in rates] == [
        (Decimal("20.00"), date(2026, 12, 31)),
        (Decimal("20.00"), date(2027, 1, 31)),
        (Decimal("8.00"), date(2027, 2, 28)),
    ]


def test_debtors_of_an_ersuchen_are_named_surname_first() -> None:
    routing = INSPECTOR.read_routing(SAMPLE)
    assert routing is not None
    assert len(routing.schuldner_list) == len(ERSUCHEN.schuldner_list)
    firma = INSPECTOR.read_routing(InlineContent(read_sample("valid", "ersuchen-firma.xml")))
    plain = INSPECTOR.read_routing(InlineContent(read_sample("valid", "ersuchen.xml")))
    assert plain is not None and plain.schuldner_list == ("Beispiel, Erika",)
    assert firma is not None and all("," not in name for name in firma.schuldner_list)
