"""The EPC QR code by which a transfer is filled in (EPC069-12, version 002, UTF-8, SCT).

Where the code could not be valid there is none: a bank's app would refuse it, or worse, cut
what does not fit.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import zxingcpp
from stdnum import bic as bic_number
from stdnum import iban as iban_number

from server.domain.ersuchen import Bankverbindung
from server.domain.german import format_euro

# Section 4 of the guideline: at most 331 bytes, error correction M, version 13 of the symbol, which
# has 69 modules to a side.
MAX_BYTES = 331
_CORRECTION = "M"
_MAX_SIDE = 69
# The bytes are UTF-8 because the payload says so; a reader of codes is told nothing beside it.
_NO_MARK = "Unknown"
_DARK = re.compile(rb"\x00+")
_MAX_NAME, _MAX_TEXT = 70, 140
_LEAST, _MOST = Decimal("0.01"), Decimal("999999999.99")
_OUT_OF_RANGE = f"Der Betrag liegt nicht zwischen {format_euro(_LEAST)} und {format_euro(_MOST)}."


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
    side, cells = _draw(payload.encode())
    if side > _MAX_SIDE:
        return PaymentCode(reason="Die Angaben sind zu lang für den Zahlcode.")
    path = "".join(_list_runs(side, cells))
    return PaymentCode(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path stroke="#000" d="{path}"/></svg>'
    )


def _draw(payload: bytes) -> tuple[int, bytes]:
    """Modules to a side, and the modules row by row: 0 is dark, 255 light."""
    code = zxingcpp.create_barcode(
        payload, zxingcpp.BarcodeFormat.QRCode, ec_level=_CORRECTION, eci=_NO_MARK
    )
    image = code.to_image(add_quiet_zones=False)
    # Its stub does not tell that it is a buffer.
    return image.shape[0], memoryview(image).tobytes()  # type: ignore[arg-type]


def _list_runs(side: int, cells: bytes) -> Iterator[str]:
    """Dark modules beside each other are one stroke along the middle of their row."""
    for row in range(side):
        start = row * side
        for run in _DARK.finditer(cells, start, start + side):
            first, end = run.span()
            yield f"M{first - start} {row}.5h{end - first}"


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
        (_LEAST <= amount <= _MOST, _OUT_OF_RANGE),
        (bool(name), "Der Kontoinhaber fehlt."),
        (len(name) <= _MAX_NAME, f"Der Kontoinhaber hat mehr als {_MAX_NAME} Zeichen."),
        (len(text) <= _MAX_TEXT, f"Der Verwendungszweck hat mehr als {_MAX_TEXT} Zeichen."),
    )
    return next((reason for holds, reason in checks if not holds), "")


def _to_line(text: str) -> str:
    return " ".join(text.split())
