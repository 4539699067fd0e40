"""XML signatures (XMLDSig 1.0, enveloped) over what the server states."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner


class ElementSigner:
    """Signs elements with one key; RSA and EC keys are known, others raise ValueError.

    The reference of a signature is the element as a document of its own: who verifies takes it
    out of what surrounds it first. Canonicalization is exclusive, so that this changes nothing.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate = certificate.read_bytes()
        loaded = load_pem_private_key(key.read_bytes(), password=None)
        if not isinstance(loaded, EllipticCurvePrivateKey | RSAPrivateKey):
            raise ValueError(f"{key} holds neither an RSA nor an EC key")
        is_elliptic = isinstance(loaded, EllipticCurvePrivateKey)
        self._key = loaded
        self._method = SignatureMethod.ECDSA_SHA256 if is_elliptic else SignatureMethod.RSA_SHA256

    def sign(self, element: etree._Element) -> etree._Element:
        """The element with its ds:Signature as last child."""
        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped,
            signature_algorithm=self._method,
            digest_algorithm=DigestAlgorithm.SHA256,
            c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
        )
        signed: etree._Element = signer.sign(
            element, key=self._key, cert=self._certificate.decode("ascii")
        )
        return signed
