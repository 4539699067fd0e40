"""What the filters of all lists of messages and matters have in common."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import render_template, url_for
from wtforms import SelectField, StringField
from wtforms.validators import Length

from server.domain.behoerde import PartyIdentifier
from server.domain.inbox import MAX_VORGAENGE
from server.web.context import services
from server.web.forms import GermanForm, make_choices
from server.web.guard import is_part_wanted

TERM_LENGTH = 255
# From so many days ago, or until so many days ago.
_AGES = {
    "": ("beliebig", None, None),
    "7": ("aus den letzten 7 Tagen", 7, None),
    "30": ("aus den letzten 30 Tagen", 30, None),
    "aelter-7": ("älter als 7 Tage", None, 8),
    "aelter-30": ("älter als 30 Tage", None, 31),
    "aelter-90": ("älter als 90 Tage", None, 91),
}
AGE_CHOICES = make_choices((key, item[0]) for key, item in _AGES.items())


@dataclass(frozen=True)
class Days:
    """From the first to the last day; None leaves a side open."""

    first: date | None
    last: date | None


def read_age(key: str) -> Days:
    """What a choice of AGE_CHOICES means today."""
    _, from_days, until_days = _AGES.get(key, _AGES[""])
    today = services().clock().date()
    return Days(
        today - timedelta(days=from_days) if from_days else None,
        today - timedelta(days=until_days) if until_days else None,
    )


def read_values(form: GermanForm) -> dict[str, str]:
    """What was chosen; what does not validate is left out, its message stands at the field."""
    form.validate()
    return {
        name: "" if field.errors else str(field.data or "").strip()
        for name, field in form._fields.items()
    }


def make_address(endpoint: str, form: GermanForm) -> Callable[..., str]:
    """Makes addresses of this list with other values; what is empty is left out."""
    given = {name: field.data for name, field in form._fields.items() if field.data}

    def make(**changes: str | None) -> str:
        values = {key: value for key, value in {**given, **changes}.items() if value}
        return url_for(endpoint, **values)

    return make


def offer_parties(
    field: SelectField,
    parties: Iterable[PartyIdentifier],
    others: Iterable[tuple[str, str]] = (),
) -> None:
    """Choices of the other sides behind all of them, and `others` (values and texts)."""
    named = ((item.value, item.name or item.value) for item in parties)
    field.choices = make_choices([("", "alle"), *others, *named])


def make_schuldner_field() -> StringField:
    """The filter for the debtor of a matter."""
    return StringField(
        "Schuldner",
        [Length(max=TERM_LENGTH)],
        description="Anfang des Nachnamens oder der Firma",
    )


def make_term_field(
    description: str = "Aktenzeichen (der Anfang genügt) oder MessageID",
) -> StringField:
    """The search for an Aktenzeichen or a MessageID."""
    return StringField("Suche", [Length(max=TERM_LENGTH)], description=description)


def draw_list(
    name: str, part: Mapping[str, Any], offer_choices: Callable[[], None] = lambda: None
) -> str:
    """The page of a list by the name of its templates; for a script the part that changes alone.

    `part` is what both templates need (`seite`, `kriterien`, `form`, `adresse`). `offer_choices`
    fills what only the filter needs.
    """
    values = {**part, "hoechstens": MAX_VORGAENGE}
    if is_part_wanted():
        return render_template(f"pages/{name}_liste.html", **values)
    offer_choices()
    return render_template(f"pages/{name}.html", **values)
