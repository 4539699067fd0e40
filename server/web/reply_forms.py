"""The forms of the messages that follow an Ersuchen: what was typed → what the message says."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from wtforms import (
    FieldList,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from server.domain.claim_amounts import change_amounts, list_amounts
from server.domain.ersuchen import Akteur, add_up
from server.domain.instalments import plan_instalments
from server.domain.local_time import find_local_day
from server.domain.vorgang_decision import decide_message
from server.domain.vorgang_facts import VorgangEvent
from server.domain.vorgang_nachricht import (
    Abgabe,
    Antwort,
    Ausgang,
    Eingangsbestaetigung,
    Ergebnis,
    Erledigung,
    Erledigungsart,
    Forderungsaenderung,
    Inhalt,
    Ratenzahlung,
    Rueckfrage,
    Ruecknahme,
    Sachstand,
    Stand,
    Zahlungsmitteilung,
    Zurueckweisung,
)
from server.errors import AmtshilfeError, Faults
from server.services.replying import ReplyContext
from server.web.context import services
from server.web.fields import (
    LONG_TEXT,
    SHORT_TEXT,
    EuroField,
    make_amount,
    make_day,
    make_long_text,
)
from server.web.forms import make_choices, text_of
from server.web.reply_form import ReplyForm

_MOST_RATES = 120
_NOTHING = Decimal("0.00")


class EingangForm(ReplyForm):
    """The Ersuchen has arrived."""

    main = ("eingegangen", "bemerkung")
    eingegangen = make_day("Eingegangen am")
    bemerkung = make_long_text("Bemerkung", is_required=False)

    @classmethod
    def suggest(cls, context: ReplyContext) -> dict[str, Any]:
        """The day on which the matter began here."""
        return {"eingegangen": find_local_day(context.vorgang.opened)}

    def read(self, context: ReplyContext) -> Inhalt:
        """The day."""
        return Eingangsbestaetigung(_day(self.eingegangen), text_of(self.bemerkung))


class AbgabeForm(ReplyForm):
    """Passing a matter on."""

    main = ("behoerde", "grund")
    behoerde = StringField(
        "Abgegeben an",
        [InputRequired(), Length(max=SHORT_TEXT)],
        description="Kennung, etwa ags:12054000; oder Postleitzahl und Ort ihres Bezirks",
    )
    grund = make_long_text("Grund")

    def read(self, context: ReplyContext) -> Inhalt:
        """The other Behoerde as the directory knows it; raises AmtshilfeError."""
        return Abgabe(self._find_akteur(context), text_of(self.grund))

    def _find_akteur(self, context: ReplyContext) -> Akteur:
        """Who is found by a place is shown first: its identifier then stands in the field."""
        typed = text_of(self.behoerde).strip()
        found = services().replying.find_behoerden(typed, context.forderung_list)
        if found.is_named:
            (named,) = found.behoerde_list
            return Akteur(named.identifier, named.name, named.anschrift)
        if not found.behoerde_list:
            text = f"Das Verzeichnis kennt die Behörde „{typed}“ nicht, und keine für diesen Ort."
        elif len(found.behoerde_list) > 1:
            text = (
                f"Zu „{typed}“ passen mehrere; bitte wählen Sie eine Behörde: {found.list_names()}"
            )
        else:
            self.behoerde.data = found.list_names()
            text = f"Diese Behörde ist für „{typed}“ zuständig. Stimmt sie, senden Sie noch einmal."
        raise AmtshilfeError(Faults.PARAMETER_COMBINATION, text)


class RueckfrageForm(ReplyForm):
    """Questions."""

    main = ("frage", "frist")
    frage = make_long_text("Fragen", description="Mehrere Fragen trennt eine leere Zeile.")
    frist = make_day("Antwort erbeten bis", is_required=False)

    def read(self, context: ReplyContext) -> Inhalt:
        """The questions one by one."""
        text = text_of(self.frage).replace("\r\n", "\n")
        questions = (" \n".join(filter(str.strip, part.split("\n"))) for part in text.split("\n\n"))
        return Rueckfrage(tuple(filter(str.strip, questions)), self.frist.data)


class AntwortForm(ReplyForm):
    """Answers, one for each question."""

    main = ("text",)
    text = FieldList(
        TextAreaField("Antwort", [InputRequired(), Length(max=LONG_TEXT)], render_kw={"rows": "5"})
    )

    def fit(self, context: ReplyContext) -> None:
        """A field for each question; one where none was asked."""
        labels = context.questions or ("Antwort",)
        while len(self.text.entries) < len(labels):
            self.text.append_entry()
        for entry, question in zip(self.text.entries, labels, strict=False):
            entry.label.text = question

    def read(self, context: ReplyContext) -> Inhalt:
        """The answers in their order."""
        return Antwort(tuple(text_of(entry) for entry in self.text.entries))


class AenderungForm(ReplyForm):
    """New amounts of the claims; nothing takes a claim, or what is owed beside it, away."""

    main = ("betraege", "grund")
    betraege = FieldList(make_amount("Betrag"))
    grund = make_long_text("Grund")

    @classmethod
    def suggest(cls, context: ReplyContext) -> dict[str, Any]:
        """The amounts as they stand."""
        return {"betraege": [amount for _, amount in list_amounts(context.forderung_list)]}

    def fit(self, context: ReplyContext) -> None:
        """Each amount is called by its claim."""
        labels = list_amounts(context.forderung_list)
        while len(self.betraege.entries) < len(labels):
            self.betraege.append_entry(_NOTHING)
        for entry, (label, _) in zip(self.betraege.entries, labels, strict=False):
            entry.label.text = label
            entry.description = "In Euro; 0, wenn der Betrag entfällt"

    def read(self, context: ReplyContext) -> Inhalt:
        """The claims with the new amounts, and their sum."""
        amounts = iter([entry.data or _NOTHING for entry in self.betraege.entries])
        changed = [change_amounts(forderung, amounts) for forderung in context.forderung_list]
        claims = tuple(forderung for forderung in changed if forderung.betrag)
        return Forderungsaenderung(claims, add_up(claims), text_of(self.grund))


class RatenForm(ReplyForm):
    """Instalments by the month."""

    main = ("betrag", "anzahl", "erste", "letzte", "bemerkung")
    betrag = make_amount("Betrag der Rate")
    anzahl = IntegerField(
        "Anzahl der Raten",
        [InputRequired(), NumberRange(1, _MOST_RATES)],
        description="Je Monat eine Rate",
        render_kw={"inputmode": "numeric"},
    )
    erste = make_day("Erste Rate fällig am")
    letzte = make_amount("Betrag der letzten Rate", is_required=False, description="Wenn anders")
    bemerkung = make_long_text("Bemerkung", is_required=False)

    def read(self, context: ReplyContext) -> Inhalt:
        """One instalment a month."""
        rates = plan_instalments(
            _amount(self.betrag), int(self.anzahl.data or 1), _day(self.erste), self.letzte.data
        )
        return Ratenzahlung(rates, text_of(self.bemerkung))


class ZahlungForm(ReplyForm):
    """A payment."""

    main = ("betrag", "eingegangen", "offen", "verwendungszweck")
    betrag = make_amount("Gezahlter Betrag")
    eingegangen = make_day("Eingegangen am")
    offen = make_amount("Noch offen", description="In Euro; 0, wenn alles bezahlt ist")
    verwendungszweck = StringField("Verwendungszweck", [Length(max=SHORT_TEXT)])

    def read(self, context: ReplyContext) -> Inhalt:
        """What was paid and what is left."""
        return Zahlungsmitteilung(
            _amount(self.betrag),
            _day(self.eingegangen),
            _amount(self.offen),
            text_of(self.verwendungszweck).strip(),
        )


_STAENDE = {
    Stand.ANGENOMMEN: "angenommen",
    Stand.IN_BEARBEITUNG: "in Bearbeitung",
    Stand.AUSGESETZT: "ausgesetzt",
}


class SachstandForm(ReplyForm):
    """How far the matter is."""

    main = ("stand", "bemerkung")
    stand = SelectField("Stand", [InputRequired()], choices=[])
    bemerkung = make_long_text("Bemerkung", is_required=False)

    def fit(self, context: ReplyContext) -> None:
        """Only what fits the state of the Vorgang."""
        self.stand.choices = _fitting(context, VorgangEvent.SACHSTAND, _STAENDE)

    def read(self, context: ReplyContext) -> Inhalt:
        """The state."""
        return Sachstand(Stand(text_of(self.stand)), text_of(self.bemerkung))


class ErgebnisForm(ReplyForm):
    """What a measure led to."""

    main = ("massnahme", "durchgefuehrt", "ausgang", "vereinnahmt", "bemerkung")
    massnahme = SelectField("Maßnahme", [InputRequired()], choices=[])
    durchgefuehrt = make_day("Durchgeführt am")
    ausgang = SelectField(
        "Ausgang",
        [InputRequired()],
        choices=make_choices(
            (
                (Ausgang.ERFOLGREICH.value, "erfolgreich"),
                (Ausgang.TEILWEISE.value, "teilweise erfolgreich"),
                (Ausgang.FRUCHTLOS.value, "fruchtlos"),
            )
        ),
    )
    vereinnahmt = make_amount("Vereinnahmt", is_required=False)
    bemerkung = make_long_text("Bemerkung", is_required=False)

    def fit(self, context: ReplyContext) -> None:
        """The measures that were asked for come first."""
        self.massnahme.choices = make_choices(context.measures)

    def read(self, context: ReplyContext) -> Inhalt:
        """The result; nothing that was collected is not said."""
        return Ergebnis(
            text_of(self.massnahme),
            _day(self.durchgefuehrt),
            Ausgang(text_of(self.ausgang)),
            self.vereinnahmt.data or None,
            text_of(self.bemerkung),
        )


class RuecknahmeForm(ReplyForm):
    """Taking the Ersuchen back."""

    main = ("grund",)
    grund = make_long_text("Grund")

    def read(self, context: ReplyContext) -> Inhalt:
        """The reason."""
        return Ruecknahme(text_of(self.grund))


_ERLEDIGUNGSARTEN = {
    Erledigungsart.BEZAHLT: "bezahlt",
    Erledigungsart.TEILWEISE_BEZAHLT: "teilweise bezahlt",
    Erledigungsart.FRUCHTLOS: "fruchtlos",
    Erledigungsart.ZURUECKGENOMMEN: "zurückgenommen",
}


class ErledigungForm(ReplyForm):
    """Ending the matter."""

    main = ("art", "vereinnahmt", "bemerkung")
    art = SelectField("Wie erledigt", [InputRequired()], choices=[])
    vereinnahmt = make_amount("Insgesamt vereinnahmt", description="In Euro, auch 0")
    bemerkung = make_long_text("Bemerkung", is_required=False)

    def fit(self, context: ReplyContext) -> None:
        """Only what fits the state of the Vorgang."""
        self.art.choices = _fitting(context, VorgangEvent.ERLEDIGUNG, _ERLEDIGUNGSARTEN)

    def read(self, context: ReplyContext) -> Inhalt:
        """How it ended."""
        return Erledigung(
            Erledigungsart(text_of(self.art)), _amount(self.vereinnahmt), text_of(self.bemerkung)
        )


class ZurueckweisungForm(ReplyForm):
    """Refusing the Ersuchen."""

    main = ("grund",)
    grund = make_long_text("Grund", description="Warum nicht geholfen werden kann (§ 5 VwVfG)")

    def read(self, context: ReplyContext) -> Inhalt:
        """The reason."""
        return Zurueckweisung(text_of(self.grund))


REPLY_FORMS: Mapping[VorgangEvent, type[ReplyForm]] = {
    VorgangEvent.EINGANGSBESTAETIGUNG: EingangForm,
    VorgangEvent.ABGABE: AbgabeForm,
    VorgangEvent.RUECKFRAGE: RueckfrageForm,
    VorgangEvent.ANTWORT: AntwortForm,
    VorgangEvent.FORDERUNGSAENDERUNG: AenderungForm,
    VorgangEvent.RATENZAHLUNG: RatenForm,
    VorgangEvent.ZAHLUNGSMITTEILUNG: ZahlungForm,
    VorgangEvent.SACHSTAND: SachstandForm,
    VorgangEvent.ERGEBNIS: ErgebnisForm,
    VorgangEvent.RUECKNAHME: RuecknahmeForm,
    VorgangEvent.ERLEDIGUNG: ErledigungForm,
    VorgangEvent.ZURUECKWEISUNG: ZurueckweisungForm,
}


def _fitting(context: ReplyContext, event: VorgangEvent, names: Mapping[Any, str]) -> list[Any]:
    vorgang = context.vorgang
    return make_choices(
        (key.value, name)
        for key, name in names.items()
        if decide_message(vorgang.state, event, key.value, vorgang.rolle).fits
    )


def _day(field: Any) -> date:
    day: date = field.data
    return day


def _amount(field: EuroField) -> Decimal:
    return field.data if isinstance(field.data, Decimal) else _NOTHING
