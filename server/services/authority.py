"""What the Authority-Server decides: who may ask, and who is responsible."""

from persistence.authority_database import AuthorityDatabase
from server.domain.address_normalisation import fold_ort, fold_strasse, split_strasse
from server.domain.behoerde import Behoerde, PartyIdentifier
from server.domain.hausnummer import read_hausnummer
from server.domain.zustaendigkeit import (
    Place,
    Zustaendigkeit,
    ZustaendigkeitAnfrage,
    decide_place,
)
from server.errors import AmtshilfeError, Faults
from server.services.clock import Clock


class Authority:
    """The use cases of the Authority-Server."""

    def __init__(self, database: AuthorityDatabase, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def identify(self, fingerprint: str | None) -> str:
        """The name of the participant with this client certificate; raises 9012 or 9010."""
        with self._database.reading() as directory:
            found = directory.find_participant(fingerprint) if fingerprint else None
        if found is None:
            raise AmtshilfeError(
                Faults.ACCOUNT_UNKNOWN,
                "Dieses Client-Zertifikat ist beim Authority-Server nicht registriert.",
            )
        if found.not_after < self._clock():
            raise AmtshilfeError(
                Faults.CERTIFICATE_EXPIRED,
                f"Das Client-Zertifikat galt bis zum {found.not_after:%d.%m.%Y}.",
            )
        return found.name

    def find_zustaendigkeit(self, anfrage: ZustaendigkeitAnfrage) -> Zustaendigkeit:
        """Who is responsible for the Einnahmeart at the address."""
        day = anfrage.stichtag or self._clock().astimezone().date()
        anschrift = anfrage.anschrift
        strasse, hausnummer = split_strasse(anschrift.strasse, anschrift.hausnummer)
        ort = fold_ort(anschrift.ort)
        found: dict[str, Behoerde] = {}
        with self._database.reading() as directory:
            eintraege = {
                (item.behoerde.identifier.value, item.behoerde.identifier.type): item
                for item in directory.behoerden.list_all()
            }
            for ags in {
                item.ags
                for item in directory.gemeinden.list_all()
                if item.plz == anschrift.plz and (not ort or fold_ort(item.ort) == ort)
            }:
                place = Place(
                    ags,
                    anschrift.plz,
                    frozenset({ort}),
                    fold_strasse(strasse),
                    read_hausnummer(hausnummer),
                )
                regeln = directory.regeln.list_by_anchors(list(place.anchors))
                decision = decide_place(place, (anfrage.einnahmeart, day), regeln, eintraege)
                for identifier in decision.behoerden:
                    eintrag = eintraege[(identifier.value, identifier.type)]
                    found[str(identifier)] = eintrag.behoerde
        return Zustaendigkeit(tuple(found.values()))

    def find_behoerde(self, identifier: PartyIdentifier) -> Behoerde | None:
        """The Behoerde with this identifier."""
        with self._database.reading() as directory:
            found = directory.behoerden.find(identifier)
        return found.behoerde if found else None

    def find_certificates(self, identifier: PartyIdentifier) -> tuple[bytes, ...]:
        """The valid certificates (DER) for which others encrypt, newest first."""
        with self._database.reading() as directory:
            return directory.behoerden.list_certificates(identifier, self._clock())
