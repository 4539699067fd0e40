"""What goes to another data centre, encrypted by the setting, as a channel asks for it."""

from server.domain.stored_message import ContentPart, StoredMessage
from server.services.content_encryption import EncryptedCopies, EncryptionImpossible
from server.services.delivering.channel import DependencyDown, Undeliverable
from server.services.directory import DirectoryUnavailable


class EncryptedParts:
    """Raises what a channel raises."""

    def __init__(self, copies: EncryptedCopies) -> None:
        self._copies = copies

    def find(self, message: StoredMessage, centre: str) -> tuple[ContentPart, ...]:
        """Raises Undeliverable where encryption is required and impossible, DependencyDown."""
        try:
            return self._copies.find_parts(message, centre)
        except EncryptionImpossible as error:
            raise Undeliverable(str(error)) from error
        except DirectoryUnavailable as error:
            raise DependencyDown("Verzeichnis", error.reason) from error
