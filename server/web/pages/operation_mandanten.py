"""Mandanten and their access: registered, confirmed, ordered, cancelled, deactivated."""

from collections.abc import Callable

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired, Length, Regexp

from server.domain.behoerde import PartyIdentifier
from server.domain.mandant_access import CHANGES, AccessEvent, AccessState
from server.domain.rights import Permission
from server.domain.web_user import AuditEntry
from server.services.mandanten import MandantRefused, MandantView, Registration, UnknownMandant
from server.services.web_access.audit import make_entry
from server.web.context import current_actor, services
from server.web.flashes import flash
from server.web.forms import GermanForm, text_of
from server.web.routes import Pages
from server.web.texts import ACCESS_TEXTS

pages = Pages("operation_mandanten", __name__)

_PATH = "/betrieb/mandanten"
# A Kennung may hold what a path cannot.
_ONE = f"{_PATH}/<path:kennung>"
_NEEDS = Permission.MANAGE_MANDANTEN
_UNFIT = 422
_TEXT_LENGTH = 255
_EVENTS = {
    AccessEvent.CONFIRMED: "Bestätigen: Der Testzugang beginnt heute",
    AccessEvent.ORDERED: "Verbindlich bestellen",
    AccessEvent.CANCELLED: "Zum Ende des Monats kündigen",
    AccessEvent.DEACTIVATED: "Sofort deaktivieren",
}
# What deserves a second look.
_CONSEQUENCES = {
    AccessEvent.CANCELLED: "Bis zum Ende des Monats ändert sich nichts; bis dahin nimmt eine neue "
    "Bestellung die Kündigung zurück.",
    AccessEvent.DEACTIVATED: "Die Behörde kann ab sofort weder senden noch abholen, und ihre "
    "Benutzer werden abgemeldet. Danach muss sie sich neu anmelden.",
}


class RegisterForm(GermanForm):
    """A Mandant that registers, or comes back."""

    kennung = StringField(
        "Kennung",
        [
            InputRequired(),
            Length(max=_TEXT_LENGTH),
            Regexp(r"[^:\s]+:\S+\Z", message="Die Kennung hat die Form typ:wert."),
        ],
        description="Form typ:wert, etwa xoev:ags:16053000",
    )
    name = StringField("Name der Behörde", [InputRequired(), Length(max=_TEXT_LENGTH)])
    kontakt = StringField(
        "Kontaktperson",
        [InputRequired(), Length(max=_TEXT_LENGTH)],
        description="Name und wie sie erreichbar ist",
    )
    brief = BooleanField("Ohne Postfach: Nachrichten kommen als Brief")


class ContactForm(GermanForm):
    """Another contact person."""

    kontakt = StringField("Kontaktperson", [InputRequired(), Length(max=_TEXT_LENGTH)])


@pages.page(_PATH, _NEEDS)
def show_mandanten() -> str:
    """All of them, and the form for another one."""
    return _draw_list(RegisterForm())


@pages.page(_PATH, _NEEDS, ["POST"])
def register_mandant() -> Response | tuple[str, int]:
    """Registers a Mandant; its access is confirmed afterwards."""
    form = RegisterForm.of_request()
    if not form.validate():
        return _draw_list(form), _UNFIT
    kind, _, value = text_of(form.kennung).strip().partition(":")
    name = text_of(form.name).strip()
    identifier = PartyIdentifier(value, kind, name)
    new = Registration(identifier, name, text_of(form.kontakt).strip(), not form.brief.data)
    try:
        audit = _make_audit("mandant-angemeldet", str(identifier), name)
        services().operation.mandanten.register(new, audit)
    except MandantRefused as error:
        flash("warning", str(error))
        return _draw_list(form), _UNFIT
    flash("success", f"{name} ist angemeldet. Mit der Bestätigung beginnt der Testzugang.")
    return _go(str(identifier))


@pages.page(_ONE, _NEEDS)
def show_mandant(kennung: str) -> str:
    """One Mandant with the history of its access."""
    view = _find(kennung)
    return _draw_one(view, ContactForm(data={"kontakt": view.mandant.access.contact}))


@pages.page(f"{_ONE}/zugang", _NEEDS, ["POST"])
def change_access(kennung: str) -> Response:
    """Confirms, orders, cancels or deactivates."""
    try:
        event = AccessEvent(request.form.get("ereignis", ""))
    except ValueError:
        abort(400)
    if event not in _EVENTS:
        abort(400)
    audit = _make_audit("zugang-geaendert", kennung, _EVENTS[event])
    return _change(kennung, lambda: services().operation.mandanten.change(kennung, event, audit))


@pages.page(f"{_ONE}/kontakt", _NEEDS, ["POST"])
def change_contact(kennung: str) -> Response | tuple[str, int]:
    """The history keeps the former one."""
    form = ContactForm.of_request()
    if not form.validate():
        return _draw_one(_find(kennung), form), _UNFIT
    contact = text_of(form.kontakt).strip()
    audit = _make_audit("kontaktperson-geaendert", kennung, contact)
    mandanten = services().operation.mandanten
    return _change(kennung, lambda: mandanten.change_contact(kennung, contact, audit))


@pages.page(f"{_ONE}/schemata", _NEEDS, ["POST"])
def change_unknown(kennung: str) -> Response:
    """Whether messages of unknown schemas are carried."""
    carries = request.form.get("befoerdern") == "ja"
    text = "werden befördert" if carries else "werden abgelehnt"
    audit = _make_audit("unbekannte-schemata", kennung, text)
    mandanten = services().operation.mandanten
    return _change(kennung, lambda: mandanten.set_carries_unknown(kennung, carries, audit))


def _change(kennung: str, change: Callable[[], MandantView]) -> Response:
    try:
        view = change()
    except UnknownMandant:
        abort(404)
    except MandantRefused as error:
        flash("warning", str(error))
    else:
        flash("success", f"{view.mandant.name} ist geändert.")
    return _go(kennung)


def _find(kennung: str) -> MandantView:
    try:
        return services().operation.mandanten.show(kennung)
    except UnknownMandant:
        abort(404)


def _go(kennung: str) -> Response:
    return redirect(url_for("operation_mandanten.show_mandant", kennung=kennung), 303)


def _make_audit(action: str, subject: str, text: str) -> AuditEntry:
    return make_entry(current_actor(), services().clock(), action, subject, text)


def _list_events(state: AccessState) -> list[tuple[AccessEvent, str]]:
    """What may come in this state."""
    return [(event, text) for event, text in _EVENTS.items() if (state, event) in CHANGES]


def _draw_list(form: RegisterForm) -> str:
    return render_template(
        "pages/mandanten.html",
        mandanten=services().operation.mandanten.list_all(),
        form=form,
        zustaende=ACCESS_TEXTS,
    )


def _draw_one(view: MandantView, form: ContactForm) -> str:
    return render_template(
        "pages/mandant.html",
        sicht=view,
        form=form,
        ereignisse=_list_events(view.state),
        folgen=_CONSEQUENCES,
        zustaende=ACCESS_TEXTS,
    )
