"""The payment code, read back from the letter as a bank's app would."""

from dataclasses import replace
from decimal import Decimal

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp

from server.domain.ersuchen import Bankverbindung
from server.printing.epc_code import MAX_BYTES, make_payload, make_payment_code
from server.printing.letter import render_letter
from tests.unit.printing.samples import ORDER, make_ersuchen

BANK = Bankverbindung("Stadt Potsdam", "DE02120300000000202051", "VS-2026-0815")
AMOUNT = Decimal("553.50")


def test_make_payload_follows_the_guideline_line_by_line() -> None:
    bank = replace(BANK, bic="BYLADEM1001", iban="DE02 1203 0000 0000 2020 51")
    assert make_payload(bank, AMOUNT).split("\n") == [
        "BCD", "002", "1", "SCT", "BYLADEM1001", "Stadt Potsdam", "DE02120300000000202051",
        "EUR553.50", "", "", "VS-2026-0815",
    ]  # fmt: skip


def test_make_payload_without_purpose_ends_with_the_amount() -> None:
    assert make_payload(replace(BANK, verwendungszweck=""), AMOUNT).endswith("\nEUR553.50")


@pytest.mark.parametrize(
    "bank",
    [
        BANK,
        replace(BANK, kontoinhaber="Gemeinde Süßen", verwendungszweck="Müller Łódź"),
        replace(BANK, kontoinhaber="ä" * 70, verwendungszweck="x" * 90),
    ],
    ids=["usual", "letters of Europe", "long"],
)
def test_payment_code_is_read_back_from_the_letter(bank: Bankverbindung) -> None:
    letter = render_letter(make_ersuchen(bankverbindung=bank), [], ORDER)
    image = pypdfium2.PdfDocument(letter.pdf)[0].render(scale=300 / 72).to_pil()
    (code,) = zxingcpp.read_barcodes(
        image, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    assert code.text == make_payload(bank, AMOUNT)
    assert code.bytes == make_payload(bank, AMOUNT).encode()
    assert code.ec_level == "M"
    assert letter.notes == ()


@pytest.mark.parametrize(
    ("bank", "amount", "reason"),
    [
        (replace(BANK, iban="DE03120300000000202051"), AMOUNT, "IBAN ist nicht gültig"),
        (replace(BANK, bic="XX"), AMOUNT, "BIC ist nicht gültig"),
        (BANK, Decimal("0.00"), "Betrag liegt nicht"),
        (BANK, Decimal("1000000000.00"), "Betrag liegt nicht"),
        (replace(BANK, kontoinhaber=" "), AMOUNT, "Kontoinhaber fehlt"),
        (replace(BANK, kontoinhaber="x" * 71), AMOUNT, "mehr als 70 Zeichen"),
        (replace(BANK, verwendungszweck="x" * 141), AMOUNT, "mehr als 140 Zeichen"),
        (replace(BANK, kontoinhaber="ä" * 70, verwendungszweck="ä" * 140), AMOUNT, "Bytes zu lang"),
    ],
)
def test_make_payment_code_what_would_be_invalid_has_none_and_says_why(
    bank: Bankverbindung, amount: Decimal, reason: str
) -> None:
    code = make_payment_code(bank, amount)
    assert code.svg == ""
    assert reason in code.reason


def test_make_payment_code_longest_allowed_has_one() -> None:
    bank = replace(BANK, kontoinhaber="ä" * 70, verwendungszweck="x" * 130)
    room = MAX_BYTES - len(make_payload(bank, AMOUNT).encode())
    longest = replace(bank, verwendungszweck="x" * min(140, 130 + room))
    assert make_payment_code(longest, AMOUNT).svg
