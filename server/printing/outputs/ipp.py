"""The output `ipp`: one job for each letter, at CUPS or a printer.

The jobs of a batch are held until all of them are there, then released: nothing is printed of a
batch that could not be handed over. Which letters are there already is told by the names of jobs,
so that the print server must remember them (CUPS: `PreserveJobHistory Yes`, `MaxJobs 0`).
"""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Annotated

from pydantic import AfterValidator, model_validator

from clients.ipp import (
    Document,
    IppAccess,
    IppJob,
    IppQueue,
    IppRefused,
    IppUnavailable,
    JobState,
)
from server.printing.options import (
    OptionFile,
    OutputOptions,
    Seconds,
    SecretFile,
    Text,
    read_options,
    read_secret,
    require_at_most_one,
)
from server.printing.output import (
    CHUNK_BYTES,
    BatchLetter,
    BatchReceipt,
    BatchRefused,
    LetterNews,
    LetterProgress,
    OutputSetup,
    PrintBatch,
)
from server.printing.output_connection import connected

_PROGRESS = {
    JobState.CANCELED: LetterProgress.WITHDRAWN,
    JobState.ABORTED: LetterProgress.FAILED,
    JobState.COMPLETED: LetterProgress.PRINTED,
}
# RFC 8011, 5.1.4.
_KEYWORD = re.compile(r"[a-z0-9][a-z0-9._-]{0,254}", re.IGNORECASE | re.ASCII)
_WAITING = (JobState.PENDING, JobState.HELD)
# What a printer will never take: too large, format, attributes or their values (RFC 8011, B.1.4).
_FOR_GOOD = (0x0408, 0x0409, 0x040A, 0x040B, 0x040E)


def _require_ipp(url: str) -> str:
    if not url.startswith(("ipp://", "ipps://")):
        raise ValueError("muss mit ipp:// oder ipps:// beginnen")
    return url


class IppOptions(OutputOptions):
    """Options: the queue, as whom, and whether jobs are held until the batch is complete."""

    url: Annotated[str, AfterValidator(_require_ipp)]
    user: Text = "damtshilfe"
    password_file: SecretFile | None = None
    password_env: str = ""
    ca: OptionFile | None = None
    hold: bool = True
    timeout_seconds: Seconds = 60

    @model_validator(mode="after")
    def _require_one_password(self) -> "IppOptions":
        require_at_most_one(
            {"password_file": self.password_file, "password_env": self.password_env}
        )
        return self


class IppOutput:
    """Prints letters at a queue; nobody tells it when they are posted."""

    def __init__(self, setup: OutputSetup) -> None:
        self.name = setup.name
        self._options = read_options(IppOptions, setup)

    def submit(self, batch: PrintBatch) -> BatchReceipt:
        """Prints what is not there yet; see OutputPlugin."""
        attributes = _choose_attributes(batch)
        hold = {"job-hold-until": "indefinite"} if self._options.hold else {}
        with self._connected() as queue:
            jobs = _find_jobs(queue, batch.batch_id)
            missing = [letter for letter in batch.letters if letter.letter_id not in jobs]
            if missing:
                _validate(queue, batch, attributes)
            for letter in missing:
                _print(queue, batch.batch_id, letter, {**attributes, **hold})
            for job in _find_jobs(queue, batch.batch_id).values():
                if job.state == JobState.HELD:
                    queue.release(job.job_id)
        return BatchReceipt(self.name, batch.batch_id, batch.batch_id)

    def poll(self, receipt: BatchReceipt) -> tuple[LetterNews, ...]:
        """The states of the jobs; see OutputPlugin."""
        with self._connected() as queue:
            jobs = _find_jobs(queue, receipt.batch_id)
        return tuple(_to_news(letter_id, job) for letter_id, job in jobs.items())

    def cancel(self, receipt: BatchReceipt, letter_ids: Collection[str]) -> frozenset[str]:
        """Ends jobs that have not begun; see OutputPlugin."""
        with self._connected() as queue:
            jobs = _find_jobs(queue, receipt.batch_id)
            for letter_id in letter_ids:
                if letter_id in jobs and jobs[letter_id].state in _WAITING:
                    _cancel(queue, jobs[letter_id])
            jobs = _find_jobs(queue, receipt.batch_id)
        ended = {key for key, job in jobs.items() if job.state == JobState.CANCELED}
        return frozenset(ended & set(letter_ids))

    def check(self) -> None:
        """Whether the queue is there and takes jobs; see CheckedOutput."""
        with self._connected() as queue:
            queue.require_ready()

    def _connected(self) -> AbstractContextManager[IppQueue]:
        options = self._options
        password = read_secret(self.name, options.password_file, options.password_env)
        access = IppAccess(options.url, options.user, password, options.ca, options.timeout_seconds)
        return connected(IppQueue(access), self.name, options.url, (IppUnavailable, IppRefused))


def _choose_attributes(batch: PrintBatch) -> Mapping[str, str]:
    """How the jobs are printed; raises BatchRefused where the stock is no keyword of IPP."""
    handling = batch.handling
    if handling.stock and not _KEYWORD.fullmatch(handling.stock):
        raise BatchRefused(
            f"Auftrag {batch.batch_id}: „{handling.stock}“ ist kein Schlüsselwort für Papier, wie "
            "IPP sie kennt, etwa iso_a4_210x297mm."
        )
    attributes = {
        "sides": "two-sided-long-edge" if handling.duplex else "one-sided",
        "print-color-mode": "color" if handling.colour else "monochrome",
    }
    return {**attributes, "media": handling.stock} if handling.stock else attributes


def _name_job(batch_id: str, letter_id: str) -> str:
    return f"{batch_id} {letter_id}"


def _find_jobs(queue: IppQueue, batch_id: str) -> dict[str, IppJob]:
    """The jobs of a batch by their letters."""
    start = _name_job(batch_id, "")
    jobs: Iterable[IppJob] = queue.list_jobs()
    return {job.name.removeprefix(start): job for job in jobs if job.name.startswith(start)}


def _validate(queue: IppQueue, batch: PrintBatch, attributes: Mapping[str, str]) -> None:
    """Asks before the first letter, so that a batch is refused as a whole; raises BatchRefused."""
    try:
        queue.validate(attributes)
    except IppRefused as error:
        if error.status in _FOR_GOOD:
            raise BatchRefused(f"Auftrag {batch.batch_id} wird nicht gedruckt: {error}.") from error
        raise


def _print(
    queue: IppQueue, batch_id: str, letter: BatchLetter, attributes: Mapping[str, str]
) -> None:
    content = letter.content
    document = Document(content.size, lambda: content.read_chunks(CHUNK_BYTES))
    queue.print_document(_name_job(batch_id, letter.letter_id), document, attributes)


def _cancel(queue: IppQueue, job: IppJob) -> None:
    try:
        queue.cancel(job.job_id)
    except IppRefused:
        # It ended meanwhile; its state tells how.
        return


def _to_news(letter_id: str, job: IppJob) -> LetterNews:
    progress = _PROGRESS.get(job.state, LetterProgress.ACCEPTED)
    reason = ", ".join(job.reasons) if progress == LetterProgress.FAILED else ""
    return LetterNews(letter_id, progress, job.changed, reason)
