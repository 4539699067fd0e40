"""Senders and readers: processes that go on until they have an answer, whatever dies beneath."""

import contextlib
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from zlib import crc32

from clients.xta import OutgoingMessage, WirePart, XtaAccess, XtaClient, XtaError
from clients.xta.messages import IncomingMessage, Selection
from clients.xta.retry import RetryPolicy
from server.xmlio.contract_files import XTA_WSDL
from tests.crash.journal import Happening, Journal
from tests.crash.plan import Consignment, CrashPlan, Way, hash_part
from tests.support.installation import Installation

PATIENT = RetryPolicy(attempts=100, first_seconds=0.1, longest_seconds=2, total_seconds=120)
_ONCE = RetryPolicy(attempts=1)
READERS = 4
_AKTENZEICHEN = b"VS-2026-0815"


@dataclass(frozen=True)
class Site:
    """What a process needs of a server: it is handed over, so it is plain."""

    installation: Installation

    def connect(self, name: str, retries: RetryPolicy = PATIENT) -> XtaClient:
        """The client of a Mandant."""
        url = self.installation.url
        access = XtaAccess(
            str(XTA_WSDL),
            url("management"),
            url("send"),
            url("msgbox"),
            self.installation.certificate(name),
            self.installation.ca,
            timeout_seconds=30,
            retries=retries,
        )
        return XtaClient(access, self.installation.party(name))


@dataclass(frozen=True)
class Task:
    """What all client processes get."""

    plan: CrashPlan
    mitte: Site
    ost: Site
    journal: Path
    # Counts of what was acknowledged and confirmed, shared by all processes.
    acknowledged: Any
    confirmed: Any
    is_over: Event


@dataclass(frozen=True)
class _Client:
    """One that repeats, and one that does not."""

    patient: XtaClient
    hasty: XtaClient

    @classmethod
    def connect(cls, site: Site, name: str) -> "_Client":
        return cls(site.connect(name, PATIENT), site.connect(name, _ONCE))


class Sender:
    """Sends a share of the messages with several threads."""

    def __init__(self, task: Task, share: int) -> None:
        self._task = task
        self._journal = Journal(task.journal / f"sender-{share}.jsonl")
        mitte, ost = _Client.connect(task.mitte, "potsdam"), _Client.connect(task.ost, "jena")
        self._clients = {Way.OTHER: ost, Way.OWN: mitte, Way.FORWARDED: mitte, Way.LETTER: mitte}

    def send(self, item: Consignment) -> None:
        """Sends one message, and notes what came of it."""
        if self._task.is_over.is_set():
            return
        message = make_message(self._task, item)
        parts = [message.message, *message.attachments]
        hashes = [hash_part(part.content) for part in parts]
        self._journal.note(Happening.SENT, item.message_id, hashes, item.way)
        client = self._clients[item.way]
        if item.is_given_up:
            self._try(client.hasty, message)
        else:
            while not self._try(client.patient, message) and not self._task.is_over.is_set():
                time.sleep(0.5)

    def _try(self, client: XtaClient, message: OutgoingMessage) -> bool:
        """True where nothing more is to be tried."""
        try:
            client.send(message)
        except XtaError as error:
            happening = Happening.GIVEN_UP if error.is_retryable else Happening.REFUSED
            detail = f"{type(error).__name__}: {error}"
            self._journal.note(happening, message.message_id, detail=detail)
            return not error.is_retryable
        self._journal.note(Happening.ACKNOWLEDGED, message.message_id)
        with self._task.acknowledged.get_lock():
            self._task.acknowledged.value += 1
        return True


def run_sender(task: Task, share: int, shares: int, threads: int) -> None:
    """A process that sends."""
    logging.disable(logging.WARNING)
    sender = Sender(task, share)
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(sender.send, task.plan.list_messages(share, shares)):
            pass


class Reader:
    """Fetches and confirms what is in a mailbox; each of several threads takes its share."""

    def __init__(self, task: Task, site: Site, name: str) -> None:
        self._task = task
        self._name = name
        self._journal = Journal(task.journal / f"reader-{name}.jsonl")
        self._client = site.connect(name, replace(PATIENT, attempts=5))

    def run(self, share: int) -> None:
        """Until all is over; a request that fails is begun anew."""
        while not self._task.is_over.is_set():
            with contextlib.suppress(XtaError):
                self._take(share)
            time.sleep(0.2)

    def _take(self, share: int) -> None:
        listed = self._client.list_message_ids()
        own = [item for item in listed if crc32(item.encode()) % READERS == share]
        message = self._client.fetch(Selection(own)) if own else None
        while message is not None and not self._task.is_over.is_set():
            self._note(message)
            # The answer to the next request tells that this message is confirmed.
            following = self._client.fetch_next(message.request_id, [message.message_id])
            self._journal.note(Happening.CONFIRMED, message.message_id, place=self._name)
            with self._task.confirmed.get_lock():
                self._task.confirmed.value += 1
            message = following

    def _note(self, message: IncomingMessage) -> None:
        hashes = [hash_part(part.content) for part in (message.message, *message.attachments)]
        self._journal.note(Happening.FETCHED, message.message_id, hashes, self._name)


def run_reader(task: Task, site: Site, name: str) -> None:
    """A process that reads."""
    logging.disable(logging.WARNING)
    reader = Reader(task, site, name)
    with ThreadPoolExecutor(READERS) as pool:
        for _ in pool.map(reader.run, range(READERS)):
            pass


def make_message(task: Task, item: Consignment) -> OutgoingMessage:
    """The message with all that belongs to it, the same each time."""
    if item.way == Way.LETTER:
        return _make_letter(task, item)
    reader = {Way.OWN: "potsdam", Way.OTHER: "jena", Way.FORWARDED: "jena"}[item.way]
    return OutgoingMessage(
        message_id=item.message_id,
        reader=task.mitte.installation.party(reader),
        service=task.mitte.installation.facts["sample"]["service"],
        message_type="akte",
        message_type_list=("urn:beispiel:liste", "1"),
        payload_schema="urn:beispiel:akte",
        message=WirePart(item.make_text(), "application/octet-stream"),
        attachments=list(_make_attachments(item)),
    )


def _make_attachments(item: Consignment) -> Iterator[WirePart]:
    content = item.make_attachment()
    if content is not None:
        yield WirePart(content, "application/octet-stream", "akte.bin")


def _make_letter(task: Task, item: Consignment) -> OutgoingMessage:
    installation = task.mitte.installation
    content = installation.payload()
    assert _AKTENZEICHEN in content, "the demo's Ersuchen has another Aktenzeichen"
    changed = content.replace(_AKTENZEICHEN, item.aktenzeichen.encode())
    return installation.outgoing(
        item.message_id,
        "cochem",
        message=WirePart(changed, "application/xml"),
        attachments=[],
    )
