"""Orders for letters, as the services write them: messages, contents in the blob store, orders.

Each letter has two pages of its own and an attachment of two pages. No two are alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import update

from persistence.blobs import Blobs
from persistence.database import Database, Stores
from persistence.engine import begin_writing
from persistence.tables import delivery_order
from server.demo.data import read_behoerden
from server.demo.sample import render_page
from server.domain.behoerde import PartyIdentifier
from server.domain.content import InlineContent
from server.domain.destination import Destination, DestinationKind
from server.domain.ersuchen import Ersuchen
from server.domain.mandant import Mandant
from server.domain.message import MessageEvent
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.domain.vorgang_facts import ProcessRef, gather_facts
from server.services.message_events import record_event
from server.testdata.generator import Generator, Plan
from server.testdata.places import load_places
from server.xmlio.ersuchen import write_ersuchen
from server.xmlio.namespaces import AMTSHILFE
from server.xmlio.payloads import PayloadInspector
from server.xmlio.safe_parsing import XmlLimits
from server.xmlio.schema_catalogue import SchemaCatalogue

_NOT_YET = timedelta(days=1)
ATTACHMENT_NAME = "bescheid.pdf"
_ASKED = ("flensburg", "husum", "goslar", "celle")
_SEED = 7
# More or fewer claims would make one page, or three.
_CLAIMS = range(2, 5)
_REMARK = "\n".join(
    (
        "Bitte verständigen Sie uns, sobald Zahlungen eingehen, und überweisen Sie sie laufend.",
        "Eine Vereinbarung über Raten hat die Schuldnerin oder der Schuldner nicht eingehalten.",
        "Bleibt die Pfändung fruchtlos, bitten wir um eine Niederschrift und um die Kosten.",
    )
)
_PARAGRAPH = "Die festgesetzten Beträge sind trotz Mahnung nicht gezahlt worden. " * 5


@dataclass(frozen=True)
class LetterSource:
    """What becomes a letter."""

    number: int
    ersuchen: Ersuchen
    attachment: bytes


def make_letters(numbers: range, author: PartyIdentifier) -> Iterator[LetterSource]:
    """Ersuchen with these numbers (from 1) of an author to authorities that only post reaches."""
    known = read_behoerden()
    asked = tuple(known[key].identifier for key in _ASKED)
    plan = Plan(4 * numbers.stop + 100, _SEED, load_places(), (author,), asked)
    page = render_page("Bescheid (Abschrift)", [_PARAGRAPH] * 14)
    number = 0
    for item in Generator(plan).generate():
        ersuchen = item.ersuchen
        if item.case is None and len(ersuchen.forderung_list) in _CLAIMS:
            number += 1
            if number in numbers:
                # A comment behind its end makes each file another one.
                attachment = page + f"% {number}\n".encode()
                yield LetterSource(number, replace(ersuchen, bemerkung=_REMARK), attachment)
        if number == numbers[-1]:
            return
    raise RuntimeError("there are not enough Ersuchen")


class LetterOrders:
    """Writes orders, which are not due before they are released."""

    def __init__(self, database: Database, blobs: Blobs, author: Mandant) -> None:
        self._database = database
        self._blobs = blobs
        self._author = author
        self._inspector = PayloadInspector(SchemaCatalogue(), XmlLimits())

    def add(self, numbers: range) -> None:
        """Messages with their contents, states, report entries, Vorgänge and orders."""
        letters = make_letters(numbers, self._author.identifier)
        new = [self._make_message(letter) for letter in letters]
        with self._database.writing() as stores:
            for message in new:
                self._store(stores, message)

    def release(self) -> None:
        """All orders are due now."""
        with begin_writing(self._database.engine) as connection:
            connection.execute(update(delivery_order).values(due=datetime.now(UTC)))

    def _make_message(self, letter: LetterSource) -> NewMessage:
        xml = InlineContent(write_ersuchen(letter.ersuchen))
        routing = self._inspector.read_routing(xml)
        name = {"contentType": "application/pdf", "filename": ATTACHMENT_NAME}
        parts = (
            ContentPart(PartKind.MESSAGE, self._blobs.keep(xml), {}),
            ContentPart(
                PartKind.ATTACHMENT, self._blobs.keep(InlineContent(letter.attachment)), name
            ),
        )
        head = MessageHead(
            f"urn:de:xta:messageid:bench:{letter.number}",
            self._author.identifier,
            letter.ersuchen.ersuchter.identifier,
            "urn:bench",
            "bench",
            "0201",
            AMTSHILFE,
            b"<metadata/>",
        )
        digest = sha256(xml.read()).hexdigest()
        facts = gather_facts(routing, (), ProcessRef())
        return NewMessage(head, self._author.key, None, parts, digest, facts=facts)

    def _store(self, stores: Stores, message: NewMessage) -> None:
        moment = datetime.now(UTC)
        key = stores.messages.add(message, moment)
        stored = message.stored_as(key, moment)
        record_event(stores, stored, MessageEvent.SENT_AS_LETTER, moment)
        due = moment + _NOT_YET
        stores.orders.add(key, Destination(DestinationKind.LETTER), moment, due)
