"""Short secrets in columns of the database, encrypted as blobs are and under the same data keys.

A sealed text is `s1-KEY-CIPHERTEXT`: format, id of the data key, Base64 of what Tink's streaming
AEAD makes of it (AES-256-GCM, docs/blobs.md). It is bound to its context, so that it cannot be
moved to another row. Without data keys texts stay as they are.
"""

import base64
import binascii
import io
import re

from persistence.blobs.data_keys import DataKeys
from persistence.blobs.encryption import DataKey, DecryptionFailed
from persistence.blobs.failures import BlobStoreUnavailable, logger
from server.errors import AmtshilfeError, Faults

_BEGINNING = "s1-"
_DAMAGED = "es ist beschädigt oder vertauscht"
_SEALED = re.compile(_BEGINNING + r"(?P<key>[0-9a-f]{16})-(?P<text>[A-Za-z0-9+/=]+)")


class SecretUnreadable(AmtshilfeError):
    """A sealed text cannot be opened for now (9030); an operator has to see to the keys."""

    def __init__(self, context: str, reason: str) -> None:
        super().__init__(
            Faults.STORAGE_UNAVAILABLE,
            f"Ein verschlüsseltes Geheimnis lässt sich nicht lesen: {reason}.",
        )
        logger.error("the secret of %s cannot be read: %s", context, reason)


class SealedTexts:
    """Seals and opens. Do it outside of a transaction: a data key may have to be read or made."""

    def __init__(self, keys: DataKeys | None) -> None:
        self._keys = keys

    def seal(self, text: str, context: str) -> str:
        """Encrypts under the newest data key; raises SecretUnreadable without master key."""
        if self._keys is None:
            return text
        try:
            key = self._keys.current()
        except BlobStoreUnavailable as error:
            raise SecretUnreadable(context, _reason_of(error)) from error
        encrypted = base64.b64encode(_encrypt(key, text.encode(), context)).decode()
        return f"{_BEGINNING}{key.id}-{encrypted}"

    def open(self, sealed: str, context: str) -> str:
        """What was sealed with this context, or a text that never was; raises SecretUnreadable."""
        if not is_sealed(sealed):
            return sealed
        found = _SEALED.fullmatch(sealed)
        if found is None:
            raise SecretUnreadable(context, _DAMAGED)
        key = self._find_key(found["key"], context)
        try:
            with key.decrypting(io.BytesIO(base64.b64decode(found["text"])), context) as stream:
                return stream.read().decode()
        except (DecryptionFailed, binascii.Error, UnicodeDecodeError) as error:
            raise SecretUnreadable(context, _DAMAGED) from error

    def is_current(self, sealed: str) -> bool:
        """True where sealing anew would change nothing; raises SecretUnreadable."""
        if self._keys is None:
            return True
        found = _SEALED.fullmatch(sealed)
        return found is not None and found["key"] == self._current_id()

    def _current_id(self) -> str:
        try:
            return self._keys.current().id if self._keys else ""
        except BlobStoreUnavailable as error:
            raise SecretUnreadable("data key", _reason_of(error)) from error

    def _find_key(self, key_id: str, context: str) -> DataKey:
        if self._keys is None:
            raise SecretUnreadable(context, "die Verschlüsselung ist ausgeschaltet (blobs.encrypt)")
        try:
            key = self._keys.find(key_id)
        except BlobStoreUnavailable as error:
            raise SecretUnreadable(context, _reason_of(error)) from error
        if key is None:
            raise SecretUnreadable(context, f"der Datenschlüssel {key_id} fehlt")
        return key


def is_sealed(text: str) -> bool:
    """True where this is a sealed text; secrets in Base32 never look like one."""
    return text.startswith(_BEGINNING)


def _encrypt(key: DataKey, data: bytes, context: str) -> bytes:
    sink = _Kept()
    writer = key.encrypting(sink, context)
    writer.write(data)
    writer.finish()
    return sink.written


def _reason_of(error: BlobStoreUnavailable) -> str:
    return error.reason.removeprefix("Ablage der Inhalte: ").removesuffix(".")


class _Kept(io.BytesIO):
    """Keeps what was written when it is closed."""

    written = b""

    def close(self) -> None:
        if not self.closed:
            self.written = self.getvalue()
        super().close()
