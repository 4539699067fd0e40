"""SHA-256 beside other work: what is hashed is encrypted and written at the same time."""

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

# Below it the way to another thread and back takes longer than the hash.
_WORTH_BYTES = 64 * 1024


class SideHash:
    """Hashes large pieces in another thread (hashlib gives up the interpreter's lock meanwhile).

    One piece at a time: each is waited for before the next.
    """

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._pending: Future[None] | None = None

    def begin(self, data: bytes | memoryview) -> None:
        """Appends; the data must not change before the next call."""
        self._finish_pending()
        if len(data) < _WORTH_BYTES:
            self._hash.update(data)
        else:
            self._pending = _hashers().submit(self._hash.update, data)

    def hexdigest(self) -> str:
        """In hex, of everything so far."""
        self._finish_pending()
        return self._hash.hexdigest()

    def _finish_pending(self) -> None:
        if self._pending:
            self._pending.result()
            self._pending = None


@cache
def _hashers() -> ThreadPoolExecutor:
    """As many threads as can hash at once; made by the process that needs them."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="hash")
