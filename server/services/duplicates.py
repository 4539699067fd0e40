"""Business duplicates: recognised at the door, delivered all the same, and marked."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta

from persistence.database import Database, Stores
from server.domain.duplicate import EarlierMessage, describe_duplicate
from server.domain.mandant import CentreCaller
from server.domain.stored_message import NewMessage, PartKind
from server.domain.vorgang_facts import VorgangFacts
from server.services.send_command import SendCommand
from server.xmlio.payloads import PayloadInspector


class Duplicates:
    """Looks for the same content of the same author within `window`; an empty one finds nothing."""

    def __init__(self, database: Database, inspector: PayloadInspector, window: timedelta) -> None:
        self._database = database
        self._inspector = inspector
        self._window = window

    def compute_key(self, command: SendCommand, facts: VorgangFacts | None) -> str | None:
        """SHA-256 (hex) over author, reader and content; None where no Aktenzeichen is named.

        MessageID and day of the message do not count. The Aktenzeichen is part of the content.
        """
        message, head = command.message, command.head
        if not self._window or message is None or facts is None or not facts.aktenzeichen:
            return None
        content = self._inspector.digest_content(message)
        others = [
            part.content.sha256 for part in command.parts if part.kind is not PartKind.MESSAGE
        ]
        parties = [[party.value, party.type] for party in (head.author, head.reader)]
        identity = [parties, head.is_test, head.service, content, others]
        return hashlib.sha256(json.dumps(identity).encode()).hexdigest()

    def find(
        self, stores: Stores, key: str | None, author_mandant: int | None, moment: datetime
    ) -> EarlierMessage | None:
        """The earlier message, within the transaction that stores the later one."""
        if key is None:
            return None
        stores.duplicates.lock(key)
        return stores.duplicates.find_latest(key, author_mandant, moment - self._window)

    def find_before_sending(
        self, command: SendCommand, facts: VorgangFacts | None, moment: datetime
    ) -> EarlierMessage | None:
        """The earlier message; nothing is sent and nothing is locked."""
        key = self.compute_key(command, facts)
        if key is None:
            return None
        caller = command.caller
        mandant = None if isinstance(caller, CentreCaller) else caller.mandant.key
        with self._database.reading() as stores:
            return stores.duplicates.find_latest(key, mandant, moment - self._window)


def mark_duplicate(message: NewMessage, earlier: EarlierMessage) -> NewMessage:
    """The message with a hint for the Vorgänge of both sides."""
    if message.facts is None:
        return message
    return replace(message, facts=replace(message.facts, hint=describe_duplicate(earlier)))
