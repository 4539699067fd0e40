"""The inbox: the pattern of all lists (filter, sort, page by page, with and without scripts)."""

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from server.domain.inbox import InboxCriteria, InboxOrder, InboxState
from server.domain.rights import Permission
from server.web.context import current_actor, services
from server.web.forms import GermanForm, make_choices
from server.web.list_filters import (
    AGE_CHOICES,
    draw_list,
    make_address,
    make_schuldner_field,
    make_term_field,
    offer_parties,
    read_age,
    read_values,
)
from server.web.places import read_place
from server.web.routes import Pages

pages = Pages("inbox", __name__)

_STATES = (
    (InboxState.OPEN.value, "nicht bestätigt"),
    (InboxState.UNREAD.value, "ungelesen"),
    (InboxState.CONFIRMED.value, "bestätigt"),
    (InboxState.ALL.value, "alle"),
)


class InboxFilter(GermanForm):
    """What is shown; the names stand in the address of the page."""

    stand = SelectField("Stand", choices=make_choices(_STATES), default=InboxState.OPEN.value)
    alter = SelectField("Eingegangen", default="", choices=AGE_CHOICES)
    behoerde = SelectField("Absender", default="", choices=[], validate_choice=False)
    schuldner = make_schuldner_field()
    suche = make_term_field()
    sortierung = StringField(
        default=InboxOrder.NEWEST.value, validators=[AnyOf([item.value for item in InboxOrder])]
    )


@pages.page("/eingang", Permission.READ_MESSAGES)
def show_inbox() -> str:
    """The list; for a script only its part of the page."""
    actor = current_actor()
    form = InboxFilter(request.args)
    criteria = _read_criteria(form)
    page = services().inbox.list_page(actor, criteria, read_place(request.args.get("ab", "")))
    part = {
        "seite": page,
        "kriterien": criteria,
        "form": form,
        "adresse": make_address("inbox.show_inbox", form),
    }
    return draw_list(
        "eingang", part, lambda: offer_parties(form.behoerde, services().inbox.list_authors(actor))
    )


def _read_criteria(form: InboxFilter) -> InboxCriteria:
    values = read_values(form)
    days = read_age(values["alter"])
    return InboxCriteria(
        state=InboxState(values["stand"] or InboxState.OPEN),
        term=values["suche"],
        schuldner=values["schuldner"],
        author=values["behoerde"],
        first_day=days.first,
        last_day=days.last,
        order=InboxOrder(values["sortierung"] or InboxOrder.NEWEST),
    )
