"""The database of the Authority-Server: Behoerden, Gemeinden, rules, participants."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, Row, func, insert, select

from persistence.authority_tables import (
    behoerde,
    certificate,
    gemeinde,
    participant,
    zustaendigkeit,
)
from persistence.engine import begin_reading, begin_writing
from persistence.types import read_new_key
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.zustaendigkeit import Regel, fold_ort


class Participant(NamedTuple):
    """Who may ask the Authority-Server, and until when its certificate is valid."""

    name: str
    not_after: datetime


class DirectoryStore:
    """Reads and fills the directory within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_behoerde(self, new: Behoerde) -> int:
        """Registers a Behoerde and returns its key."""
        result = self._connection.execute(
            insert(behoerde).values(
                identifier_value=new.identifier.value,
                identifier_type=new.identifier.type,
                identifier_category=new.identifier.category,
                name=new.name,
                strasse=new.anschrift.strasse,
                hausnummer=new.anschrift.hausnummer,
                plz=new.anschrift.plz,
                ort=new.anschrift.ort,
                kanal=new.kanal.value,
            )
        )
        return read_new_key(result)

    def add_gemeinde(self, ags: str, plz: str, ort: str) -> None:
        """Registers a pair of Gemeinde and postal code."""
        self._connection.execute(
            insert(gemeinde).values(ags=ags, plz=plz, ort=ort, ort_folded=fold_ort(ort))
        )

    def add_zustaendigkeit(self, ags: str, einnahmeart: str, behoerde_key: int) -> None:
        """Registers a rule; an empty Einnahmeart stands for all."""
        self._connection.execute(
            insert(zustaendigkeit).values(
                ags=ags, einnahmeart=einnahmeart, behoerde_key=behoerde_key
            )
        )

    def add_participant(self, fingerprint: str, name: str, not_after: datetime) -> None:
        """Registers a client certificate (SHA-256, hex) that may ask."""
        self._connection.execute(
            insert(participant).values(fingerprint=fingerprint, name=name, not_after=not_after)
        )

    def add_certificate(
        self, behoerde_key: int, der: bytes, not_before: datetime, not_after: datetime
    ) -> None:
        """Registers a certificate for which others encrypt what the Behoerde reads."""
        self._connection.execute(
            insert(certificate).values(
                behoerde_key=behoerde_key, der=der, not_before=not_before, not_after=not_after
            )
        )

    def list_certificates(self, identifier: PartyIdentifier, moment: datetime) -> tuple[bytes, ...]:
        """The certificates of a Behoerde that are valid at the moment (DER), newest first."""
        query = (
            select(certificate.c.der)
            .join(behoerde)
            .where(
                behoerde.c.identifier_value == identifier.value,
                behoerde.c.identifier_type == identifier.type,
                certificate.c.not_before <= moment,
                certificate.c.not_after >= moment,
            )
            .order_by(certificate.c.not_before.desc(), certificate.c.key.desc())
        )
        return tuple(self._connection.scalars(query))

    def find_participant(self, fingerprint: str) -> Participant | None:
        """The participant to whom the certificate belongs."""
        row = self._connection.execute(
            select(participant).where(participant.c.fingerprint == fingerprint)
        ).one_or_none()
        return Participant(row.name, row.not_after) if row else None

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        """The Behoerde with this identifier (value and type)."""
        row = self._connection.execute(
            select(behoerde).where(
                behoerde.c.identifier_value == identifier.value,
                behoerde.c.identifier_type == identifier.type,
            )
        ).one_or_none()
        return _to_behoerde(row) if row else None

    def list_gemeinde_ags(self, plz: str, ort: str) -> tuple[str, ...]:
        """The keys (AGS) of the Gemeinden with this postal code; an empty Ort fits all of them."""
        query = select(gemeinde.c.ags).where(gemeinde.c.plz == plz)
        if ort:
            query = query.where(gemeinde.c.ort_folded == fold_ort(ort))
        return tuple(self._connection.scalars(query.distinct().order_by(gemeinde.c.ags)))

    def list_regeln(self, ags_list: Sequence[str]) -> tuple[Regel, ...]:
        """The rules of these Gemeinden."""
        rows = self._connection.execute(
            select(zustaendigkeit.c.ags, zustaendigkeit.c.einnahmeart, behoerde)
            .join(behoerde)
            .where(zustaendigkeit.c.ags.in_(ags_list))
            .order_by(zustaendigkeit.c.key)
        )
        return tuple(Regel(row.ags, row.einnahmeart, _to_behoerde(row)) for row in rows)

    def count_behoerden(self) -> int:
        """How many Behoerden there are."""
        return int(self._connection.scalar(select(func.count()).select_from(behoerde)) or 0)


class AuthorityDatabase:
    """The database of the Authority-Server."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[DirectoryStore]:
        """A transaction that only reads."""
        with begin_reading(self.engine) as connection:
            yield DirectoryStore(connection)

    @contextmanager
    def writing(self) -> Iterator[DirectoryStore]:
        """A transaction that writes; durable when the block has ended."""
        with begin_writing(self.engine) as connection:
            yield DirectoryStore(connection)


def _to_behoerde(row: Row[Any]) -> Behoerde:
    return Behoerde(
        PartyIdentifier(
            row.identifier_value, row.identifier_type, row.name, row.identifier_category
        ),
        row.name,
        Anschrift(row.strasse, row.hausnummer, row.plz, row.ort),
        Kanal(row.kanal),
    )
