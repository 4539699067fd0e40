"""Takes letters back: the one place that writes it, within the caller's transaction."""

from datetime import datetime

from persistence.database import Stores
from server.domain.letter import LetterState, StoredLetter
from server.domain.message import MessageEvent
from server.domain.stored_message import StoredMessage
from server.services.message_events import record_event


def take_back(stores: Stores, message: StoredMessage, moment: datetime) -> bool:
    """Its author cancels a message whose letter is ready; False where the letter is in a batch.

    The message is locked by the caller.
    """
    letter = stores.letters.lock_of_message(message.key)
    if letter is None or letter.state is not LetterState.READY:
        return False
    stores.letters.set_state([letter.key], LetterState.WITHDRAWN)
    record_event(stores, message, MessageEvent.CANCELLED, moment)
    return True


def withdraw(
    stores: Stores, message: StoredMessage, letter: StoredLetter, moment: datetime, detail: str
) -> None:
    """A letter that is not printed; message and letter are locked by the caller."""
    stores.letters.set_state([letter.key], LetterState.WITHDRAWN)
    record_event(stores, message, MessageEvent.LETTER_WITHDRAWN, moment, detail=detail)
