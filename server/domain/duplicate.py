"""Business duplicates: the same content again, under another MessageID."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class EarlierMessage:
    """A message of the same author with the same content, and when it was sent."""

    message_id: str
    sent: datetime


def describe_duplicate(earlier: EarlierMessage) -> str:
    """What author and reader are told (a German sentence)."""
    return (
        f"Denselben Inhalt zu demselben Aktenzeichen enthält die Nachricht {earlier.message_id} "
        f"vom {earlier.sent:%d.%m.%Y}."
    )
