"""Claims of what is to be followed: one data centre at a time, never twice at once."""

from datetime import timedelta

import pytest

from persistence.database import Database
from persistence.stores.forwarded import ForwardedMessage
from server.domain.data_centre import DataCentre
from server.domain.mandant import Caller
from tests.unit.conftest import FixedClock
from tests.unit.persistence.test_stores import deliver, new_message

LEASE = timedelta(minutes=5)


def make_centre(name: str) -> DataCentre:
    return DataCentre(name, f"Rechenzentrum {name}", f"https://{name}/m", "https://s", "https://b")


@pytest.fixture
def keys(
    database: Database, author: Caller, reader: Caller, clock: FixedClock
) -> tuple[int, int, int]:
    """Two messages at ost, then one at west; all are due at once."""
    made = []
    for number, name in enumerate(("ost", "west", "ost")):
        key = deliver(database, new_message(author, reader, f"urn:x:{number}"), clock)
        with database.writing() as stores:
            stores.forwarded.add(key, make_centre(name), clock.now)
        made.append(key)
    return made[0], made[1], made[2]


def claim(database: Database, clock: FixedClock, limit: int = 10) -> tuple[ForwardedMessage, ...]:
    with database.writing() as stores:
        return stores.forwarded.claim_due(clock.now, LEASE, limit)


def test_claim_due_gives_what_is_due_by_data_centre_and_each_once(
    database: Database, keys: tuple[int, int, int], clock: FixedClock
) -> None:
    first, second, third = (claim(database, clock) for _ in range(3))
    assert [item.message_key for item in first] == [keys[0], keys[2]]
    assert [item.message_key for item in second] == [keys[1]]
    assert third == ()
    assert (first[0].centre.name, first[0].centre.management) == ("ost", "https://ost/m")
    assert (first[0].heard, first[0].polls) == (clock.now, 0)
    clock.advance(minutes=6)
    assert len(claim(database, clock, limit=1)) == 1


def test_record_answer_and_silence_say_when_to_ask_again(
    database: Database, keys: tuple[int, int, int], clock: FixedClock
) -> None:
    claim(database, clock)
    later = clock.now + timedelta(seconds=10)
    with database.writing() as stores:
        stores.forwarded.record_answer(keys[0], later, 3, clock.now)
        stores.forwarded.record_silence(keys[2], later, 1, is_told=True)
        assert stores.forwarded.count_silent() == {"Rechenzentrum ost": 1}
    claim(database, clock)
    assert claim(database, clock) == ()
    clock.advance(seconds=10)
    told = {item.message_key: (item.polls, item.is_silence_told) for item in claim(database, clock)}
    assert told == {keys[0]: (3, False), keys[2]: (1, True)}


def test_end_asks_no_more_until_the_message_is_forwarded_again(
    database: Database, keys: tuple[int, int, int], clock: FixedClock
) -> None:
    with database.writing() as stores:
        for key in keys:
            stores.forwarded.end(key)
    assert claim(database, clock) == ()
    with database.writing() as stores:
        stores.forwarded.add(keys[0], make_centre("west"), clock.now)
    assert [item.centre.name for item in claim(database, clock)] == ["west"]
