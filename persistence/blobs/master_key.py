"""Master keys: they wrap data keys and nothing else. From a file or the environment.

A key that never leaves its device (PKCS#11) needs a class with `id`, `wrap` and `unwrap`
(`KeyWrapper`) and a place in `MasterKeys`; nothing else knows what kind of key it is.
"""

import base64
import binascii
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from persistence.blobs.encryption import DecryptionFailed, KeyWrapper

MASTER_KEY_VARIABLE = "DAMTSHILFE_MASTER_KEY"
OLD_MASTER_KEY_VARIABLE = "DAMTSHILFE_MASTER_KEY_OLD"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class BadMasterKey(Exception):
    """A master key cannot be used; the text is German."""


class AesMasterKey:
    """A master key in memory: AES-256-GCM with a random nonce before each wrapped key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._id = hashlib.sha256(b"damtshilfe master key" + key).hexdigest()[:16]

    @property
    def id(self) -> str:
        """16 hex digits of a hash over the key."""
        return self._id

    def wrap(self, data: bytes, context: bytes) -> bytes:
        """Nonce, ciphertext, tag."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """What was wrapped; raises DecryptionFailed."""
        try:
            return self._cipher.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], context)
        except (InvalidTag, ValueError) as error:
            raise DecryptionFailed(self._id) from error


@dataclass(frozen=True)
class MasterKeyRing:
    """The key that wraps from now on, and the one before it, which still unwraps."""

    primary: KeyWrapper
    older: tuple[KeyWrapper, ...] = ()

    def find(self, key_id: str) -> KeyWrapper | None:
        """The key with this id."""
        return next((key for key in (self.primary, *self.older) if key.id == key_id), None)


class MasterKeys:
    """Where the master keys come from: the environment before the file.

    They are read whenever a data key is wrapped or unwrapped, which is rare, so that a rotation
    reaches processes that run.
    """

    def __init__(self, file: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.file = file
        self._environment = environment

    @property
    def is_from_environment(self) -> bool:
        """True where the environment gives the key and the file does not count."""
        return bool(self._environment.get(MASTER_KEY_VARIABLE))

    @property
    def older_file(self) -> Path:
        """Where a rotation leaves the key that was in force before."""
        return self.file.with_name(self.file.name + ".alt")

    def read(self) -> MasterKeyRing:
        """The keys; raises BadMasterKey."""
        if self.is_from_environment:
            return self._read_environment()
        older = (_read_file(self.older_file),) if self.older_file.exists() else ()
        return MasterKeyRing(_read_file(self.file), older)

    def replace_file(self) -> None:
        """Puts a new key into force; the old one stays beside it. A crash loses neither."""
        new = self.file.with_name(self.file.name + ".neu")
        new.unlink(missing_ok=True)
        write_master_key(new)
        spare = self.older_file.with_name(self.older_file.name + "-")
        spare.unlink(missing_ok=True)
        os.link(self.file, spare)
        os.replace(spare, self.older_file)
        os.replace(new, self.file)
        _flush_folder(self.file.parent)

    def _read_environment(self) -> MasterKeyRing:
        def read(variable: str) -> AesMasterKey:
            return _parse(self._environment[variable], f"Die Umgebungsvariable {variable}")

        has_older = bool(self._environment.get(OLD_MASTER_KEY_VARIABLE))
        older = (read(OLD_MASTER_KEY_VARIABLE),) if has_older else ()
        return MasterKeyRing(read(MASTER_KEY_VARIABLE), older)


def write_master_key(path: Path) -> None:
    """A new key in a new file that only its owner may read; raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    _flush_folder(path.parent)


def _read_file(path: Path) -> AesMasterKey:
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise BadMasterKey(f"{path}: Der Hauptschlüssel fehlt ({error.strerror}).") from None
    if mode & _OTHERS:
        raise BadMasterKey(
            f"{path}: Andere dürfen den Hauptschlüssel lesen; nötig sind die Rechte 0600."
        )
    return _parse(text, str(path))


def _parse(text: str, source: str) -> AesMasterKey:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadMasterKey(
            f"{source}: Das ist kein Hauptschlüssel (erwartet: {_KEY_BYTES} Bytes in Base64)."
        )
    return AesMasterKey(key)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
