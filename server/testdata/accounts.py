"""Invented bank accounts: right check digits, but a clearing area that no bank is in."""

from server.testdata.drawing import Draw

# German bank codes begin with 1 to 8; 9 is given to nobody.
_AREA = "9"
_GERMANY = "131400"  # DE as numbers (ISO 13616), and the two places of the check digits
_MODULUS = 97


def draw_iban(draw: Draw) -> str:
    """The IBAN of an account that does not exist."""
    return make_iban(_AREA + draw.digits(7) + draw.digits(10))


def make_iban(account: str) -> str:
    """Bank code and account number (eighteen digits) with their check digits."""
    check = _MODULUS + 1 - int(account + _GERMANY) % _MODULUS
    return f"DE{check:02d}{account}"
