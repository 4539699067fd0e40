"""Which keys may be used: EC on curves for TLS, RSA from 3000 bits on (BSI TR-02102-1 and -2)."""

from cryptography.hazmat.primitives.asymmetric import ec, rsa

MIN_RSA_BITS = 3000
_CURVES = frozenset(
    {
        "secp256r1",
        "secp384r1",
        "secp521r1",
        "brainpoolP256r1",
        "brainpoolP384r1",
        "brainpoolP512r1",
    }
)

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class BadKeyMaterial(Exception):
    """A key or certificate cannot be used; the text is German."""


def require_strong(key: object) -> PublicKey:
    """The public key; raises BadKeyMaterial with the reason where it is none that may be used."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < MIN_RSA_BITS:
            raise BadKeyMaterial(
                f"Der RSA-Schlüssel hat {key.key_size} Bit; nach BSI TR-02102 braucht er "
                f"mindestens {MIN_RSA_BITS}."
            )
        return key
    if isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _CURVES:
            raise BadKeyMaterial(
                f"Der EC-Schlüssel liegt auf der Kurve {key.curve.name}; erlaubt sind "
                f"{', '.join(sorted(_CURVES))} (BSI TR-02102)."
            )
        return key
    raise BadKeyMaterial("Der Schlüssel ist weder ein EC- noch ein RSA-Schlüssel.")


def describe_key(key: PublicKey) -> str:
    """Kind and strength: `EC, secp256r1`, `RSA, 3072 Bit`."""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA, {key.key_size} Bit"
    return f"EC, {key.curve.name}"


def require_private_key(key: object) -> PrivateKey:
    """The key with which one signs; raises BadKeyMaterial like `require_strong`."""
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise BadKeyMaterial("Der Schlüssel ist weder ein EC- noch ein RSA-Schlüssel.")
    require_strong(key.public_key())
    return key
