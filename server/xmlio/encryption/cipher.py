"""AES-GCM over contents of any size (XML Encryption 1.1, 5.2.4: IV, ciphertext, tag)."""

import os
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

from server.domain.content import Content, cut_pieces
from server.xmlio.base64_stream import NotBase64
from server.xmlio.encryption.problems import Damaged

_IV_BYTES = 12
_TAG_BYTES = 16
_CHUNK = 256 * 1024


def encrypt_pieces(plain: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """The encrypted form of what is given, under an IV that is drawn anew at each call."""
    iv = os.urandom(_IV_BYTES)
    encryptor = Cipher(AES(key), GCM(iv)).encryptor()
    yield iv
    for piece in plain:
        yield encryptor.update(piece)
    yield encryptor.finalize() + encryptor.tag


class Plaintext:
    """What was encrypted, decrypted anew at each reading, so that it lies nowhere.

    It is verified when it is made (raises Damaged): nobody sees a byte of it before. The
    encrypted content must not change.
    """

    def __init__(self, encrypted: Content, key: bytes) -> None:
        self._encrypted = encrypted
        self._key = key
        for _ in self._decrypt():
            pass

    def read_chunks(self, size: int) -> Iterator[bytes]:
        """All bytes in pieces of `size`."""
        return cut_pieces(self._decrypt(), size)

    def read_pieces(self) -> Iterator[bytes]:
        """All bytes in pieces as they come."""
        return self._decrypt()

    def _decrypt(self) -> Iterator[bytes]:
        try:
            yield from _decrypt_pieces(self._encrypted.read_chunks(_CHUNK), self._key)
        except (InvalidTag, NotBase64):
            raise Damaged("Der verschlüsselte Inhalt ist beschädigt oder verändert.") from None


def _decrypt_pieces(pieces: Iterator[bytes], key: bytes) -> Iterator[bytes]:
    first = next(pieces, b"")
    if len(first) < _IV_BYTES + _TAG_BYTES:
        raise InvalidTag
    decryptor = Cipher(AES(key), GCM(first[:_IV_BYTES])).decryptor()
    # The last bytes are the tag; which ones they are is known only at the end.
    held = first[_IV_BYTES:]
    for piece in pieces:
        held += piece
        yield decryptor.update(memoryview(held)[:-_TAG_BYTES])
        held = held[-_TAG_BYTES:]
    yield decryptor.update(held[:-_TAG_BYTES])
    yield decryptor.finalize_with_tag(held[-_TAG_BYTES:])
