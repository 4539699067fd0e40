"""Counting: which messages are to be counted, what they tell, and what they add to the sums."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from persistence.counting import count_rows
from persistence.figure_tables import (
    figure_cell,
    figure_counted,
    figure_due,
    figure_letter,
    figure_lock,
    figure_party,
    message_claim,
)
from persistence.letter_tables import letter, print_batch
from persistence.stores.facts import from_facts_json
from persistence.stores.figure_rows import from_counted_json, to_cell_row, to_counted_json
from persistence.tables import delivery_order, message
from persistence.vorgang_tables import vorgang, vorgang_entry
from server.domain.destination import DestinationKind
from server.domain.figure_counting import CountedLetter, FigureFacts, PartyKeys, VorgangPart
from server.domain.figures import (
    ClaimSum,
    Counted,
    LetterCell,
    LetterSums,
    MessageCell,
    MessageSums,
)
from server.domain.letter import LetterState
from server.domain.message import MessageState
from server.domain.vorgang_facts import VorgangEvent

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
# Those that went out: somebody pays for them, whatever becomes of them later.
_PAID = tuple(
    state.value
    for state in (
        LetterState.HANDED_OVER,
        LetterState.PRINTED,
        LetterState.POSTED,
        LetterState.RETURNED,
    )
)

# Built once: it runs for each step of each message.
_NOTE = insert(figure_due)


class FigureStore:
    """Reads what is to be counted and keeps the sums."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, message_key: int) -> None:
        """The message has changed and is to be counted anew."""
        self._connection.execute(_NOTE, {"message_key": message_key})

    def note_many(self, message_keys: Collection[int]) -> None:
        """The same of several."""
        if message_keys:
            self._connection.execute(_NOTE, [{"message_key": key} for key in message_keys])

    def note_followers(self, ersuchen_keys: Collection[int]) -> None:
        """The other messages of the Vorgänge of these Ersuchen are to be counted anew, by them."""
        begun = vorgang_entry.alias("begun")
        others = (
            select(vorgang_entry.c.message_key)
            .join(begun, begun.c.vorgang_key == vorgang_entry.c.vorgang_key)
            .where(
                begun.c.message_key.in_(ersuchen_keys),
                begun.c.event == VorgangEvent.ERSUCHEN.value,
                vorgang_entry.c.message_key.is_not(None),
                vorgang_entry.c.message_key != begun.c.message_key,
            )
            .distinct()
        )
        self._connection.execute(insert(figure_due).from_select(["message_key"], others))

    def begin_anew(self) -> None:
        """Forgets all sums; every message is to be counted again. Waits for who counts now."""
        self._connection.execute(select(figure_lock.c.key).with_for_update())
        for table in (figure_cell, figure_letter, figure_counted, figure_due):
            self._connection.execute(delete(table))
        all_keys = select(message.c.key).where(message.c.is_test.is_(False))
        self._connection.execute(
            insert(figure_due).from_select(["message_key"], all_keys.order_by(message.c.key))
        )

    def add_claims(self, message_key: int, claims: Sequence[ClaimSum]) -> None:
        """Keeps the claims that a message states."""
        if claims:
            self._connection.execute(
                insert(message_claim),
                [
                    {"message_key": message_key, "position": position, **asdict(item)}
                    for position, item in enumerate(claims)
                ],
            )

    def list_without_claims(self, after: int, maximum: int) -> tuple[int, ...]:
        """Messages with higher keys that name no claims, in the order of their keys."""
        has_claims = select(message_claim.c.message_key).where(
            message_claim.c.message_key == message.c.key
        )
        query = (
            select(message.c.key)
            .where(message.c.key > after, message.c.is_test.is_(False), ~has_claims.exists())
            .order_by(message.c.key)
            .limit(maximum)
        )
        return tuple(self._connection.scalars(query))

    def lock_counting(self) -> bool:
        """True where nobody else counts; until the transaction ends nobody else will."""
        query = select(figure_lock.c.key).with_for_update(skip_locked=True)
        return self._connection.scalar(query) is not None

    def list_due(self, maximum: int) -> Mapping[int, int]:
        """The oldest notes: their keys with those of their messages."""
        query = select(figure_due.c.key, figure_due.c.message_key)
        rows = self._connection.execute(query.order_by(figure_due.c.key).limit(maximum))
        return {row.key: row.message_key for row in rows}

    def count_due(self, maximum: int) -> int:
        """How many notes wait; `maximum` where there are as many or more."""
        return count_rows(self._connection, select(figure_due.c.key), maximum)

    def forget_due(self, keys: Collection[int]) -> None:
        """Their messages have been counted."""
        self._connection.execute(delete(figure_due).where(figure_due.c.key.in_(keys)))

    def read_facts(self, message_keys: Collection[int]) -> tuple[FigureFacts, ...]:
        """What messages tell now; test messages are left out."""
        rows = self._connection.execute(
            select(*_MESSAGE_COLUMNS).where(
                message.c.key.in_(message_keys), message.c.is_test.is_(False)
            )
        ).all()
        parties = self._read_parties(rows)
        ways = self._read_ways(message_keys)
        vorgaenge = self._read_vorgaenge(message_keys)
        begun_by = {part.ersuchen_key for parts in vorgaenge.values() for part in parts}
        claims = self._read_claims({*message_keys, *begun_by})
        letters = self._read_letters(message_keys)
        return tuple(
            FigureFacts(
                key=row.key,
                state=MessageState(row.state),
                author_mandant=row.author_mandant,
                reader_mandant=row.reader_mandant,
                is_from_centre=bool(row.author_centre),
                parties=PartyKeys(
                    parties[row.author_value, row.author_type],
                    parties[row.reader_value, row.reader_type],
                ),
                sent=row.initial_send or row.origin,
                delivered=row.delivery,
                fetched=row.initial_fetch,
                received=row.reception,
                event=_read_event(row.facts),
                way=ways.get(row.key),
                claims=tuple(claims[row.key]),
                vorgaenge=tuple(vorgaenge[row.key]),
                begun_claims={
                    part.ersuchen_key: tuple(claims[part.ersuchen_key])
                    for part in vorgaenge[row.key]
                },
                letters=tuple(letters[row.key]),
            )
            for row in rows
        )

    def read_counted(self, message_keys: Collection[int]) -> dict[int, Counted]:
        """What messages have added to the sums; those that were never counted are left out."""
        query = select(figure_counted).where(figure_counted.c.message_key.in_(message_keys))
        return {
            row.message_key: from_counted_json(row.counted)
            for row in self._connection.execute(query)
        }

    def save_counted(self, counted: Mapping[int, Counted]) -> None:
        """Keeps what messages have added by now."""
        if not counted:
            return
        statement = self._insert(figure_counted)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["message_key"], set_={"counted": statement.excluded.counted}
            ),
            [
                {"message_key": key, "counted": to_counted_json(item)}
                for key, item in counted.items()
            ],
        )

    def add_to_cells(self, changes: Mapping[MessageCell, MessageSums]) -> None:
        """Adds to the sums of messages."""
        rows = [{**to_cell_row(cell), **asdict(sums)} for cell, sums in changes.items()]
        self._add(figure_cell, rows, is_empty=figure_cell.c.messages == 0)

    def add_to_letters(self, changes: Mapping[LetterCell, LetterSums]) -> None:
        """Adds to the sums of letters."""
        rows = [{**asdict(cell), **asdict(sums)} for cell, sums in changes.items()]
        self._add(figure_letter, rows, is_empty=figure_letter.c.letters == 0)

    def _add(self, table: Table, rows: Sequence[Mapping[str, Any]], is_empty: Any) -> None:
        if not rows:
            return
        statement = self._insert(table)
        sums = [column for column in table.c if not column.primary_key]
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[column.name for column in table.primary_key],
                set_={column.name: column + statement.excluded[column.name] for column in sums},
            ),
            rows,
        )
        self._remove_empty(table, rows, is_empty)

    def _remove_empty(self, table: Table, rows: Iterable[Mapping[str, Any]], is_empty: Any) -> None:
        """Cells that hold nothing any more: claims are counted apart from the message."""
        sums = [column.name for column in table.c if not column.primary_key]
        shrunk = [row for row in rows if any(row[name] < 0 for name in sums)]
        is_nothing = and_(is_empty, *(table.c[name] == 0 for name in sums))
        for row in shrunk:
            self._connection.execute(
                delete(table).where(
                    *(column == row[column.name] for column in table.primary_key), is_nothing
                )
            )

    def _insert(self, table: Table) -> Any:
        return _INSERTS[self._connection.dialect.name](table)

    def _read_parties(self, rows: Iterable[Any]) -> dict[tuple[str, str], int]:
        """The keys of both sides of messages; who is new is entered."""
        named = {}
        for row in rows:
            named[row.author_value, row.author_type] = row.author_name
            named[row.reader_value, row.reader_type] = row.reader_name
        if not named:
            return {}
        statement = self._insert(figure_party)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=["value", "type"],
                set_={"name": statement.excluded.name},
                where=statement.excluded.name.not_in(["", figure_party.c.name]),
            ),
            [
                {"value": value, "type": kind, "name": name}
                for (value, kind), name in sorted(named.items())
            ],
        )
        values = {value for value, _ in named}
        found = self._connection.execute(
            select(figure_party).where(figure_party.c.value.in_(values))
        )
        return {(row.value, row.type): row.key for row in found}

    def _read_ways(self, message_keys: Collection[int]) -> dict[int, DestinationKind]:
        """Where the newest order of each message leads."""
        rows = self._connection.execute(
            select(delivery_order.c.message_key, delivery_order.c.destination_kind)
            .where(delivery_order.c.message_key.in_(message_keys))
            .order_by(delivery_order.c.key)
        )
        return {row.message_key: DestinationKind(row.destination_kind) for row in rows}

    def _read_claims(self, message_keys: Collection[int]) -> dict[int, list[ClaimSum]]:
        rows = self._connection.execute(
            select(message_claim)
            .where(message_claim.c.message_key.in_(message_keys))
            .order_by(message_claim.c.message_key, message_claim.c.position)
        )
        found: dict[int, list[ClaimSum]] = defaultdict(list)
        for row in rows:
            found[row.message_key].append(ClaimSum(row.einnahmeart, row.claims, row.cents))
        return found

    def _read_vorgaenge(self, message_keys: Collection[int]) -> dict[int, list[VorgangPart]]:
        """The Vorgänge of each message, and the message by which they began."""
        of_messages = self._connection.execute(
            select(
                vorgang_entry.c.message_key,
                vorgang_entry.c.vorgang_key,
                vorgang.c.mandant_key,
                vorgang.c.opened,
            )
            .join(vorgang, vorgang.c.key == vorgang_entry.c.vorgang_key)
            .where(vorgang_entry.c.message_key.in_(message_keys))
            .distinct()
        ).all()
        begun = self._read_beginnings({row.vorgang_key for row in of_messages})
        found: dict[int, list[VorgangPart]] = defaultdict(list)
        for row in of_messages:
            ersuchen_key = begun.get(row.vorgang_key, row.message_key)
            found[row.message_key].append(VorgangPart(row.mandant_key, row.opened, ersuchen_key))
        return found

    def _read_beginnings(self, vorgang_keys: Collection[int]) -> dict[int, int]:
        rows = self._connection.execute(
            select(vorgang_entry.c.vorgang_key, func.min(vorgang_entry.c.message_key).label("key"))
            .where(
                vorgang_entry.c.vorgang_key.in_(vorgang_keys),
                vorgang_entry.c.event == VorgangEvent.ERSUCHEN.value,
                vorgang_entry.c.message_key.is_not(None),
            )
            .group_by(vorgang_entry.c.vorgang_key)
        )
        return {row.vorgang_key: row.key for row in rows}

    def _read_letters(self, message_keys: Collection[int]) -> dict[int, list[CountedLetter]]:
        """The letters that went out, by the day on which their batch was handed over."""
        rows = self._connection.execute(
            select(letter, func.coalesce(print_batch.c.submitted, letter.c.created).label("out"))
            .outerjoin(print_batch, print_batch.c.key == letter.c.batch_key)
            .where(letter.c.message_key.in_(message_keys), letter.c.state.in_(_PAID))
        )
        found: dict[int, list[CountedLetter]] = defaultdict(list)
        for row in rows:
            found[row.message_key].append(
                CountedLetter(
                    row.out,
                    row.cost_centre,
                    row.output,
                    row.product,
                    row.duplex,
                    row.colour,
                    LetterSums(1, row.pages, row.sheets),
                )
            )
        return found


_MESSAGE_COLUMNS = tuple(
    message.c[name]
    for name in (
        *("key", "state", "author_mandant", "reader_mandant", "author_centre"),
        *("author_value", "author_type", "author_name"),
        *("reader_value", "reader_type", "reader_name"),
        *("origin", "initial_send", "delivery", "initial_fetch", "reception", "facts"),
    )
)


def _read_event(facts: Any) -> VorgangEvent | None:
    found = from_facts_json(facts)
    return found.event if found else None
