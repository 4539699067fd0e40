"""What Mandanten want to have on their letters."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from persistence.letterhead_tables import letterhead
from persistence.tables import mandant
from server.domain.behoerde import PartyIdentifier
from server.domain.letterhead import Letterhead, Logo, LogoKind, NewLetterhead, OwnLetterhead

# Built once: it runs for each letter.
_FIND_REVISION = (
    select(letterhead.c.mandant_key, letterhead.c.revision)
    .join(mandant)
    .where(
        mandant.c.identifier_value == bindparam("value"),
        mandant.c.identifier_type == bindparam("type"),
    )
)


class LetterheadStore:
    """One row for each Mandant that set its own."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, mandant_key: int) -> OwnLetterhead | None:
        """The letterhead of a Mandant; None where it set none."""
        row = self._connection.execute(
            select(letterhead).where(letterhead.c.mandant_key == mandant_key)
        ).one_or_none()
        if row is None:
            return None
        texts = Letterhead(
            row.name, row.absenderzeile, tuple(row.zeilen), tuple(row.vermerke), tuple(row.fuss)
        )
        logo = Logo(LogoKind(row.logo_kind), row.logo) if row.logo_kind else None
        return OwnLetterhead(texts, logo, row.revision, row.changed, row.changed_by)

    def find_revision(self, identifier: PartyIdentifier) -> tuple[int, str] | None:
        """The key of a party that is a Mandant here, and the revision of what it set."""
        values = {"value": identifier.value, "type": identifier.type}
        row = self._connection.execute(_FIND_REVISION, values).one_or_none()
        return (row.mandant_key, row.revision) if row else None

    def save(
        self,
        mandant_key: int,
        new: NewLetterhead,
        revision: str,
        moment: datetime,
        changed_by: str,
    ) -> None:
        """Keeps it in place of what was there."""
        self.remove(mandant_key)
        texts, logo = new.letterhead, new.logo
        self._connection.execute(
            insert(letterhead).values(
                mandant_key=mandant_key,
                revision=revision,
                name=texts.name,
                absenderzeile=texts.absenderzeile,
                zeilen=list(texts.zeilen),
                vermerke=list(texts.vermerke),
                fuss=list(texts.fuss),
                logo_kind=logo.kind.value if logo else None,
                logo=logo.content if logo else None,
                changed=moment,
                changed_by=changed_by,
            )
        )

    def remove(self, mandant_key: int) -> bool:
        """False where there is none."""
        result = self._connection.execute(
            delete(letterhead).where(letterhead.c.mandant_key == mandant_key)
        )
        return result.rowcount == 1
