"""The print shop at the other side of the outputs `folder` and `sftp`."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from lxml import etree

from server.printing.job_ticket import NAMESPACE
from server.printing.output import BatchReceipt
from server.printing.plugin_contract import ReceivedLetter


def read_counts(ticket: bytes) -> dict[str, str]:
    """Pages and sheets of each letter as the job ticket says, as the end of a line of CSV."""
    return {
        letter.get("id", ""): f"{letter.findtext('{*}seiten')};{letter.findtext('{*}blaetter')}"
        for letter in etree.fromstring(ticket).iter(f"{{{NAMESPACE}}}brief")
    }


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
        counts = read_counts((self.folder / batch_id / f"{batch_id}.xml").read_bytes())
        lines = [
            f"{letter.letter_id};gedruckt;{now};;{counts.get(letter.letter_id, ';')}\r\n"
            for letter in self.list_received()
            if letter.batch_id == batch_id and letter.letter_id not in withdrawn
        ]
        head = "brief;stand;zeitpunkt;grund;seiten;blaetter\r\n"
        self.report(f"{batch_id}.csv", "".join([head, *lines]))

    def report(self, name: str, text: str) -> None:
        """Lays a return file down."""
        folder = self.folder / "rueckmeldung"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
