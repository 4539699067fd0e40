"""What an operator does with the blob store: look at it, check it, encrypt it anew."""

from collections.abc import Iterator
from dataclasses import dataclass

from persistence.blobs import Blobs, BlobUnreadable
from persistence.blobs.names import find_key_id, prefix_of
from persistence.database import Database
from server.domain.content import BlobRef

_BATCH = 200
_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Progress:
    """How far a long piece of work is; `problem` (German) where this blob made one."""

    done: int
    total: int
    problem: str = ""


@dataclass(frozen=True)
class KeyUse:
    """How many blobs lie under a data key, or plain (`key_id` None), and their bytes."""

    key_id: str | None
    blobs: int
    size: int


class BlobCare:
    """Works on all blobs that rows name."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def count_by_key(self) -> tuple[KeyUse, ...]:
        """The use of each data key, then of none."""
        with self._database.reading() as stores:
            uses = [
                KeyUse(key.id, *stores.blobs.count(prefix_of(key.id)))
                for key in stores.data_keys.list_all()
            ]
            blobs, size = stores.blobs.count()
        plain = KeyUse(
            None, blobs - sum(use.blobs for use in uses), size - sum(use.size for use in uses)
        )
        return (*uses, plain)

    def count_orphans(self) -> int:
        """How many blobs wait to be swept up."""
        with self._database.reading() as stores:
            return stores.blobs.count_orphans()

    def check(self) -> Iterator[Progress]:
        """Reads every blob to its end; raises BlobStoreUnavailable."""
        for done, total, ref in self._list_numbered():
            try:
                self._verify(ref)
            except BlobUnreadable as error:
                yield Progress(done, total, f"{ref.name}: {error.reason}")
            else:
                yield Progress(done, total)

    def rewrite(self) -> Iterator[Progress]:
        """Puts every blob under the newest data key, one after the other.

        A crash loses nothing: the copy is durable before the rows name it, and the old blob is left
        to the sweep. What is done already is passed over when it begins again.
        """
        current = self._blobs.current_key_id
        for done, total, ref in self._list_numbered():
            problem = "" if find_key_id(ref.name) == current else self._rewrite(ref)
            yield Progress(done, total, problem)

    def _rewrite(self, ref: BlobRef) -> str:
        try:
            kept = self._blobs.keep(self._blobs.find(ref))
        except BlobUnreadable as error:
            return f"{ref.name}: {error.reason}"
        if kept.sha256 != ref.sha256:
            return f"{ref.name}: Der Inhalt ist nicht der, der angenommen wurde."
        with self._database.writing() as stores:
            stores.blobs.rename(ref.name, kept.name)
        return ""

    def _verify(self, ref: BlobRef) -> None:
        content = self._blobs.find(ref)
        if content.hash_chunks(_CHUNK) != ref.sha256:
            raise content.damaged()

    def _list_numbered(self) -> Iterator[tuple[int, int, BlobRef]]:
        """Every blob that was named at the beginning; a rewritten one may come a second time."""
        with self._database.reading() as stores:
            total, _ = stores.blobs.count()
        done, after = 0, ""
        while refs := self._list_refs(after):
            for ref in refs:
                done += 1
                yield min(done, total), total, ref
            after = refs[-1].name

    def _list_refs(self, after: str) -> tuple[BlobRef, ...]:
        with self._database.reading() as stores:
            return stores.blobs.list_refs(after, _BATCH)
