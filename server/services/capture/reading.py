"""From what was typed to the parts of an Ersuchen, with the problems at their fields."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from server.domain.draft import Draft, Step
from server.domain.ersuchen import (
    Bankverbindung,
    Drittschuldner,
    ErbeteneMassnahme,
    Firma,
    Forderung,
    Person,
    Schuldner,
    Vollstreckbarkeitsbescheinigung,
)
from server.domain.local_time import LOCAL_ZONE
from server.domain.massnahme import ANGABE_NAMES, Angabe, Massnahmenkatalog
from server.services.capture.choices import FIRMA, SCHULDNER_ARTEN
from server.services.capture.claims import read_forderungen
from server.services.capture.fields import FieldProblem, FieldReader
from server.services.capture.vocabulary import Vocabulary
from server.services.ersuchen_rules import SEARCH

# The field of a measure at which a missing Angabe is told.
ANGABE_FIELDS: Mapping[Angabe, str] = {
    Angabe.DRITTSCHULDNER: "drittschuldner_name",
    Angabe.KONTOVERBINDUNG: "iban",
    Angabe.KENNZEICHEN: "kennzeichen",
    Angabe.GRUNDSTUECK: "grundstueck",
    Angabe.GEGENSTAND: "gegenstand",
}
_BANK_FIELDS = ("kontoinhaber", "iban", "bic", "verwendungszweck")


@dataclass(frozen=True)
class Sachbearbeitung:
    """Who works on the matter, as the asked Behoerde reads it."""

    aktenzeichen: str
    bearbeiter: str
    telefon: str
    email: str


@dataclass(frozen=True)
class ReadDraft:
    """What a draft says; with `problems`, parts are missing."""

    sachbearbeitung: Sachbearbeitung
    schuldner_list: tuple[Schuldner, ...]
    forderung_list: tuple[Forderung, ...]
    bescheinigung: Vollstreckbarkeitsbescheinigung | None
    bankverbindung: Bankverbindung | None
    rechtsgrundlage_list: tuple[str, ...]
    massnahme_list: tuple[ErbeteneMassnahme, ...]
    bemerkung: str
    not_before: datetime | None
    is_test: bool
    problems: tuple[FieldProblem, ...] = ()

    def list_problems_of(self, step: Step) -> tuple[FieldProblem, ...]:
        """Those of one step."""
        return tuple(item for item in self.problems if item.step is step)


def read_draft(draft: Draft, vocabulary: Vocabulary) -> ReadDraft:
    """Reads all steps."""
    problems: list[FieldProblem] = []
    readers = {step: FieldReader(step, draft.values_of(step), problems) for step in Step}
    debtor_step, claim_step = readers[Step.SCHULDNER], readers[Step.FORDERUNGEN]
    measure_step, last_step = readers[Step.MASSNAHMEN], readers[Step.SENDEN]
    asked = [str(row.values.get("art") or "") for row in measure_step.rows("massnahmen")]
    return ReadDraft(
        sachbearbeitung=_read_sachbearbeitung(debtor_step),
        schuldner_list=_read_schuldner_list(debtor_step, asked, vocabulary.katalog),
        forderung_list=read_forderungen(claim_step, vocabulary.einnahmearten),
        bescheinigung=_read_bescheinigung(claim_step),
        bankverbindung=read_bankverbindung(claim_step),
        rechtsgrundlage_list=measure_step.lines("rechtsgrundlagen"),
        massnahme_list=_read_massnahmen(measure_step, vocabulary.katalog),
        bemerkung=measure_step.text("bemerkung"),
        not_before=_read_not_before(last_step),
        is_test=last_step.flag("testnachricht"),
        problems=tuple(problems),
    )


def read_bankverbindung(reader: FieldReader) -> Bankverbindung | None:
    """The bank details; None where nothing was typed."""
    if reader.is_empty(_BANK_FIELDS):
        return None
    return Bankverbindung(
        reader.line("kontoinhaber", "Bitte geben Sie an, wem das Konto gehört."),
        reader.iban("iban", "Bitte geben Sie die IBAN an."),
        reader.line("verwendungszweck"),
        reader.bic("bic"),
    )


def _read_sachbearbeitung(reader: FieldReader) -> Sachbearbeitung:
    return Sachbearbeitung(
        reader.line("aktenzeichen", "Bitte geben Sie Ihr Aktenzeichen an; Antworten nennen es."),
        reader.line("bearbeiter"),
        reader.line("telefon"),
        reader.line("email"),
    )


def _read_schuldner_list(
    reader: FieldReader, asked: Collection[str], katalog: Massnahmenkatalog
) -> tuple[Schuldner, ...]:
    rows = reader.rows("schuldner")
    if not rows:
        reader.refuse("schuldner", "Bitte geben Sie mindestens einen Schuldner an.")
    birthday = _find_birthday_needed(asked, katalog)
    return tuple(_read_schuldner(row, asked, birthday) for row in rows)


def _read_schuldner(row: FieldReader, asked: Collection[str], birthday: str) -> Schuldner:
    kind = row.choice("art", SCHULDNER_ARTEN)
    wer = _read_firma(row) if kind == FIRMA else _read_person(row, birthday)
    anschrift = row.anschrift()
    is_usable = anschrift is not None and bool(anschrift.strasse or anschrift.ort)
    if asked and SEARCH not in asked and not is_usable:
        row.refuse(
            "ort",
            "Es fehlt die Anschrift (Straße oder Ort). Ist sie unbekannt, wählen Sie im Schritt "
            "Maßnahmen die Aufenthaltsermittlung.",
        )
    return Schuldner(wer, anschrift)


def _read_person(row: FieldReader, birthday: str) -> Person:
    return Person(
        row.line("name", "Bitte geben Sie den Familiennamen an."),
        row.line("vorname"),
        row.line("geburtsname"),
        row.day("geburtsdatum", birthday),
        row.line("geburtsort"),
    )


def _read_firma(row: FieldReader) -> Firma:
    return Firma(
        row.line("firma", "Bitte geben Sie den Namen der Firma an."),
        row.line("rechtsform"),
        row.line("register"),
        row.lines("vertreter"),
    )


def _find_birthday_needed(asked: Collection[str], katalog: Massnahmenkatalog) -> str:
    for key in asked:
        massnahme = katalog.find(key)
        if massnahme and Angabe.GEBURTSDATUM in massnahme.angaben:
            return f"Zur Maßnahme „{massnahme.name}“ fehlt das Geburtsdatum."
    return ""


def _read_bescheinigung(reader: FieldReader) -> Vollstreckbarkeitsbescheinigung | None:
    issued = reader.day(
        "bescheinigt_am", "Bitte geben Sie an, wann die Vollstreckbarkeit bescheinigt wurde."
    )
    issuer = reader.line("bescheinigt_von", "Bitte geben Sie an, wer sie bescheinigt hat.")
    text = reader.text("bescheinigung")
    return Vollstreckbarkeitsbescheinigung(issued, issuer, text) if issued else None


def _read_massnahmen(
    reader: FieldReader, katalog: Massnahmenkatalog
) -> tuple[ErbeteneMassnahme, ...]:
    rows = reader.rows("massnahmen")
    if not rows:
        reader.refuse("neue_massnahme", "Bitte wählen Sie mindestens eine Maßnahme.")
    return tuple(_read_massnahme(row, katalog) for row in rows)


def _read_massnahme(row: FieldReader, katalog: Massnahmenkatalog) -> ErbeteneMassnahme:
    read = ErbeteneMassnahme(
        art=row.line("art"),
        drittschuldner=_read_drittschuldner(row),
        iban=row.iban("iban"),
        kennzeichen=row.line("kennzeichen"),
        grundstueck=row.line("grundstueck"),
        gegenstand=row.line("gegenstand"),
        hinweis=row.text("hinweis"),
    )
    massnahme = katalog.find(read.art)
    if massnahme is None:
        row.refuse(
            "art",
            f"Die Maßnahme „{read.art}“ nimmt die ersuchte Behörde nicht an; bitte entfernen.",
        )
        return read
    for angabe, name in ANGABE_FIELDS.items():
        if angabe in massnahme.angaben and row.is_empty([name]):
            row.refuse(name, f"Hierzu fehlt: {ANGABE_NAMES[angabe]}.")
    return read


def _read_drittschuldner(row: FieldReader) -> Drittschuldner | None:
    anschrift = row.anschrift("drittschuldner_")
    needed = "Bitte geben Sie den Namen an." if anschrift else ""
    name = row.line("drittschuldner_name", needed)
    return Drittschuldner(name, anschrift) if name else None


def _read_not_before(reader: FieldReader) -> datetime | None:
    day = reader.day("fruehestens_am")
    clock = reader.line("fruehestens_um")
    if day is None:
        if clock:
            reader.refuse("fruehestens_am", "Zur Uhrzeit fehlt der Tag.")
        return None
    hour = _read_time(clock)
    if hour is None:
        reader.refuse("fruehestens_um", "Bitte geben Sie die Uhrzeit als SS:MM an, etwa 08:30.")
        return None
    return datetime.combine(day, hour, LOCAL_ZONE).astimezone(UTC)


def _read_time(text: str) -> time | None:
    try:
        return time.fromisoformat(text.removesuffix("Uhr").strip().zfill(5)) if text else time()
    except ValueError:
        return None
