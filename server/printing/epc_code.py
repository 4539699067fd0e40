"""The EPC QR code by which a transfer is filled in (EPC069-12, version 002, UTF-8, SCT).

Where the code could not be valid there is none: a bank's app would refuse it, or worse, cut
what does not fit.
"""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import segno
from stdnum import bic as bic_number
from stdnum import iban as iban_number

from server.domain.ersuchen import Bankverbindung

# Section 4 of the guideline: at most 331 bytes, error correction M, version 13 of the symbol.
MAX_BYTES = 331
_MAX_SYMBOL = 13
_MASK = 4
_MAX_NAME, _MAX_TEXT = 70, 140
_LEAST, _MOST = Decimal("0.01"), Decimal("999999999.99")


@dataclass(frozen=True)
class PaymentCode:
    """The code as SVG; without it `reason` says in German why there is none."""

    svg: str = ""
    reason: str = ""


def make_payment_code(bank: Bankverbindung, amount: Decimal) -> PaymentCode:
    """The code for a transfer of this amount in euro to this account."""
    reason = _find_obstacle(bank, amount)
    if reason:
        return PaymentCode(reason=reason)
    payload = make_payload(bank, amount)
    size = len(payload.encode())
    if size > MAX_BYTES:
        return PaymentCode(reason=f"Die Angaben sind mit {size} Bytes zu lang für den Zahlcode.")
    # Every reader knows all masks; to try out which looks best takes longer than the whole letter.
    code = segno.make_qr(
        payload, error="m", boost_error=False, encoding="utf-8", mode="byte", mask=_MASK
    )
    if int(code.version) > _MAX_SYMBOL:
        return PaymentCode(reason="Die Angaben sind zu lang für den Zahlcode.")
    output = BytesIO()
    code.save(output, kind="svg", border=0, xmldecl=False, omitsize=True)
    return PaymentCode(output.getvalue().decode())


def make_payload(bank: Bankverbindung, amount: Decimal) -> str:
    """The lines of the code (table 2 of the guideline); empty ones at the end are left out."""
    lines = (
        "BCD",
        "002",
        "1",
        "SCT",
        bic_number.compact(bank.bic),
        _to_line(bank.kontoinhaber),
        iban_number.compact(bank.iban),
        f"EUR{amount:.2f}",
        "",
        "",
        _to_line(bank.verwendungszweck),
    )
    return "\n".join(lines).rstrip("\n")


def _find_obstacle(bank: Bankverbindung, amount: Decimal) -> str:
    name, text = _to_line(bank.kontoinhaber), _to_line(bank.verwendungszweck)
    checks = (
        (iban_number.is_valid(bank.iban), "Die IBAN ist nicht gültig."),
        (not bank.bic or bic_number.is_valid(bank.bic), "Der BIC ist nicht gültig."),
        (_LEAST <= amount <= _MOST, f"Der Betrag liegt nicht zwischen {_LEAST} und {_MOST} Euro."),
        (bool(name), "Der Kontoinhaber fehlt."),
        (len(name) <= _MAX_NAME, f"Der Kontoinhaber hat mehr als {_MAX_NAME} Zeichen."),
        (len(text) <= _MAX_TEXT, f"Der Verwendungszweck hat mehr als {_MAX_TEXT} Zeichen."),
    )
    return next((reason for holds, reason in checks if not holds), "")


def _to_line(text: str) -> str:
    return " ".join(text.split())
