"""Enters what a print output tells of letters: kept once, in whatever order and how often it comes.

A letter, its message, its order and what the directory has to learn change in one transaction.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from persistence.database import Database, Stores
from persistence.stores.letter_news import KeptNews
from persistence.stores.orders import Attempt, AttemptEvent
from server.domain.batch import StoredBatch
from server.domain.german import format_german_moment
from server.domain.letter import StoredLetter
from server.domain.letter_news import RANKS, decide_news, is_contradiction
from server.domain.message import ImpossibleTransition, MessageEvent
from server.domain.reconciliation import Counts
from server.domain.stored_message import StoredMessage
from server.printing.output import LetterNews
from server.services.batching.telling import describe_place, fail_order
from server.services.clock import Clock
from server.services.message_events import lock_messages, record_event

logger = logging.getLogger(__name__)

# Letters in one transaction.
_CHUNK = 100

KeepAlive = Callable[[], None]


@dataclass(frozen=True)
class EnteredNews:
    """How much of it was new, and which letters the batch does not have."""

    new: int
    unknown: frozenset[str]


class NewsBook:
    """Enters news of the letters of a batch."""

    def __init__(self, database: Database, clock: Clock, worker: str) -> None:
        self._database = database
        self._clock = clock
        self._worker = worker

    def enter(
        self, batch: StoredBatch, told: Iterable[LetterNews], keep_alive: KeepAlive = lambda: None
    ) -> EnteredNews:
        """Keeps what is new and does what follows from it; calls `keep_alive` now and then."""
        with self._database.reading() as stores:
            keys = stores.letter_news.find_letter_keys(batch.key)
            kept = stores.letter_news.list_names(batch.key)
        told = tuple(told)
        named = {item.name: item for item in _list_known(told, keys) if item.name not in kept}
        new: dict[int, list[KeptNews]] = {}
        for item in named.values():
            new.setdefault(item.letter_key, []).append(item)
        for chunk in _cut(sorted(new)):
            keep_alive()
            self._enter_chunk(batch, {key: new[key] for key in chunk})
        if named:
            logger.info("batch %s: %d news of %d letters", batch.batch_id, len(named), len(new))
        return EnteredNews(len(named), frozenset(item.letter_id for item in told) - keys.keys())

    def end(self, batch: StoredBatch, keep_alive: KeepAlive = lambda: None) -> None:
        """Nothing more is waited for: letters without an end stay unconfirmed."""
        after = 0
        while True:
            keep_alive()
            with self._database.reading() as stores:
                keys = stores.letter_news.list_open(batch.key, after, _CHUNK)
            if not keys:
                return
            self._end_chunk(batch, keys)
            after = keys[-1]

    def _enter_chunk(self, batch: StoredBatch, new: Mapping[int, Sequence[KeptNews]]) -> None:
        def change(stores: Stores) -> None:
            messages, letters = _lock(stores, new.keys())
            kept = stores.letter_news.list_names_of(new.keys())
            for letter in letters:
                fresh = [item for item in new[letter.key] if item.name not in kept]
                stores.letter_news.add(fresh, self._clock())
                entry = self._begin(stores, batch, letter)
                entry.enter(messages[letter.message_key], fresh)

        self._database.write(change)

    def _end_chunk(self, batch: StoredBatch, keys: Sequence[int]) -> None:
        def change(stores: Stores) -> None:
            messages, letters = _lock(stores, keys)
            for letter in letters:
                if letter.state.is_with_output:
                    entry = self._begin(stores, batch, letter)
                    entry.record(messages[letter.message_key], MessageEvent.NEWS_ENDED, "")

        self._database.write(change)

    def _begin(self, stores: Stores, batch: StoredBatch, letter: StoredLetter) -> "_Entry":
        return _Entry(stores, describe_place(batch, letter), letter, self._clock(), self._worker)


@dataclass(frozen=True)
class _Entry:
    """Writes what news change, within a transaction that has locked message and letter."""

    stores: Stores
    place: str
    letter: StoredLetter
    moment: datetime
    worker: str

    def enter(self, message: StoredMessage, news: Iterable[KeptNews]) -> None:
        state = self.letter.state
        for item in sorted(news, key=lambda item: (RANKS[item.progress], item.moment)):
            step = decide_news(state, item.progress)
            if step:
                state = step.state
                message = self.record(message, step.event, _describe_news(item))
            elif is_contradiction(state, item.progress):
                name = self.letter.letter.letter_id
                logger.error("letter %s is %s, but was told: %s", name, state, item.progress)
        if state is not self.letter.state:
            self.stores.letters.set_state([self.letter.key], state)

    def record(self, message: StoredMessage, event: MessageEvent, told: str) -> StoredMessage:
        """The message after the event; what follows elsewhere is done too."""
        detail = f"{self.place}{told}"
        try:
            record_event(self.stores, message, event, self.moment, detail=detail)
        except ImpossibleTransition as error:
            # A newer letter, or a person, has led the message elsewhere.
            logger.error("letter %s: %s", self.letter.letter.letter_id, error)
            return message
        if event is MessageEvent.LETTER_FAILED:
            attempt = Attempt(self.moment, AttemptEvent.PARKED, self.worker, detail)
            fail_order(self.stores, self.letter, attempt)
            logger.error("message %s is parked: %s", message.head.message_id, detail)
        if event is MessageEvent.LETTER_RETURNED:
            reason = f"Ein Brief kam als unzustellbar zurück{told}."
            reader = message.head.reader
            self.stores.directory_doubts.add(self.letter.key, reader, reason, self.moment)
        return replace(message, state=self.stores.messages.lock_state(message.key))


def _lock(
    stores: Stores, letter_keys: Iterable[int]
) -> tuple[Mapping[int, StoredMessage], tuple[StoredLetter, ...]]:
    """The messages by their keys and the letters; messages are locked first, as everywhere."""
    keys = list(letter_keys)
    message_keys = sorted(set(stores.letter_news.find_messages(keys).values()))
    lock_messages(stores, message_keys)
    return stores.messages.find_many(message_keys), stores.letter_news.lock_letters(keys)


def _list_known(told: Iterable[LetterNews], keys: Mapping[str, int]) -> Iterator[KeptNews]:
    for item in told:
        if item.letter_id in keys:
            counted = Counts(None, item.pages, item.sheets)
            yield KeptNews(keys[item.letter_id], item.progress, item.moment, item.reason, counted)


def _describe_news(news: KeptNews) -> str:
    told = f", gemeldet zum {format_german_moment(news.moment)}"
    return f"{told}: {news.reason}" if news.reason else told


def _cut(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), _CHUNK):
        yield keys[start : start + _CHUNK]
