"""Bank details that a Mandant is known to use, and whether others need a release."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from persistence.draft_tables import bank_details, capture_choice
from server.domain.ersuchen import Bankverbindung


@dataclass(frozen=True)
class KnownBankDetails:
    """An account, since when it is known and by whom."""

    key: int
    bank: Bankverbindung
    since: datetime
    told_by: str


class BankDetailsStore:
    """Reads and changes them; every question names the Mandant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def needs_release(self, mandant_key: int) -> bool:
        """True where the Mandant wants a second pair of eyes."""
        chosen = select(capture_choice.c.releases_bank_details).where(
            capture_choice.c.mandant_key == mandant_key
        )
        return bool(self._connection.scalar(chosen))

    def set_release(self, mandant_key: int, is_needed: bool) -> None:
        """Says whether changed bank details need a release."""
        is_own = capture_choice.c.mandant_key == mandant_key
        changed = self._connection.execute(
            update(capture_choice).where(is_own).values(releases_bank_details=is_needed)
        )
        if changed.rowcount == 0:
            self._connection.execute(
                insert(capture_choice).values(
                    mandant_key=mandant_key, releases_bank_details=is_needed
                )
            )

    def list_known(self, mandant_key: int) -> tuple[KnownBankDetails, ...]:
        """The newest first."""
        rows = self._connection.execute(
            select(bank_details)
            .where(bank_details.c.mandant_key == mandant_key)
            .order_by(bank_details.c.key.desc())
        )
        return tuple(
            KnownBankDetails(
                row.key,
                Bankverbindung(row.kontoinhaber, row.iban, bic=row.bic),
                row.since,
                row.told_by,
            )
            for row in rows
        )

    def add(self, mandant_key: int, bank: Bankverbindung, moment: datetime, told_by: str) -> None:
        """Keeps an account."""
        self._connection.execute(
            insert(bank_details).values(
                mandant_key=mandant_key,
                kontoinhaber=bank.kontoinhaber,
                iban=bank.iban,
                bic=bank.bic,
                since=moment,
                told_by=told_by,
            )
        )

    def remove(self, mandant_key: int, key: int) -> bool:
        """Forgets an account; False where the Mandant has none with this key."""
        removed = self._connection.execute(
            delete(bank_details).where(
                bank_details.c.mandant_key == mandant_key, bank_details.c.key == key
            )
        )
        return removed.rowcount == 1
