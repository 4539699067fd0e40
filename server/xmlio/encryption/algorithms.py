"""The algorithms that are allowed (BSI TR-02102-1), by their URIs; whatever else is refused."""

from collections.abc import Mapping
from typing import Final, TypeVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from server.xmlio.encryption.problems import AlgorithmRefused
from server.xmlio.namespaces import XENC, XENC11

_Value = TypeVar("_Value")

AES256_GCM: Final = f"{XENC11}aes256-gcm"
RSA_OAEP: Final = f"{XENC11}rsa-oaep"
KW_AES256: Final = f"{XENC}kw-aes256"
ECDH_ES: Final = f"{XENC11}ECDH-ES"
CONCAT_KDF: Final = f"{XENC11}ConcatKDF"
SHA256: Final = f"{XENC}sha256"
MGF1_SHA256: Final = f"{XENC11}mgf1sha256"

# Lengths of keys in bytes.
CONTENT_CIPHERS: Final[Mapping[str, int]] = {
    f"{XENC11}aes128-gcm": 16,
    f"{XENC11}aes192-gcm": 24,
    AES256_GCM: 32,
}
KEY_WRAPS: Final[Mapping[str, int]] = {
    f"{XENC}kw-aes128": 16,
    f"{XENC}kw-aes192": 24,
    KW_AES256: 32,
}
DIGESTS: Final[Mapping[str, hashes.HashAlgorithm]] = {
    SHA256: hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashes.SHA384(),
    f"{XENC}sha512": hashes.SHA512(),
}
MASKS: Final[Mapping[str, hashes.HashAlgorithm]] = {
    MGF1_SHA256: hashes.SHA256(),
    f"{XENC11}mgf1sha384": hashes.SHA384(),
    f"{XENC11}mgf1sha512": hashes.SHA512(),
}
# Curves by the object identifiers of dsig11:NamedCurve (RFC 5480, RFC 5639).
CURVES: Final[Mapping[str, ec.EllipticCurve]] = {
    "urn:oid:1.2.840.10045.3.1.7": ec.SECP256R1(),
    "urn:oid:1.3.132.0.34": ec.SECP384R1(),
    "urn:oid:1.3.132.0.35": ec.SECP521R1(),
    "urn:oid:1.3.36.3.3.2.8.1.1.7": ec.BrainpoolP256R1(),
    "urn:oid:1.3.36.3.3.2.8.1.1.11": ec.BrainpoolP384R1(),
    "urn:oid:1.3.36.3.3.2.8.1.1.13": ec.BrainpoolP512R1(),
}
SHORTEST_RSA_BITS: Final = 3000


def pick(table: Mapping[str, _Value], uri: str, what: str) -> _Value:
    """The row of a table; raises AlgorithmRefused."""
    if uri not in table:
        raise AlgorithmRefused(f"{what} „{uri[:100]}“ ist nicht zugelassen (BSI TR-02102-1).")
    return table[uri]
