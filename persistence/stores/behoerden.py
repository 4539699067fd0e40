"""Authorities of the directory; all methods speak of current rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from persistence.authority_tables import behoerde, certificate
from server.domain.anschrift import Anschrift
from server.domain.behoerde import Behoerde, Kanal, PartyIdentifier
from server.domain.eintrag import Eintrag, EintragState

_IS_CURRENT = behoerde.c.version_to.is_(None)


class BehoerdeStore:
    """Registers and finds authorities and the certificates for which others encrypt."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, eintrag: Eintrag, version: int) -> None:
        """Registers an authority whose identifier is not there yet."""
        self._connection.execute(
            insert(behoerde).values(**to_behoerde_row(eintrag), version_from=version)
        )

    def find(self, identifier: PartyIdentifier) -> Eintrag | None:
        """The entry with this identifier (value and type)."""
        row = self._connection.execute(
            select(behoerde).where(*_bears(identifier), _IS_CURRENT)
        ).one_or_none()
        return _to_eintrag(row) if row else None

    def list_all(self) -> tuple[Eintrag, ...]:
        """Every entry."""
        rows = self._connection.execute(select(behoerde).where(_IS_CURRENT).order_by("key"))
        return tuple(map(_to_eintrag, rows))

    def mark_doubtful(self, identifier: PartyIdentifier, reason: str) -> None:
        """Notes that something which was sent there came back; an empty reason clears the mark.

        Earlier rows are marked too, as a version that is taken back brings them to light.
        """
        self._connection.execute(
            update(behoerde)
            .where(*_bears(identifier))
            .values(is_doubtful=bool(reason), doubt_reason=reason)
        )

    def list_doubtful(self, term: str, after: int, maximum: int) -> tuple[tuple[int, Eintrag], ...]:
        """Doubtful entries with their keys, behind the key `after`.

        The term occurs in the identifier, the name, the place, or the reason; empty: all of them.
        """
        texts = (
            *(behoerde.c.identifier_value, behoerde.c.name),
            *(behoerde.c.plz, behoerde.c.ort, behoerde.c.doubt_reason),
        )
        query = select(behoerde).where(
            _IS_CURRENT, behoerde.c.is_doubtful.is_(True), behoerde.c.key > after
        )
        if term:
            query = query.where(or_(*(text.icontains(term, autoescape=True) for text in texts)))
        rows = self._connection.execute(query.order_by(behoerde.c.key).limit(maximum))
        return tuple((row.key, _to_eintrag(row)) for row in rows)

    def count_doubtful(self) -> int:
        """How many entries are doubtful."""
        query = select(func.count()).where(_IS_CURRENT, behoerde.c.is_doubtful.is_(True))
        return int(self._connection.scalar(query) or 0)

    def find_doubtful(self, key: int) -> Eintrag | None:
        """The doubtful entry with this key."""
        row = self._connection.execute(
            select(behoerde).where(
                _IS_CURRENT, behoerde.c.is_doubtful.is_(True), behoerde.c.key == key
            )
        ).one_or_none()
        return _to_eintrag(row) if row else None

    def set_state(self, identifier: PartyIdentifier, state: EintragState) -> None:
        """How far the registration is now."""
        self._connection.execute(
            update(behoerde).where(*_bears(identifier), _IS_CURRENT).values(state=state.value)
        )

    def count(self) -> int:
        """How many authorities there are."""
        query = select(func.count()).select_from(behoerde).where(_IS_CURRENT)
        return int(self._connection.scalar(query) or 0)

    def add_certificate(
        self, identifier: PartyIdentifier, der: bytes, not_before: datetime, not_after: datetime
    ) -> None:
        """Registers a certificate for which others encrypt what the authority reads."""
        self._connection.execute(
            insert(certificate).values(
                behoerde_value=identifier.value,
                behoerde_type=identifier.type,
                der=der,
                not_before=not_before,
                not_after=not_after,
            )
        )

    def list_certificates(self, identifier: PartyIdentifier, moment: datetime) -> tuple[bytes, ...]:
        """The certificates of an authority that are valid at the moment (DER), newest first."""
        query = (
            select(certificate.c.der)
            .where(
                certificate.c.behoerde_value == identifier.value,
                certificate.c.behoerde_type == identifier.type,
                certificate.c.not_before <= moment,
                certificate.c.not_after >= moment,
            )
            .order_by(certificate.c.not_before.desc(), certificate.c.key.desc())
        )
        return tuple(self._connection.scalars(query))


def to_behoerde_row(eintrag: Eintrag) -> dict[str, Any]:
    """The columns of an entry, without key and versions."""
    item = eintrag.behoerde
    return {
        "identifier_value": item.identifier.value,
        "identifier_type": item.identifier.type,
        "identifier_category": item.identifier.category,
        "name": item.name,
        "strasse": item.anschrift.strasse,
        "hausnummer": item.anschrift.hausnummer,
        "plz": item.anschrift.plz,
        "ort": item.anschrift.ort,
        "kanal": item.kanal.value,
        "state": eintrag.state.value,
        "valid_from": eintrag.valid_from,
        "valid_to": eintrag.valid_to,
        "is_doubtful": eintrag.is_doubtful,
        "doubt_reason": eintrag.doubt_reason,
        "iban": eintrag.iban,
        "einnahmearten": " ".join(eintrag.einnahmearten),
        "rechenzentrum": eintrag.rechenzentrum,
        "contact": list(eintrag.contact),
    }


def _bears(identifier: PartyIdentifier) -> tuple[Any, Any]:
    return (
        behoerde.c.identifier_value == identifier.value,
        behoerde.c.identifier_type == identifier.type,
    )


def _to_eintrag(row: Row[Any]) -> Eintrag:
    identifier = PartyIdentifier(
        row.identifier_value, row.identifier_type, row.name, row.identifier_category
    )
    anschrift = Anschrift(row.strasse, row.hausnummer, row.plz, row.ort)
    return Eintrag(
        Behoerde(identifier, row.name, anschrift, Kanal(row.kanal)),
        EintragState(row.state),
        row.valid_from,
        row.valid_to,
        row.is_doubtful,
        row.doubt_reason,
        row.iban,
        tuple(row.einnahmearten.split()),
        row.rechenzentrum,
        tuple(row.contact),
    )
