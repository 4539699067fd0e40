"""Matters: the list, and one with its course, its documents and what may come next."""

from collections.abc import Mapping

from flask import abort, render_template, request
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from server.domain.rights import Permission
from server.domain.vorgang import CoursePlace, VorgangRolle
from server.domain.vorgang_list import (
    OverdueSide,
    VorgangGroup,
    VorgangListCriteria,
    VorgangOrder,
)
from server.web.context import current_actor, services
from server.web.forms import GermanForm, make_choices
from server.web.list_filters import (
    AGE_CHOICES,
    PartyChoice,
    draw_party_list,
    draw_suggestions,
    make_channel_field,
    make_party_field,
    make_schuldner_field,
    make_size_field,
    make_term_field,
    read_age,
    read_channel,
)
from server.web.places import read_key
from server.web.routes import Pages
from server.web.texts import ROLLEN, VORGANG_STATES

pages = Pages("vorgaenge", __name__)

_STATES = (
    (VorgangGroup.RUNNING.value, "laufend"),
    (VorgangGroup.CLOSED.value, "abgeschlossen"),
    (VorgangGroup.ALL.value, "alle"),
    *((state.value, f"nur: {word}") for state, (word, _) in VORGANG_STATES.items()),
)
_ROLLEN = (("", "beide"), *((rolle.value, text) for rolle, text in ROLLEN.items()))
_OVERDUE = (
    ("", "alle Vorgänge"),
    (OverdueSide.ANY.value, "nur überfällige"),
    (OverdueSide.OWN.value, "nur wo wir antworten müssen"),
    (OverdueSide.PARTNER.value, "nur wo die andere Behörde antworten muss"),
)


class VorgangFilter(GermanForm):
    """What is shown; the names stand in the address of the page."""

    stand = SelectField("Stand", choices=make_choices(_STATES), default=VorgangGroup.RUNNING.value)
    rolle = SelectField("Rolle", default="", choices=make_choices(_ROLLEN))
    frist = SelectField("Überfällige Antworten", default="", choices=make_choices(_OVERDUE))
    weg = make_channel_field()
    alter = SelectField("Letzte Änderung", default="", choices=AGE_CHOICES)
    behoerde = make_party_field("Andere Behörde")
    schuldner = make_schuldner_field()
    suche = make_term_field()
    zeilen = make_size_field()
    sortierung = StringField(
        default=VorgangOrder.NEWEST.value, validators=[AnyOf([item.value for item in VorgangOrder])]
    )


@pages.page("/vorgaenge", Permission.READ_VORGAENGE)
def show_vorgaenge() -> str:
    """The list; for a script only its part of the page."""
    form = VorgangFilter(request.args)
    return draw_party_list("vorgaenge", form, services().vorgang_views, _read_criteria)


@pages.page("/vorgaenge/behoerden", Permission.READ_VORGAENGE)
def suggest_partners() -> str:
    """With whom there are matters, while a name is typed."""
    return draw_suggestions(services().vorgang_views.find_parties)


@pages.page("/vorgaenge/<vorgang_id>", Permission.READ_VORGAENGE)
def show_vorgang(vorgang_id: str) -> str:
    """A matter of the own authority with the newest part of its course, or another one."""
    actor = current_actor()
    before, after = (read_key(request.args.get(name, "")) for name in ("bis", "ab"))
    place = CoursePlace(after, is_backward=False) if after else CoursePlace(before)
    view = services().vorgang_views.show(actor, vorgang_id, place)
    if view is None:
        abort(404)
    return render_template(
        "pages/vorgang.html",
        seite=view,
        darf_antworten=actor.may(Permission.ANSWER_MESSAGES),
        darf_laden=actor.may(Permission.FETCH_MESSAGES),
    )


def _read_criteria(values: Mapping[str, str], choice: PartyChoice) -> VorgangListCriteria:
    days = read_age(values["alter"])
    return VorgangListCriteria(
        state=values["stand"] or VorgangGroup.RUNNING,
        rolle=VorgangRolle(values["rolle"]) if values["rolle"] else None,
        term=values["suche"],
        schuldner=values["schuldner"],
        partner=choice.value,
        overdue=OverdueSide(values["frist"]) if values["frist"] else None,
        kanal=read_channel(values),
        first_day=days.first,
        last_day=days.last,
        order=VorgangOrder(values["sortierung"] or VorgangOrder.NEWEST),
    )
