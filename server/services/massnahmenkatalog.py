"""The catalogue of measures of each Mandant: the standard, and what the Mandant says of it."""

from collections.abc import Iterable
from dataclasses import replace

from persistence.database import Database, Stores
from server.domain.behoerde import PartyIdentifier
from server.domain.land import Land, find_land
from server.domain.mandant import Mandant
from server.domain.massnahme import (
    KEY_LENGTH,
    AskedMassnahme,
    Massnahme,
    Massnahmenkatalog,
    MassnahmeSetting,
    apply_settings,
    find_missing_angaben,
    is_massnahme_key,
)
from server.domain.web_user import AuditEntry
from server.errors import AmtshilfeError, Faults
from server.services.mandanten import audit_change

MAX_TEXT = 1000
MAX_LEGAL_BASES = 20


class KatalogChangeRefused(Exception):
    """The catalogue stays as it is; the text is a German sentence."""


class Massnahmenkataloge:
    """Reads and changes catalogues."""

    def __init__(self, database: Database, standard: Iterable[Massnahme]) -> None:
        self._database = database
        self._standard = tuple(standard)

    def find_for(self, identifier: PartyIdentifier) -> Massnahmenkatalog:
        """What a Behoerde accepts; the standard where it is no Mandant of this server."""
        with self._database.reading() as stores:
            mandant = stores.mandanten.find(identifier)
            return self._read(stores, mandant)

    def list_standard_keys(self) -> frozenset[str]:
        """The keys of the standard catalogue."""
        return frozenset(item.key for item in self._standard)

    def list_for_land(self, identifier: PartyIdentifier, land: str) -> tuple[Massnahme, ...]:
        """The measures of a Mandant that a Land knows; all where it is empty.

        Raises AmtshilfeError 9022 where there is no such Land.
        """
        return self.find_for(identifier).list_for(_to_land(land) if land else None)

    def find_problems(
        self,
        reader: PartyIdentifier,
        asked: Iterable[AskedMassnahme],
        *,
        is_natural_person: bool = True,
    ) -> tuple[str, ...]:
        """Why the reader cannot take the asked measures, as German sentences."""
        return find_missing_angaben(
            asked,
            self.find_for(reader),
            land=find_land(reader),
            is_natural_person=is_natural_person,
        )

    def change(
        self,
        identifier: PartyIdentifier,
        key: str,
        *,
        is_disabled: bool | None = None,
        note: str | None = None,
        audit: AuditEntry | None = None,
    ) -> None:
        """Disables or enables a measure, or sets its note; None leaves as it is.

        Raises KatalogChangeRefused.
        """
        _require_printable(note or "")
        with self._database.writing() as stores:
            mandant = _require_mandant(stores, identifier)
            self._require_known(stores, mandant, key)
            old = stores.massnahmen.list_settings(mandant.key).get(key, MassnahmeSetting())
            new = replace(
                old,
                is_disabled=old.is_disabled if is_disabled is None else is_disabled,
                note=old.note if note is None else note,
            )
            stores.massnahmen.set(mandant.key, key, new)
            audit_change(stores, mandant.key, audit)

    def add_own(
        self,
        identifier: PartyIdentifier,
        massnahme: Massnahme,
        audit: AuditEntry | None = None,
    ) -> None:
        """Adds a measure of a Mandant's own; raises KatalogChangeRefused."""
        _require_usable(massnahme)
        with self._database.writing() as stores:
            mandant = _require_mandant(stores, identifier)
            own = stores.massnahmen.list_own(mandant.key)
            if massnahme.key in {item.key for item in (*self._standard, *own)}:
                raise KatalogChangeRefused(f"Die Maßnahme „{massnahme.key}“ gibt es schon.")
            stores.massnahmen.add_own(mandant.key, massnahme)
            audit_change(stores, mandant.key, audit)

    def change_own(
        self,
        identifier: PartyIdentifier,
        massnahme: Massnahme,
        audit: AuditEntry | None = None,
    ) -> None:
        """Changes what a measure of a Mandant's own says; raises KatalogChangeRefused."""
        _require_usable(massnahme)
        with self._database.writing() as stores:
            mandant = _require_mandant(stores, identifier)
            if not stores.massnahmen.change_own(mandant.key, massnahme):
                raise _refuse_foreign(mandant, massnahme.key)
            audit_change(stores, mandant.key, audit)

    def remove_own(
        self, identifier: PartyIdentifier, key: str, audit: AuditEntry | None = None
    ) -> None:
        """Takes away a measure of a Mandant's own, with its note; raises KatalogChangeRefused."""
        with self._database.writing() as stores:
            mandant = _require_mandant(stores, identifier)
            if not stores.massnahmen.remove_own(mandant.key, key):
                raise _refuse_foreign(mandant, key)
            stores.massnahmen.set(mandant.key, key, MassnahmeSetting())
            audit_change(stores, mandant.key, audit)

    def require_mandant(self, identifier: PartyIdentifier) -> Mandant:
        """The Mandant with this identifier; raises KatalogChangeRefused."""
        with self._database.reading() as stores:
            return _require_mandant(stores, identifier)

    def _read(self, stores: Stores, mandant: Mandant | None) -> Massnahmenkatalog:
        if mandant is None:
            return Massnahmenkatalog(self._standard)
        return apply_settings(
            self._standard,
            stores.massnahmen.list_settings(mandant.key),
            stores.massnahmen.list_own(mandant.key),
        )

    def _require_known(self, stores: Stores, mandant: Mandant, key: str) -> None:
        own = stores.massnahmen.list_own(mandant.key)
        if key not in {item.key for item in (*self._standard, *own)}:
            raise KatalogChangeRefused(
                f"Im Katalog von {mandant.name} gibt es keine Maßnahme „{key}“."
            )


def _refuse_foreign(mandant: Mandant, key: str) -> KatalogChangeRefused:
    return KatalogChangeRefused(
        f"{mandant.name} hat keine eigene Maßnahme „{key}“; Maßnahmen des Standardkatalogs lassen "
        "sich nur sperren (disable)."
    )


def _require_usable(massnahme: Massnahme) -> None:
    if not is_massnahme_key(massnahme.key):
        raise KatalogChangeRefused(
            f"„{massnahme.key}“ ist kein Schlüssel: Erlaubt sind kleine Buchstaben von a bis z, "
            f"Ziffern und Bindestriche, höchstens {KEY_LENGTH} Zeichen."
        )
    bases = massnahme.legal_bases
    if not (massnahme.name.strip() and bases and all(text.strip() for text in bases)):
        raise KatalogChangeRefused("Name und Rechtsgrundlage dürfen nicht leer sein.")
    if len(bases) > MAX_LEGAL_BASES:
        raise KatalogChangeRefused(f"Höchstens {MAX_LEGAL_BASES} Rechtsgrundlagen.")
    for text in (massnahme.name, massnahme.explanation, *bases):
        _require_printable(text)
        if len(text) > MAX_TEXT:
            raise KatalogChangeRefused(f"„{text[:40]} …“ ist länger als {MAX_TEXT} Zeichen.")


def _require_printable(text: str) -> None:
    # XML has no place for control characters.
    if not text.isprintable():
        raise KatalogChangeRefused(f"„{text!r}“ enthält Steuerzeichen.")


def _require_mandant(stores: Stores, identifier: PartyIdentifier) -> Mandant:
    mandant = stores.mandanten.find(identifier)
    if mandant is None:
        raise KatalogChangeRefused(f"Einen Mandanten {identifier} gibt es hier nicht.")
    return mandant


def _to_land(text: str) -> Land:
    try:
        return Land(text)
    except ValueError:
        raise AmtshilfeError(
            Faults.PARAMETER_COMBINATION,
            f"Ein Land „{text}“ gibt es nicht; erwartet wird einer der Schlüssel "
            f"{', '.join(sorted(Land))}.",
        ) from None
