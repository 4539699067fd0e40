"""What was typed, read: German notation, gaps, mistakes at their fields."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from server.domain.draft import Draft, DraftSummary, Step
from server.domain.german import parse_euro, parse_german_day
from server.domain.massnahme import Massnahmenkatalog
from server.services.capture.reading import ReadDraft, read_draft
from server.services.capture.vocabulary import Vocabulary
from server.services.standard_massnahmen import read_standard_massnahmen
from tests.support.capturing import CONTENT

MOMENT = datetime(2026, 11, 23, 12, tzinfo=UTC)
VOCABULARY = Vocabulary(
    {"hundesteuer": "Hundesteuer"}, Massnahmenkatalog(tuple(read_standard_massnahmen()))
)


def read(**changes: dict[str, Any]) -> ReadDraft:
    """A complete draft with other values in some steps."""
    content = {step.value: {**CONTENT.get(step, {}), **changes.get(step, {})} for step in Step}
    draft = Draft(1, "x", 1, False, DraftSummary(), content, 1, MOMENT, MOMENT, "Eva", "urn:x")
    return read_draft(draft, VOCABULARY)


def list_fields(result: ReadDraft) -> list[str]:
    return [problem.field for problem in result.problems]


def test_complete_draft_is_read_without_problem() -> None:
    result = read()
    assert result.problems == ()
    (forderung,) = result.forderung_list
    assert (forderung.betrag, forderung.faelligkeit) == (Decimal("1184.50"), date(2026, 2, 15))
    assert forderung.summe == Decimal("1189.50")
    assert result.bankverbindung is not None
    assert result.bankverbindung.iban == "DE02120300000000202051"
    assert result.schuldner_list[0].full_name == "Erika Beispiel"
    assert result.rechtsgrundlage_list == ("§ 250 AO",)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,50", Decimal("1234.50")),
        ("1234,5", Decimal("1234.50")),
        ("1.234", Decimal("1234.00")),
        ("12 €", Decimal("12.00")),
        ("184.50", None),
        ("1,234.50", None),
        ("-5", None),
        ("fünf", None),
        ("1.23,00", None),
        ("1,005", None),
    ],
)
def test_amounts_are_read_in_german_notation(text: str, amount: Decimal | None) -> None:
    assert parse_euro(text) == amount


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2.11.2026", date(2026, 11, 2)),
        ("02. 11. 2026", date(2026, 11, 2)),
        ("2026-11-02", date(2026, 11, 2)),
        ("31.2.2026", None),
        ("2.11.26", None),
        ("11/02/2026", None),
    ],
)
def test_days_are_read_in_german_notation(text: str, day: date | None) -> None:
    assert parse_german_day(text) == day


def test_empty_draft_tells_what_is_missing_in_each_step() -> None:
    content: dict[str, Any] = {"schuldner": {"schuldner": [{"art": "person"}]}}
    draft = Draft(1, "x", 1, False, DraftSummary(), content, 1, MOMENT, MOMENT, "Eva", "urn:x")
    result = read_draft(draft, VOCABULARY)
    assert list_fields(result) == [
        "aktenzeichen",
        "schuldner-0-name",
        "forderungen",
        "bescheinigt_am",
        "bescheinigt_von",
        "neue_massnahme",
    ]
    assert len(result.list_problems_of(Step.FORDERUNGEN)) == 3


def test_mistakes_in_claims_stand_at_their_fields() -> None:
    wrong = {
        "einnahmeart": "gibt-es-nicht",
        "bezeichnung": "",
        "betrag": "0,00",
        "faelligkeit": "32.1.2026",
        "zeitraum_von": "2.1.2026",
        "zeitraum_bis": "1.1.2026",
        "zuschlag_weiter": True,
        "zustellung_art": "einschreiben",
        "nebenforderungen": [{"art": "", "betrag": "viel"}],
    }
    result = read(forderungen={"forderungen": [wrong]})
    assert list_fields(result) == [
        f"forderungen-0-{name}"
        for name in (
            "einnahmeart",
            "bezeichnung",
            "betrag",
            "faelligkeit",
            "zeitraum_bis",
            "nebenforderungen-0-art",
            "nebenforderungen-0-betrag",
            "zuschlag",
            "zuschlag_bis",
            "bescheid_vom",
            "zustellung_am",
        )
    ]


def test_bank_details_are_all_or_nothing() -> None:
    names = ("kontoinhaber", "iban", "bic", "verwendungszweck")
    nothing = read(forderungen=dict.fromkeys(names, ""))
    assert (nothing.bankverbindung, nothing.problems) == (None, ())
    half = read(forderungen={"kontoinhaber": "", "iban": "DE03 1203", "bic": "kurz"})
    assert list_fields(half) == ["kontoinhaber", "iban", "bic"]


def test_measures_ask_for_what_the_catalogue_says() -> None:
    result = read(
        massnahmen={
            "massnahmen": [
                {"art": "kontopfaendung"},
                {"art": "lohnpfaendung", "drittschuldner_plz": "1"},
                {"art": "gibt-es-nicht"},
            ]
        }
    )
    assert list_fields(result) == [
        "massnahmen-0-iban",
        "massnahmen-1-drittschuldner_plz",
        "massnahmen-1-drittschuldner_name",
        "massnahmen-1-drittschuldner_name",
        "massnahmen-2-art",
    ]


def test_measure_that_needs_a_birthday_asks_at_the_debtor() -> None:
    debtor = {"art": "person", "name": "Beispiel", "plz": "07743", "ort": "Jena"}
    third = {"art": "sozialleistungspfaendung", "drittschuldner_name": "Rentenkasse"}
    result = read(schuldner={"schuldner": [debtor]}, massnahmen={"massnahmen": [third]})
    assert list_fields(result) == ["schuldner-0-geburtsdatum"]


@pytest.mark.parametrize(
    ("measure", "problems"), [("sachpfaendung", 1), ("aufenthaltsermittlung", 0)]
)
def test_debtor_without_address_is_possible_where_it_is_searched(
    measure: str, problems: int
) -> None:
    result = read(
        schuldner={"schuldner": [{"art": "firma", "firma": "Muster GmbH"}]},
        massnahmen={"massnahmen": [{"art": measure}]},
    )
    assert list_fields(result) == ["schuldner-0-ort"] * problems
    assert result.schuldner_list[0].anschrift is None


def test_time_of_delivery_is_german_time() -> None:
    result = read(senden={"fruehestens_am": "1.12.2026", "fruehestens_um": "8:30"})
    assert result.not_before == datetime(2026, 12, 1, 7, 30, tzinfo=UTC)
    assert list_fields(read(senden={"fruehestens_um": "8:30"})) == ["fruehestens_am"]
    wrong = read(senden={"fruehestens_am": "1.12.2026", "fruehestens_um": "halb neun"})
    assert list_fields(wrong) == ["fruehestens_um"]


@pytest.mark.parametrize("text", ["x" * 256, "a\x00b", "a\u200bb"])
def test_lines_that_no_message_carries_are_refused(text: str) -> None:
    assert list_fields(read(schuldner={"aktenzeichen": text})) == ["aktenzeichen"]
