"""What the directory has still to learn: that post to an authority came back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from persistence.news_tables import directory_doubt
from server.domain.behoerde import PartyIdentifier


@dataclass(frozen=True)
class DirectoryDoubt:
    """A doubt about the entry of a party, and its reason (German)."""

    key: int
    party: PartyIdentifier
    reason: str


class DirectoryDoubtStore:
    """Keeps doubts until the directory has them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, letter_key: int, party: PartyIdentifier, reason: str, moment: datetime) -> None:
        """A letter came back; it does so once."""
        self._connection.execute(
            insert(directory_doubt).values(
                letter_key=letter_key,
                party_value=party.value,
                party_type=party.type,
                reason=reason,
                due=moment,
            )
        )

    def find_due(self, moment: datetime) -> DirectoryDoubt | None:
        """The doubt that is due longest."""
        table = directory_doubt
        row = self._connection.execute(
            select(table).where(table.c.due <= moment).order_by(table.c.due, table.c.key).limit(1)
        ).one_or_none()
        if row is None:
            return None
        return DirectoryDoubt(row.key, PartyIdentifier(row.party_value, row.party_type), row.reason)

    def remove(self, key: int) -> None:
        """The directory has it."""
        self._connection.execute(delete(directory_doubt).where(directory_doubt.c.key == key))

    def postpone_all(self, due: datetime) -> None:
        """The directory is away."""
        self._connection.execute(
            update(directory_doubt).where(directory_doubt.c.due < due).values(due=due)
        )

    def count(self) -> int:
        """How many the directory has still to learn."""
        return int(self._connection.scalar(select(func.count()).select_from(directory_doubt)) or 0)
