"""Hand-over by files: the course that `folder` and `sftp` have in common (docs/print-plugins.md).

```
<batch>/                  letters and job ticket; appears by one rename, complete
<batch>.fertig            written last: the batch may be taken; the checksums of its files
<batch>.uebernommen       the print shop has renamed .fertig: from now on it has the batch
<batch>.zurueckgezogen    letters that are not to be printed, written before the batch is taken
rueckmeldung/<batch>….csv, .xml    what became of the letters
.abgegeben/<batch>        our own record, for a batch that the print shop has cleared away
```
"""

import hashlib
import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import Protocol

from server.domain.content import Content
from server.printing.output import (
    CHUNK_BYTES,
    BatchReceipt,
    LetterNews,
    LetterProgress,
    News,
    OutputUnavailable,
    PrintBatch,
    UnreadNews,
    list_letter_news,
)
from server.printing.outputs.return_files import (
    ReturnFileUnreadable,
    read_return_file,
    write_withdrawals,
)

logger = logging.getLogger(__name__)

_READY, _TAKEN = ".fertig", ".uebernommen"
# Our name for a ready file that nobody can take while letters are being withdrawn.
_HELD = ".halt"
# Withdrawing takes two small files; where it takes longer, its process has ended.
_HOLD_SECONDS = 300
_WITHDRAWN = ".zurueckgezogen"
_RECORDS, _RETURNS = ".abgegeben", "rueckmeldung"
_MAX_RETURN_BYTES = 16 * 1024 * 1024


class DropFiles(Protocol):
    """Files on either side of the wire; paths are relative, with `/`. Everything raises OSError."""

    def exists(self, path: str) -> bool: ...

    def make_folder(self, path: str) -> None:
        """Does nothing where it is there."""

    def write(self, path: str, chunks: Iterable[bytes]) -> None:
        """Writes a whole file, in place of one that is there."""

    def rename(self, path: str, target: str) -> None:
        """In one step; a file replaces a file. Raises FileNotFoundError where there is none."""

    def remove(self, path: str) -> None:
        """A file, or a folder with its files; does nothing where there is none."""

    def list_names(self, path: str) -> tuple[str, ...]:
        """What lies in a folder; nothing where there is none."""
        ...

    def read(self, path: str, limit: int) -> bytes:
        """The first `limit` bytes."""
        ...

    def find_changed(self, path: str) -> datetime:
        """When a file was changed (UTC)."""
        ...


class Drop:
    """Hands batches over to where `connect` leads; it yields the files of one connection."""

    is_all_or_nothing = True

    def __init__(
        self, name: str, connect: Callable[[], AbstractContextManager[DropFiles]], place: str
    ) -> None:
        self.name = name
        self._connect = connect
        self._place = place

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        """Hands over; see OutputPlugin."""
        with self._connected() as files:
            _release_stale(files, batch.batch_id)
            if not _is_handed_over(files, batch.batch_id):
                _hand_over(files, batch)
            files.make_folder(_RECORDS)
            _write_at_once(files, f"{_RECORDS}/{batch.batch_id}", _list_checksums(batch))
        return BatchReceipt(self.name, batch.batch_id, batch.batch_id)

    def poll(self, receipt: BatchReceipt) -> tuple[News, ...]:
        """What was counted or cannot be read, then the news, oldest first; see OutputPlugin."""
        batch_id = receipt.batch_id
        with self._connected() as files:
            _release_stale(files, batch_id)
            letter_ids = _list_letters(files, batch_id)
            returned = [*_read_returns(files, batch_id)]
            news = {
                *_tell_acceptance(files, batch_id, letter_ids),
                *_read_withdrawals(files, batch_id),
                *list_letter_news(returned),
            }
        others = [item for item in returned if not isinstance(item, LetterNews)]
        return (*others, *sorted(news, key=_tell_order))

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        """Withdraws what was not taken yet; see OutputPlugin."""
        batch_id = receipt.batch_id
        with self._connected() as files:
            _release_stale(files, batch_id)
            wanted = frozenset(letter_ids) & _list_letters(files, batch_id)
            before = tuple(_read_withdrawals(files, batch_id))
            gone = frozenset(item.letter_id for item in before)
            if wanted - gone and (held := _hold(files, batch_id)):
                _withdraw(files, batch_id, before, wanted - gone)
                try:
                    files.rename(held, f"{batch_id}{_READY}")
                except FileNotFoundError:
                    # It took so long that the shop may have the batch: nothing was withdrawn.
                    _withdraw(files, batch_id, before, ())
                    raise
                gone |= wanted
        return wanted & gone

    def check(self) -> None:
        """Whether files can be written there; see CheckedOutput."""
        with self._connected() as files:
            files.write(".probe", [b""])
            files.remove(".probe")

    @contextmanager
    def _connected(self) -> Iterator[DropFiles]:
        try:
            with self._connect() as files:
                yield files
        except OSError as error:
            raise OutputUnavailable(
                f"Die Druckausgabe „{self.name}“ kann {self._place} nicht erreichen"
                f" ({error.strerror or error})."
            ) from error


def _tell_order(news: LetterNews) -> tuple[datetime, str, str]:
    """Oldest first."""
    return (news.moment, news.letter_id, news.progress)


def _is_handed_over(files: DropFiles, batch_id: str) -> bool:
    names = (f"{_RECORDS}/{batch_id}", f"{batch_id}{_READY}", f"{batch_id}{_TAKEN}")
    return any(files.exists(name) for name in names)


def _hand_over(files: DropFiles, batch: PrintBatch) -> None:
    if not files.exists(batch.batch_id):
        _write_folder(files, batch)
    _write_at_once(files, f"{batch.batch_id}{_READY}", _list_checksums(batch))


def _write_folder(files: DropFiles, batch: PrintBatch) -> None:
    # One name for each batch, so that what a crash left is found and replaced.
    temporary = f".{batch.batch_id}.neu"
    files.remove(temporary)
    files.make_folder(temporary)
    try:
        for letter in batch.letters:
            files.write(f"{temporary}/{letter.filename}", _read_checked(letter.content))
        for name, content in batch.tickets.items():
            files.write(f"{temporary}/{name}", [content])
    except Exception:
        # It may never come again.
        with suppress(OSError):
            files.remove(temporary)
        raise
    files.rename(temporary, batch.batch_id)


def _read_checked(content: Content) -> Iterator[bytes]:
    """The content in pieces; raises ValueError at its end where it is not what it should be."""
    digest = hashlib.sha256()
    for chunk in content.read_chunks(CHUNK_BYTES):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != content.sha256:
        raise ValueError(f"content {content.sha256} was changed")


def _write_at_once(files: DropFiles, path: str, content: bytes) -> None:
    folder, _, name = path.rpartition("/")
    temporary = f"{folder}/.{name}.neu" if folder else f".{name}.neu"
    files.write(temporary, [content])
    files.rename(temporary, path)


def _list_checksums(batch: PrintBatch) -> bytes:
    """Lines as `sha256sum -c` reads them beside the folder."""
    sums = [(letter.content.sha256, letter.filename) for letter in batch.letters]
    sums += [(hashlib.sha256(content).hexdigest(), name) for name, content in batch.tickets.items()]
    lines = [f"{digest}  {batch.batch_id}/{name}\n" for digest, name in sums]
    return "".join(lines).encode("ascii")


def _list_letters(files: DropFiles, batch_id: str) -> frozenset[str]:
    for name in (f"{_RECORDS}/{batch_id}", f"{batch_id}{_READY}", f"{batch_id}{_TAKEN}"):
        if files.exists(name):
            lines = files.read(name, _MAX_RETURN_BYTES).decode("ascii", "replace").splitlines()
            names = [line.rpartition("/")[2] for line in lines]
            return frozenset(
                name.partition("-")[2].removesuffix(".pdf")
                for name in names
                if name.endswith(".pdf")
            )
    return frozenset()


def _tell_acceptance(
    files: DropFiles, batch_id: str, letter_ids: Iterable[str]
) -> Iterator[LetterNews]:
    taken = f"{batch_id}{_TAKEN}"
    if files.exists(taken):
        moment = files.find_changed(taken)
        for letter_id in letter_ids:
            yield LetterNews(letter_id, LetterProgress.ACCEPTED, moment)


def _read_withdrawals(files: DropFiles, batch_id: str) -> Iterator[LetterNews]:
    name = f"{batch_id}{_WITHDRAWN}"
    if files.exists(name):
        yield from list_letter_news(read_return_file(name, files.read(name, _MAX_RETURN_BYTES)))


def _read_returns(files: DropFiles, batch_id: str) -> Iterator[News]:
    for name in sorted(files.list_names(_RETURNS)):
        if name.startswith(f"{batch_id}.") and name.endswith((".csv", ".xml")):
            content = files.read(f"{_RETURNS}/{name}", _MAX_RETURN_BYTES + 1)
            try:
                yield from _read_return(name, content)
            except ReturnFileUnreadable as error:
                logger.error("return file %s cannot be read: %s", name, error)
                yield UnreadNews(f"Rückmeldedatei {name} ist nicht lesbar: {error}")


def _read_return(name: str, content: bytes) -> Iterator[News]:
    if len(content) > _MAX_RETURN_BYTES:
        raise ReturnFileUnreadable(f"Die Datei hat mehr als {_MAX_RETURN_BYTES} Bytes.")
    yield from read_return_file(name, content)


def _withdraw(
    files: DropFiles, batch_id: str, before: Iterable[LetterNews], letter_ids: Iterable[str]
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    new = [LetterNews(letter_id, LetterProgress.WITHDRAWN, now) for letter_id in sorted(letter_ids)]
    _write_at_once(files, f"{batch_id}{_WITHDRAWN}", write_withdrawals([*before, *new]))


def _find_holds(files: DropFiles, batch_id: str) -> list[str]:
    start = f".{batch_id}."
    return [
        name for name in files.list_names("") if name.startswith(start) and name.endswith(_HELD)
    ]


def _hold(files: DropFiles, batch_id: str) -> str:
    """Takes the ready file away and returns its name; "" where the print shop was faster."""
    held = f".{batch_id}.{int(time.time())}{_HELD}"
    try:
        files.rename(f"{batch_id}{_READY}", held)
    except FileNotFoundError:
        if _find_holds(files, batch_id):
            raise OSError("aus dem Auftrag wird gerade etwas zurückgezogen") from None
        return ""
    return held


def _release_stale(files: DropFiles, batch_id: str) -> None:
    """Gives a ready file back that a crash left away."""
    for held in _find_holds(files, batch_id):
        since = held.removesuffix(_HELD).rpartition(".")[2]
        if not since.isdigit() or time.time() - int(since) > _HOLD_SECONDS:
            files.rename(held, f"{batch_id}{_READY}")
