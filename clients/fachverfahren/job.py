"""A job that has been taken: a folder of its own, in which it stays until its end is known.

The folder holds `stand.json` (what must survive a crash), the files of the Fachverfahren in
`auftrag/`, and later the receipt or the reason. It leaves by one rename, to `sent` or to `failed`.
"""

import json
import logging
import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from clients.fachverfahren.documents import JobName
from clients.fachverfahren.durable import clear_folder, move, place_file, sync_folder, write_new
from clients.fachverfahren.names import find_free_name, to_safe_name
from clients.fachverfahren.outbox import Candidate

logger = logging.getLogger(__name__)

_RECORD = "stand.json"
_FILES = "auftrag"


@dataclass(frozen=True)
class JobRecord:
    """`entries` are the files in the order in which they are taken; `taken` is when.

    `digest` is that of the content before the first try; `accepted` is set when the receipt
    has been made. Both are empty before.
    """

    name: str
    message_id: str
    entries: tuple[str, ...]
    taken: str
    digest: str = ""
    accepted: str = ""


@dataclass(frozen=True)
class Job:
    """A folder and what its record says."""

    folder: Path
    record: JobRecord

    @property
    def label(self) -> str:
        """The name under which receipt and report appear: unique among what is under way."""
        return self.folder.name

    @property
    def files(self) -> Path:
        """The files of the Fachverfahren."""
        return self.folder / _FILES

    @property
    def entry_paths(self) -> list[Path]:
        """Where the files lie that were taken."""
        return [self.files / entry for entry in self.record.entries]

    @property
    def is_whole(self) -> bool:
        """False where the taking was interrupted."""
        return all(os.path.lexists(path) for path in self.entry_paths)

    @property
    def title(self) -> JobName:
        """What the documents say of it."""
        return JobName(self.record.name, self.record.message_id)


class JobStore:
    """The jobs under way; `staging` is for what is not complete yet."""

    def __init__(
        self, folder: Path, staging: Path, outbox: Path, is_label_taken: Callable[[str], bool]
    ) -> None:
        self._folder = folder
        self._staging = staging
        self._outbox = outbox
        self._is_label_taken = is_label_taken

    def take(self, candidate: Candidate, now: datetime) -> Job:
        """Moves a job out of the outbox; nothing is lost wherever this is interrupted.

        Raises OSError; what had been moved is then back in the outbox.
        """
        record = JobRecord(candidate.name, _make_message_id(), candidate.entries, now.isoformat())
        job = self._open(record)
        try:
            for entry in record.entries:
                move(self._outbox / entry, job.files / entry)
        except OSError:
            self.give_back(job)
            raise
        return job

    def list_jobs(self) -> list[Job]:
        """The jobs under way, oldest first."""
        jobs = [job for folder in self._folder.iterdir() if (job := _load(folder))]
        return sorted(jobs, key=lambda job: (job.record.taken, job.label))

    def note(self, job: Job, *, digest: str = "", accepted: str = "") -> Job:
        """Adds what is given to the record, durably."""
        record = replace(
            job.record,
            digest=digest or job.record.digest,
            accepted=accepted or job.record.accepted,
        )
        changed = replace(job, record=record)
        place_file(self._staging, job.folder / _RECORD, _dump(changed.record))
        return changed

    def give_back(self, job: Job) -> bool:
        """Moves what was taken back into the outbox; False where something new lies there."""
        for entry in reversed(job.record.entries):
            source, target = job.files / entry, self._outbox / entry
            if os.path.lexists(source):
                if os.path.lexists(target):
                    return False
                move(source, target)
        # By a rename first, or a crash could leave a folder that is no job any more.
        rest = self._staging / job.label
        clear_folder(rest)
        move(job.folder, rest)
        shutil.rmtree(rest)
        return True

    def _open(self, record: JobRecord) -> Job:
        safe = to_safe_name(record.name, "auftrag")
        label = find_free_name(
            safe, "", lambda name: (self._folder / name).exists() or self._is_label_taken(name)
        )
        draft = self._staging / label
        clear_folder(draft)
        (draft / _FILES).mkdir()
        write_new(draft / _RECORD, _dump(record))
        sync_folder(draft)
        move(draft, self._folder / label)
        return Job(self._folder / label, record)


def _load(folder: Path) -> Job | None:
    try:
        values = json.loads((folder / _RECORD).read_text(encoding="ascii"))
        values["entries"] = tuple(values["entries"])
        return Job(folder, JobRecord(**values))
    except (OSError, ValueError, TypeError, KeyError) as error:
        # Somebody was here. The other jobs go on, and this one is told of in every round.
        logger.error("%s is no job, it is left alone: %r", folder, error)
        return None


def _dump(record: JobRecord) -> bytes:
    # ASCII: names that are no UTF-8 survive as well.
    return json.dumps(asdict(record), indent=1).encode("ascii")


def _make_message_id() -> str:
    return f"urn:de:xta:messageid:fachverfahren:{uuid.uuid4()}"
