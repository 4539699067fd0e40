"""The texts of a letter: nothing that the Ersuchen says and a clerk needs is left out."""

from dataclasses import replace
from datetime import date

from server.domain.anschrift import Anschrift
from server.domain.ersuchen import (
    Anlage,
    Bescheid,
    Drittschuldner,
    ErbeteneMassnahme,
    Ersuchen,
    Zustellung,
)
from server.printing.letter import LetterAttachment, render_letter
from server.printing.letter_texts import list_attachments
from tests.unit.printing.pdf_reading import read_texts
from tests.unit.printing.samples import ORDER, make_ersuchen, make_forderungen, make_pdf

A6_SIZE = (298, 420)


def read(ersuchen: Ersuchen, *names: str) -> str:
    """The letter with attachments of these names behind it."""
    attachments = [LetterAttachment(name, make_pdf(A6_SIZE)) for name in names]
    return " ".join(read_texts(render_letter(ersuchen, attachments, ORDER).pdf))


def test_letter_names_the_address_of_a_drittschuldner() -> None:
    bank = Drittschuldner("Musterbank", Anschrift("Lange Straße", "3", "24937", "Flensburg"))
    measure = ErbeteneMassnahme("kontopfaendung", bank, iban="DE89370400440532013000")
    assert (
        "(Musterbank, Lange Straße 3, 24937 Flensburg; Konto DE89 3704 0044 0532 0130 00)"
    ) in read(make_ersuchen(massnahme_list=(measure,)))


def test_letter_names_a_drittschuldner_whose_address_is_unknown() -> None:
    measure = ErbeteneMassnahme("kontopfaendung", Drittschuldner("Musterbank"))
    assert "kontopfaendung (Musterbank)" in read(make_ersuchen(massnahme_list=(measure,)))


def test_letter_names_the_bescheid_by_its_aktenzeichen_and_how_it_was_delivered() -> None:
    (claim,) = make_forderungen(1)
    delivery = Zustellung("oeffentlich", date(2026, 1, 15))
    bescheid = Bescheid(date(2026, 1, 12), "Gr-4711", delivery, date(2026, 2, 16))
    claim = replace(claim, bezeichnung="1. Rate", bescheid=bescheid)
    text = read(make_ersuchen(forderung_list=(claim,), gesamtbetrag=claim.summe))
    # Words may be divided at the end of a line.
    assert (
        "1. Rate, Bescheid vom 12.01.2026 (Aktenzeichen Gr-4711), bekannt gegeben am 15.01.2026 "
        "(öffentliche Zustellung), unanfechtbar seit 16.02.2026"
    ).replace(" ", "") in text.replace(" ", "")


def test_letter_speaks_of_one_claim_and_one_measure_as_of_one() -> None:
    text = read(
        make_ersuchen(
            forderung_list=make_forderungen(1),
            massnahme_list=(ErbeteneMassnahme("sachpfaendung"),),
        )
    )
    for part in (
        "Die unten aufgeführte Forderung ist fällig und noch nicht beglichen. Bitte ergreifen Sie "
        "folgende Maßnahme: ",
        " Forderung Einnahmeart ",
        "Wir bescheinigen, dass die Forderung vollstreckbar ist. Ausgestellt",
    ):
        assert part in text


def test_letter_lists_attachments_with_their_kinds() -> None:
    named = (Anlage("a.pdf", "bescheid"), Anlage("b.pdf", "sonstiges"))
    text = read(make_ersuchen(anlage_list=named), "a.pdf", "b.pdf", "c.pdf")
    assert "Anlagen a.pdf (Bescheid) b.pdf c.pdf" in text


def test_list_attachments_kind_that_is_not_known_stands_as_it_is() -> None:
    assert list_attachments(["a.pdf"], [Anlage("a.pdf", "neue-art")]) == ["a.pdf (neue-art)"]
