"""Messages with their delivery orders, written in bulk as the services write them one by one.

Each is a copy of one that came in over the wire and waits: message, parts, report entries,
delivery order, and the Vorgang of its author, all with a MessageID and an Aktenzeichen of their
own. The payload is the same blob. The order is due at once.
"""

from typing import Any

from sqlalchemy import Connection, Engine, Table, text

from persistence.tables import (
    delivery_order,
    message,
    message_part,
    report_entry,
)
from persistence.vorgang_tables import vorgang, vorgang_entry

# Above the keys that the sequences of the database give out.
FIRST_KEY = 10_000_000
PREFIX = "urn:de:xta:messageid:copy:"
_BATCH = 20_000


def fill(engine: Engine, sample: str, aktenzeichen: str, numbers: range) -> None:
    """Copies the message `sample`, one copy for each number."""
    for first in range(numbers.start, numbers.stop, _BATCH):
        last = min(first + _BATCH, numbers.stop) - 1
        with engine.begin() as connection:
            _Copies(connection, sample, aktenzeichen, first, last).insert()


def tidy(engine: Engine) -> None:
    """What PostgreSQL does by itself after a while."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


class _Copies:
    def __init__(
        self, connection: Connection, sample: str, aktenzeichen: str, first: int, last: int
    ) -> None:
        self._connection = connection
        self._values = {"sample": sample, "old": aktenzeichen, "first": first, "last": last}

    def insert(self) -> None:
        """All rows of all copies."""
        key = f"{FIRST_KEY} + n"
        message_id = f"'{PREFIX}' || n"
        of_sample = "message_key = (SELECT key FROM message WHERE message_id = :sample)"
        renamed = "replace({}, CAST(:old AS text), CAST(:old AS text) || '-' || n)"
        metadata = "convert_from(metadata_xml, 'UTF8')"
        renamed_metadata = f"replace({metadata}, CAST(:sample AS text), {message_id})"
        has_entry = f"key IN (SELECT vorgang_key FROM vorgang_entry WHERE {of_sample})"
        self._copy(
            message,
            "message_id = :sample",
            key=key,
            message_id=message_id,
            message_id_folded=message_id,
            metadata_xml=f"convert_to({renamed_metadata}, 'UTF8')",
            not_before="now()",
            facts=f"{renamed.format('facts::text')}::json",
        )
        self._copy(message_part, of_sample, message_key=key)
        self._copy(report_entry, of_sample, key=None, message_key=key)
        self._copy(
            delivery_order, of_sample, key=key, message_key=key, due="now()", tried_since="now()"
        )
        self._copy(
            vorgang,
            has_entry,
            key=key,
            vorgang_id="'urn:uuid:' || gen_random_uuid()",
            own_aktenzeichen=renamed.format("own_aktenzeichen"),
            partner_aktenzeichen=renamed.format("partner_aktenzeichen"),
        )
        self._copy(vorgang_entry, of_sample, key=None, vorgang_key=key, message_key=key)

    def _copy(self, table: Table, where: str, **changes: str | None) -> None:
        """Rows with changed columns; a column that is None gets its default."""
        names = [item.name for item in table.c if changes.get(item.name, "") is not None]
        columns = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(changes.get(name) or f'"{name}"' for name in names)
        statement = (
            f"INSERT INTO {table.name} ({columns}) SELECT {values} "
            f"FROM {table.name} CROSS JOIN "
            "generate_series(CAST(:first AS int), CAST(:last AS int)) AS series(n) "
            f"WHERE {where}"
        )
        used: dict[str, Any] = {
            name: value for name, value in self._values.items() if f":{name}" in statement
        }
        self._connection.execute(text(statement), used)
