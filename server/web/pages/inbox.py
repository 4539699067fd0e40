"""The inbox: the pattern of all lists (filter, sort, page by page, with and without scripts)."""

from collections.abc import Mapping

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from server.domain.inbox import InboxCriteria, InboxOrder, InboxState
from server.domain.rights import Permission
from server.web.context import services
from server.web.forms import GermanForm, make_choices
from server.web.list_filters import (
    AGE_CHOICES,
    PartyChoice,
    draw_party_list,
    draw_suggestions,
    make_party_field,
    make_schuldner_field,
    make_size_field,
    make_term_field,
    read_age,
)
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
    behoerde = make_party_field("Absender")
    schuldner = make_schuldner_field()
    suche = make_term_field()
    zeilen = make_size_field()
    sortierung = StringField(
        default=InboxOrder.NEWEST.value, validators=[AnyOf([item.value for item in InboxOrder])]
    )


@pages.page("/eingang", Permission.READ_MESSAGES)
def show_inbox() -> str:
    """The list; for a script only its part of the page."""
    form = InboxFilter(request.args)
    return draw_party_list("eingang", form, services().inbox, _read_criteria)


@pages.page("/eingang/absender", Permission.READ_MESSAGES)
def suggest_authors() -> str:
    """Who has written, while a name is typed."""
    return draw_suggestions(services().inbox.find_parties)


def _read_criteria(values: Mapping[str, str], choice: PartyChoice) -> InboxCriteria:
    days = read_age(values["alter"])
    return InboxCriteria(
        state=InboxState(values["stand"] or InboxState.OPEN),
        term=values["suche"],
        schuldner=values["schuldner"],
        author=choice.value,
        first_day=days.first,
        last_day=days.last,
        order=InboxOrder(values["sortierung"] or InboxOrder.NEWEST),
    )
