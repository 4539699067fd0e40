"""An installation filled in bulk for the lists of the Web-Client: copies of two sample messages.

Half of the messages came into one mailbox, half went out of it; each pair is a Vorgang. Other
sides, states, channels, ages, debtors and Aktenzeichen differ by number; beside them lie orders,
drafts, the audit, and one Vorgang with hundreds of messages and documents.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    Table,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    select,
    text,
)

from persistence.database import Database
from persistence.draft_tables import draft
from persistence.engine import begin_writing
from persistence.stores.orders import OrderState
from persistence.tables import delivery_order, message, message_part, report_entry
from persistence.vorgang_tables import vorgang, vorgang_entry, vorgang_schuldner
from persistence.web_tables import web_audit
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.content import BlobRef
from server.domain.destination import DestinationKind
from server.domain.draft import DraftState
from server.domain.mandant import Mandant
from server.domain.message import MessageEvent, MessageState
from server.domain.stored_message import ContentPart, MessageHead, NewMessage, PartKind
from server.domain.vorgang import VorgangDirection, VorgangState
from server.domain.vorgang_facts import VorgangEvent, VorgangFacts
from server.services.clock import read_clock
from server.services.message_events import record_event

FIRST_KEY = 1_000_000
LARGE_VORGANG = "bench-large"
_OWN = "leser"
_RARE_PARTNER = 7
PARTNER = f"ags:{_RARE_PARTNER}"
_LARGE_KEY, _LARGE_MESSAGES = FIRST_KEY - 1, 500
# A year and a month up to now.
_PERIOD = timedelta(days=395)
_PARTNERS, _NAMES, _DRAFTS = 400, 5_000, 20_000
_BATCH = 100_000
_SAMPLES = ("urn:de:xta:messageid:bench:in", "urn:de:xta:messageid:bench:out")
_RARE_STATES = (MessageState.PARKED, MessageState.RETURNED, MessageState.CANCELLED)

Number = ColumnElement[int]


def find_filled(database: Database) -> Mandant:
    """The Mandant of an earlier `fill`."""
    with database.reading() as stores:
        mandant = stores.mandanten.find(_identify(_OWN))
    if mandant is None:
        raise RuntimeError("the database was not filled")
    return mandant


def fill(database: Database, number: int) -> Mandant:
    """The Mandant with so many messages; with 0 its lists are empty."""
    own, other = (_add_mandant(database, name) for name in (_OWN, "autor"))
    if number:
        keys = (_add_sample(database, 0, other, own), _add_sample(database, 1, own, other))
        with begin_writing(database.engine) as connection:
            _Filling(connection, own.key, keys, number // 2).fill()
        _tidy(database)
    return own


def _identify(name: str) -> PartyIdentifier:
    return PartyIdentifier(f"ags:{name}", "xoev")


def _add_mandant(database: Database, name: str) -> Mandant:
    with database.writing() as stores:
        key = stores.mandanten.add(_identify(name), name, True)
        return stores.mandanten.find_by_key(key)


def _add_sample(database: Database, side: int, author: Mandant, reader: Mandant) -> int:
    sides = author.identifier, reader.identifier
    head = MessageHead(_SAMPLES[side], *sides, "s", "b", "m", "p", b"<m/>")
    blob = BlobRef("1" * 32, 5, "a" * 64)
    parts = (ContentPart(PartKind.ATTACHMENT, blob, {"filename": "Bescheid.pdf"}),)
    facts = VorgangFacts(VorgangEvent.ERSUCHEN, aktenzeichen=f"VS-{side}")
    new = replace(NewMessage(head, author.key, reader.key, parts, "d" * 64), facts=facts)
    with database.writing() as stores:
        key = stores.messages.add(new, read_clock())
        stored = stores.messages.find_for_change(key)
        if stored:
            record_event(stores, stored, MessageEvent.SENT_TO_MAILBOX, read_clock())
    return key


def _tidy(database: Database) -> None:
    """What both databases do by themselves after a while."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        commands = ("PRAGMA wal_checkpoint(TRUNCATE)", "ANALYZE")
        for command in commands if is_sqlite else ("SET statement_timeout = 0", "VACUUM ANALYZE"):
            connection.execute(text(command))


class _Filling:
    """Numbers from 0 are pairs: one message in, one out, and their Vorgang."""

    def __init__(
        self, connection: Connection, own: int, samples: tuple[int, int], pairs: int
    ) -> None:
        self._connection = connection
        self._own = own
        self._samples = samples
        self._pairs = pairs
        self._is_sqlite = connection.dialect.name == "sqlite"
        # One of so many is rare; of what is rare there is a full page also where all is few.
        self._rare = 1_000 if pairs > _BATCH // 10 else 10
        self._of_orders = max(self._rare // 10, 8)
        self._start = read_clock() - _PERIOD
        self._vorgang = vorgang.c.key == self._find_first(vorgang.c.key, vorgang.c.mandant_key, own)
        self._entry = vorgang_entry.c.key == self._find_first(
            vorgang_entry.c.key, vorgang_entry.c.message_key, samples[1]
        )

    def fill(self) -> None:
        """Everything, in batches."""
        large_cache = "PRAGMA cache_size=-400000"
        self._connection.execute(
            text(large_cache if self._is_sqlite else "SET LOCAL statement_timeout = 0")
        )
        for first in range(0, self._pairs, _BATCH):
            numbers = _count_from(first, min(first + _BATCH, self._pairs))
            self._fill_messages(numbers)
            self._fill_vorgaenge(numbers)
            self._fill_orders(numbers)
        self._fill_large()
        self._fill_drafts(_count_from(0, min(_DRAFTS, self._pairs)))

    def _find_first(self, key: Any, column: Any, value: int) -> int:
        query = select(func.min(key)).where(column == value)
        return int(self._connection.scalars(query).one())

    def _fill_messages(self, numbers: Any) -> None:
        n = numbers.c.number
        for side, values in enumerate((self._choose_incoming(n), self._choose_outgoing(n))):
            message_id = literal("urn:de:xta:messageid:bench:") + cast(_key(n, side), String)
            times = dict.fromkeys(("origin", "initial_send", "delivery"), self._moment(n))
            ids = dict.fromkeys(("message_id", "message_id_folded"), message_id)
            changes = {**values, **times, **ids, "key": _key(n, side)}
            self._copy(message, message.c.key == self._samples[side], numbers, changes)
            for table in (message_part, report_entry):
                of_sample = table.c.message_key == self._samples[side]
                self._copy(table, of_sample, numbers, {"message_key": _key(n, side)})

    def _fill_vorgaenge(self, numbers: Any) -> None:
        """Four of ten run, and most of these owe an answer since long."""
        n = numbers.c.number
        is_running = n % 10 < 4  # noqa: PLR2004
        foreign = literal("VS-") + cast(_key(n, 0), String)
        changes = {
            "key": FIRST_KEY + n,
            "vorgang_id": literal("bench-") + cast(n, String),
            "own_aktenzeichen": literal("E-") + cast(n, String),
            "partner_aktenzeichen": foreign,
            "partner_value": self._name_partner(n),
            "partner_name": self._name_partner(n),
            "state": case((is_running, vorgang.c.state), else_=VorgangState.ERLEDIGT.value),
            "kanal": case((n % 3 == 0, Kanal.BRIEF.value), else_=Kanal.ELEKTRONISCH.value),
            "answer_owed_by": case((is_running, vorgang.c.answer_owed_by), else_=None),
            "answer_day": case((is_running, self._start.date()), else_=None),
            **dict.fromkeys(("opened", "changed"), self._moment(n)),
        }
        self._copy(vorgang, self._vorgang, numbers, changes)
        name = literal("muster") + cast(n % _NAMES, String) + literal(", eva")
        keys = {"vorgang_key": FIRST_KEY + n, "mandant_key": literal(self._own)}
        self._insert(
            vorgang_schuldner, {**keys, "name_folded": name}, select().select_from(numbers)
        )
        for side, direction in enumerate((VorgangDirection.INCOMING, VorgangDirection.OUTGOING)):
            changes = {"vorgang_key": FIRST_KEY + n, "message_key": _key(n, side)}
            changes["direction"] = literal(direction.value)
            self._copy(vorgang_entry, self._entry, numbers, changes)

    def _fill_orders(self, numbers: Any) -> None:
        """Most are done; one of a hundred each is parked, held, due."""
        n, moment = numbers.c.number, literal(read_clock(), message.c.origin.type)
        rare = (OrderState.PARKED, OrderState.HELD, OrderState.DUE)
        states = [
            ((n % (self._of_orders) == place), state.value) for place, state in enumerate(rare)
        ]
        kind = case((n % 2 == 0, DestinationKind.LETTER.value), else_=DestinationKind.MAILBOX.value)
        values = {
            "message_key": _key(n, 1),
            "destination_kind": kind,
            "destination_name": literal(""),
            "state": case(*states, else_=OrderState.DONE.value),
            "attempts": literal(1),
            "author": literal("xoev:ags:leser"),
            "reader": literal("xoev:") + self._name_partner(n),
            **dict.fromkeys(("cause", "held_by", "lease_token"), literal("")),
            **dict.fromkeys(("created", "due", "tried_since"), moment),
            **dict.fromkeys(("is_forwarding", "is_redirected", "is_delay_told"), false()),
        }
        self._insert(delivery_order, values, select().select_from(numbers))
        texts = dict.fromkeys(("actor", "action", "subject", "text"), literal("angemeldet"))
        values = {"moment": moment, "mandant_key": literal(self._own), **texts}
        self._insert(web_audit, values, select().select_from(numbers))

    def _fill_large(self) -> None:
        one, many = _count_from(0, 1), _count_from(0, min(_LARGE_MESSAGES, self._pairs))
        names = {"key": literal(_LARGE_KEY), "vorgang_id": literal(LARGE_VORGANG)}
        self._copy(vorgang, self._vorgang, one, names)
        changes = {"vorgang_key": literal(_LARGE_KEY), "message_key": _key(many.c.number, 1)}
        self._copy(vorgang_entry, self._entry, many, changes)

    def _fill_drafts(self, numbers: Any) -> None:
        n = numbers.c.number
        values = {
            "draft_id": cast(n, String),
            "mandant_key": literal(self._own),
            "is_template": n % 10 == 0,
            "title": literal("Entwurf ") + cast(n, String),
            "content": literal("{}") if self._is_sqlite else text("'{}'::json"),
            "version": literal(1),
            **dict.fromkeys(("changed_by", "message_id"), literal("E")),
            "aktenzeichen": literal("E-") + cast(n, String),
            **self._check_draft(n),
            **dict.fromkeys(("created", "changed"), self._moment(n)),
        }
        self._insert(draft, values, select().select_from(numbers))

    def _check_draft(self, n: Number) -> dict[str, ColumnElement[Any]]:
        """A tenth was never checked; one in a thousand waits for a release."""
        is_open = n % 10 == 1
        kanal = case((n % 3 == 0, Kanal.BRIEF.value), else_=Kanal.ELEKTRONISCH.value)
        asked = literal("ags:") + cast(n % 200, String)
        return {
            "state": case(
                (is_open, DraftState.UNCHECKED.value),
                (n % 1_000 == 5, DraftState.WAITS_FOR_RELEASE.value),  # noqa: PLR2004
                (n % 2 == 0, DraftState.INCOMPLETE.value),
                else_=DraftState.READY.value,
            ),
            "kanal": case((is_open, ""), else_=kanal),
            **{f"asked_{name}": case((is_open, ""), else_=asked) for name in ("value", "name")},
            "asked_type": literal("xoev"),
        }

    def _copy(self, table: Table, of_sample: Any, numbers: Any, changes: Mapping[str, Any]) -> None:
        """One row of the sample for each number; a key of its own is left to the database."""
        is_numbered = "key" in table.c and "key" not in changes
        columns = [item for item in table.c if not (is_numbered and item.name == "key")]
        values = {column.name: changes.get(column.name, column) for column in columns}
        joined = table.join(numbers, literal(1) == literal(1))
        self._insert(table, values, select().select_from(joined).where(of_sample))

    def _insert(self, table: Table, values: Mapping[str, Any], query: Select[Any]) -> None:
        rows = query.with_only_columns(*values.values(), maintain_column_froms=True)
        self._connection.execute(insert(table).from_select(list(values), rows))

    def _moment(self, number: Number) -> Any:
        """Evenly over the period, in the form in which the database keeps moments."""
        # In PostgreSQL this is too large for the integers that are usual.
        seconds = cast(number, BigInteger) * int(_PERIOD.total_seconds()) / self._pairs
        if self._is_sqlite:
            whole = cast(seconds, Integer) + int(self._start.timestamp())
            return func.strftime("%Y-%m-%d %H:%M:%S.000000", whole, "unixepoch")
        return literal(self._start) + seconds * text("interval '1 second'")

    def _name_partner(self, number: Number) -> Any:
        """Every second pair is with the same one, as with the capital of a district."""
        capital, rare = (number % 2 == 0, 0), (number % self._rare == _RARE_PARTNER, _RARE_PARTNER)
        partner = case(capital, rare, else_=number % _PARTNERS)
        return literal("ags:") + cast(partner, String)

    def _choose_incoming(self, n: Number) -> dict[str, Any]:
        """Of ten messages seven are confirmed, two were fetched, one is new."""
        states = (
            (n % 10 == 0, MessageState.DELIVERED.value),
            (n % 10 < 3, MessageState.FETCHED.value),  # noqa: PLR2004
        )
        return {
            **dict.fromkeys(("author_value", "author_name"), self._name_partner(n)),
            "state": case(*states, else_=MessageState.CLOSED.value),
            "initial_fetch": case((n % 10 > 0, message.c.delivery), else_=None),
        }

    def _choose_outgoing(self, n: Number) -> dict[str, Any]:
        """Some states are rare."""
        places = enumerate(_RARE_STATES, 7)
        rare = [((n % self._rare == place), state.value) for place, state in places]
        frequent = (
            (n % 10 < 2, MessageState.DELIVERED.value),  # noqa: PLR2004
            (n % 10 < 4, MessageState.FETCHED.value),  # noqa: PLR2004
            (n % 10 < 6, MessageState.LETTER_HANDED_OVER.value),  # noqa: PLR2004
        )
        kanal = case((n % 10 < 4, Kanal.ELEKTRONISCH.value), (n % 10 < 6, Kanal.BRIEF.value))  # noqa: PLR2004
        return {
            **dict.fromkeys(("reader_value", "reader_name"), self._name_partner(n)),
            "state": case(*rare, *frequent, else_=MessageState.CLOSED.value),
            "kanal": kanal,
        }


def _count_from(first: int, end: int) -> Any:
    numbers = select(literal(first).label("number")).cte("numbers", recursive=True)
    following = select(numbers.c.number + 1).where(numbers.c.number < end - 1)
    return numbers.union_all(following)


def _key(number: Number, side: int) -> Any:
    return FIRST_KEY + 2 * number + side
