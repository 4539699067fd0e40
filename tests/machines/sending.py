"""Messages over the wire: through nginx, by clients side by side."""

import logging
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clients.xta import OutgoingMessage, WirePart, XtaClient
from tests.support.installation import Installation

AKTENZEICHEN = "VS-2026-0815"
LETTER_EVERY = 200
_CLIENTS = 8
# So much later that the message has an order, and does not go into the mailbox at once.
_NOT_BEFORE = timedelta(seconds=10)


@dataclass(frozen=True)
class Shipment:
    """One message: an Ersuchen with an Aktenzeichen of its own."""

    number: int

    @property
    def message_id(self) -> str:
        """Its MessageID."""
        return f"urn:de:xta:messageid:sent:{self.number}"

    @property
    def reader(self) -> str:
        """Into a mailbox, and some as a letter."""
        return "cochem" if self.number % LETTER_EVERY == LETTER_EVERY - 1 else "jena"

    @property
    def aktenzeichen(self) -> str:
        """Begins as that of the sample does."""
        return f"{AKTENZEICHEN}-{self.number}-S"


class Senders:
    """Clients with a connection each."""

    def __init__(self, installation: Installation) -> None:
        logging.getLogger("clients").setLevel(logging.ERROR)
        self._installation = installation
        self._local = threading.local()

    def send(self, shipments: Iterable[Shipment]) -> int:
        """Returns how many were acknowledged; raises where one was not."""
        with ThreadPoolExecutor(_CLIENTS) as pool:
            return sum(1 for _ in pool.map(self._send, shipments))

    def _send(self, shipment: Shipment) -> None:
        self._find_client().send(self._make(shipment))

    def _find_client(self) -> XtaClient:
        if not hasattr(self._local, "client"):
            self._local.client = self._installation.xta("potsdam")
            # The contract is read with the first call, which takes seconds.
            self._local.client.check_account_active()
        client: XtaClient = self._local.client
        return client

    def _make(self, shipment: Shipment) -> OutgoingMessage:
        payload = self._installation.payload()
        assert AKTENZEICHEN.encode() in payload
        payload = payload.replace(AKTENZEICHEN.encode(), shipment.aktenzeichen.encode())
        is_letter = shipment.reader == "cochem"
        return self._installation.outgoing(
            shipment.message_id,
            shipment.reader,
            message=WirePart(payload, "application/xml"),
            attachments=[],
            not_before=None if is_letter else datetime.now(UTC) + _NOT_BEFORE,
        )


def list_mailbox(installation: Installation, name: str, maximum: int) -> list[str]:
    """MessageIDs in a mailbox, oldest first, listed over the wire in parts."""
    client = installation.xta(name)
    part = client.list_mailbox()
    found = list(part.message_ids)
    while part.pending and len(found) < maximum:
        part = client.list_next(part.request_id)
        found += part.message_ids
    return found[:maximum]
