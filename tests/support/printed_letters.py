"""Letters by their names: added, handed over to a real folder, and found again."""

from dataclasses import dataclass
from pathlib import Path

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.domain.batch import StoredBatch
from server.domain.letter import StoredLetter
from server.domain.mandant import Caller
from server.printing.output import OutputPlugin, OutputSetup
from server.printing.outputs.folder import FolderOutput
from tests.support.delivering import OUTPUT, PrintRoom
from tests.support.lettering import Draft, add_letters
from tests.unit.conftest import FixedClock


@dataclass
class LetterRows:
    """The letters of an author, and the folder of the print shop."""

    database: Database
    blobs: FolderBlobs
    clock: FixedClock
    author: Caller
    folder: Path

    def make_room(self, *outputs: OutputPlugin) -> PrintRoom:
        """What gathers and hands over, at these outputs or at the folder."""
        folder = FolderOutput(OutputSetup(OUTPUT, {"folder": str(self.folder)}))
        return PrintRoom(self.database, self.blobs, outputs or [folder], self.clock)

    def add_ready(self, name: str, output: str = OUTPUT) -> str:
        """A message with a letter that waits for its batch; returns its MessageID."""
        drafts = [Draft(name=name, output=output)]
        (message_id,) = add_letters(self.database, self.blobs, self.author, self.clock, drafts)
        return message_id

    def hand_over(self) -> None:
        """The output has all letters that are ready."""
        self.make_room().work_off()

    def find(self, name: str) -> StoredLetter:
        """The letter with this name."""
        with self.database.reading() as stores:
            letter = stores.letters.find(name)
        assert letter is not None
        return letter

    def find_batch(self, name: str) -> StoredBatch:
        """The batch of a letter."""
        key = self.find(name).batch_key
        assert key is not None
        with self.database.reading() as stores:
            return stores.batches.get(key)

    def list_codes(self, message_id: str) -> list[str]:
        """The codes of the report entries of a message."""
        with self.database.reading() as stores:
            message = stores.messages.find(message_id)
            assert message is not None
            return [entry.code.value for entry in stores.messages.list_entries(message.key)]
