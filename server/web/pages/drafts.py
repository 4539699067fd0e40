"""The lists of drafts and templates: begin, copy, remove."""

from collections.abc import Mapping

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import AnyOf

from server.domain.behoerde import Kanal
from server.domain.draft import (
    NOT_FOUND,
    Draft,
    DraftCriteria,
    DraftOrder,
    DraftState,
    Step,
)
from server.domain.rights import Permission
from server.services.capture.drafts import DraftGone
from server.web.context import current_actor, services
from server.web.flashes import flash
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
from server.web.places import read_place
from server.web.routes import Pages
from server.web.texts import DRAFT_STATES

pages = Pages("drafts", __name__)

_STATES = (("", "alle"), *((state.value, DRAFT_STATES[state][0]) for state in DraftState))
_OPEN = (NOT_FOUND, "noch nicht ermittelt")
_CHANNELS = (
    ("", "alle"),
    (Kanal.ELEKTRONISCH.value, "elektronisch"),
    (Kanal.BRIEF.value, "Brief"),
    _OPEN,
)
_WHOSE = (("", "alle"), ("ich", "von mir"))


class DraftFilter(GermanForm):
    """What is shown; the names stand in the address of the page."""

    stand = SelectField("Stand", default="", choices=make_choices(_STATES))
    weg = SelectField("Zustellweg", default="", choices=make_choices(_CHANNELS))
    behoerde = make_party_field("Zuständige Behörde")
    wer = SelectField("Zuletzt bearbeitet", default="", choices=make_choices(_WHOSE))
    alter = SelectField("Letzte Änderung", default="", choices=AGE_CHOICES)
    schuldner = make_schuldner_field()
    suche = make_term_field("Aktenzeichen (der Anfang genügt)")
    zeilen = make_size_field()
    sortierung = StringField(
        default=DraftOrder.NEWEST.value, validators=[AnyOf([item.value for item in DraftOrder])]
    )


@pages.page("/entwuerfe", Permission.READ_MESSAGES)
def show_drafts() -> str:
    """Drafts of the authority; for a script only their part of the page."""
    form = DraftFilter(request.args)
    return draw_party_list("entwuerfe", form, services().capture.drafts, _read_criteria)


@pages.page("/entwuerfe/behoerden", Permission.READ_MESSAGES)
def suggest_asked() -> str:
    """Whom drafts are for, while a name is typed."""
    return draw_suggestions(services().capture.drafts.find_parties)


@pages.page("/vorlagen", Permission.USE_TEMPLATES)
def show_templates() -> str:
    """Templates, for who begins an Ersuchen with one."""
    return _draw_templates()


@pages.page("/vorlagen/verwalten", Permission.CHANGE_TEMPLATES)
def care_for_templates() -> str:
    """The same for who changes them."""
    return _draw_templates()


@pages.page("/entwuerfe/neu", Permission.WRITE_DRAFTS, ["POST"])
def begin_draft() -> Response:
    """An empty draft."""
    return _open(services().capture.drafts.begin(current_actor()))


@pages.page("/entwuerfe/<draft_id>/kopieren", Permission.WRITE_DRAFTS, ["POST"])
def copy_draft(draft_id: str) -> Response:
    """A new draft like this one."""
    return _copy(draft_id, "Der Entwurf ist kopiert; Sie bearbeiten jetzt die Kopie.")


@pages.page("/vorlagen/<draft_id>/benutzen", Permission.USE_TEMPLATES, ["POST"])
def use_template(draft_id: str) -> Response:
    """A new draft from a template."""
    return _copy(draft_id, "Aus der Vorlage ist ein neuer Entwurf geworden.")


@pages.page("/entwuerfe/<draft_id>/als-vorlage", Permission.CHANGE_TEMPLATES, ["POST"])
def make_template(draft_id: str) -> Response:
    """A template like this draft, without its attachments."""
    try:
        new_id = services().capture.drafts.copy(current_actor(), draft_id, is_template=True)
    except DraftGone:
        abort(404)
    flash("success", "Die Vorlage ist angelegt. Bitte geben Sie ihr einen Namen.")
    return redirect(
        url_for("capture.show_template_step", draft_id=new_id, step=Step.SCHULDNER.value), 303
    )


@pages.page("/entwuerfe/<draft_id>/loeschen", Permission.WRITE_DRAFTS)
def ask_before_removing_draft(draft_id: str) -> str:
    """Asks whether it is meant."""
    return _ask(draft_id, is_template=False)


@pages.page("/vorlagen/<draft_id>/loeschen", Permission.CHANGE_TEMPLATES)
def ask_before_removing_template(draft_id: str) -> str:
    """Asks whether it is meant."""
    return _ask(draft_id, is_template=True)


@pages.page("/entwuerfe/<draft_id>/loeschen", Permission.WRITE_DRAFTS, ["POST"])
def remove_draft(draft_id: str) -> Response:
    """Removes a draft."""
    return _remove(draft_id, "drafts.show_drafts", is_template=False)


@pages.page("/vorlagen/<draft_id>/loeschen", Permission.CHANGE_TEMPLATES, ["POST"])
def remove_template(draft_id: str) -> Response:
    """Removes a template."""
    return _remove(draft_id, "drafts.care_for_templates", is_template=True)


def _draw_templates() -> str:
    place = read_place(request.args.get("ab", ""))
    criteria = DraftCriteria(is_template=True)
    page = services().capture.drafts.list_page(current_actor(), criteria, place)
    return render_template("pages/vorlagen.html", seite=page)


def _read_criteria(values: Mapping[str, str], choice: PartyChoice) -> DraftCriteria:
    days = read_age(values["alter"])
    return DraftCriteria(
        term=values["suche"],
        schuldner=values["schuldner"],
        changed_by=current_actor().user.name if values["wer"] else "",
        state=DraftState(values["stand"]) if values["stand"] else None,
        asked=choice.value,
        kanal=values["weg"],
        first_day=days.first,
        last_day=days.last,
        order=DraftOrder(values["sortierung"] or DraftOrder.NEWEST),
    )


def _copy(draft_id: str, text: str) -> Response:
    try:
        new_id = services().capture.drafts.copy(current_actor(), draft_id)
    except DraftGone:
        abort(404)
    flash("success", text)
    return _open(new_id)


def _open(draft_id: str) -> Response:
    return redirect(url_for("capture.show_step", draft_id=draft_id, step=Step.SCHULDNER.value), 303)


def _require(draft_id: str, *, is_template: bool) -> Draft:
    found = services().capture.drafts.find(current_actor(), draft_id)
    if found is None or found.is_template is not is_template:
        abort(404)
    return found


def _ask(draft_id: str, *, is_template: bool) -> str:
    return render_template(
        "pages/entwurf_loeschen.html", entwurf=_require(draft_id, is_template=is_template)
    )


def _remove(draft_id: str, endpoint: str, *, is_template: bool) -> Response:
    _require(draft_id, is_template=is_template)
    try:
        services().capture.drafts.remove(current_actor(), draft_id)
    except DraftGone:
        abort(404)
    flash("success", "Die Vorlage ist gelöscht." if is_template else "Der Entwurf ist gelöscht.")
    return redirect(url_for(endpoint), 303)
