"""The contract of output plugins: a batch goes out, news of its letters come back.

docs/print-plugins.md shows how to write a plugin; `plugin_contract` tests one.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from server.domain import letter_news, print_settings
from server.domain.content import Content

# Part of the contract.
Handling = print_settings.Handling
LetterProgress = letter_news.LetterProgress

# Names of batches and letters become names of files on systems of others.
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,99}")
# For a plugin that sends content: large enough to be fast, small enough for any number of them.
CHUNK_BYTES = 64 * 1024
# Other times are mistakes, and some of them no database can keep.
_FIRST_YEAR, _LAST_YEAR = 2000, 2199


class OutputUnavailable(Exception):
    """The output cannot do this now; a later attempt may succeed. The text is German."""


class BatchRefused(Exception):
    """The output will not take this batch however often it is asked. The text is German."""


@dataclass(frozen=True)
class BatchLetter:
    """A finished letter (PDF) within a batch; `number` counts from 1 without gaps.

    `sheets` is how many sheets of paper the pages take with the handling of the batch.
    Raises ValueError where the letter's name is no safe name for a file.
    """

    letter_id: str
    number: int
    pages: int
    sheets: int
    content: Content

    def __post_init__(self) -> None:
        _require_safe_name(self.letter_id)

    @property
    def filename(self) -> str:
        """The name of the file: those of a batch sort by their numbers."""
        return f"{self.number:06d}-{self.letter_id}.pdf"


@dataclass(frozen=True)
class PrintBatch:
    """Letters that are handed over together, with their job ticket.

    The same `batch_id` is the same batch. `ticket_xml` and `ticket_csv` are whole files in UTF-8;
    an empty one is not handed over. Raises ValueError where the batch is none: without letters,
    with gaps in their numbers, a letter twice, or a name that is no safe name for a file.
    """

    batch_id: str
    handling: Handling
    letters: Sequence[BatchLetter]
    ticket_xml: bytes
    ticket_csv: bytes

    def __post_init__(self) -> None:
        _require_safe_name(self.batch_id)
        numbers = [letter.number for letter in self.letters]
        if not numbers or numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"batch {self.batch_id}: letters are not numbered from 1 on")
        if len({letter.letter_id for letter in self.letters}) != len(numbers):
            raise ValueError(f"batch {self.batch_id} has a letter twice")

    @property
    def tickets(self) -> Mapping[str, bytes]:
        """The files of the job ticket, by their names."""
        files = {f"{self.batch_id}.xml": self.ticket_xml, f"{self.batch_id}.csv": self.ticket_csv}
        return {name: content for name, content in files.items() if content}


@dataclass(frozen=True)
class BatchReceipt:
    """A batch that was handed over: by which output, and how the output calls it.

    All that a plugin needs to ask for the batch later; it is kept in the database.
    """

    output: str
    batch_id: str
    reference: str


@dataclass(frozen=True)
class LetterNews:
    """Something happened to a letter; `moment` bears a zone, `reason` is for people (German).

    `pages` and `sheets` are what the output counted; None where it does not tell. Raises ValueError
    where the moment has no zone or lies in another age, or nothing was counted.
    """

    letter_id: str
    progress: LetterProgress
    moment: datetime
    reason: str = ""
    pages: int | None = None
    sheets: int | None = None

    def __post_init__(self) -> None:
        if self.moment.utcoffset() is None:
            raise ValueError(f"news of {self.letter_id} without a zone: {self.moment}")
        if not _FIRST_YEAR <= self.moment.year <= _LAST_YEAR:
            raise ValueError(f"news of {self.letter_id} of another age: {self.moment}")
        _require_counts(self.pages, self.sheets)


@dataclass(frozen=True)
class BatchCount:
    """What the output counted in the whole batch; None where it does not tell.

    Letters that were withdrawn or failed are not counted. Raises ValueError where a count is none.
    """

    letters: int | None = None
    pages: int | None = None
    sheets: int | None = None

    def __post_init__(self) -> None:
        _require_counts(self.letters, self.pages, self.sheets)


@dataclass(frozen=True)
class UnreadNews:
    """The output told something that cannot be read: a person has to look (a German sentence)."""

    text: str


News = LetterNews | BatchCount | UnreadNews
# No batch has more; a larger number is a mistake.
_MAX_COUNT = 999_999_999


def list_letter_news(news: Iterable[News]) -> list[LetterNews]:
    """What was said of single letters."""
    return [item for item in news if isinstance(item, LetterNews)]


class OutputPlugin(Protocol):
    """What an output plugin offers; `name` is that of the output in the settings.

    Content is read in pieces while it is sent, so that no batch is too large for the memory.
    """

    name: str

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        """Hands a batch over; it is durable there when this returns.

        The same batch any number of times, also after a crash at any moment, is handed over once;
        what was sent before the output had all of it is replaced. Raises OutputUnavailable (try
        later) or BatchRefused (for good).
        """
        ...

    def poll(self, receipt: BatchReceipt) -> Iterable[News]:
        """What became of the letters so far; may repeat what it said before, in any order.

        Of several counts of the batch the last one holds. Raises OutputUnavailable.
        """
        ...

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        """Withdraws letters; returns those that will not be posted, also if that was so before.

        Raises OutputUnavailable.
        """
        ...


@runtime_checkable
class CheckedOutput(Protocol):
    """A plugin that can tell whether its output is there; the method is optional."""

    def check(self) -> None:
        """Does nothing where the output can be reached with these options.

        Raises OutputUnavailable with the reason.
        """
        ...


def is_all_or_nothing(output: OutputPlugin) -> bool:
    """True for a plugin that says so by an attribute of that name; the attribute is optional.

    It promises that nothing of a batch is to be seen before all its letters were read, and that a
    batch which was handed over is not read again. So letters that cannot be read need not be looked
    for beforehand: where one turns up while the batch is handed over, new letters can be set.
    """
    return bool(getattr(output, "is_all_or_nothing", False))


@dataclass(frozen=True)
class OutputSetup:
    """What a plugin is made with: the output's name and its options in the settings.

    Paths in the options count from `base`; `server.printing.options` reads them.
    """

    name: str
    options: Mapping[str, object] = field(default_factory=dict)
    base: Path = Path()


def _require_counts(*counts: int | None) -> None:
    for count in counts:
        if count is not None and not 0 < count <= _MAX_COUNT:
            raise ValueError(f"{count} is no count")


def _require_safe_name(name: str) -> None:
    if not _SAFE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no safe name for a file")
