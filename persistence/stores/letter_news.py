"""What print outputs tell of letters: kept once, and compared with what was handed over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select, update

from persistence.letter_tables import letter, print_batch
from persistence.news_tables import batch_news, letter_news
from persistence.stores.letter_rows import from_batch_row, from_letter_row
from persistence.stores.orders import Lease, LeaseLost
from server.domain.batch import BatchState, StoredBatch
from server.domain.letter import LetterState, StoredLetter
from server.domain.letter_news import RANKS, LetterProgress
from server.domain.reconciliation import NOT_COUNTED, Counts, ToldLetter

_ASKED = (BatchState.SUBMITTED.value, BatchState.SETTLED.value)

# News that are the same: letter, progress, moment.
NewsName = tuple[int, LetterProgress, datetime]


@dataclass(frozen=True)
class KeptNews:
    """News of a letter as they are kept; `counted` has no letters."""

    letter_key: int
    progress: LetterProgress
    moment: datetime
    reason: str = ""
    counted: Counts = NOT_COUNTED

    @property
    def name(self) -> NewsName:
        """By it news are known again."""
        return self.letter_key, self.progress, self.moment


@dataclass(frozen=True)
class BatchNews:
    """How it stands with the news of a batch; `cause` (German) why there are none now.

    `differences` are the first of `difference_count` German lines; `open_count` of them nobody has
    acknowledged.
    """

    asked: datetime | None = None
    cause: str = ""
    counted: Counts = NOT_COUNTED
    differences: tuple[str, ...] = ()
    difference_count: int = 0
    open_count: int = 0


class LetterNewsStore:
    """Claims batches whose output is to be asked, and keeps what it says."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim_due(self, moment: datetime, lease: Lease) -> StoredBatch | None:
        """The batch whose output is to be asked longest, free until now; ours for the lease."""
        leased_until = print_batch.c.leased_until
        row = self._connection.execute(
            select(print_batch)
            .where(
                print_batch.c.state.in_(_ASKED),
                print_batch.c.next_poll <= moment,
                or_(leased_until.is_(None), leased_until < moment),
            )
            .order_by(print_batch.c.next_poll, print_batch.c.key)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        values = {"leased_until": lease.until, "lease_token": lease.token}
        self._connection.execute(
            update(print_batch).where(print_batch.c.key == row.key).values(**values)
        )
        return from_batch_row(row)

    def renew(self, key: int, lease: Lease) -> None:
        """Lengthens a lease; raises LeaseLost."""
        self._settle(key, lease, leased_until=lease.until)

    def release(
        self, key: int, lease: Lease, next_poll: datetime | None, state: BatchState
    ) -> None:
        """The output is asked again then, or no more; raises LeaseLost."""
        self._settle(
            key, lease, leased_until=None, lease_token="", next_poll=next_poll, state=state.value
        )

    def postpone_output(self, output: str, moment: datetime, until: datetime) -> None:
        """An output is away: its other batches that are due are not asked for either."""
        self._connection.execute(
            update(print_batch)
            .where(
                print_batch.c.state.in_(_ASKED),
                print_batch.c.output == output,
                print_batch.c.next_poll <= moment,
                print_batch.c.leased_until.is_(None),
            )
            .values(next_poll=until)
        )

    def ask_at_once(self, key: int, moment: datetime) -> None:
        """The output of a batch is asked at once, where it is asked at all."""
        self._connection.execute(
            update(print_batch)
            .where(print_batch.c.key == key, print_batch.c.next_poll.is_not(None))
            .values(next_poll=moment)
        )

    def find_letter_keys(self, batch_key: int) -> dict[str, int]:
        """The letters of a batch: names and keys."""
        query = select(letter.c.letter_id, letter.c.key).where(letter.c.batch_key == batch_key)
        return {row.letter_id: row.key for row in self._connection.execute(query)}

    def find_messages(self, letter_keys: Collection[int]) -> dict[int, int]:
        """The messages of letters: keys of both."""
        query = select(letter.c.key, letter.c.message_key).where(letter.c.key.in_(letter_keys))
        return {row.key: row.message_key for row in self._connection.execute(query)}

    def lock_letters(self, keys: Collection[int]) -> tuple[StoredLetter, ...]:
        """Letters, locked in the order of their keys; their messages are locked already."""
        query = select(letter).where(letter.c.key.in_(keys)).order_by(letter.c.key)
        return tuple(map(from_letter_row, self._connection.execute(query.with_for_update())))

    def list_names(self, batch_key: int) -> frozenset[NewsName]:
        """The news that are kept of all letters of a batch."""
        return self._list_names(letter.c.batch_key == batch_key)

    def list_names_of(self, letter_keys: Collection[int]) -> frozenset[NewsName]:
        """The news that are kept of letters."""
        return self._list_names(letter.c.key.in_(letter_keys))

    def add(self, news: Sequence[KeptNews], moment: datetime) -> None:
        """Keeps news of which none is kept yet."""
        if news:
            self._connection.execute(insert(letter_news), [_to_row(item, moment) for item in news])

    def list_of_letter(self, letter_key: int) -> tuple[KeptNews, ...]:
        """The news of a letter, by when they happened."""
        query = _select_news().where(letter_news.c.letter_key == letter_key)
        found = map(_from_row, self._connection.execute(query))
        return tuple(sorted(found, key=lambda item: (item.moment, RANKS[item.progress])))

    def list_told(self, batch_key: int) -> list[ToldLetter]:
        """All letters of a batch with what was told of them, by their numbers."""
        told: dict[int, list[KeptNews]] = {}
        query = _select_news().where(letter.c.batch_key == batch_key)
        for row in self._connection.execute(query.order_by(letter_news.c.key)):
            told.setdefault(row.letter_key, []).append(_from_row(row))
        letters = self._connection.execute(
            select(
                letter.c.key,
                letter.c.number,
                letter.c.letter_id,
                letter.c.state,
                letter.c.pages,
                letter.c.sheets,
            )
            .where(letter.c.batch_key == batch_key)
            .order_by(letter.c.number)
        )
        return [_to_told(row, told.get(row.key, [])) for row in letters]

    def list_open(self, batch_key: int, after: int, limit: int) -> tuple[int, ...]:
        """Keys above `after` of letters of a batch of which the output has told no end."""
        states = [state.value for state in LetterState if state.is_with_output]
        query = select(letter.c.key).where(
            letter.c.batch_key == batch_key, letter.c.state.in_(states), letter.c.key > after
        )
        return tuple(self._connection.scalars(query.order_by(letter.c.key).limit(limit)))

    def find_batch_news(self, batch_key: int) -> BatchNews:
        """How it stands with the news of a batch."""
        query = select(batch_news).where(batch_news.c.batch_key == batch_key)
        row = self._connection.execute(query).one_or_none()
        return _from_batch_row(row) if row else BatchNews()

    def lock_batch_news(self, batch_key: int) -> BatchNews:
        """The same, locked until the transaction ends: it is compared or acknowledged."""
        query = select(batch_news).where(batch_news.c.batch_key == batch_key).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return _from_batch_row(row) if row else BatchNews()

    def save_batch_news(self, batch_key: int, news: BatchNews) -> None:
        """Writes how it stands; who does so has the lease of the batch."""
        values = {
            "asked": news.asked,
            "cause": news.cause,
            "letters": news.counted.letters,
            "pages": news.counted.pages,
            "sheets": news.counted.sheets,
            "differences": "\n".join(news.differences),
            "difference_count": news.difference_count,
            "open_count": news.open_count,
        }
        known = update(batch_news).where(batch_news.c.batch_key == batch_key).values(**values)
        if not self._connection.execute(known).rowcount:
            self._connection.execute(insert(batch_news).values(batch_key=batch_key, **values))

    def list_differing(self) -> tuple[tuple[str, int], ...]:
        """Batches with open differences by their names, and how many, newest first."""
        query = (
            select(print_batch.c.batch_id, batch_news.c.open_count)
            .join(batch_news, batch_news.c.batch_key == print_batch.c.key)
            .where(batch_news.c.open_count > 0)
            .order_by(print_batch.c.key.desc())
        )
        return tuple((row.batch_id, row.open_count) for row in self._connection.execute(query))

    def count_overdue(self, submitted_before: datetime) -> int:
        """How many letters of batches that are still asked for were handed over before, and their
        output has not told an end.
        """
        states = [state.value for state in LetterState if state.is_with_output]
        query = (
            select(func.count())
            .select_from(print_batch)
            .join(letter, letter.c.batch_key == print_batch.c.key)
            .where(
                print_batch.c.state == BatchState.SUBMITTED.value,
                print_batch.c.next_poll.is_not(None),
                print_batch.c.submitted < submitted_before,
                letter.c.state.in_(states),
            )
        )
        return int(self._connection.scalar(query) or 0)

    def list_silent(self) -> tuple[tuple[str, str], ...]:
        """Outputs that cannot be asked now, and why (German)."""
        query = (
            select(print_batch.c.output, func.max(batch_news.c.cause).label("cause"))
            .join(batch_news, batch_news.c.batch_key == print_batch.c.key)
            .where(and_(batch_news.c.cause != "", print_batch.c.next_poll.is_not(None)))
            .group_by(print_batch.c.output)
            .order_by(print_batch.c.output)
        )
        return tuple((row.output, row.cause) for row in self._connection.execute(query))

    def _list_names(self, condition: Any) -> frozenset[NewsName]:
        query = _select_news().where(condition)
        return frozenset(_from_row(row).name for row in self._connection.execute(query))

    def _settle(self, key: int, lease: Lease, **values: object) -> None:
        changed = self._connection.execute(
            update(print_batch)
            .where(print_batch.c.key == key, print_batch.c.lease_token == lease.token)
            .values(**values)
        )
        if changed.rowcount != 1:
            raise LeaseLost(f"batch {key}")


def _select_news() -> Select[Any]:
    return select(letter_news).join(letter, letter.c.key == letter_news.c.letter_key)


def _to_row(news: KeptNews, learned: datetime) -> dict[str, object]:
    return {
        "letter_key": news.letter_key,
        "progress": news.progress.value,
        "moment": news.moment,
        "learned": learned,
        "reason": news.reason,
        "pages": news.counted.pages,
        "sheets": news.counted.sheets,
    }


def _from_row(row: Row[Any]) -> KeptNews:
    return KeptNews(
        row.letter_key,
        LetterProgress(row.progress),
        row.moment,
        row.reason,
        Counts(None, row.pages, row.sheets),
    )


def _from_batch_row(row: Row[Any]) -> BatchNews:
    return BatchNews(
        row.asked,
        row.cause,
        Counts(row.letters, row.pages, row.sheets),
        tuple(row.differences.splitlines()),
        row.difference_count,
        row.open_count,
    )


def _to_told(row: Any, news: Sequence[KeptNews]) -> ToldLetter:
    """Of several counts the last that was learned holds."""
    pages = [item.counted.pages for item in news if item.counted.pages is not None]
    sheets = [item.counted.sheets for item in news if item.counted.sheets is not None]
    return ToldLetter(
        row.number,
        row.letter_id,
        LetterState(row.state),
        row.pages,
        row.sheets,
        Counts(None, pages[-1] if pages else None, sheets[-1] if sheets else None),
        frozenset(item.progress for item in news),
    )
