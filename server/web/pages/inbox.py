"""The inbox: the pattern of all lists (filter, sort, page by page, with and without scripts)."""

from collections.abc import Callable
from datetime import date, timedelta

from flask import render_template, request, url_for
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf, Length

from server.domain.inbox import (
    MAX_VORGAENGE,
    InboxCriteria,
    InboxOrder,
    InboxState,
)
from server.domain.rights import Permission
from server.web.context import current_actor, services
from server.web.forms import GermanForm, make_choices
from server.web.guard import is_part_wanted
from server.web.places import read_place
from server.web.routes import Pages

pages = Pages("inbox", __name__)

_TERM_LENGTH = 255
_STATES = (
    (InboxState.OPEN.value, "offen (nicht bestätigt)"),
    (InboxState.UNREAD.value, "ungelesen"),
    (InboxState.CONFIRMED.value, "bestätigt"),
    (InboxState.ALL.value, "alle"),
)
# From so many days ago, or until so many days ago.
_AGES = {
    "": ("beliebig", None, None),
    "7": ("aus den letzten 7 Tagen", 7, None),
    "30": ("aus den letzten 30 Tagen", 30, None),
    "aelter-7": ("älter als 7 Tage", None, 8),
    "aelter-30": ("älter als 30 Tage", None, 31),
    "aelter-90": ("älter als 90 Tage", None, 91),
}


class InboxFilter(GermanForm):
    """What is shown; the names stand in the address of the page."""

    stand = SelectField("Stand", choices=make_choices(_STATES), default=InboxState.OPEN.value)
    alter = SelectField(
        "Eingegangen",
        default="",
        choices=make_choices((key, item[0]) for key, item in _AGES.items()),
    )
    behoerde = SelectField("Absender", default="", choices=[], validate_choice=False)
    suche = StringField(
        "Suche",
        [Length(max=_TERM_LENGTH)],
        description="Aktenzeichen oder MessageID",
    )
    sortierung = StringField(
        default=InboxOrder.NEWEST.value, validators=[AnyOf([item.value for item in InboxOrder])]
    )


@pages.page("/eingang", Permission.READ_MESSAGES)
def show_inbox() -> str:
    """The list; for a script only its part of the page."""
    actor = current_actor()
    form = InboxFilter(request.args)
    criteria = _read_criteria(form, services().clock().date())
    place = read_place(request.args.get("ab", ""))
    page = services().inbox.list_page(actor, criteria, place)
    part = {
        "seite": page,
        "kriterien": criteria,
        "form": form,
        "hoechstens": MAX_VORGAENGE,
        "adresse": _make_address(form),
    }
    if is_part_wanted():
        return render_template("pages/eingang_liste.html", **part)
    authors = services().inbox.list_authors(actor)
    form.behoerde.choices = make_choices(
        [("", "alle"), *((item.value, item.name or item.value) for item in authors)]
    )
    return render_template("pages/eingang.html", **part)


def _read_criteria(form: InboxFilter, today: date) -> InboxCriteria:
    """What does not validate is left out; its message stands at the field."""
    form.validate()
    values = {
        name: "" if field.errors else field.data or "" for name, field in form._fields.items()
    }
    _, from_days, until_days = _AGES.get(values["alter"], _AGES[""])
    return InboxCriteria(
        state=InboxState(values["stand"] or InboxState.OPEN),
        term=values["suche"].strip(),
        author=values["behoerde"],
        first_day=today - timedelta(days=from_days) if from_days else None,
        last_day=today - timedelta(days=until_days) if until_days else None,
        order=InboxOrder(values["sortierung"] or InboxOrder.NEWEST),
    )


def _make_address(form: InboxFilter) -> Callable[..., str]:
    """Makes addresses of this list with other values; what is empty is left out."""
    given = {name: field.data for name, field in form._fields.items() if field.data}

    def make(**changes: str | None) -> str:
        values = {key: value for key, value in {**given, **changes}.items() if value}
        return url_for("inbox.show_inbox", **values)

    return make
