"""The print shop at the other side of the outputs `folder` and `sftp`."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from server.printing.output import BatchReceipt
from server.printing.plugin_contract import ReceivedLetter


class PrintShop:
    """Watches a folder as docs/print-plugins.md says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list_received(self) -> list[ReceivedLetter]:
        """Letters of batches that may be taken or were."""
        ready = [*self.folder.glob("*.fertig"), *self.folder.glob("*.uebernommen")]
        return [letter for path in ready for letter in self._read(path)]

    def _read(self, ready: Path) -> Iterator[ReceivedLetter]:
        for line in ready.read_text().splitlines():
            digest, name = line.split("  ")
            path = self.folder / name
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
            if path.suffix == ".pdf":
                yield ReceivedLetter(ready.stem, path.stem.partition("-")[2], digest)

    def take(self, batch_id: str) -> None:
        """From now on the batch is ours."""
        ready = self.folder / f"{batch_id}.fertig"
        ready.rename(ready.with_suffix(".uebernommen"))

    def list_withdrawn(self, batch_id: str) -> set[str]:
        """Letters that must not be printed."""
        path = self.folder / f"{batch_id}.zurueckgezogen"
        lines = path.read_text("utf-8").splitlines()[1:] if path.exists() else []
        return {line.partition(";")[0] for line in lines}

    def print_all(self, receipt: BatchReceipt) -> None:
        """Takes the batch, prints it and reports as CSV."""
        batch_id = receipt.batch_id
        self.take(batch_id)
        withdrawn = self.list_withdrawn(batch_id)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        lines = [
            f"{letter.letter_id};gedruckt;{now};\r\n"
            for letter in self.list_received()
            if letter.batch_id == batch_id and letter.letter_id not in withdrawn
        ]
        self.report(f"{batch_id}.csv", "".join(["brief;stand;zeitpunkt;grund\r\n", *lines]))

    def report(self, name: str, text: str) -> None:
        """Lays a return file down."""
        folder = self.folder / "rueckmeldung"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
