"""The letter that was made of a message, for its author."""

from dataclasses import dataclass

from persistence.blobs import Blobs
from persistence.database import Database
from server.domain.content import Content
from server.domain.letter import StoredLetter
from server.domain.mandant import Caller
from server.domain.stored_message import StoredMessage
from server.errors import AmtshilfeError, Faults
from server.services.peers import is_author
from server.services.reporting import unknown_message_id


@dataclass(frozen=True)
class SentLetter:
    """A letter with its PDF as it goes out; `batch_id` is empty while it belongs to no batch."""

    message: StoredMessage
    letter: StoredLetter
    batch_id: str
    content: Content


class SentLetters:
    """Finds letters by their messages."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def find(self, caller: Caller, message_id: str) -> SentLetter:
        """The newest letter of a message that the caller sent.

        Raises 9070 where the caller sent no such message, 9022 where it has no letter, and
        BlobUnreadable.
        """
        with self._database.reading() as stores:
            message = stores.messages.find(message_id)
            if message is None or not is_author(caller, message):
                raise unknown_message_id(message_id)
            letter = stores.letters.find_of_message(message.key)
            if letter is None:
                raise _no_letter(message)
            batch = stores.batches.get(letter.batch_key) if letter.batch_key else None
        content = self._blobs.find(letter.letter.pdf)
        return SentLetter(message, letter, batch.batch_id if batch else "", content)


def _no_letter(message: StoredMessage) -> AmtshilfeError:
    if message.head.is_test:
        reason = "Aus einer Testnachricht entsteht kein Brief."
    else:
        reason = f"Aus der Nachricht {message.head.message_id} ist kein Brief entstanden."
    return AmtshilfeError(Faults.PARAMETER_COMBINATION, reason)
