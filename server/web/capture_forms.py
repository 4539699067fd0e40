"""The forms of the steps in which an Ersuchen is captured.

They only carry what was typed; what is wrong with it is found by `services.capture.reading`, whose
names of fields are those of these forms.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.validators import InputRequired

from server.services.capture.choices import (
    NEBENFORDERUNG_ARTEN,
    SCHULDNER_ARTEN,
    ZUSTELLUNG_ARTEN,
)
from server.services.capture.fields import FieldProblem
from server.services.capture.reading import ANGABE_FIELDS
from server.services.capture.vocabulary import Vocabulary
from server.web.forms import GermanForm, make_choices, refuse_field

_DAY = "TT.MM.JJJJ"
_CHOOSE = ("", "Bitte wählen")
# Marks a field that has to be filled in before sending; drafts may have gaps.
_NEEDED = [InputRequired()]


class SchuldnerForm(GermanForm):
    """A debtor."""

    art = SelectField("Art", choices=make_choices(SCHULDNER_ARTEN.items()), validate_choice=False)
    name = StringField("Familienname", _NEEDED)
    vorname = StringField("Vorname")
    geburtsname = StringField("Geburtsname")
    geburtsdatum = StringField("Geburtsdatum", description=_DAY)
    geburtsort = StringField("Geburtsort")
    firma = StringField("Name der Firma", _NEEDED)
    rechtsform = StringField("Rechtsform")
    register = StringField("Register", description="Gericht und Nummer")
    vertreter = TextAreaField("Vertreten durch", description="Je Person eine Zeile")
    strasse = StringField("Straße")
    hausnummer = StringField("Hausnummer")
    plz = StringField("Postleitzahl")
    ort = StringField("Ort")


class SchuldnerStep(GermanForm):
    """Who asks by whom, and the debtors."""

    vorlage = StringField("Name der Vorlage", _NEEDED)
    aktenzeichen = StringField("Ihr Aktenzeichen", _NEEDED)
    bearbeiter = StringField("Bearbeitet von")
    telefon = StringField("Telefon")
    email = StringField("E-Mail")
    schuldner = FieldList(FormField(SchuldnerForm))


class NebenforderungForm(GermanForm):
    """What is owed beside a claim."""

    art = SelectField(
        "Art",
        _NEEDED,
        choices=make_choices([_CHOOSE, *NEBENFORDERUNG_ARTEN.items()]),
        validate_choice=False,
    )
    bezeichnung = StringField("Bezeichnung")
    betrag = StringField("Betrag in Euro", _NEEDED)
    faelligkeit = StringField("Fällig am", description=_DAY)


class ForderungForm(GermanForm):
    """A claim with what it rests on."""

    einnahmeart = SelectField("Einnahmeart", _NEEDED, choices=[], validate_choice=False)
    bezeichnung = StringField("Bezeichnung", _NEEDED, description="Zum Beispiel: 1. Rate 2026")
    kassenzeichen = StringField("Kassenzeichen")
    betrag = StringField(
        "Betrag in Euro", _NEEDED, description="Ohne Nebenforderungen, zum Beispiel 1.234,50"
    )
    faelligkeit = StringField("Fällig seit", _NEEDED, description=_DAY)
    zeitraum_von = StringField("Zeitraum von", description=_DAY)
    zeitraum_bis = StringField("Zeitraum bis", description=_DAY)
    nebenforderungen = FieldList(FormField(NebenforderungForm))
    zuschlag = StringField("Säumniszuschlag in Euro")
    zuschlag_bis = StringField("Berechnet bis", description=_DAY)
    zuschlag_weiter = BooleanField("Der Säumniszuschlag läuft weiter")
    bescheid_vom = StringField("Bescheid vom", description=_DAY)
    bescheid_aktenzeichen = StringField("Aktenzeichen des Bescheids")
    zustellung_art = SelectField(
        "Zugestellt durch",
        choices=make_choices([("", "keine Angabe"), *ZUSTELLUNG_ARTEN.items()]),
        validate_choice=False,
    )
    zustellung_am = StringField("Zugestellt am", description=_DAY)
    unanfechtbar_seit = StringField("Unanfechtbar seit", description=_DAY)


class ForderungenStep(GermanForm):
    """The claims, their certificate, and where the money goes."""

    forderungen = FieldList(FormField(ForderungForm))
    bescheinigt_am = StringField("Bescheinigt am", _NEEDED, description=_DAY)
    bescheinigt_von = StringField(
        "Bescheinigt von", _NEEDED, description="Zum Beispiel: Im Auftrag, Ahorn, Stadtkasse"
    )
    bescheinigung = TextAreaField("Wortlaut der Bescheinigung")
    kontoinhaber = StringField("Kontoinhaber")
    iban = StringField("IBAN")
    bic = StringField("BIC")
    verwendungszweck = StringField("Verwendungszweck")


class MassnahmeForm(GermanForm):
    """A measure with what it needs."""

    art = HiddenField()
    drittschuldner_name = StringField("Drittschuldner")
    drittschuldner_strasse = StringField("Straße des Drittschuldners")
    drittschuldner_hausnummer = StringField("Hausnummer des Drittschuldners")
    drittschuldner_plz = StringField("Postleitzahl des Drittschuldners")
    drittschuldner_ort = StringField("Ort des Drittschuldners")
    iban = StringField("IBAN des Schuldners")
    kennzeichen = StringField("Amtliches Kennzeichen")
    grundstueck = StringField("Grundstück", description="Grundbuchbezeichnung")
    gegenstand = StringField("Gegenstand")
    hinweis = TextAreaField("Hinweis zu dieser Maßnahme")


class MassnahmenStep(GermanForm):
    """What is asked for."""

    rechtsgrundlagen = TextAreaField(
        "Rechtsgrundlagen", description="Je Vorschrift eine Zeile, zum Beispiel § 250 AO"
    )
    massnahmen = FieldList(FormField(MassnahmeForm))
    neue_massnahme = SelectField("Weitere Maßnahme", choices=[], validate_choice=False)
    bemerkung = TextAreaField("Bemerkung an die ersuchte Behörde")


class SendenStep(GermanForm):
    """To whom and when."""

    empfaenger = StringField()
    kennung = StringField(
        "Kennung der Behörde",
        description="Zum Beispiel ags:16053000; oder Postleitzahl und Ort ihres Bezirks",
    )
    fruehestens_am = StringField("Frühestens zustellen am", description=_DAY)
    fruehestens_um = StringField("Uhrzeit", description="SS:MM, zum Beispiel 08:30")
    testnachricht = BooleanField("Testnachricht: wird nicht gedruckt und nicht bearbeitet")


def offer_choices(form: GermanForm, vocabulary: Vocabulary) -> None:
    """Fills the lists whose entries change with time and recipient."""
    if isinstance(form, ForderungenStep):
        pairs = sorted(vocabulary.einnahmearten.items(), key=lambda pair: pair[1].casefold())
        for row in form.forderungen:
            row.form.einnahmeart.choices = make_choices([_CHOOSE, *pairs])
    if isinstance(form, MassnahmenStep):
        known = [(item.key, item.name) for item in vocabulary.katalog.massnahmen]
        form.neue_massnahme.choices = make_choices([_CHOOSE, *known])
        for item in form.massnahmen:
            _mark_needed(item.form, vocabulary)


def _mark_needed(row: GermanForm, vocabulary: Vocabulary) -> None:
    """Fields without which the measure cannot be taken are no longer optional."""
    massnahme = vocabulary.katalog.find(str(row["art"].data or ""))
    for angabe in massnahme.angaben if massnahme else ():
        if angabe in ANGABE_FIELDS:
            row[ANGABE_FIELDS[angabe]].flags.required = True


def show_problems(form: GermanForm, problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    """Puts problems at their fields; those for which there is no field are given back."""
    fields = {field.name: field for field in _list_fields(form)}
    left = []
    for problem in problems:
        if problem.field in fields:
            refuse_field(fields[problem.field], problem.text)
        else:
            left.append(problem)
    return left


def add_row(values: dict[str, Any], path: str, row: dict[str, Any]) -> None:
    """Adds a row to the list that the path names, such as `forderungen-0-nebenforderungen`."""
    *parents, name = path.split("-")
    rows = _find_row(values, parents).get(name)
    if isinstance(rows, list):
        rows.append(row)


def remove_row(values: dict[str, Any], path: str) -> None:
    """Removes the row that the path names, such as `forderungen-1`; none where there is none."""
    start, _, number = path.rpartition("-")
    *parents, name = start.split("-")
    rows = _find_row(values, parents).get(name)
    if isinstance(rows, list) and number.isdecimal() and int(number) < len(rows):
        del rows[int(number)]


def _find_row(values: dict[str, Any], path: list[str]) -> dict[str, Any]:
    for name, number in zip(path[::2], path[1::2], strict=False):
        rows = values.get(name)
        if not (isinstance(rows, list) and number.isdecimal() and int(number) < len(rows)):
            return {}
        values = rows[int(number)]
    return values


def _list_fields(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if isinstance(field, FieldList | FormField):
            yield from _list_fields(field)
        else:
            yield field
