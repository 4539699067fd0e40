"""The output `folder`: one sub folder for each letter, handed over in one step.

The files are written beside and renamed, so that a print shop that watches the folder sees a
letter complete or not at all.
"""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from server.printing.dispatcher import (
    BadOutputOptions,
    OutputUnavailable,
    PrintJob,
    PrintReceipt,
)

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,99}")


class FolderOutput:
    """Writes `<folder>/<order>/<order>.pdf` and `.xml`; option: `folder`."""

    name = "folder"

    def __init__(self, options: Mapping[str, object]) -> None:
        folder = options.get("folder")
        if set(options) != {"folder"} or not isinstance(folder, str) or not folder:
            raise BadOutputOptions(
                "Die Druckausgabe „folder“ braucht die Angabe „folder“ und sonst keine."
            )
        self._folder = Path(folder)

    def submit(self, job: PrintJob) -> PrintReceipt:
        """Writes letter and ticket; an order that is there already stays as it is.

        Raises OutputUnavailable, and ValueError where the order's name is no name for a folder.
        """
        if not _SAFE_NAME.fullmatch(job.order_id):
            raise ValueError(f"{job.order_id!r} is no name for a folder")
        target = self._folder / job.order_id
        try:
            if not target.exists():
                self._write(job, target)
        except OSError as error:
            raise OutputUnavailable(
                f"Die Druckausgabe „{self.name}“ kann nicht nach {target} schreiben"
                f" ({error.strerror})."
            ) from error
        files = tuple(str(target / f"{job.order_id}.{suffix}") for suffix in ("pdf", "xml"))
        return PrintReceipt(self.name, job.order_id, files)

    def _write(self, job: PrintJob, target: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # One name for each order, so that what a crash left is found and replaced.
        temporary = self._folder / f".{job.order_id}.neu"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        _write_durably(temporary / f"{job.order_id}.pdf", job.letter.pdf)
        _write_durably(temporary / f"{job.order_id}.xml", job.ticket)
        _flush_folder(temporary)
        temporary.rename(target)
        _flush_folder(self._folder)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
