"""Locks for Vorgänge that do not exist yet.

SQLite lets write one transaction after the other. PostgreSQL knows advisory locks: numbers that
one transaction holds at a time. Each way to find a Vorgang has a number.
"""

import hashlib
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

from persistence.engine import is_postgresql
from persistence.stores.message_rows import fold_message_id
from server.domain.vorgang import VorgangSearch

# So few that a message with thousands of references cannot fill the lock table of the server.
# Two matters that share a number only wait for each other.
_NUMBERS = 1024
_INTEGER_SIZE = 2**31


def number_links(search: VorgangSearch, message_id: str) -> list[int]:
    """The numbers of all that the message and its Vorgang may have in common, sorted."""
    return sorted({_number(link) for link in _list_links(search, message_id)})


def lock_numbers(connection: Connection, mandant_key: int, numbers: Iterable[int]) -> None:
    """Takes the locks of a Mandant in their order, and waits for who has them."""
    if is_postgresql(connection):
        connection.execute(
            text(
                "SELECT pg_advisory_xact_lock(:mandant, number)"
                " FROM unnest(CAST(:numbers AS integer[])) AS number"
            ),
            {"mandant": mandant_key % _INTEGER_SIZE, "numbers": list(numbers)},
        )


def _list_links(search: VorgangSearch, message_id: str) -> Iterator[str]:
    for related_id in (message_id, *search.related_ids):
        yield f"message {fold_message_id(related_id)}"
    for kind, value in (
        ("requester", search.process.requester),
        ("responder", search.process.responder),
        ("own", search.own_aktenzeichen),
        ("partner", search.partner_aktenzeichen),
    ):
        if value:
            yield f"{kind} {value}"


def _number(link: str) -> int:
    return int.from_bytes(hashlib.sha256(link.encode()).digest()[:4]) % _NUMBERS
