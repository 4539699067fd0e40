"""What can go wrong with the blob store, as faults; the log tells operators more of it."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from server.errors import AmtshilfeError, Faults

logger = logging.getLogger(__name__)

# What an operator mends, and what a caller only has to wait for.
_TEMPORARY = {
    errno.ENOSPC: "der Speicher ist voll",
    errno.EDQUOT: "der Speicher ist voll",
    errno.EROFS: "der Speicher ist schreibgeschützt",
    errno.EIO: "der Speicher ist gestört",
    errno.EACCES: "auf den Speicher darf nicht zugegriffen werden",
    errno.EPERM: "auf den Speicher darf nicht zugegriffen werden",
    errno.EMFILE: "zu viele Dateien sind offen",
    errno.ENFILE: "zu viele Dateien sind offen",
}


class BlobStoreUnavailable(AmtshilfeError):
    """The store cannot take or give anything for now (9030); repeating later helps."""

    def __init__(self, reason: str) -> None:
        super().__init__(Faults.STORAGE_UNAVAILABLE, f"Ablage der Inhalte: {reason}.")


class BlobUnreadable(AmtshilfeError):
    """The content of one blob cannot be had (9030); all others can."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            Faults.INTERNAL_ERROR,
            f"Ein Inhalt der Nachricht lässt sich nicht lesen: {reason}. Die Nachricht bleibt "
            f"liegen (Inhalt {name}).",
        )
        logger.error("blob %s cannot be read: %s", name, reason)


class BlobMissing(BlobUnreadable):
    """A row names a blob that the store does not hold: the store was damaged from outside."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "er fehlt in der Ablage")


class BlobDamaged(BlobUnreadable):
    """A blob is not what was kept: cut, changed, exchanged, or its key is wrong."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "er ist beschädigt")


class BlobKeyMissing(BlobUnreadable):
    """A blob is encrypted under a data key that is not at hand."""

    def __init__(self, name: str) -> None:
        super().__init__(name, "sein Schlüssel fehlt")


@contextmanager
def temporary_faults() -> Iterator[None]:
    """Turns a full or read-only disk and its like into BlobStoreUnavailable."""
    try:
        yield
    except OSError as error:
        reason = _TEMPORARY.get(error.errno or 0)
        if reason is None:
            raise
        logger.error("the blob store fails: %s", error)
        raise BlobStoreUnavailable(reason) from error
