"""Measures of enforcement: what they are, who knows them, what a message must carry for them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from server.domain.land import LAND_NAMES, Land

_KEY_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
KEY_LENGTH = 64


class Angabe(StrEnum):
    """Something that a message may carry for a measure."""

    DRITTSCHULDNER = "drittschuldner"
    KONTOVERBINDUNG = "kontoverbindung"
    KENNZEICHEN = "kennzeichen"
    GRUNDSTUECK = "grundstueck"
    GEGENSTAND = "gegenstand"
    GEBURTSDATUM = "geburtsdatum"


ANGABE_NAMES: dict[Angabe, str] = {
    Angabe.DRITTSCHULDNER: "Drittschuldner (Name und Anschrift)",
    Angabe.KONTOVERBINDUNG: "Kontoverbindung des Schuldners (IBAN)",
    Angabe.KENNZEICHEN: "amtliches Kennzeichen des Fahrzeugs",
    Angabe.GRUNDSTUECK: "Grundstück (Grundbuchbezeichnung)",
    Angabe.GEGENSTAND: "Gegenstand der Maßnahme",
    Angabe.GEBURTSDATUM: "Geburtsdatum des Schuldners",
}

# Firms and authorities have none of these.
_OF_NATURAL_PERSONS = frozenset({Angabe.GEBURTSDATUM})


@dataclass(frozen=True)
class Massnahme:
    """A measure: German texts, and what must be there so that it can be taken.

    `legal_bases` are citations such as "§ 309 AO". Without `laender` every Land knows it. `note` is
    what a Mandant adds.
    """

    key: str
    name: str
    explanation: str
    legal_bases: tuple[str, ...]
    angaben: tuple[Angabe, ...] = ()
    laender: frozenset[Land] = frozenset()
    note: str = ""

    def is_known_in(self, land: Land) -> bool:
        """True where the law of this Land has the measure."""
        return not self.laender or land in self.laender


@dataclass(frozen=True)
class MassnahmeSetting:
    """What a Mandant says of a measure, of the standard catalogue or of its own."""

    is_disabled: bool = False
    note: str = ""


@dataclass(frozen=True)
class AskedMassnahme:
    """A measure that a message asks for, and what the message carries for it."""

    key: str
    angaben: frozenset[Angabe] = frozenset()


@dataclass(frozen=True)
class Massnahmenkatalog:
    """The measures that a Mandant accepts, and those that it does not, or not any more."""

    massnahmen: tuple[Massnahme, ...]
    disabled: tuple[Massnahme, ...] = ()

    def find(self, key: str) -> Massnahme | None:
        """The accepted measure with this key."""
        return _find(self.massnahmen, key)

    def find_disabled(self, key: str) -> Massnahme | None:
        """The measure with this key that is not accepted."""
        return _find(self.disabled, key)

    def find_known(self, key: str) -> Massnahme | None:
        """The measure with this key, accepted or not: what older messages call by it."""
        return self.find(key) or self.find_disabled(key)

    def list_for(self, land: Land | None) -> tuple[Massnahme, ...]:
        """The accepted measures that a Land knows; all of them where none is named."""
        return tuple(
            massnahme
            for massnahme in self.massnahmen
            if land is None or massnahme.is_known_in(land)
        )


def _find(massnahmen: Iterable[Massnahme], key: str) -> Massnahme | None:
    return next((massnahme for massnahme in massnahmen if massnahme.key == key), None)


def is_massnahme_key(text: str) -> bool:
    """True for small letters, digits and hyphens, as a message writes the key of a measure."""
    return 0 < len(text) <= KEY_LENGTH and set(text) <= _KEY_LETTERS


def apply_settings(
    standard: Iterable[Massnahme],
    settings: Mapping[str, MassnahmeSetting],
    own: Iterable[Massnahme],
) -> Massnahmenkatalog:
    """The catalogue of a Mandant: the standard, then its own measures, without what it disabled."""
    accepted: list[Massnahme] = []
    disabled: list[Massnahme] = []
    for massnahme in (*standard, *own):
        setting = settings.get(massnahme.key, MassnahmeSetting())
        noted = replace(massnahme, note=setting.note)
        (disabled if setting.is_disabled else accepted).append(noted)
    return Massnahmenkatalog(tuple(accepted), tuple(disabled))


def find_missing_angaben(
    asked: Iterable[AskedMassnahme],
    katalog: Massnahmenkatalog,
    *,
    land: Land | None = None,
    is_natural_person: bool = True,
) -> tuple[str, ...]:
    """What keeps the asked measures from being taken, as German sentences; none where nothing does.

    `katalog` is that of the Behoerde that is asked, `land` the one where it acts.
    """
    return tuple(
        problem
        for item in asked
        for problem in _find_problems(item, katalog, land, is_natural_person)
    )


def _find_problems(
    asked: AskedMassnahme, katalog: Massnahmenkatalog, land: Land | None, is_natural_person: bool
) -> Iterable[str]:
    massnahme = katalog.find(asked.key)
    if massnahme is None:
        yield _refuse(asked.key, katalog)
        return
    if land is not None and not massnahme.is_known_in(land):
        yield f"Die Maßnahme „{massnahme.name}“ kennt das Recht von {LAND_NAMES[land]} nicht."
    for angabe in massnahme.angaben:
        is_asked_for = is_natural_person or angabe not in _OF_NATURAL_PERSONS
        if is_asked_for and angabe not in asked.angaben:
            yield f"Zur Maßnahme „{massnahme.name}“ fehlt: {ANGABE_NAMES[angabe]}."


def _refuse(key: str, katalog: Massnahmenkatalog) -> str:
    disabled = katalog.find_disabled(key)
    if disabled is None:
        return f"Die Maßnahme „{key}“ steht nicht im Maßnahmenkatalog der ersuchten Behörde."
    reason = f" {disabled.note}" if disabled.note else ""
    return f"Die Maßnahme „{disabled.name}“ nimmt die ersuchte Behörde nicht an.{reason}"
