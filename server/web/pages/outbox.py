"""The outbox: what was sent, which way, and how far it came."""

from collections.abc import Mapping

from flask import request
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from server.domain.outbox import OutboxCriteria, OutboxOrder, OutboxState
from server.domain.rights import Permission
from server.web.context import services
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
from server.web.routes import Pages

pages = Pages("outbox", __name__)

_STATES = (
    (OutboxState.ALL.value, "alle"),
    (OutboxState.UNDERWAY.value, "unterwegs"),
    (OutboxState.DELIVERED.value, "zugestellt, noch nicht abgeholt"),
    (OutboxState.FETCHED.value, "abgeholt, noch nicht bestätigt"),
    (OutboxState.CONFIRMED.value, "bestätigt"),
    (OutboxState.LETTER.value, "als Brief ausgegeben"),
    (OutboxState.PARKED.value, "angehalten"),
    (OutboxState.RETURNED.value, "zurückgegeben oder verfallen"),
    (OutboxState.CANCELLED.value, "zurückgezogen"),
)


class OutboxFilter(GermanForm):
    """What is shown; the names stand in the address of the page."""

    stand = SelectField("Stand", choices=make_choices(_STATES), default=OutboxState.ALL.value)
    weg = make_channel_field()
    alter = SelectField("Gesendet", default="", choices=AGE_CHOICES)
    behoerde = make_party_field("Empfänger")
    schuldner = make_schuldner_field()
    suche = make_term_field()
    zeilen = make_size_field()
    sortierung = StringField(
        default=OutboxOrder.NEWEST.value, validators=[AnyOf([item.value for item in OutboxOrder])]
    )


@pages.page("/ausgang", Permission.READ_MESSAGES)
def show_outbox() -> str:
    """The list; for a script only its part of the page."""
    form = OutboxFilter(request.args)
    now = services().clock()
    return draw_party_list("ausgang", form, services().outbox, _read_criteria, jetzt=now)


@pages.page("/ausgang/empfaenger", Permission.READ_MESSAGES)
def suggest_readers() -> str:
    """To whom was written, while a name is typed."""
    return draw_suggestions(services().outbox.find_parties)


def _read_criteria(values: Mapping[str, str], choice: PartyChoice) -> OutboxCriteria:
    days = read_age(values["alter"])
    return OutboxCriteria(
        state=OutboxState(values["stand"] or OutboxState.ALL),
        term=values["suche"],
        schuldner=values["schuldner"],
        reader=choice.value,
        kanal=read_channel(values),
        first_day=days.first,
        last_day=days.last,
        order=OutboxOrder(values["sortierung"] or OutboxOrder.NEWEST),
    )
