"""What the filters of all lists of messages and matters have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from flask import render_template, request, url_for
from wtforms import Field, SelectField, StringField
from wtforms.validators import AnyOf, Length

from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.inbox import MAX_VORGAENGE, ListPlace
from server.domain.local_time import find_local_day
from server.domain.web_user import Actor
from server.services.party_choice import write_party
from server.web.context import current_actor, services
from server.web.forms import GermanForm, make_choices
from server.web.guard import is_part_wanted
from server.web.places import read_place

TERM_LENGTH = 255
PAGE_SIZES = ("25", "50", "100")
_MAX_SUGGESTED, _MAX_OFFERED = 50, 20
_Criteria_contra = TypeVar("_Criteria_contra", contravariant=True)
_FindParties = Callable[[Actor, str], tuple[PartyIdentifier, ...]]
# From so many days ago, or until so many days ago.
_AGES = {
    "": ("beliebig", None, None),
    "7": ("aus den letzten 7 Tagen", 7, None),
    "30": ("aus den letzten 30 Tagen", 30, None),
    "aelter-7": ("älter als 7 Tage", None, 8),
    "aelter-30": ("älter als 30 Tage", None, 31),
    "aelter-90": ("älter als 90 Tage", None, 91),
}
_CHANNELS = (("", "alle"), (Kanal.ELEKTRONISCH.value, "elektronisch"), (Kanal.BRIEF.value, "Brief"))
AGE_CHOICES = make_choices((key, item[0]) for key, item in _AGES.items())


@dataclass(frozen=True)
class Days:
    """From the first to the last day; None leaves a side open."""

    first: date | None
    last: date | None


def read_age(key: str) -> Days:
    """What a choice of AGE_CHOICES means today."""
    _, from_days, until_days = _AGES.get(key, _AGES[""])
    today = find_local_day(services().clock())
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
    path = url_for(endpoint)

    def make(**changes: str | None) -> str:
        values = {key: value for key, value in {**given, **changes}.items() if value}
        return f"{path}?{urlencode(values)}" if values else path

    return make


@dataclass(frozen=True)
class PartyChoice:
    """Whose messages are meant: the identifier, and the text of the field.

    Where it is not clear, `offered` are those that fit, and the identifier is nobody's.
    """

    value: str = ""
    text: str = ""
    offered: tuple[PartyIdentifier, ...] = ()
    is_unclear: bool = False


def choose_party(field: Field, find: _FindParties) -> PartyChoice:
    """What was typed into the field; afterwards this holds the identifier, for addresses."""
    typed = str(field.data or "").strip()
    if not typed or field.errors:
        return PartyChoice()
    found = find(current_actor(), typed)
    if len(found) != 1:
        return PartyChoice(typed, typed, found[:_MAX_OFFERED], is_unclear=True)
    field.data = found[0].value
    return PartyChoice(found[0].value, write_party(found[0]))


class PartyList(Protocol[_Criteria_contra]):
    """A service with a list that is limited to one other side."""

    def find_parties(self, actor: Actor, typed: str) -> tuple[PartyIdentifier, ...]:
        """To whom it can be limited by what was typed."""

    def list_page(
        self,
        actor: Actor,
        criteria: _Criteria_contra,
        place: ListPlace | None = None,
        entries: int | None = None,
    ) -> object:
        """The page from the place on."""


def draw_party_list(
    name: str,
    form: GermanForm,
    source: PartyList[_Criteria_contra],
    read_criteria: Callable[[Mapping[str, str], PartyChoice], _Criteria_contra],
    **more: object,
) -> str:
    """The list of a service by its filter, which has a field `behoerde`.

    `name` as in `draw_list`; `more` is what its templates need beside.
    """
    values = read_values(form)
    choice = choose_party(form["behoerde"], source.find_parties)
    criteria = read_criteria(values, choice)
    place = read_place(request.args.get("ab", ""))
    part = {
        "seite": source.list_page(current_actor(), criteria, place, read_size(form)),
        "kriterien": criteria,
        "form": form,
        "wahl": choice,
        "adresse": make_address(str(request.endpoint), form),
        **more,
    }
    return draw_list(name, part)


def draw_suggestions(find: _FindParties) -> str:
    """Options for what is being typed into the field of the other side."""
    typed = request.args.get("behoerde", "")[:TERM_LENGTH].strip()
    found = find(current_actor(), typed)[:_MAX_SUGGESTED]
    return render_template("pages/behoerdenvorschlaege.html", parteien=map(write_party, found))


def make_party_field(label: str) -> StringField:
    """The filter for the other side: a name, or its identifier."""
    return StringField(label, [Length(max=TERM_LENGTH)], description="Name oder Kennung")


def make_channel_field() -> SelectField:
    """The filter for the channel."""
    return SelectField("Zustellweg", default="", choices=make_choices(_CHANNELS))


def read_channel(values: Mapping[str, str]) -> Kanal | None:
    """What was chosen in such a field `weg`; None where nothing was."""
    return Kanal(values["weg"]) if values["weg"] else None


def make_size_field() -> StringField:
    """How many entries a page has; empty is the number that is usual."""
    return StringField(default="", validators=[AnyOf(["", *PAGE_SIZES])])


def read_size(form: GermanForm) -> int | None:
    """What was chosen; None where nothing was."""
    field = form["zeilen"]
    return None if field.errors or not field.data else int(field.data)


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


def draw_list(name: str, part: Mapping[str, Any]) -> str:
    """The page of a list by the name of its templates; for a script the part that changes alone.

    `part` is what both templates need (`seite`, `kriterien`, `form`, `adresse`).
    """
    template = f"pages/{name}_liste.html" if is_part_wanted() else f"pages/{name}.html"
    return render_template(template, hoechstens=MAX_VORGAENGE, zeilenzahlen=PAGE_SIZES, **part)
